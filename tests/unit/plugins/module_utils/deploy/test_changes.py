# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that mends each difference, and nothing where there is none."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare

LIMITS = {
    "memory": 256 << 20,
    "memory_swap": 256 << 20,
    "memory_reservation": 128 << 20,
    "cpu_shares": 512,
    "cpu_quota": 0,
    "pids": 100,
    "io_weight": 0,
    "oom_score_adj": 100,
    "cpuset": "",
}
DESIRED: dict[str, Any] = {"tier": "critical", "image": "redis:8.0.2", "definition": "a" * 64, "limits": LIMITS, "probe": True}
LIVE: dict[str, Any] = {
    "service": "redis",
    "image": "redis:8.0.2",
    "state": "running",
    "health": "healthy",
    "labels": {"definition": "a" * 64},
    "limits": LIMITS,
    "kernel": {"memory": 256 << 20, "pids": 100, "cpu_quota": 0, "cpu_shares": 512, "cpuset": "0-3"},
}


def action(live: list[dict[str, Any]], desired: dict[str, Any] | None = None, stale: tuple[str, ...] = ()) -> str:
    return str(compare({"redis": desired or DESIRED}, live, stale=stale)["services"]["redis"]["action"])


def limits(**changes: int | str) -> dict[str, Any]:
    return {"limits": {**LIMITS, **changes}}


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ({}, "none"),
        ({"labels": {"definition": "b" * 64}}, "recreate"),
        ({"labels": {}}, "recreate"),
        ({"image": "redis:7"}, "recreate"),
        ({"state": "exited", "exit_code": 0}, "recreate"),
        ({"state": "created", "health": "none"}, "start"),
        ({"state": "created", "health": "none", "image": "redis:7"}, "recreate"),
        # What never ran is as cheaply made anew as mended.
        ({"state": "created", "health": "none", **limits(pids=5)}, "recreate"),
        ({"state": "restarting"}, "recreate"),
        ({"state": "paused"}, "recreate"),
        ({"health": "unhealthy"}, "recreate"),
        ({"health": "starting"}, "wait"),
        ({"health": "none"}, "wait"),
        (limits(memory=128 << 20), "update"),
        (limits(memory_swap=-1), "update"),
        (limits(memory_reservation=0), "update"),
        (limits(cpu_shares=1024), "update"),
        # The engine takes 0 for "as it is": a quota that nobody asked for goes only with the container.
        (limits(cpu_quota=500), "recreate"),
        (limits(pids=0), "update"),
        (limits(oom_score_adj=0), "recreate"),
        (limits(cpuset="0"), "update"),
        ({"kernel": {"memory": 0}}, "update"),
        ({"kernel": {"pids": 0}}, "update"),
        ({"kernel": {"cpu_quota": 100}}, "recreate"),
        ({"kernel": {"cpu_shares": 1024}}, "update"),
        # What cannot be read is not known to differ; the weight of v2 depends on the runtime.
        ({"kernel": {}}, "none"),
        ({"kernel": {"cpu_weight": 20}}, "none"),
        ({"health": "starting", **limits(pids=5)}, "update"),
        ({"image": "redis:7", **limits(pids=5)}, "recreate"),
    ],
)
def test_the_worst_difference_decides(live: dict[str, Any], expected: str) -> None:
    assert action([{**LIVE, **live}]) == expected


@pytest.mark.parametrize(
    ("engine", "kernel", "expected"),
    [
        ("0-1", "0-1", "none"),
        ("0-1", "0,1", "none"),
        ("", "0-3", "update"),
        ("0", "0", "update"),
        ("0-1", "0-3", "update"),
        ("0-1", None, "none"),
    ],
)
def test_other_cores_are_given_in_place(engine: str, kernel: str | None, expected: str) -> None:
    live = {**LIVE, **limits(cpuset=engine), "kernel": {} if kernel is None else {"cpuset": kernel}}
    assert action([live], {**DESIRED, **limits(cpuset="0-1")}) == expected


def test_what_does_not_run_is_created() -> None:
    assert action([]) == "create"


@pytest.mark.parametrize(
    ("wanted", "there", "expected"),
    [(2, 2, "none"), (2, 1, "recreate"), (2, 3, "recreate"), (2, 0, "create"), (0, 0, "none"), (0, 1, "recreate")],
)
def test_as_many_containers_as_the_release_wants(wanted: int, there: int, expected: str) -> None:
    assert action([LIVE] * there, {**DESIRED, "replicas": wanted}) == expected


def test_one_sick_replica_of_two_is_enough() -> None:
    assert action([LIVE, {**LIVE, "state": "exited"}]) == "recreate"


def test_secrets_newer_than_the_container_need_a_new_one() -> None:
    assert action([LIVE], stale=("redis",)) == "recreate"
    assert action([LIVE], stale=("postgres",)) == "none"


def test_a_service_without_a_probe_is_not_waited_for() -> None:
    assert action([{**LIVE, "health": "none"}], {**DESIRED, "probe": False}) == "none"


