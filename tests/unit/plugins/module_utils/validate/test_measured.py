# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, judged: figures at their targets, and unknown where there are none."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.validate.evaluate import evaluate

Found = dict[str, Any]

API = {"p50": 10, "p95": 499, "p99": 999, "per_second": 800.0, "requests": 10000, "errors": 0, "error": ""}
POSTGRES = {"engine": "postgres", "error": "", "connections": 77, "usable": 97, "hits": 99_000, "reads": 1_000}
REDIS = {"engine": "redis", "error": "", "connected_clients": 4, "maxclients": 100, "rejected_connections": 0}
MONGODB = {"engine": "mongodb", "error": "", "connections": 5, "available": 145, "ping": 1, "operations": 9}
TARGET = {"job": "redis", "up": True, "said": ""}
SERVER = {"metric": "pg_up", "job": "postgres", "up": True}
BENCH = {"engine": "postgres", "error": "", "latency": 2.5, "per_second": 1500.0}
PING = {"engine": "redis", "error": "", "latency": 0.4, "worst": 3.0}
MODEL = {"model": "m", "cold": 12.0, "warm": 0.5, "error": ""}
SETTINGS = {"tuner": "redis", "live": {"maxmemory": "1mb"}, "differences": [], "unknown": []}
BACK = {"seconds": 5.0, "recovered": True, "said": "", "error": ""}

WELL: list[tuple[str, Found]] = [
    ("settings", {"redis": SETTINGS}),
    ("probes", {"redis": {"well": True, "said": ""}}),
    ("logins", {"redis": {"refused": {}, "tried": 1, "error": ""}}),
    ("exporters", {"targets": [TARGET], "servers": [SERVER], "error": ""}),
    ("figures", {"postgres": POSTGRES, "redis": REDIS, "mongodb": MONGODB}),
    ("load", {"postgres": BENCH, "redis": PING}),
    ("api", API),
    ("ollama", {"ollama": MODEL}),
    ("restart", {"redis": BACK, "nginx": {**BACK, "seconds": 59.0}}),
]

SPOILT: list[tuple[str, Found, str, str, str]] = [
    (
        "settings",
        {"redis": {**SETTINGS, "differences": [{"key": "settings.maxmemory", "desired": "1mb", "live": "0"}]}},
        "compliance.settings[redis]",
        "fail",
        "settings.maxmemory is 0, not 1mb",
    ),
    ("settings", {"redis": {**SETTINGS, "unknown": ["no answer"]}}, "compliance.settings[redis]", "unknown", "redis: no answer"),
    ("probes", {"redis": {"well": False, "said": "no answer after 2 s"}}, "health.probe[redis]", "fail", "no answer after 2 s"),
    ("probes", {"redis": {"well": None, "said": ""}}, "health.probe[redis]", "unknown", "it has no probe"),
    (
        "logins",
        {"redis": {"refused": {"default": "WRONGPASS"}, "tried": 1, "error": ""}},
        "health.login[redis]",
        "fail",
        "default (WRONGPASS)",
    ),
    ("logins", {"redis": {"refused": {}, "tried": 0, "error": ""}}, "health.login[redis]", "unknown", "no password's file"),
    (
        "exporters",
        {"targets": [{**TARGET, "up": False, "said": "EOF"}], "servers": [], "error": ""},
        "health.exporter[redis]",
        "fail",
        "EOF",
    ),
    (
        "exporters",
        {"targets": [], "servers": [{**SERVER, "up": False}], "error": ""},
        "health.exporter[pg_up]",
        "fail",
        "cannot reach its server",
    ),
    ("exporters", {"targets": [], "servers": [], "error": "no Prometheus runs"}, "health.exporter", "unknown", "no Prometheus"),
    ("figures", {"postgres": {**POSTGRES, "connections": 78}}, "databases.connections[postgres]", "fail", "78 connections of 97"),
    ("figures", {"postgres": {**POSTGRES, "reads": 99_000}}, "databases.hits[postgres]", "fail", "50.0%"),
    ("figures", {"postgres": {**POSTGRES, "hits": 100, "reads": 0}}, "databases.hits[postgres]", "unknown", "too few"),
    ("figures", {"redis": {**REDIS, "rejected_connections": 3}}, "databases.refused[redis]", "fail", "3 connections"),
    ("figures", {"mongodb": {**MONGODB, "ping": 0}}, "databases.ping[mongodb]", "fail", "ping"),
    ("figures", {"mongodb": {"engine": "mongodb", "error": "no answer"}}, "databases.figures[mongodb]", "unknown", "no answer"),
    ("load", {"postgres": {**BENCH, "latency": 50.1}}, "databases.query[postgres]", "fail", "50 ms are allowed"),
    ("load", {"redis": {**PING, "latency": 1.2}}, "databases.cache[redis]", "fail", "1 ms are allowed"),
    ("load", {"postgres": {"engine": "postgres", "error": "exit code 127"}}, "databases.query[postgres]", "unknown", "127"),
    ("api", {**API, "p95": 500}, "latency.p95", "fail", "P95 is 500 ms"),
    ("api", {**API, "p99": 1000}, "latency.p99", "fail", "P99 is 1000 ms"),
    ("api", {**API, "errors": 1}, "latency.errors", "fail", "1 of 10000"),
    ("api", {"error": "there is no load generator"}, "latency.api", "unknown", "no load generator"),
    ("ollama", {"ollama": {**MODEL, "cold": 30.0}}, "ollama.cold[ollama]", "fail", "30 s"),
    ("ollama", {"ollama": {**MODEL, "warm": 5.0}}, "ollama.warm[ollama]", "fail", "5 s"),
    ("restart", {"redis": {**BACK, "seconds": 20.0}}, "restart.time[redis]", "fail", "20 s"),
    ("restart", {"redis": {**BACK, "recovered": False, "said": "refused"}}, "restart.time[redis]", "fail", "refused"),
    (
        "restart",
        {"redis/2": {**BACK, "asked": 90, "failed": {"status 502": 2}, "slowest": 1.0}},
        "restart.requests[redis/2]",
        "fail",
        "2 of 90 requests failed",
    ),
    (
        "restart",
        {"redis/2": {**BACK, "asked": 0, "failed": {}, "slowest": 0.0}},
        "restart.requests[redis/2]",
        "unknown",
        "it could not be asked",
    ),
    ("restart", {"redis": {"error": "the engine refused"}}, "restart.time[redis]", "unknown", "the engine refused"),
]


