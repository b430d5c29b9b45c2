# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs are asked, each one's answer, and when two of its values are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.registry import TUNERS
from ansible_collections.ziggie.stack.plugins.module_utils.engine.processes import Process
from ansible_collections.ziggie.stack.plugins.module_utils.engine.settings.subject import Subject, UnknownError
from ansible_collections.ziggie.stack.plugins.module_utils.measure.scene import Scene, Tuned
from ansible_collections.ziggie.stack.plugins.module_utils.measure.settings import PROBES, compare, measure


def process(title: str, pid: int = 1, parent: int = 0, files: int | None = None, **environment: str) -> Process:
    command = (title,) if title.startswith("nginx:") else tuple(title.split())
    return Process(pid=pid, parent=parent, command=command, environment=environment, open_files=files)


def stub(said: str = "", processes: Sequence[Process] = (), pages: Mapping[str, Any] | None = None, file: str = "") -> Any:
    """Stand in for a container that answers from what it was given."""
    subject = mock.create_autospec(Subject, instance=True)
    subject.run.side_effect = None if said else UnknownError("no answer after 5 s")
    subject.run.return_value = said
    subject.processes.return_value = list(processes)
    subject.program.return_value = next(iter(processes), None)
    subject.fetch.side_effect = lambda _port, path: (pages or {})[path]
    subject.read.return_value = file
    return subject


NGINX = [
    process("nginx: master process nginx -c /etc/n.conf -g daemon off;"),
    process("nginx: worker process", pid=2, parent=1, files=2112),
    process("nginx: worker process is shutting down", pid=3, parent=1),
]
GUNICORN = [
    process("python3 gunicorn", pid=5),
    process("python3 gunicorn", pid=6, parent=5),
    process("python3 gunicorn", pid=7, parent=5),
    process("python3 -c from multiprocessing.resource_tracker import main", pid=8, parent=5),
]
PROMETHEUS = {
    "/api/v1/status/flags": {
        "data": {
            "query.max-samples": "1000",
            "query.max-concurrency": "4",
            "storage.tsdb.retention.size": "3GiB204MiB",
            "storage.tsdb.retention.time": "2w",
        }
    },
    "/api/v1/status/runtimeinfo": {"data": {"GOMEMLIMIT": 1 << 20}},
}

# engine, what the program answers, what the Budget says, what differs or is unknown
CASES: list[tuple[str, Any, dict[str, str], list[str]]] = [
    (
        "postgres",
        stub("shared_buffers=281MB\nwork_mem=1341kB\njit=off"),
        {"shared_buffers": "287744kB", "work_mem": "1341kB", "jit": "off"},
        [],
    ),
    (
        "postgres",
        stub("shared_buffers=128MB\nrandom_page_cost=4"),
        {"shared_buffers": "281MB", "random_page_cost": "1.1"},
        ["shared_buffers", "random_page_cost"],
    ),
    (
        "redis",
        stub("maxmemory\n108003328\nmaxmemory-policy\nnoeviction"),
        {"maxmemory": "103mb", "maxmemory-policy": "allkeys-lru"},
        ["maxmemory-policy"],
    ),
    ("mongodb", stub('{"cache": 268435456, "connections": 150}'), {"wiredTigerCacheSizeGB": "0.25", "maxConns": "150"}, []),
    ("mongodb", stub('{"cache": 268435456, "connections": 51200}'), {"maxConns": "150"}, ["maxConns"]),
    (
        "nginx",
        stub("events {\n worker_connections 1024;\n}", NGINX),
        {"worker_processes": "1", "worker_rlimit_nofile": "2112", "worker_connections": "1024"},
        [],
    ),
    (
        "nginx",
        stub("events {\n worker_connections 512;\n}", NGINX),
        {"worker_processes": "2", "worker_connections": "1024"},
        ["worker_processes", "worker_connections"],
    ),
    (
        "node",
        stub(processes=[process("node s.js", NODE_OPTIONS="--max-old-space-size=216", UV_THREADPOOL_SIZE="8")]),
        {"max-old-space-size": "216", "UV_THREADPOOL_SIZE": "8"},
        [],
    ),
    (
        "node",
        stub(processes=[process("node --max_old_space_size=99 s.js", NODE_OPTIONS="--max-old-space-size=216")]),
        {"max-old-space-size": "216"},
        ["max-old-space-size"],
    ),
    ("node", stub(processes=[process("node s.js")]), {"max-old-space-size": "216"}, ["max-old-space-size"]),
    ("go", stub(processes=[process("loki", GOMEMLIMIT="1GiB")]), {"GOMEMLIMIT": "1024MiB"}, []),
    (
        "loki",
        stub(processes=[process("loki -config.file=/etc/l.yaml", GOMEMLIMIT="1MiB")], file="limits_config:\n  retention_period: 336h\n"),
        {"GOMEMLIMIT": "1MiB", "retention_period": "168h"},
        ["retention_period"],
    ),
    ("ollama", stub(processes=[process("ollama serve", OLLAMA_NUM_PARALLEL="4")]), {"OLLAMA_NUM_PARALLEL": "1"}, ["OLLAMA_NUM_PARALLEL"]),
    ("python", stub(processes=GUNICORN), {"workers": "2"}, []),
    ("python", stub(processes=GUNICORN[:1]), {"workers": "2"}, ["workers"]),
    (
        "prometheus",
        stub(pages=PROMETHEUS),
        {"GOMEMLIMIT": "1MiB", "query.max-samples": "1000", "query.max-concurrency": "20"},
        ["query.max-concurrency"],
    ),
    (
        "prometheus",
        stub(pages=PROMETHEUS),
        {"storage.tsdb.retention.size": "3276MB", "storage.tsdb.retention.time": "14d"},
        [],
    ),
    (
        "jvm",
        stub(processes=[process("sh start.sh"), process("/opt/java/bin/java -jar a.jar", pid=7, JAVA_TOOL_OPTIONS="-Xmx600m -Dx=1")]),
        {"Xmx": "614400k"},
        [],
    ),
    ("kafka", stub(processes=[process("java -Xms1g -Xmx1G kafka.Kafka")]), {"Xmx": "2048m"}, ["Xmx"]),
    (
        "elasticsearch",
        stub(processes=[process("java -Xmx64m org.Launcher"), process("java -Xms2048m -Xmx2048m org.Server", pid=9, parent=1)]),
        {"Xms": "2048m", "Xmx": "2048m"},
        [],
    ),
    ("elasticsearch", stub(processes=[process("java org.Server")]), {"Xmx": "2048m"}, ["Xmx"]),
    (
        "mysql",
        stub("innodb_buffer_pool_size\t402653184\ntemptable_max_ram\t1073741824\nversion\t8.4.6"),
        {"innodb_buffer_pool_size": "384M", "temptable_max_ram": "128M"},
        ["temptable_max_ram"],
    ),
    (
        "mariadb",
        stub(processes=[process("mariadbd --innodb-buffer-pool-size=384M --tmp-table-size=16M")]),
        {"innodb_buffer_pool_size": "393216K", "tmp_table_size": "16M"},
        [],
    ),
    (
        "rabbitmq",
        stub(processes=[process("beam.smp -rabbit vm_memory_high_watermark {absolute,643825664} -noshell")]),
        {"vm_memory_high_watermark": "643825664"},
        [],
    ),
    ("rabbitmq", stub(processes=[process("beam.smp")]), {"vm_memory_high_watermark": "643825664"}, ["vm_memory_high_watermark"]),
    ("memcached", stub(processes=[process("memcached -m 64 --memory-limit=204")]), {"memory-limit": "204"}, []),
    ("memcached", stub(processes=[process("memcached -m64")]), {"memory-limit": "204"}, ["memory-limit"]),
    (
        "meilisearch",
        stub(processes=[process("meilisearch", MEILI_MAX_INDEXING_MEMORY="1073741824")]),
        {"MEILI_MAX_INDEXING_MEMORY": "1073741824"},
        [],
    ),
    (
        "pgbouncer",
        stub(processes=[process("pgbouncer /etc/p.ini")], file="[pgbouncer]\ndefault_pool_size = 80\n"),
        {"default_pool_size": "80"},
        [],
    ),
]


