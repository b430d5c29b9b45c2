# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Law 5: from the least memory to 256 GiB, settings stay below the limit, grow with it and are in the program's grammar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.registry import TUNERS
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.tuner import Room
from ansible_collections.ziggie.stack.plugins.module_utils.compose.reader import Reader
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.strategies import LARGEST
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.tune.worst import GROWING, WORST, jvm
from hypothesis import given, settings
from hypothesis import strategies as st

JAVA = tuple(name for name, worst in WORST.items() if worst is jvm)
PARAMS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    **{name: {"heap_share": st.sampled_from([0.3, 0.5, "75%"])} for name in JAVA},
    "mariadb": {"max_connections": st.integers(10, 3000)},
    "meilisearch": {},
    "memcached": {"memory_share": st.sampled_from([0.5, 0.9])},
    "mysql": {"max_connections": st.integers(10, 3000)},
    "rabbitmq": {"watermark": st.sampled_from([0.4, 0.7])},
    "go": {"memory_share": st.sampled_from(["50%", 0.85, 0.95])},
    "loki": {"daily": st.sampled_from(["64m", "1g"]), "retention_days": st.integers(1, 400)},
    "mongodb": {"max_connections": st.integers(16, 5000)},
    "nginx": {"worker_connections": st.integers(128, 100_000)},
    "node": {"heap_share": st.sampled_from([0.3, 0.6, 0.65]), "threadpool": st.integers(1, 64)},
    "ollama": {
        "model_size": st.integers(1, 40).map(lambda size: f"{size}g"),
        "kv_per_token": st.sampled_from(["32k", "112k", "512k", 99_999]),
        "context": st.sampled_from([1024, 1500, 4096, 131_072]),
        "parallel": st.integers(1, 8),
        "max_models": st.integers(1, 4),
    },
    "pgbouncer": {
        "max_connections": st.integers(2, 1000),
        "reserved": st.integers(1, 20),
        "pools": st.integers(1, 5),
        "max_client_conn": st.integers(1, 20_000),
    },
    "postgres": {"max_connections": st.integers(10, 2000)},
    "prometheus": {"memory_share": st.sampled_from([0.5, 0.9]), "max_concurrency": st.integers(1, 40)},
    "python": {"worker_rss": st.integers(30, 900).map(lambda size: f"{size}m"), "max_workers": st.integers(1, 64)},
    "redis": {"persistence": st.booleans(), "policy": st.sampled_from(["noeviction", "allkeys-lru"])},
}


def sizes(least: int, most: int, unit: str) -> st.SearchStrategy[str]:
    return st.integers(least, most).map(lambda size: f"{size}{unit}")


COUNTS = st.integers(1, 3000).map(str)

