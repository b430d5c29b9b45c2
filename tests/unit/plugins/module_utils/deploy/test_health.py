# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting ends as soon as it cannot help, and what an operator reads when a tier does not come up."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.health import Witness, explain, settle
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import Container
from ansible_collections.ziggie.stack.tests.unit import samples


def container(service: str = "web", **changes: Any) -> Container:
    return samples.container(service, **changes)


def wait(*looks: list[Container], services: tuple[str, ...] = ("web",), timeout: float = 10) -> tuple[bool, int]:
    """Return whether all came up, and after how many looks; the last look repeats, each takes a second."""
    taken = []

    def look() -> list[Container]:
        taken.append(1)
        return looks[min(len(taken), len(looks)) - 1]

    _containers, settled = settle(look, services, timeout, clock=lambda: len(taken), pause=lambda _seconds: None)
    return settled, len(taken)


STARTING = [container(health="starting")]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([[container()]], (True, 1)),
        ([[container(health="none")]], (True, 1)),
        ([STARTING, STARTING, [container()]], (True, 3)),
        ([[], STARTING, [container()]], (True, 3)),
        ([STARTING, [container(health="unhealthy")]], (False, 2)),
        ([STARTING, [container(state="exited", health="none")]], (False, 2)),
        ([[container(state="restarting", restarts=1)], [container()]], (True, 2)),
        ([[container(state="restarting", restarts=3)]], (False, 1)),
        ([[container(), container(service="other", health="unhealthy")]], (True, 1)),
        ([[container(), container(health="starting")], [container(), container()]], (True, 2)),
    ],
)
def test_it_waits_no_longer_than_it_can_help(looks: list[list[Container]], expected: tuple[bool, int]) -> None:
    assert wait(*looks) == expected


@pytest.mark.parametrize("look", [STARTING, []])
def test_time_runs_out(look: list[Container]) -> None:
    assert wait(look, timeout=5)[0] is False


def test_nothing_to_wait_for_is_one_look() -> None:
    assert wait(STARTING, services=()) == (True, 1)


LINES = [*(f"line {number}" for number in range(20)), "a last word"]
WITNESS = Witness(log=lambda _container: LINES, end=lambda _container: "3")


@pytest.mark.parametrize("changes", [{}, {"health": "none"}, {"service": "another", "state": "exited"}])
def test_nothing_is_said_of_what_is_up_or_not_asked_for(changes: dict[str, Any]) -> None:
    assert explain([samples.container(**{"service": "redis", **changes})], ["redis"], {}, WITNESS) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "exited", "oom_killed": True}, ["redis", "256 MiB", "services.redis.x-budget.memory.floor"]),
        ({"state": "restarting", "exit_code": 3, "restarts": 7}, ["restarting", "exit code 3", "restarted 7 times", "    a last word"]),
        ({"health": "unhealthy", "health_output": "NOAUTH"}, ["unhealthy", "NOAUTH", "    a last word"]),
        ({"health": "starting"}, ["starting", "nothing"]),
        ({"health": "starting", "restarts": 2}, ["ended with exit code 3, restarted 2 times, and starts again", "    a last word"]),
        ({"health": "unhealthy", "health_output": "NOAUTH", "restarts": 2}, ["unhealthy", "NOAUTH"]),
    ],
)
def test_what_is_not_up_is_named_with_its_reason(changes: dict[str, Any], words: list[str]) -> None:
    [sentence] = explain([samples.container(**changes)], ["redis"], {}, WITNESS)
    assert [word for word in words if word not in sentence] == []


def test_what_the_engine_refused_is_told_in_its_words() -> None:
    sentences = explain([samples.container(state="created")], [], {"redis": "port is already allocated."}, WITNESS)
    assert sentences == [
        (
            "redis: the engine cannot start it: port is already allocated; where no container publishes it, "
            "the engine has kept it since it was killed: systemctl restart docker, and run again."
        )
    ]