def turned(live: Found, part: str, found: Found) -> dict[str, tuple[str, str]]:
    checks = evaluate(live, {part: found}, clock=(999.0, 1001.0))
    return {check.path: (check.outcome, check.sentence) for check in checks if check.outcome != "pass"}


@pytest.mark.parametrize(("part", "found"), WELL)
def test_what_is_within_its_targets_passes(live: Found, part: str, found: Found) -> None:
    assert turned(live, part, found) == {}
    assert len(evaluate(live, {part: found}, clock=(999.0, 1001.0))) > len(evaluate(live, {}, clock=(999.0, 1001.0)))


@pytest.mark.parametrize(("part", "found", "path", "outcome", "words"), SPOILT)
def test_what_is_not_turns_its_check(live: Found, part: str, found: Found, path: str, outcome: str, words: str) -> None:
    answer = turned(live, part, found)
    assert list(answer) == [path]
    assert answer[path][0] == outcome
    assert words in answer[path][1]


def test_slices_that_were_read_are_judged_where_containers_lie_in_them(live: Found) -> None:
    names = {"": "ziggie.slice", "critical": "ziggie-critical.slice"}
    found = {tier: {"name": name, "file": "", "ours": False, "live": {}} for tier, name in names.items()}
    assert turned(live, "slices", found) == {}
    live["containers"][0] |= {"cgroup_parent": "ziggie-critical.slice", "protection": {"low": 0, "effective": 1 << 40, "by": "it"}}
    assert list(turned(live, "slices", found)) == [f"compliance.slice[{name}]" for name in names.values()]


def test_no_model_is_unknown_both_cold_and_warm(live: Found) -> None:
    answer = turned(live, "ollama", {"ollama": {"error": "there is no model"}})
    assert {path: outcome for path, (outcome, _sentence) in answer.items()} == {
        "ollama.cold[ollama]": "unknown",
        "ollama.warm[ollama]": "unknown",
    }


def test_an_api_of_the_critical_tier_has_the_apis_target(live: Found) -> None:
    live["budget"]["services"]["nginx"]["tuning"]["tuner"] = "python"
    assert list(turned(live, "restart", {"nginx": {**BACK, "seconds": 10.0}})) == ["restart.time[nginx]"]
    assert list(turned(live, "restart", {"nginx/2": {**BACK, "seconds": 10.0, "asked": 9, "failed": {}, "slowest": 1.0}})) == [
        "restart.time[nginx/2]"
    ]