SERVER = {
    "innodb-buffer-pool-size": st.sampled_from(["134217728", "300M", "1G", "2500m"]),
    "innodb_buffer_pool_instances": st.sampled_from(["1", "8"]),
    "max_connections": COUNTS,
    "sort_buffer_size": st.sampled_from(["64K", "8M"]),
    "performance_schema": st.sampled_from(["ON", "OFF"]),
}
# What an author may write, in the program's own grammar.
WRITTEN: dict[str, dict[str, st.SearchStrategy[str]]] = {
    **{
        name: {
            "-Xmx": st.sampled_from(["200m", "4G", "1073741824"]),
            "-Xms": st.sampled_from(["64m", "2g"]),
            "-XX:MaxRAMPercentage": st.sampled_from(["25.0", "75"]),
        }
        for name in JAVA
    },
    "mariadb": {**SERVER, "tmp_table_size": st.sampled_from(["1M", "64M"])},
    "meilisearch": {"MEILI_MAX_INDEXING_MEMORY": st.sampled_from(["104857600", "2 GiB"])},
    "memcached": {"-m": sizes(1, 9000, ""), "-c": COUNTS},
    "mysql": {**SERVER, "loose-temptable-max-ram": st.sampled_from(["2M", "1G"])},
    "rabbitmq": {
        "vm_memory_high_watermark.absolute": st.sampled_from(["512MiB", "2GB", "1073741824"]),
        "vm_memory_high_watermark.relative": st.sampled_from(["0.4", "0.8"]),
    },
    "go": {"GOMEMLIMIT": st.one_of(st.just("off"), sizes(1, 9000, "MiB"), sizes(1, 60, "GiB")), "GOMAXPROCS": COUNTS},
    "loki": {"GOMEMLIMIT": sizes(1, 9000, "MiB"), "limits_config.retention_period": st.sampled_from(["24h", "744h"])},
    "mongodb": {
        "storage.wiredTiger.engineConfig.cacheSizeGB": st.sampled_from(["0.25", "1", "7.5", "100"]),
        "wiredTigerCacheSizePct": st.sampled_from(["5", "50", "80"]),
        "net.maxIncomingConnections": COUNTS,
    },
    "nginx": {
        "worker_processes": st.sampled_from(["auto", "1", "8"]),
        "worker_connections": st.sampled_from(["512", "65535"]),
        "worker_rlimit_nofile": st.just("65535"),
    },
    "node": {
        "--max-old-space-size": sizes(10, 90_000, ""),
        "max_heap_size": sizes(10, 90_000, ""),
        "max-old-space-size-percentage": st.just("50"),
        "UV_THREADPOOL_SIZE": COUNTS,
    },
    "ollama": {
        "OLLAMA_CONTEXT_LENGTH": st.sampled_from(["0", "512", "32768", "131072"]),
        "OLLAMA_NUM_PARALLEL": st.sampled_from(["1", "4"]),
        "OLLAMA_MAX_LOADED_MODELS": st.sampled_from(["1", "3"]),
    },
    "pgbouncer": {"MAX_CLIENT_CONN": COUNTS, "default_pool_size": COUNTS, "pgbouncer.max_db_connections": COUNTS},
    "postgres": {
        "shared_buffers": st.sampled_from(["8GB", "128MB", "100MB", "1.5GB"]),
        "work_mem": st.sampled_from(["64MB", "64kB"]),
        "maintenance_work_mem": sizes(1, 4000, "MB"),
        "autovacuum_work_mem": st.sampled_from(["-1", "64MB", "1GB"]),
        "autovacuum_max_workers": st.integers(1, 50).map(str),
        "max_connections": COUNTS,
        "max-parallel-workers": st.integers(0, 64).map(str),
        "hash_mem_multiplier": st.sampled_from(["1", "1.5", "4.0"]),
        "effective_cache_size": st.just("24GB"),
        "jit": st.just("on"),
    },
    "prometheus": {
        "GOMEMLIMIT": sizes(1, 9000, "MiB"),
        "--query.max-samples": st.sampled_from(["1000", "50000000"]),
        "query.max-concurrency": st.integers(1, 60).map(str),
    },
    "python": {"WEB_CONCURRENCY": st.integers(1, 40).map(str)},
    "redis": {
        "maxmemory": st.sampled_from(["0", "100mb", "2gb", "2G", "123456789"]),
        "maxmemory-policy": st.sampled_from(["allkeys-lru", "volatile-ttl"]),
        "save": st.sampled_from(['""', "3600 1"]),
        "appendonly": st.sampled_from(["yes", "no"]),
    },
}


def read(tuner: str, written: dict[str, Any]) -> dict[str, Any]:
    problems = Problems()
    params = TUNERS[tuner].read(Reader(written, "tuning", problems, TUNERS[tuner].keys))
    assert problems.findings == []
    return params


def room(tuner: str, limit: int, cpus: int = 1000, **extra: Any) -> Room:
    fields = {
        name: extra.pop(name) for name in ("quota", "pids", "peer", "peer_name", "clients", "disk", "links", "written") if name in extra
    }
    return Room(limit=limit, cpus=cpus, params=read(tuner, extra), **fields)


def tuned(tuner: str, limit: int, cpus: int = 1000, **extra: Any) -> dict[str, str]:
    return dict(TUNERS[tuner].tune(room(tuner, limit, cpus, **extra)).settings)


