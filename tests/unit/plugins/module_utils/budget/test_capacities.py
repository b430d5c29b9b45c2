# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes, in which order, and what it needs to stay."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.capacities import fit, smallest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.module_utils.units import CORE, GIB
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.strategies import stacks
from hypothesis import given
from hypothesis import strategies as st

POLICY = {"reserve": {"memory": "1g", "cpus": 0}, "margin": {"memory": 0}}


def service(tier: str, floor: str, request: str = "2g", **more: Any) -> dict[str, Any]:
    budget = {"tier": tier, "memory": {"floor": floor, "request": request}, "cpus": {"reservation": 0.5, "limit": 1}}
    return {"image": "example", "x-budget": budget, **more}


STACK: dict[str, Any] = {
    "services": {
        "database": service("critical", "1g"),
        "web": service("critical", "512m", depends_on=["cache"]),
        "cache": service("workflow", "256m"),
        "charts": service("management", "512m"),
        "model": service("workflow", "2g"),
        "robot": service("management", "256m", "1g"),
    }
}


def names(memory: str, cpus: int = 4, policy: dict[str, Any] | None = None, **more: Any) -> list[tuple[str, str]]:
    fitting = fit(STACK, {"memory": memory, "cpus": cpus, **more}, policy or POLICY)
    return [(drop.name, drop.needs) for drop in fitting.dropped]


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        ("5632m", []),
        ("5500m", [("charts", "")]),
        ("5000m", [("charts", ""), ("robot", "")]),
        ("4g", [("model", "")]),
        ("3g", [("charts", ""), ("model", "")]),
        ("2700m", [("charts", ""), ("model", ""), ("web", "")]),
        ("1500m", [("charts", ""), ("robot", ""), ("model", ""), ("web", ""), ("database", "")]),
    ],
)
def test_the_least_important_goes_first_and_takes_its_followers_along(memory: str, expected: list[tuple[str, str]]) -> None:
    assert names(memory) == expected


def test_a_host_of_which_nothing_is_left_holds_nothing() -> None:
    fitting = fit(STACK, {"memory": "1g", "cpus": 4}, POLICY)
    assert fitting.budget is None
    assert len(fitting.dropped) == 6
    assert fitting.to_dict()["shortfalls"] == {"memory": 4608 * 1024**2}
    bare = fit(STACK, {"memory": "8g", "cpus": 1}, {"reserve": {"cpus": 1}})
    assert bare.shortfalls == {"cpus": 1}
    assert bare.to_dict()["budget"] is None


def test_declared_limits_count_where_the_policy_says_so() -> None:
    declared = {**POLICY, "memory": "declared", "overcommit": {"memory": 2, "cpus": 1}}
    assert smallest(STACK, declared).to_dict() | {"disk": 0, "files": 0, "pids": 0} == {
        "memory": 6 * GIB + GIB // 2,
        "cpus": 6 * CORE,
        "disk": 0,
        "swap": 0,
        "pids": 0,
        "files": 0,
    }
    assert names("6656m", 6, declared) == []
    assert fit(STACK, {"memory": "6655m", "cpus": 5}, declared).shortfalls == {"memory": 2 * 1024**2, "cpus": 1000}


def test_the_disk_drops_services_too() -> None:
    stack = {
        "services": {
            "data": service("critical", "64m") | {"x-budget": {"storage": {"data": {"size": "10g"}}}},
            "logs": {"image": "example", "x-budget": {"tier": "management", "storage": {"logs": {"size": "40g"}}}},
            "small": {"image": "example", "x-budget": {"tier": "management"}},
        },
        "volumes": {"data": {}, "logs": {}},
    }
    fitting = fit(stack, {"memory": "8g", "cpus": 4, "disk": "60g"})
    assert [drop.name for drop in fitting.dropped] == ["logs"]
    assert set(fitting.shortfalls) == {"disk"}


def test_what_no_host_can_mend_is_refused() -> None:
    with pytest.raises(BudgetError, match="'1gb2' is no size"):
        smallest({"services": {"web": {"mem_limit": "1gb2"}}})
    with pytest.raises(BudgetError, match=r"capacity\.memory"):
        fit(STACK, {"cpus": 4})


@given(stacks(), st.integers(0, 600), st.sampled_from(["fit", "declared"]))
def test_what_remains_always_fits(stack: Any, memory: int, kind: str) -> None:
    policy = {**POLICY, "memory": kind}
    capacity = {"memory": GIB + 1 + memory * 1024**2, "cpus": 4}
    fitting = fit(stack, capacity, policy)
    try:
        whole = solve(stack, capacity, policy)
    except BudgetError:
        assert fitting.shortfalls
        assert fitting.dropped
    else:
        assert fitting.budget == whole
        assert (fitting.shortfalls, fitting.dropped) == ({}, ())
    least = smallest(stack, policy)
    solve(stack, {"memory": least.memory, "cpus": least.cpus // CORE}, policy)
    with pytest.raises(BudgetError):
        solve(stack, {"memory": least.memory - 1, "cpus": least.cpus // CORE}, policy)