def test_no_word_on_swap_asks_nothing_of_the_engine() -> None:
    unsaid = {**DESIRED, "limits": {**LIMITS, "memory_swap": -1}}
    assert action([{**LIVE, **limits(memory_swap=2 * LIMITS["memory"])}], unsaid) == "none"
    assert action([{**LIVE, **limits(memory_swap=-1)}], unsaid) == "none"


def test_a_difference_says_what_is_and_what_should_be() -> None:
    changes = compare({"redis": DESIRED}, [{**LIVE, **limits(pids=5)}])
    assert changes["services"]["redis"]["differences"] == [{"key": "limits.pids", "desired": 100, "live": 5}]


def test_what_differs_in_a_definition_is_named_part_by_part() -> None:
    before = {"redis": {"definition": "b" * 64, "parts": {"image": "redis:7", "user": "999", "command": ["x"]}}}
    desired = {"redis": {**DESIRED, "parts": {"image": "redis:8", "user": "999", "environment.A": "1"}}}
    live = [{**LIVE, "labels": {"definition": "b" * 64}}]
    assert compare(desired, live, released=before)["services"]["redis"]["differences"] == [
        {"key": "command", "desired": None, "live": ["x"]},
        {"key": "environment.A", "desired": "1", "live": None},
        {"key": "image", "desired": "redis:8", "live": "redis:7"},
    ]


def test_a_definition_that_no_release_knows_is_named_by_its_hash() -> None:
    before = {"redis": {"definition": "c" * 64, "parts": {}}}
    differences = compare({"redis": DESIRED}, [{**LIVE, "labels": {}}], released=before)["services"]["redis"]["differences"]
    assert differences == [{"key": "definition", "desired": "a" * 12, "live": "none"}]


def test_services_are_sorted_into_what_their_tier_has_to_do() -> None:
    services = {
        "redis": DESIRED,
        "nginx": {**DESIRED, "probe": True},
        "pooler": DESIRED,
        "n8n": {**DESIRED, "tier": "workflow"},
        "loki": {**DESIRED, "tier": "management"},
    }
    live = [
        {**LIVE, **limits(pids=5)},
        {**LIVE, "service": "pooler", "image": "redis:7"},
        {**LIVE, "service": "n8n", "health": "starting"},
        {**LIVE, "service": "loki"},
        {**LIVE, "service": "old"},
    ]
    changes = compare(services, live)
    assert changes["tiers"] == {
        "critical": {"deploy": ["nginx", "pooler"], "recreate": ["pooler"], "limits": ["redis"], "wait": []},
        "workflow": {"deploy": [], "recreate": [], "limits": [], "wait": ["n8n"]},
        "management": {"deploy": [], "recreate": [], "limits": [], "wait": []},
    }
    assert changes["create"] == ["nginx"]
    assert changes["busy"] == ["critical", "workflow"]
    assert changes["orphans"] == ["old"]
    assert changes["differs"] is True


def test_nothing_differs_where_nothing_differs() -> None:
    assert compare({"redis": DESIRED}, [LIVE])["differs"] is False


def test_what_runs_and_is_in_no_release_differs() -> None:
    assert compare({}, [LIVE]) == {
        "services": {},
        "tiers": {tier: {"deploy": [], "recreate": [], "limits": [], "wait": []} for tier in ("critical", "workflow", "management")},
        "create": [],
        "busy": [],
        "orphans": ["redis"],
        "differs": True,
    }


def test_what_follows_a_service_is_renewed_with_it() -> None:
    names = ("redis", "pooler", "web", "other")
    services = dict.fromkeys(names, DESIRED) | {
        "pooler": {**DESIRED, "follows": ["redis"]},
        "web": {**DESIRED, "follows": ["pooler"]},
    }
    live = [{**LIVE, "service": name} for name in names]
    assert {entry["action"] for entry in compare(services, live)["services"].values()} == {"none"}
    live[0] = {**live[0], "image": "redis:7"}
    changes = compare(services, live)
    assert changes["tiers"]["critical"]["deploy"] == ["pooler", "redis", "web"]
    assert changes["services"]["pooler"]["differences"][0]["key"] == "depends_on.redis"


@pytest.mark.parametrize(("code", "expected"), [(0, "none"), (1, "recreate")])
def test_a_job_that_has_ended_well_is_not_started_again(code: int, expected: str) -> None:
    job = {**DESIRED, "probe": False, "ends": True}
    assert action([{**LIVE, "state": "exited", "exit_code": code, "health": "none", "kernel": {}}], job) == expected


@pytest.mark.parametrize(
    ("made", "started", "state", "expected"),
    [
        (10.0, 20.0, "running", "none"),
        (20.0, 10.0, "running", "recreate"),
        # It was never started: nothing in it can be of before.
        (20.0, -62135596800.0, "created", "start"),
    ],
)
def test_what_a_killed_run_left_behind_its_leader_is_renewed(made: float, started: float, state: str, expected: str) -> None:
    services = {"redis": DESIRED, "pooler": {**DESIRED, "follows": ["redis"]}}
    live = [{**LIVE, "created": made, "started": 30.0}, {**LIVE, "service": "pooler", "created": 5.0, "started": started, "state": state}]
    assert compare(services, live)["services"]["pooler"]["action"] == expected