@st.composite
def rooms(draw: st.DrawFn, tuner: str) -> tuple[Room, Room]:
    """Draw two rooms that differ in their limit, near to each other as often as far apart."""
    params = {name: draw(values) for name, values in PARAMS[tuner].items() if draw(st.booleans())}
    cpus = draw(st.sampled_from([50, 200, 500, 800, 1000, 1500, 2000, 4000, 16_000, 64_000]))
    quota, pids = draw(st.sampled_from([None, cpus])), draw(st.sampled_from([0, 50, 200, 5000]))
    clients, disk = draw(st.sampled_from([0, 0, 40, 3000])), draw(st.sampled_from([0, 1, 700 * MIB, 20 * GIB]))
    written = {name: draw(values) for name, values in WRITTEN[tuner].items() if draw(st.booleans())}
    fixed = {
        "cpus": cpus,
        "quota": quota,
        "pids": pids,
        "clients": clients,
        "disk": disk,
        "params": read(tuner, params),
        "written": written,
    }
    least = TUNERS[tuner].least(Room(limit=0, **fixed))
    small = min(LARGEST, least + draw(st.one_of(st.integers(0, 512 * MIB), st.integers(0, 16 * GIB), st.integers(0, LARGEST))))
    more = draw(st.one_of(st.integers(1, 70), st.integers(1, 64 * MIB), st.integers(1, 8 * GIB)))
    return Room(limit=small, **fixed), Room(limit=small + more, **fixed)


@pytest.mark.parametrize("tuner", sorted(TUNERS))
def test_law_5_settings_stay_below_the_limit_and_grow_with_it(tuner: str) -> None:
    @settings(max_examples=120)
    @given(rooms(tuner))
    def holds(pair: tuple[Room, Room]) -> None:
        small, large = (TUNERS[tuner].tune(room) for room in pair)
        for result, given_room in zip((small, large), pair, strict=True):
            assert result.untuned == ""
            runs = {**result.kept, **result.settings}
            assert WORST[tuner](runs, replace(given_room, written=result.kept)) < given_room.limit
        for name, number in GROWING[tuner].items():
            if name in small.settings:
                assert number(small.settings[name]) <= number(large.settings[name])

    holds()


@pytest.mark.parametrize("tuner", sorted(TUNERS))
def test_every_setting_is_explained_and_handed_over_as_it_is(tuner: str) -> None:
    result = TUNERS[tuner].tune(room(tuner, 8 * GIB, quota=1000))
    assert result.tuner == tuner
    assert set(result.explain) == set(result.settings)
    handed_over = " ".join([*result.arguments, *result.environment.values()])
    # ZooKeeper counts mebibytes; the others have a configuration file.
    assert all(value in handed_over for value in result.settings.values()) or tuner in ("loki", "nginx", "pgbouncer", "zookeeper")
    assert set(result.settings) <= TUNERS[tuner].knows


@pytest.mark.parametrize("tuner", sorted(TUNERS))
def test_what_an_author_wrote_is_neither_repeated_nor_lowered(tuner: str) -> None:
    @settings(max_examples=60)
    @given(rooms(tuner))
    def holds(pair: tuple[Room, Room]) -> None:
        given_room, _larger = pair
        result = TUNERS[tuner].tune(given_room)
        assert sorted(result.kept.values()) == sorted(given_room.written.values())
        assert not set(result.settings) & set(result.kept)
        assert set(result.explain) == set(result.settings)
        assert not {word.partition("=")[0].lstrip("-") for word in (*result.arguments, *result.environment)} & set(result.kept)

    holds()


@pytest.mark.parametrize(
    ("tuner", "name", "value"),
    [
        ("elasticsearch", "-Xmx", "half"),
        ("go", "GOMEMLIMIT", "1GB"),
        ("jvm", "-XX:MaxRAMPercentage", "most"),
        ("mariadb", "tmp_table_size", "1MiB"),
        ("meilisearch", "MEILI_MAX_INDEXING_MEMORY", "2 pages"),
        ("memcached", "-m", "much"),
        ("minecraft", "MEMORY", "${MEMORY}"),
        ("mysql", "innodb_buffer_pool_size", "0.5"),
        ("mysql", "max_connections", "many"),
        ("rabbitmq", "vm_memory_high_watermark.absolute", "half"),
        ("loki", "GOMEMLIMIT", "much"),
        ("mongodb", "storage.wiredTiger.engineConfig.cacheSizeGB", "1G"),
        ("nginx", "worker_processes", "many"),
        ("node", "--max-old-space-size", "4g"),
        ("ollama", "OLLAMA_NUM_PARALLEL", "four"),
        ("pgbouncer", "max_client_conn", "-1"),
        ("postgres", "shared_buffers", "8gb"),
        ("postgres", "max_connections", "${CONNECTIONS}"),
        ("prometheus", "query.max-samples", "50M"),
        ("python", "WEB_CONCURRENCY", "0"),
        ("redis", "maxmemory", "75%"),
    ],
)
def test_a_value_that_cannot_be_read_leaves_the_program_alone(tuner: str, name: str, value: str) -> None:
    given_room = room(tuner, 8 * GIB, written={name: value})
    result = TUNERS[tuner].tune(given_room)
    assert f"{value} cannot be read" in result.untuned
    assert (result.settings, result.environment, result.arguments) == ({}, {}, ())
    assert TUNERS[tuner].least(given_room) == TUNERS[tuner].least(room(tuner, 8 * GIB))


