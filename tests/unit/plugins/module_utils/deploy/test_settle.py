# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting ends as soon as it is over, well or not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.settle import settle


def container(service: str = "web", state: str = "running", health: str = "healthy", restarts: int = 0) -> dict[str, Any]:
    return {"service": service, "state": state, "health": health, "restarts": restarts}


def wait(*looks: list[dict[str, Any]], services: tuple[str, ...] = ("web",), timeout: float = 10) -> tuple[bool, int]:
    """Return whether all came up, and after how many looks; the last look repeats, each takes a second."""
    taken = []

    def look() -> list[dict[str, Any]]:
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
def test_it_waits_no_longer_than_it_can_help(looks: list[list[dict[str, Any]]], expected: tuple[bool, int]) -> None:
    assert wait(*looks) == expected


@pytest.mark.parametrize("look", [STARTING, []])
def test_time_runs_out(look: list[dict[str, Any]]) -> None:
    assert wait(look, timeout=5)[0] is False


def test_nothing_to_wait_for_is_one_look() -> None:
    assert wait(STARTING, services=()) == (True, 1)
