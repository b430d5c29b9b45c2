# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault on its own turns its own check, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import FORMAT
from ansible_collections.ziggie.stack.plugins.module_utils.validate.check import Check
from ansible_collections.ziggie.stack.plugins.module_utils.validate.evaluate import evaluate

CLOCK = (999.0, 1001.0)
Live = dict[str, Any]


def turned(live: Live, clock: tuple[float, float] = CLOCK, **targets: float) -> dict[str, str]:
    """Return what does not pass, by path."""
    return {check.path: check.outcome for check in evaluate(live, {}, targets, clock=clock) if check.outcome != "pass"}


def said(live: Live, path: str) -> str:
    found: Check = next(check for check in evaluate(live, {}, clock=CLOCK) if check.path == path)
    return found.sentence


def test_what_is_well_passes(live: Live) -> None:
    assert turned(live) == {}
    assert len(evaluate(live, {}, clock=CLOCK)) > 15


@pytest.mark.parametrize(
    ("key", "desired", "found", "check", "outcome"),
    [
        ("container", "running", "absent", "running", "fail"),
        ("state", "running", "paused", "running", "fail"),
        ("health", "healthy", "unhealthy", "running", "fail"),
        ("health", "healthy", "starting", "running", "unknown"),
        ("limits.memory", 1, 2, "limits", "fail"),
        ("kernel.pids", 1, 2, "limits", "fail"),
        ("definition", "abc", "none", "definition", "fail"),
        ("image", "redis:1", "redis:2", "definition", "fail"),
        ("secrets", "as written", "older than the files", "definition", "fail"),
    ],
)
def test_a_difference_turns_its_check(
    live: Live, differ: Callable[..., None], key: str, desired: Any, found: Any, check: str, outcome: str
) -> None:
    differ(key, desired, found)
    assert turned(live) == {f"compliance.{check}[redis]": outcome}


@pytest.mark.parametrize(
    ("key", "value", "check", "outcome"),
    [
        ("kernel", {}, "limits", "unknown"),
        ("changed_files", ["config/redis/redis.conf"], "files", "fail"),
        ("image_current", "sha256:b", "image", "fail"),
        ("image_current", "", "image", "unknown"),
        ("restarts", 2, "restarts", "fail"),
        ("oom_killed", True, "oom", "fail"),
        ("use", {"oom_kills": 1, "throttled_share": 0.0}, "oom", "fail"),
        ("use", {"throttled_share": 0.0}, "oom", "unknown"),
        ("use", {"oom_kills": 0}, "throttling", "unknown"),
        ("use", {"oom_kills": 0, "throttled_share": 0.01}, "throttling", "fail"),
    ],
)
def test_a_containers_figure_turns_its_check(live: Live, redis: Live, key: str, value: Any, check: str, outcome: str) -> None:
    redis[key] = value
    assert turned(live) == {f"compliance.{check}[redis]": outcome}


@pytest.mark.parametrize(("limit", "words"), [(64, "smaller than the Budget's 134217728"), (256, "not the Budget's 134217728")])
def test_a_release_that_agrees_with_itself_only(live: Live, redis: Live, limit: int, words: str) -> None:
    redis["limits"]["memory"] = limit << 20
    assert turned(live) == {"compliance.budget[redis]": "fail"}
    assert words in said(live, "compliance.budget[redis]")


@pytest.mark.parametrize(
    ("cpuset", "words"),
    [("0", ""), ("3", ""), ("", "it may run on all cores, not on the Budget's 1"), ("0-2", "it may run on 3 cores, not on the Budget's 1")],
)
def test_cores_that_are_kept_for_others(live: Live, redis: Live, cpuset: str, words: str) -> None:
    live["budget"]["services"]["redis"]["cpus"]["cores"] = 1
    redis["limits"]["cpuset"] = cpuset
    assert turned(live) == ({"compliance.budget[redis]": "fail"} if words else {})
    assert words in said(live, "compliance.budget[redis]")


@pytest.mark.parametrize(("policy", "share", "outcome"), [("batch", 0.9, None), ("all", 0.2, None), ("all", 0.3, "fail")])
def test_a_quota_may_throttle_as_the_policy_says(live: Live, redis: Live, policy: str, share: float, outcome: str | None) -> None:
    live["budget"]["policy"]["cpu_quota"] = policy
    live["budget"]["services"]["redis"]["cpus"]["quota"] = redis["limits"]["cpu_quota"] = 50
    redis["use"]["throttled_share"] = share
    assert turned(live) == ({"compliance.throttling[redis]": outcome} if outcome else {})