@pytest.mark.parametrize("tuner", sorted(TUNERS))
def test_the_least_memory_of_the_defaults_is_modest(tuner: str) -> None:
    assert TUNERS[tuner].least(room(tuner, 0)) <= {"ollama": 3 * GIB, "mysql": 640 * MIB}.get(tuner, 512 * MIB)


@pytest.mark.parametrize(
    ("tuner", "limit", "extra", "expected"),
    [
        (
            "postgres",
            3072,
            {"max_connections": 100},
            {"shared_buffers": "768MB", "effective_cache_size": "2304MB", "work_mem": "7720kB", "max_connections": "100"},
        ),
        ("postgres", 1024, {}, {"shared_buffers": "256MB", "maintenance_work_mem": "64MB", "autovacuum_work_mem": "16MB"}),
        ("postgres", 512, {"max_connections": 100}, {"shared_buffers": "128MB", "work_mem": "512kB", "max_connections": "53"}),
        ("postgres", 512, {}, {"shared_buffers": "128MB", "work_mem": "4MB", "max_connections": "100"}),
        ("postgres", 384, {}, {"shared_buffers": "96MB", "work_mem": "64kB", "max_connections": "92"}),
        (
            "postgres",
            2488,
            {"written": {"max_connections": "1000"}},
            {"shared_buffers": "231MB", "maintenance_work_mem": "64MB", "work_mem": "4MB"},
        ),
        ("postgres", 8192, {"written": {"max_connections": "1000"}}, {"shared_buffers": "2048MB", "maintenance_work_mem": "512MB"}),
        ("postgres", 1024, {"written": {"max_connections": "200"}}, {"work_mem": "4MB", "max_connections": None}),
        ("postgres", 16384, {"cpus": 4000}, {"max_parallel_workers": "4", "max_parallel_workers_per_gather": "2"}),
        ("postgres", 1024, {"cpus": 1999}, {"max_parallel_workers": "0", "jit": "off", "random_page_cost": "1.1"}),
        ("postgres", 262144, {}, {"shared_buffers": "65536MB", "maintenance_work_mem": "2048MB", "autovacuum_work_mem": "1024MB"}),
        ("redis", 512, {}, {"maxmemory": "244mb", "maxmemory-policy": "noeviction"}),
        ("redis", 512, {"persistence": False, "policy": "allkeys-lru"}, {"maxmemory": "372mb", "maxmemory-policy": "allkeys-lru"}),
        ("mongodb", 1536, {}, {"wiredTigerCacheSizeGB": "0.25"}),
        ("mongodb", 3072, {}, {"wiredTigerCacheSizeGB": "1.00"}),
        ("mongodb", 2590, {}, {"wiredTigerCacheSizeGB": "0.76"}),
        ("mongodb", 3072, {"max_connections": 500, "pids": 300}, {"maxConns": "200"}),
        ("node", 1536, {}, {"max-old-space-size": "921"}),
        ("node", 1024, {"heap_share": 0.65, "threadpool": 8}, {"max-old-space-size": "665", "UV_THREADPOOL_SIZE": "8"}),
        ("node", 160, {"heap_share": 0.65}, {"max-old-space-size": "80"}),
        ("python", 2048, {}, {"workers": "3"}),
        ("python", 2048, {"worker_rss": "900m"}, {"workers": "2"}),
        ("python", 2048, {"cpus": 500}, {"workers": "2"}),
        ("python", 2048, {"cpus": 4000, "max_workers": 1}, {"workers": "1"}),
        ("nginx", 256, {"cpus": 200}, {"worker_processes": "1", "worker_connections": "1024", "worker_rlimit_nofile": "2112"}),
        ("nginx", 64, {"cpus": 1200}, {"worker_processes": "2", "worker_connections": "319"}),
        ("ollama", 3072, {}, {"OLLAMA_CONTEXT_LENGTH": "4096", "OLLAMA_NUM_PARALLEL": "1", "OLLAMA_MAX_LOADED_MODELS": "1"}),
        (
            "ollama",
            6144,
            {"parallel": 2, "max_models": 2},
            {"OLLAMA_CONTEXT_LENGTH": "4096", "OLLAMA_NUM_PARALLEL": "2", "OLLAMA_MAX_LOADED_MODELS": "1"},
        ),
        ("ollama", 2800, {}, {"OLLAMA_CONTEXT_LENGTH": "2048", "OLLAMA_NUM_PARALLEL": "1"}),
        ("ollama", 4096, {"quota": 2500}, {"LLAMA_ARG_THREADS": "2"}),
        ("ollama", 4096, {"quota": 800}, {"LLAMA_ARG_THREADS": "1"}),
        ("jvm", 1024, {}, {"Xmx": "614m"}),
        ("jvm", 200, {}, {"Xmx": "50m"}),
        ("elasticsearch", 4096, {}, {"Xms": "2048m", "Xmx": "2048m"}),
        ("elasticsearch", 131_072, {}, {"Xmx": "31744m"}),
        ("kafka", 1536, {}, {"Xmx": "1024m", "Xms": None}),
        ("kafka", 65_536, {}, {"Xmx": "6144m"}),
        ("minecraft", 8192, {}, {"Xmx": "6144m"}),
        ("mysql", 1024, {"cpus": 2000}, {"innodb_buffer_pool_size": "384M", "temptable_max_ram": "128M"}),
        ("mysql", 16_384, {}, {"innodb_buffer_pool_size": "11264M", "innodb_buffer_pool_instances": "8", "temptable_max_ram": "1024M"}),
        ("cassandra", 2048, {"cpus": 2000}, {"Xmx": "1024m", "Xmn": "200m"}),
        ("cassandra", 65_536, {}, {"Xmx": "8192m", "Xmn": "100m"}),
        (
            "mariadb",
            1024,
            {"cpus": 2000},
            {"innodb_buffer_pool_size": "640M", "tmp_table_size": "16M", "aria_pagecache_buffer_size": "64M"},
        ),
        ("mariadb", 256, {"cpus": 2000}, {"innodb_buffer_pool_size": "60M", "tmp_table_size": "1M", "aria_pagecache_buffer_size": "16M"}),
        ("mariadb", 1024, {"max_connections": 300}, {"max_connections": "300"}),
        ("rabbitmq", 1024, {}, {"vm_memory_high_watermark": "643825664"}),
        ("meilisearch", 1536, {}, {"MEILI_MAX_INDEXING_MEMORY": "1073741824"}),
        ("memcached", 256, {}, {"memory-limit": "204"}),
        ("prometheus", 1024, {}, {"GOMEMLIMIT": "921MiB", "query.max-samples": "8388608", "query.max-concurrency": "4"}),
        ("prometheus", 65536, {}, {"query.max-samples": "50000000"}),
        ("go", 512, {}, {"GOMEMLIMIT": "435MiB"}),
        ("go", 64, {"memory_share": "90%", "quota": 50}, {"GOMEMLIMIT": "57MiB", "GOMAXPROCS": "1"}),
        ("pgbouncer", 64, {}, {"default_pool_size": "90", "max_db_connections": "90", "max_client_conn": "1000"}),
        ("pgbouncer", 64, {"peer": {"max_connections": "53"}}, {"default_pool_size": "43"}),
        ("pgbouncer", 64, {"max_connections": 30, "peer": {"max_connections": "53"}, "pools": 2}, {"default_pool_size": "10"}),
        ("pgbouncer", 32, {}, {"max_client_conn": "550"}),
        ("pgbouncer", 64, {"links": {"db": 40}, "peer_name": "db"}, {"max_db_connections": "40"}),
        ("pgbouncer", 64, {"links": {"cache": 40}, "peer_name": "db"}, {"max_db_connections": "90"}),
        ("prometheus", 1024, {"disk": 20 * GIB}, {"storage.tsdb.retention.size": "16384MB"}),
        ("prometheus", 1024, {"disk": 1}, {"storage.tsdb.retention.size": "1MB"}),
        ("loki", 512, {}, {"GOMEMLIMIT": "435MiB", "retention_period": "336h"}),
        ("loki", 512, {"disk": 10 * GIB}, {"retention_period": "336h"}),
        ("loki", 512, {"disk": 2 * GIB}, {"retention_period": "144h"}),
        ("loki", 512, {"disk": 1}, {"retention_period": "24h"}),
    ],
)
def test_settings_by_example(tuner: str, limit: int, extra: dict[str, Any], expected: dict[str, str]) -> None:
    found = tuned(tuner, limit * MIB, **extra)
    assert {name: found.get(name) for name in expected} == expected