@pytest.mark.parametrize(("engine", "subject", "settings", "differing"), CASES)
def test_a_programs_settings_beside_the_budgets(engine: str, subject: Any, settings: dict[str, str], differing: list[str]) -> None:
    found = compare(Tuned(tuner=engine, settings=settings), subject)
    assert [entry["key"].removeprefix("settings.") for entry in found["differences"]] == differing
    assert found["unknown"] == []
    assert set(found["live"]) == set(settings)


@pytest.mark.parametrize(
    ("engine", "subject", "sentence"),
    [
        ("postgres", stub(), "no answer after 5 s"),
        ("redis", stub("WRONGPASS invalid"), "redis-cli says WRONGPASS invalid"),
        ("redis", stub("maxmemory-policy\nnoeviction"), "it does not say maxmemory"),
        ("mongodb", stub("MongoServerError: Authentication failed."), "mongosh says MongoServerError: Authentication failed."),
        ("nginx", stub("x"), "there is no nginx master with workers"),
        ("pgbouncer", stub(processes=[process("pgbouncer")]), "it was started without a configuration file"),
        ("prometheus", stub(), "its answer cannot be read"),
        ("jvm", stub(), "there is no process of java"),
        ("mysql", stub(processes=[process("mysqld")]), "it does not say maxmemory"),
        ("cobol", stub(), "there is no probe for cobol"),
    ],
)
def test_what_is_not_said_is_unknown(engine: str, subject: Any, sentence: str) -> None:
    found = compare(Tuned(tuner=engine, settings={"maxmemory": "1mb"}), subject)
    assert found["differences"] == []
    assert any(sentence in said for said in found["unknown"])


def test_every_tuning_engine_has_a_probe() -> None:
    assert set(PROBES) == set(TUNERS)


@pytest.mark.parametrize(("state", "tuned"), [({}, "nginx"), ({"Running": False}, "redis"), ({"Paused": True}, "redis")])
def test_what_was_not_tuned_or_does_not_run_is_not_asked(state: dict[str, bool], tuned: str) -> None:
    assert measure(Scene(inspected=[container(**state)], tunings={tuned: Tuned(tuner=tuned)}, project="ziggie", socket="/none")) == {}


def test_a_program_of_an_engine_that_is_gone_is_unknown(tmp_path: Path) -> None:
    tunings = {"redis": Tuned(tuner="redis", settings={"maxmemory": "1mb"})}
    answer = measure(Scene(inspected=[container()], tunings=tunings, project="ziggie", socket=str(tmp_path / "none.sock")))["redis"]
    assert (answer["live"], answer["differences"]) == ({}, [])
    assert "does not answer" in answer["unknown"][0]


def container(**state: Any) -> dict[str, Any]:
    return {
        "Id": "c1",
        "Config": {"Image": "redis:1", "Labels": {"com.docker.compose.service": "redis"}},
        "State": {"Pid": 9, "Running": True, "StartedAt": "1970-01-01T00:01:40Z", **state},
        "NetworkSettings": {"Networks": {"n": {"IPAddress": "172.28.5.1"}}},
    }