@pytest.mark.parametrize(
    ("volume", "path", "outcome"),
    [
        ({"device": "/mnt/other"}, "compliance.volume[redis_data]", "fail"),
        ({"device": ""}, "compliance.volume[redis_data]", "unknown"),
        ({"free": 9}, "compliance.room[redis_data]", "fail"),
        ({"size": None}, "compliance.room[redis_data]", "unknown"),
    ],
)
def test_data_in_the_wrong_place_or_without_room(live: Live, volume: Live, path: str, outcome: str) -> None:
    live["volumes"]["redis_data"].update(volume)
    assert turned(live) == {path: outcome}


@pytest.mark.parametrize(("now", "fails"), [(993.0, True), (995.0, False), (1005.0, False), (1007.0, True)])
def test_a_clock_that_jumped_either_way(live: Live, now: float, fails: bool) -> None:
    live["now"] = now
    assert turned(live) == ({"compliance.clock": "fail"} if fails else {})


def test_a_container_of_several_is_named_by_its_number(live: Live, redis: Live) -> None:
    live["containers"].append({**redis, "number": 2, "restarts": 1, "limits": {**redis["limits"], "memory": 1}})
    assert turned(live) == {"compliance.restarts[redis/2]": "fail", "compliance.budget[redis/2]": "fail"}


def test_one_container_of_two_whose_limits_cannot_be_read(live: Live, redis: Live) -> None:
    for kernel in ({}, {"memory": 1}):
        live["containers"].append({**redis, "number": 2 + len(kernel), "kernel": kernel})
    assert turned(live) == {"compliance.limits[redis]": "unknown"}


def test_a_container_that_is_missing_beside_others(live: Live, differ: Callable[..., None]) -> None:
    differ("replicas", 2, 1)
    assert turned(live) == {"compliance.running[redis]": "fail"}
    assert "1 containers of it are there, not 2" in said(live, "compliance.running[redis]")


def test_what_runs_and_is_in_no_release(live: Live) -> None:
    live["changes"]["orphans"] = ["nginx"]
    live["changes"]["services"].pop("nginx")
    assert turned(live) == {"compliance.orphans": "fail"}


def test_a_target_can_be_replaced(live: Live) -> None:
    assert turned(live, disk_free_share=0.6) == {"compliance.room[redis_data]": "fail"}


def test_half_a_stack(live: Live, differ: Callable[..., None]) -> None:
    live["containers"].pop(0)
    differ("container", "running", "absent")
    assert turned(live) == {"compliance.running[redis]": "fail"}


@pytest.mark.parametrize(
    ("answer", "path", "words"),
    [
        ({"failed": True, "msg": "Cannot look at the stack: timed out."}, "compliance.engine", "timed out"),
        ({"containers": [], "changes": {"services": {}}}, "compliance.release", "no release lies on the host;"),
        ({"containers": [{}], "changes": {"services": {}}}, "compliance.release", "somebody else deployed them"),
    ],
)
def test_where_nothing_can_be_seen_nothing_passes(answer: Live, path: str, words: str) -> None:
    (check,) = evaluate(answer, {}, clock=CLOCK)
    assert (check.path, check.outcome) == (path, "unknown")
    assert words in check.sentence


def test_what_could_not_be_measured_is_unknown(live: Live) -> None:
    found = evaluate(live, {}, clock=CLOCK, missing=["Cannot measure the stack: gone."])
    assert [(check.path, check.outcome) for check in found if check.outcome != "pass"] == [("measured", "unknown")]


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ({}, "there is no Budget on the host"),
        ({"format": 1}, "the Budget on the host cannot be read (format: expected "),
        ({"format": FORMAT}, "the Budget on the host cannot be read (capacity: expected a mapping, got None)"),
    ],
)
def test_a_budget_that_cannot_be_read_is_unknown(live: Live, budget: Live, words: str) -> None:
    live["budget"] = budget
    assert turned(live) == {f"compliance.budget[{name}]": "unknown" for name in ("redis", "nginx")}
    assert words in said(live, "compliance.budget[redis]")


def test_an_answer_of_another_shape_is_unknown(live: Live, redis: Live) -> None:
    redis["limits"] = []
    assert said(live, "compliance.engine") == "the host's answer cannot be read: containers[0].limits: expected a mapping, got []"