def test_a_heap_is_handed_over_in_the_variable_of_its_server() -> None:
    handed = {name: dict(TUNERS[name].tune(room(name, 1600 * MIB)).environment) for name in ("elasticsearch", "cassandra", "zookeeper")}
    assert handed == {
        "elasticsearch": {"ES_JAVA_OPTS": "-Xms800m -Xmx800m"},
        "cassandra": {"MAX_HEAP_SIZE": "800m", "HEAP_NEWSIZE": "100m"},
        "zookeeper": {"ZK_SERVER_HEAP": "1000"},
    }


def test_what_is_not_asked_for_is_not_set() -> None:
    assert "LLAMA_ARG_THREADS" not in tuned("ollama", 4 * GIB)
    assert "GOMAXPROCS" not in tuned("go", GIB)
    assert "UV_THREADPOOL_SIZE" not in tuned("node", GIB)


@pytest.mark.parametrize(
    ("tuner", "offered"), [("postgres", 97), ("mongodb", None), ("pgbouncer", 1000), ("redis", 10_000), ("node", None)]
)
def test_a_server_says_how_many_connections_it_offers(tuner: str, offered: int | None) -> None:
    assert TUNERS[tuner].tune(room(tuner, 8 * GIB)).offers == offered


@pytest.mark.parametrize(("tuner", "most"), [("postgres", 96), ("mongodb", 100), ("pgbouncer", 1000)])
def test_the_least_memory_holds_the_connections_that_others_open(tuner: str, most: int) -> None:
    for clients in (1, 30, most):
        extra = {"max_connections": 100} if tuner == "mongodb" else {}
        least = TUNERS[tuner].least(room(tuner, 0, clients=clients, **extra))
        offers = TUNERS[tuner].tune(room(tuner, least, clients=clients, **extra)).offers
        assert offers is not None
        assert offers >= clients


