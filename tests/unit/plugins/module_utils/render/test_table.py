# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table that a run ends with."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.render.table import lines

COMPOSE = {
    "services": {
        "redis": {"image": "redis:8", "x-budget": {"tier": "critical", "memory": {"floor": "64m", "request": "256m"}}},
        "runner": {
            "image": "runner:1",
            "x-budget": {"tier": "management", "requires": ["token"], "memory": {"floor": "64m", "request": "1g"}},
        },
    }
}
BUDGET = solve(COMPOSE, {"memory": "8g", "cpus": 2}, {"credentials": []}).to_dict()


def container(**changes: Any) -> dict[str, Any]:
    return {"service": "redis", "state": "running", "health": "healthy", "stand_in": False, **changes}


def row(name: str, *containers: dict[str, Any]) -> str:
    [found] = [line for line in lines(BUDGET, containers) if line.strip().startswith(f"{name} ")]
    return found


def test_a_service_is_a_row_with_its_figures_and_its_live_state() -> None:
    assert re.split(r"\s{2,}", row("redis", container()).strip())[:5] == ["redis", "64", "64", "256", "256"]
    assert row("redis", container()).endswith("healthy")


def test_states() -> None:
    assert row("redis").endswith("on")
    assert row("redis", container(state="exited")).endswith("exited")
    assert row("redis", container(health="none")).endswith("running")
    assert row("redis", container(stand_in=True)).split()[-2:] == ["healthy", "stand-in"]
    assert row("runner").endswith("off: set token")


def test_tiers_come_in_order_and_all_is_their_sum() -> None:
    heads = [line.split()[0] for line in lines(BUDGET) if line[:1].isupper()]
    assert heads == ["CRITICAL", "WORKFLOW", "MANAGEMENT", "ALL"]


def test_the_pool_is_a_sum_and_a_bar() -> None:
    text = lines(BUDGET)
    assert re.findall(r"[\d.]+", text[0]) == ["6144", "8192", "2048", "1.5", "2"]
    assert len(text[1]) == 62


def test_columns_are_aligned() -> None:
    table = [line for line in lines(BUDGET) if line.startswith("  ")]
    assert len({line.index("%") for line in table}) == 1
