# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tuners make of the field cases: an author's setting stays and is counted, and no default gets worse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Tuning
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.registry import TUNERS
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.tuner import Room
from ansible_collections.ziggie.stack.plugins.module_utils.compose.reader import Reader
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.grammar import postgres
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, KIB, MIB
from ansible_collections.ziggie.stack.tests.unit.field_cases.test_configured import read


def tuned(case: str, service: str, tuner: str, *, cores: int, limit: int = 0, pids: int = 0) -> tuple[int, Tuning]:
    """Return the least memory and the tuning of a service whose container may use all cores, at a limit or at the least memory."""
    written = {name: setting.value for name, setting in read(case, service)[0].settings.items()}
    params = TUNERS[tuner].read(Reader({}, "", Problems()))
    room = Room(limit=0, cpus=cores * 1000, pids=pids, params=params, written=written)
    least = TUNERS[tuner].least(room)
    return least, TUNERS[tuner].tune(replace(room, limit=limit or least))


def test_03_redis_keeps_its_cache_and_its_policy() -> None:
    least, tuning = tuned("03", "cache", "redis", cores=8)
    assert least >= 2 * GIB * 4 // 3
    assert (tuning.kept["maxmemory"], tuning.kept["maxmemory-policy"]) == ("2gb", "allkeys-lru")
    assert tuning.settings == {}
    assert tuning.arguments == ()


def test_04_postgres_keeps_the_sizes_that_were_written() -> None:
    least, tuning = tuned("04", "db", "postgres", cores=16)
    assert least >= 8 * GIB + 3 * GIB
    assert tuning.kept == {"shared_buffers": "8GB", "work_mem": "64MB", "maintenance_work_mem": "1GB", "max_parallel_workers": "8"}
    assert not set(tuning.kept) & set(tuning.settings)
    assert tuning.settings["max_connections"] == "100"
    assert tuning.settings["max_parallel_workers_per_gather"] == "4"


@pytest.mark.parametrize("limit", [GIB, 2 * GIB, 16 * GIB, 60 * GIB])
def test_05_no_default_of_postgres_gets_worse(limit: int) -> None:
    _least, tuning = tuned("05", "db", "postgres", cores=16, limit=limit)
    assert postgres(KIB).bytes(tuning.settings["work_mem"]) >= 4 * MIB
    assert postgres(KIB).bytes(tuning.settings["shared_buffers"]) >= 128 * MIB
    assert tuning.settings["max_parallel_workers"] == "8"
    assert tuning.settings["max_connections"] == "100"
    assert tuning.shrunk == ""


def test_05_what_a_small_limit_takes_from_postgres_is_said() -> None:
    _least, tuning = tuned("05", "db", "postgres", cores=2, limit=460 * MIB)
    assert tuning.settings["max_connections"] == "100"
    assert "less than its default of 4MB" in tuning.shrunk


def test_06_mongodb_takes_as_many_connections_as_before() -> None:
    _least, tuning = tuned("06", "db", "mongodb", cores=8, limit=3 * GIB)
    assert dict(tuning.settings) == {"wiredTigerCacheSizeGB": "1.00"}
    assert tuning.offers is None
    _least, confined = tuned("06", "db", "mongodb", cores=8, limit=3 * GIB, pids=1100)
    assert confined.settings["maxConns"] == "1000"


def test_13_ollama_keeps_context_requests_and_models() -> None:
    least, tuning = tuned("13", "ollama", "ollama", cores=16)
    assert least >= 2 * GIB + 4 * 32_768 * 112 * KIB
    assert tuning.kept == {"OLLAMA_CONTEXT_LENGTH": "32768", "OLLAMA_NUM_PARALLEL": "4", "OLLAMA_MAX_LOADED_MODELS": "3"}
    assert dict(tuning.settings) == {}


@pytest.mark.parametrize("cores", [1, 2, 4, 64])
def test_15_nginx_lives_within_its_floor_whatever_cores_there_are(cores: int) -> None:
    least, tuning = tuned("15", "web", "nginx", cores=cores, limit=512 * MIB)
    assert least <= 32 * MIB
    assert int(tuning.settings["worker_processes"]) == min(cores, 31)