def test_what_had_to_shrink_is_said() -> None:
    assert (
        TUNERS["postgres"].tune(room("postgres", 512 * MIB, max_connections=100)).shrunk
        == "a limit of 512 MiB holds 53 connections at worst, not 100"
    )
    assert "leaves each of 100 connections, PostgreSQL's default, 2319kB" in TUNERS["postgres"].tune(room("postgres", 420 * MIB)).shrunk
    assert TUNERS["postgres"].tune(room("postgres", 448 * MIB)).shrunk == ""
    many = room("postgres", 900 * MIB, 4000, written={"max_connections": "300"})
    assert "leaves each of 300 connections, as its author wrote, 237kB" in TUNERS["postgres"].tune(many).shrunk
    assert TUNERS["postgres"].tune(room("postgres", GIB, max_connections=100)).shrunk == ""
    assert "pids 150 holds 50 connections" in TUNERS["mongodb"].tune(room("mongodb", 4 * GIB, pids=150, max_connections=100)).shrunk
    assert "holds 319 connections a worker, not 1024" in TUNERS["nginx"].tune(room("nginx", 64 * MIB, 1200)).shrunk
    assert "holds 550 clients, not 1000" in TUNERS["pgbouncer"].tune(room("pgbouncer", 32 * MIB)).shrunk
    crowded = room("pgbouncer", 64 * MIB, max_connections=20, pools=20)
    assert TUNERS["pgbouncer"].tune(crowded).shrunk == "10 connections are too few for 20 pools"
    assert "with 1 request(s) of 2048 tokens, not 1 with 1 of 4096" in TUNERS["ollama"].tune(room("ollama", 2800 * MIB)).shrunk
