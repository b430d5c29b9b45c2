# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs whose settings are read from their processes, their files, or their own pages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...evidence.grammar import GO, JAVA
from ..processes import Process
from .subject import Probe, Subject, UnknownError

# Programs that are set by their environment: what stands in that of the running process.


def _environment(subject: Subject) -> dict[str, str]:
    """Return the program's environment."""
    return dict(subject.program().environment)


def _environment_normal(name: str, value: str) -> object:
    """Return bytes for Go's memory limit, else the text."""
    return GO.bytes(value) if name == "GOMEMLIMIT" else value


_GO = Probe(tuner="go", ask=_environment, normal=_environment_normal)
_OLLAMA = Probe(tuner="ollama", ask=_environment)
_MEILISEARCH = Probe(tuner="meilisearch", ask=_environment)


# Programs in Java: the heap that the running JVM was started with.
#
# JAVA_TOOL_OPTIONS comes before the command line, _JAVA_OPTIONS after it, and the last one of a flag counts (JDK documentation). The
# variables of servers reach the JVM on its command line.

_JAVA_HEAP = re.compile(r"(?:^|\s)-(Xmx|Xms|Xmn)(\d+[kmgtKMGT]?)")


def _java(subject: Subject) -> dict[str, str]:
    """Return the heap, `unset` where the JVM chooses it; of several JVMs it is that of the largest, the others are launchers and tools."""
    virtual_machines = [process for process in subject.processes() if process.program == "java"]
    if not virtual_machines:
        raise UnknownError("there is no process of java")
    said: list[dict[str, str]] = [dict(_JAVA_HEAP.findall(_java_options(process))) for process in virtual_machines]
    largest: dict[str, str] = max(said, key=lambda flags: JAVA.bytes(flags.get("Xmx", "0")))
    return {"Xms": "unset", "Xmx": "unset", **largest}


def _java_options(process: Process) -> str:
    environment = process.environment
    return " ".join([environment.get("JAVA_TOOL_OPTIONS", ""), process.title, environment.get("_JAVA_OPTIONS", "")])


def _java_normal(_name: str, value: str) -> object:
    """Return bytes."""
    return JAVA.bytes(value)


# The servers of `budget.tune.jvm`.
_JAVA = tuple(
    Probe(tuner=name, ask=_java, normal=_java_normal)
    for name in ("jvm", "elasticsearch", "opensearch", "kafka", "logstash", "solr", "cassandra", "minecraft", "zookeeper")
)


# Loki: its environment, and the retention of its configuration file, which must be older than the container.

_LOKI_FILE = re.compile(r"--?config\.file[= ](\S+)")
_LOKI_RETENTION = re.compile(r"^\s*retention_period:\s*(\S+)\s*$", re.MULTILINE)


def _loki(subject: Subject) -> dict[str, str]:
    """Return the environment and the retention."""
    program = subject.program()
    path = _LOKI_FILE.search(program.title)
    if path is None:
        raise UnknownError("it was started without a configuration file")
    retention = _LOKI_RETENTION.search(subject.read(path[1]))
    return {**program.environment, **({"retention_period": retention[1]} if retention else {})}


_LOKI = Probe(tuner="loki", ask=_loki, normal=_environment_normal)


# Memcached: the options that it was started with; the last one of a name counts.

_MEMCACHED_OPTION = re.compile(r"(?:^|\s)(?:-(m) ?|--(memory-limit)[= ])(\d+)")


def _memcached(subject: Subject) -> dict[str, str]:
    """Return the memory of its items in MiB."""
    said = _MEMCACHED_OPTION.findall(subject.program().title)
    return {"memory-limit": said[-1][2] if said else "64"}


_MEMCACHED = Probe(tuner="memcached", ask=_memcached)


# nginx: the workers that live, the files that they may open, and the connections of the configuration that the master was given.
#
# `nginx -T` reads the files anew. What can be counted is counted instead; for the rest the files must be older than the container.

_NGINX_CONFIG = re.compile(r"\s-c\s+(\S+)")
_NGINX_CONNECTIONS = re.compile(r"^\s*worker_connections\s+(\d+)\s*;", re.MULTILINE)


def _nginx(subject: Subject) -> dict[str, str]:
    """Return workers, open files and connections."""
    processes = subject.processes()
    master = next((process for process in processes if process.title.startswith("nginx: master process")), None)
    workers = [process for process in processes if process.title.strip() == "nginx: worker process"]
    if master is None or not workers:
        raise UnknownError("there is no nginx master with workers")
    found = {"worker_processes": str(len(workers))}
    if workers[0].open_files is not None:
        found["worker_rlimit_nofile"] = str(workers[0].open_files)
    path = _NGINX_CONFIG.search(master.title)
    # Its own reading also follows includes.
    said = subject.run(f"exec nginx -T -q -c {path[1] if path else '/etc/nginx/nginx.conf'}")
    connections = _NGINX_CONNECTIONS.search(said)
    return found | ({"worker_connections": connections[1]} if connections else {})


_NGINX = Probe(tuner="nginx", ask=_nginx)


# Node.js: the heap limit that the running process was started with.
#
# A second `node` would tell of itself, so the process's own command line and environment are read; the command line wins.

