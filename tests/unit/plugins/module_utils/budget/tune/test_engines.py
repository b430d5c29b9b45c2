# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Law 5: from the least memory to 256 GiB, settings stay below the limit, grow with it and are in the program's grammar."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.budget.reader import Reader
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.engine import Room
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.registry import ENGINES
from ansible_collections.ziggie.stack.plugins.module_utils.budget.units import GIB, MIB
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.strategies import LARGEST
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.tune.worst import GROWING, WORST
from hypothesis import given, settings
from hypothesis import strategies as st

PARAMS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
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


def read(engine: str, written: dict[str, Any]) -> dict[str, Any]:
    problems = Problems()
    params = ENGINES[engine].read(Reader(written, "tuning", problems, ENGINES[engine].keys))
    assert problems.findings == []
    return params


def room(engine: str, limit: int, cpus: int = 1000, **extra: Any) -> Room:
    fields = {name: extra.pop(name) for name in ("quota", "pids", "peer", "peer_name", "clients", "disk", "links") if name in extra}
    return Room(limit=limit, cpus=cpus, params=read(engine, extra), **fields)


def tuned(engine: str, limit: int, cpus: int = 1000, **extra: Any) -> dict[str, str]:
    return dict(ENGINES[engine].tune(room(engine, limit, cpus, **extra)).settings)


@st.composite
def rooms(draw: st.DrawFn, engine: str) -> tuple[Room, Room]:
    """Draw two rooms that differ in their limit, near to each other as often as far apart."""
    params = {name: draw(values) for name, values in PARAMS[engine].items() if draw(st.booleans())}
    cpus = draw(st.sampled_from([50, 200, 500, 800, 1000, 1500, 2000, 4000, 16_000, 64_000]))
    quota, pids = draw(st.sampled_from([None, cpus])), draw(st.sampled_from([0, 50, 200, 5000]))
    clients, disk = draw(st.sampled_from([0, 0, 40, 3000])), draw(st.sampled_from([0, 1, 700 * MIB, 20 * GIB]))
    fixed = {"cpus": cpus, "quota": quota, "pids": pids, "clients": clients, "disk": disk, "params": read(engine, params)}
    least = ENGINES[engine].least(Room(limit=0, **fixed))
    small = min(LARGEST, least + draw(st.one_of(st.integers(0, 512 * MIB), st.integers(0, 16 * GIB), st.integers(0, LARGEST))))
    more = draw(st.one_of(st.integers(1, 70), st.integers(1, 64 * MIB), st.integers(1, 8 * GIB)))
    return Room(limit=small, **fixed), Room(limit=small + more, **fixed)


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_law_5_settings_stay_below_the_limit_and_grow_with_it(engine: str) -> None:
    @settings(max_examples=120)
    @given(rooms(engine))
    def holds(pair: tuple[Room, Room]) -> None:
        small, large = (ENGINES[engine].tune(room) for room in pair)
        for result, given_room in zip((small, large), pair, strict=True):
            assert WORST[engine](result.settings, given_room) < given_room.limit
        for name, number in GROWING[engine].items():
            assert number(small.settings[name]) <= number(large.settings[name])

    holds()


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_every_setting_is_explained_and_handed_over_as_it_is(engine: str) -> None:
    result = ENGINES[engine].tune(room(engine, 8 * GIB, quota=1000))
    assert result.engine == engine
    assert set(result.explain) == set(result.settings)
    handed_over = " ".join([*result.arguments, *result.environment.values()])
    assert all(value in handed_over for value in result.settings.values()) or engine in ("loki", "nginx", "pgbouncer")


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_the_least_memory_of_the_defaults_is_modest(engine: str) -> None:
    assert ENGINES[engine].least(room(engine, 0)) <= (3 * GIB if engine == "ollama" else 512 * MIB)


@pytest.mark.parametrize(
    ("engine", "limit", "extra", "expected"),
    [
        (
            "postgres",
            3072,
            {},
            {"shared_buffers": "768MB", "effective_cache_size": "2304MB", "work_mem": "7720kB", "max_connections": "100"},
        ),
        ("postgres", 1024, {}, {"shared_buffers": "256MB", "maintenance_work_mem": "64MB", "autovacuum_work_mem": "16MB"}),
        ("postgres", 512, {}, {"shared_buffers": "128MB", "work_mem": "512kB", "max_connections": "53"}),
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
def test_settings_by_example(engine: str, limit: int, extra: dict[str, Any], expected: dict[str, str]) -> None:
    found = tuned(engine, limit * MIB, **extra)
    assert {name: found.get(name) for name in expected} == expected


def test_what_is_not_asked_for_is_not_set() -> None:
    assert "LLAMA_ARG_THREADS" not in tuned("ollama", 4 * GIB)
    assert "GOMAXPROCS" not in tuned("go", GIB)
    assert "UV_THREADPOOL_SIZE" not in tuned("node", GIB)


@pytest.mark.parametrize(
    ("engine", "offered"), [("postgres", 97), ("mongodb", 100), ("pgbouncer", 1000), ("redis", 10_000), ("node", None)]
)
def test_a_server_says_how_many_connections_it_offers(engine: str, offered: int | None) -> None:
    assert ENGINES[engine].tune(room(engine, 8 * GIB)).offers == offered


@pytest.mark.parametrize(("engine", "most"), [("postgres", 96), ("mongodb", 100), ("pgbouncer", 1000)])
def test_the_least_memory_holds_the_connections_that_others_open(engine: str, most: int) -> None:
    for clients in (1, 30, most):
        least = ENGINES[engine].least(room(engine, 0, clients=clients))
        offers = ENGINES[engine].tune(room(engine, least, clients=clients)).offers
        assert offers is not None
        assert offers >= clients


def test_what_had_to_shrink_is_said() -> None:
    assert ENGINES["postgres"].tune(room("postgres", 512 * MIB)).shrunk == "a limit of 512 MiB holds 53 connections at worst, not 100"
    assert ENGINES["postgres"].tune(room("postgres", GIB)).shrunk == ""
    assert "pids 150 holds 50 connections" in ENGINES["mongodb"].tune(room("mongodb", 4 * GIB, pids=150)).shrunk
    assert "holds 319 connections a worker, not 1024" in ENGINES["nginx"].tune(room("nginx", 64 * MIB, 1200)).shrunk
    assert "holds 550 clients, not 1000" in ENGINES["pgbouncer"].tune(room("pgbouncer", 32 * MIB)).shrunk
    crowded = room("pgbouncer", 64 * MIB, max_connections=20, pools=20)
    assert ENGINES["pgbouncer"].tune(crowded).shrunk == "10 connections are too few for 20 pools"
    assert "with 1 request(s) of 2048 tokens, not 1 with 1 of 4096" in ENGINES["ollama"].tune(room("ollama", 2800 * MIB)).shrunk
