# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Caches and brokers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...units import MIB
from ..demand import Demand
from ..grammar import LETTERS, MEMCACHED_SIZE, METRIC, REDIS
from ..program import Program, Rule, Values, shown, sized
from ..setting import Setting
from ..spelling import Found, Spelling, Traces, files, listed, options, prefixed, variables
from ..subject import Subject
from ..syntax import properties, words

_REDIS = "Redis documentation, administration: memory"
_NEVER = frozenset({"", '""', "''"})


def _fork(values: Values) -> Iterator[Demand]:
    size = values.size(REDIS, "maxmemory")
    saves = (values.text("save") or "default") not in _NEVER or values.text("appendonly") == "yes"
    if size and saves:
        rest = -(-size * 2 // 3)
        yield values.demand("fork", rest, f"a snapshot may copy all of maxmemory of {shown(size)}: twice as much in all")


REDIS_SERVER = Program(
    name="redis",
    names=("valkey", "keydb", "redis-stack", "redis-stack-server"),
    executables=("redis-server", "valkey-server", "keydb-server", "redis-stack-server"),
    silent=("redis", "valkey/valkey"),
    spellings=(
        files(
            ("*/redis*.conf", "*/valkey*.conf", "*/keydb*.conf", "/opt/bitnami/redis/mounted-etc/*.conf", "/usr/local/etc/redis/*.conf"),
            words,
            "Redis documentation, configuration file",
            folders=("/usr/local/etc/redis", "/etc/redis", "/usr/local/etc/valkey", "/opt/bitnami/redis/mounted-etc"),
            main=True,
        ),
        variables({"REDIS_MAXMEMORY": "maxmemory", "REDIS_MAXMEMORY_POLICY": "maxmemory-policy"}, "variables of common start scripts"),
        options("Redis documentation, configuration: arguments", many=True, at="`--DIRECTIVE VALUE…`"),
        listed("REDIS_EXTRA_FLAGS", "bitnami/containers, Redis: environment variables"),
        listed("REDIS_ARGS", "Redis Stack documentation, environment variables"),
        listed("VALKEY_EXTRA_FLAGS", "bitnami/containers, Valkey: environment variables"),
    ),
    rules=(
        sized(
            "cache",
            REDIS,
            "maxmemory",
            factor=(4, 3),
            what="buffers of replicas and the log, and fragmentation, are not counted in it",
            source=f"{_REDIS}; eviction: maxmemory",
        ),
        Rule(
            settings=("maxmemory", "save", "appendonly"),
            formula='maxmemory x 2/3, unless `save ""` is written and appendonly is not yes: maxmemory x 2 in all',
            source=f"{_REDIS}: up to twice the memory while saving",
            derive=_fork,
        ),
    ),
)

DRAGONFLY = Program(
    name="dragonfly",
    executables=("dragonfly",),
    spellings=(
        options("Dragonfly documentation, flags", names={"maxmemory": "maxmemory", "proactor_threads": "proactor_threads"}),
        variables({"DFLY_maxmemory": "maxmemory"}, "Dragonfly documentation, flags"),
    ),
    rules=(
        sized("cache", LETTERS, "maxmemory", factor=(5, 4), what="80% of the memory by default", source="Dragonfly documentation, flags"),
    ),
)

_MEMCACHED = "memcached manual page, -m"
MEMCACHED = Program(
    name="memcached",
    executables=("memcached",),
    silent=("memcached",),
    spellings=(
        variables({"MEMCACHED_CACHE_SIZE": "memory-limit"}, "bitnami/containers, Memcached: environment variables"),
        options(_MEMCACHED, names={"m": "memory-limit", "memory-limit": "memory-limit", "t": "threads", "c": "conn-limit"}),
    ),
    rules=(
        sized(
            "cache",
            MEMCACHED_SIZE,
            "memory-limit",
            plus=32 * MIB,
            what="items, and connections and the hash table beside them",
            source=_MEMCACHED,
        ),
    ),
)

_RABBIT = "RabbitMQ documentation, memory threshold"
_ABSOLUTE = "vm_memory_high_watermark.absolute"
_WATERMARKS = ("RABBITMQ_VM_MEMORY_HIGH_WATERMARK", "RABBITMQ_MEMORY_HIGH_WATERMARK")
_SHARE = re.compile(r"0?\.[0-9]{1,9}|[01](?:\.0{1,9})?")


def _bursts(values: Values) -> Iterator[Demand]:
    size = values.size(METRIC, _ABSOLUTE)
    if size:
        yield values.demand(
            "bursts", size, f"the threshold of {shown(size)} only brakes publishers, and collecting garbage may take as much again"
        )


def _watermark(subject: Subject) -> Iterator[Found]:
    """Read the threshold of a variable: a number up to 1 is a share of the memory."""
    for variable in _WATERMARKS:
        setting = subject.environment.get(variable)
        if setting is not None and setting.value.strip():
            share = _SHARE.fullmatch(setting.value.strip()) is not None
            yield (_ABSOLUTE.replace("absolute", "relative") if share else _ABSOLUTE), setting


RABBITMQ = Program(
    name="rabbitmq",
    executables=("rabbitmq-server",),
    spellings=(
        files(
            ("*/rabbitmq.conf", "/etc/rabbitmq/conf.d/*.conf"),
            properties,
            "RabbitMQ documentation, configuration",
            folders=("/etc/rabbitmq", "/etc/rabbitmq/conf.d"),
        ),
        Spelling(
            at="variable " + ", ".join(f"`{variable}`" for variable in _WATERMARKS) + "; a number up to 1 is a share",
            read=_watermark,
            source="docker-library/rabbitmq before 3.9 and bitnami/containers, RabbitMQ: environment variables",
            traces=Traces(variables=frozenset(_WATERMARKS)),
        ),
    ),
    rules=(
        sized("limit", METRIC, _ABSOLUTE, what="the threshold at which publishers are blocked", source=_RABBIT),
        Rule(
            settings=(_ABSOLUTE,),
            formula=f"{_ABSOLUTE} once more",
            source=f"{_RABBIT}: only throttles publishers; memory use: garbage collection can double a queue",
            derive=_bursts,
        ),
    ),
)

_KAFKA = "Apache Kafka documentation, broker configs"


def _dotted(name: str) -> str:
    return name.lower().replace("___", "-").replace("__", "\0").replace("_", ".").replace("\0", "_")


def _broker(values: Values) -> Iterator[Demand]:
    network, disk = values.count("num.network.threads"), values.count("num.io.threads")
    if network or disk:
        count = (network or 3) + (disk or 8) + 100
        yield values.demand("threads", count, f"{network or 3} network threads, {disk or 8} I/O threads, and 100 of the JVM and the broker")


KAFKA = Program(
    name="kafka",
    names=("cp-kafka", "cp-server"),
    spellings=(
        files(("*/server.properties", "*/kafka/config/*.properties"), properties, _KAFKA, folders=("/mnt/shared/config",)),
        prefixed("KAFKA_", _dotted, "Apache Kafka documentation, Docker; Confluent and Bitnami images alike"),
    ),
    rules=(
        Rule(
            settings=("num.network.threads", "num.io.threads"),
            formula="num.network.threads + num.io.threads + 100",
            source=_KAFKA,
            derive=_broker,
        ),
    ),
)

_VARNISH = "Varnish documentation, varnishd -s"


def _storage(subject: Subject) -> Iterator[Found]:
    for word, following in subject.followed:
        written = following.value if word.value == "-s" else word.value.removeprefix("-s")
        _name, _equals, backend = written.rpartition("=")
        kind, comma, size = backend.partition(",")
        if comma and kind in ("malloc", "default"):
            yield "malloc", Setting(value=size, where=word.where)


VARNISH = Program(
    name="varnish",
    executables=("varnishd",),
    spellings=(
        variables({"VARNISH_SIZE": "malloc"}, "docker-library/varnish: environment variables"),
        Spelling(at="argument `-s malloc,SIZE`", read=_storage, source=_VARNISH),
    ),
    rules=(
        sized(
            "cache",
            LETTERS,
            "malloc",
            factor=(5, 4),
            plus=64 * MIB,
            what="objects, about 1 KiB of overhead for each, and workers",
            source=_VARNISH,
        ),
    ),
)

_SQUID = "Squid documentation, cache_mem"
SQUID = Program(
    name="squid",
    executables=("squid",),
    spellings=(files(("*/squid.conf", "/etc/squid/conf.d/*.conf"), words, _SQUID, folders=("/etc/squid", "/etc/squid/conf.d"), main=True),),
    rules=(
        sized(
            "cache", LETTERS, "cache_mem", factor=(4, 3), plus=64 * MIB, what="objects in memory, and the index beside them", source=_SQUID
        ),
    ),
)

PROGRAMS = (REDIS_SERVER, DRAGONFLY, MEMCACHED, RABBITMQ, KAFKA, VARNISH, SQUID)