_NODE_HEAP = re.compile(r"--max[-_]old[-_]space[-_]size=(\d+)")


def _node(subject: Subject) -> dict[str, str]:
    """Return the heap limit, where there is one, and the threads of libuv."""
    program = subject.program()
    found = {name: program.environment[name] for name in ("UV_THREADPOOL_SIZE",) if name in program.environment}
    heaps = _NODE_HEAP.findall(program.environment.get("NODE_OPTIONS", "")) + _NODE_HEAP.findall(program.title)
    # What is not said is Node's own choice by the memory it sees, which is not a setting of the Budget.
    return found | {"max-old-space-size": heaps[-1] if heaps else "unset"}


_NODE = Probe(tuner="node", ask=_node)


# PgBouncer: its configuration file, which must be older than the container.
#
# Its console answers administrators only, and there are none: a password more would be a risk more.

_PGBOUNCER_SETTING = re.compile(r"^\s*(\w+)\s*=\s*(\S+)\s*$", re.MULTILINE)


def _pgbouncer(subject: Subject) -> dict[str, str]:
    """Return the settings of the file that the program was given."""
    path = next((word for word in subject.program().command[1:] if word.endswith(".ini")), None)
    if path is None:
        raise UnknownError("it was started without a configuration file")
    return dict(_PGBOUNCER_SETTING.findall(subject.read(path)))


_PGBOUNCER = Probe(tuner="pgbouncer", ask=_pgbouncer)


# Prometheus: the flags that it runs with, and the limit that its Go runtime has.

PROMETHEUS_PORT = 9090
_PROMETHEUS_PART = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]+)")
# Prometheus takes powers of 1024 for both spellings, and writes what it took in _prometheus_sum: `3GiB204MiB`.
_PROMETHEUS_SIZES = {unit + kind: 1 << power for power, unit in ((10, "K"), (20, "M"), (30, "G"), (40, "T")) for kind in ("B", "iB")} | {
    "B": 1
}
_PROMETHEUS_DURATIONS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}


def _prometheus(subject: Subject) -> dict[str, str]:
    """Return every flag, and GOMEMLIMIT in bytes."""
    flags = subject.fetch(PROMETHEUS_PORT, "/api/v1/status/flags")["data"]
    runtime = subject.fetch(PROMETHEUS_PORT, "/api/v1/status/runtimeinfo")["data"]
    return {**flags, "GOMEMLIMIT": str(runtime["GOMEMLIMIT"])}


def _prometheus_normal(name: str, value: str) -> object:
    """Return bytes, seconds or a number."""
    if name == "GOMEMLIMIT":
        return GO.bytes(value)
    if name.endswith("retention.size"):
        return _prometheus_sum(value, _PROMETHEUS_SIZES)
    return _prometheus_sum(value, _PROMETHEUS_DURATIONS) if name.endswith("retention.time") else int(value)


def _prometheus_sum(value: str, units: Mapping[str, float]) -> float:
    """Return the sum of a value that is written in _prometheus_sum. Raises `ValueError` for any other value."""
    found = _PROMETHEUS_PART.findall(value)
    if not found or "".join(number + unit for number, unit in found) != value or any(unit not in units for _number, unit in found):
        raise ValueError(f"{value!r} is not a sum of {', '.join(units)}")
    return sum(float(number) * units[unit] for number, unit in found)


_PROMETHEUS = Probe(tuner="prometheus", ask=_prometheus, normal=_prometheus_normal)


# Gunicorn and Uvicorn: the workers that live.

# What multiprocessing starts beside the workers.
_PYTHON_HELPERS = ("resource_tracker", "semaphore_tracker", "forkserver")


def _python(subject: Subject) -> dict[str, str]:
    """Count the children of the container's program; one without children serves alone."""
    program = subject.program()
    children = [
        process
        for process in subject.processes()
        if process.parent == program.pid and not any(helper in process.title for helper in _PYTHON_HELPERS)
    ]
    return {"workers": str(len(children) or 1)}


_PYTHON = Probe(tuner="python", ask=_python)


# RabbitMQ: the memory threshold that the Erlang machine was started with.

_RABBITMQ_WATERMARK = re.compile(r"-rabbit vm_memory_high_watermark (\S+)")
_RABBITMQ_ABSOLUTE = re.compile(r"\{absolute,(\d+)\}")


def _rabbitmq(subject: Subject) -> dict[str, str]:
    """Return the threshold, `unset` where the configuration decides."""
    said = [match for process in subject.processes() for match in _RABBITMQ_WATERMARK.findall(process.title)]
    return {"vm_memory_high_watermark": said[-1] if said else "unset"}


def _rabbitmq_normal(_name: str, value: str) -> object:
    """Return bytes."""
    absolute = _RABBITMQ_ABSOLUTE.fullmatch(value)
    return int(absolute[1] if absolute else value)


_RABBITMQ = Probe(tuner="rabbitmq", ask=_rabbitmq, normal=_rabbitmq_normal)


PROBES = (_GO, _OLLAMA, _MEILISEARCH, *_JAVA, _LOKI, _MEMCACHED, _NGINX, _NODE, _PGBOUNCER, _PROMETHEUS, _PYTHON, _RABBITMQ)
