# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws of a budget, on generated stacks."""

from __future__ import annotations

import copy
import functools
import gc
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget import codes
from ansible_collections.ziggie.stack.plugins.module_utils.budget import solve as solve_module
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack
from ansible_collections.ziggie.stack.plugins.module_utils.units import MIB
from ansible_collections.ziggie.stack.tests.bench.core.stack import capacity, stack
from ansible_collections.ziggie.stack.tests.unit.effort import calls, growth
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.strategies import CAPACITIES, POLICIES, guarded_stacks
from hypothesis import given
from hypothesis import strategies as st


def on(budget: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the services that run."""
    return [service for service in budget["services"].values() if service["enabled"]]


def off(budget: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the services whose credentials are missing."""
    return [service for service in budget["services"].values() if not service["enabled"]]


def budget_of(stack: Any, capacity: Any, policy: Any = None) -> dict[str, Any]:
    return solve(stack, capacity, policy).to_dict()


@given(guarded_stacks(), CAPACITIES, POLICIES)
def test_law_1_limits_stay_in_the_pool_and_in_order(stack: Any, capacity: Any, policy: Any) -> None:
    budget = budget_of(stack, capacity, policy)
    total = budget["totals"]["all"]
    assert total["memory"]["limit"] + budget["totals"]["unallocated"]["memory"] == budget["pool"]["memory"] - budget["margin"]["memory"]
    assert budget["totals"]["unallocated"]["memory"] >= 0
    assert total["memory"]["reservation"] <= total["memory"]["limit"]
    assert total["cpus"]["reservation"] <= budget["pool"]["cpus"]
    assert all((service["memory"]["limit"], service["disk"]) == (0, 0) for service in off(budget))
    for service in on(budget):
        memory, cpus = service["memory"], service["cpus"]
        assert memory["floor"] <= memory["limit"]
        assert memory["limit"] <= memory["request"] or not memory["bounded"]
        assert memory["reservation"] <= memory["limit"]
        assert cpus["reservation"] <= cpus["limit"] <= budget["capacity"]["cpus"]
        assert cpus["quota"] in (None, cpus["limit"])
        assert 2 <= cpus["shares"] <= 262_144


@given(guarded_stacks(), CAPACITIES, st.integers(1, 600 * MIB))
def test_law_2_more_memory_gives_nobody_less(stack: Any, capacity: Any, more: int) -> None:
    before = budget_of(stack, capacity)["services"]
    after = budget_of(stack, {**capacity, "memory": capacity["memory"] + more})["services"]
    assert all(after[name]["memory"]["limit"] >= service["memory"]["limit"] for name, service in before.items())


@given(guarded_stacks(), CAPACITIES, st.data())
def test_law_2_a_higher_priority_gives_no_less(stack: Any, capacity: Any, data: st.DataObject) -> None:
    before = budget_of(stack, capacity)["services"]
    name = data.draw(st.sampled_from(sorted(before)))
    raised = json.loads(json.dumps(stack))
    raised["services"][name]["x-budget"] = {**(stack["services"][name].get("x-budget") or {}), "priority": "high"}
    after = budget_of(raised, capacity)["services"]
    assert after[name]["memory"]["limit"] >= before[name]["memory"]["limit"]


@given(guarded_stacks(), CAPACITIES, POLICIES)
def test_law_2_the_order_of_input_never_matters(stack: Any, capacity: Any, policy: Any) -> None:
    turned = {**stack, "services": dict(reversed(stack["services"].items()))}
    assert json.dumps(budget_of(turned, capacity, policy)) == json.dumps(budget_of(stack, capacity, policy))


@given(guarded_stacks(), st.integers(0, 400 * MIB))
def test_law_3_there_is_an_answer_or_an_exact_shortfall(stack: Any, usable: int) -> None:
    policy = {"reserve": {"memory": "1g", "cpus": 0}, "margin": {"memory": 7}}
    memory = 1024 * MIB + 7 + max(1, usable)
    try:
        solve(stack, {"memory": memory, "cpus": 4}, policy)
    except BudgetError as error:
        (problem,) = [finding for finding in error.findings if finding.severity == "error"]
        assert problem.code == codes.FLOORS_ABOVE_POOL
        assert problem.amount is not None
        solve(stack, {"memory": memory + problem.amount, "cpus": 4}, policy)
        with pytest.raises(BudgetError):
            solve(stack, {"memory": memory + problem.amount - 1, "cpus": 4}, policy)


@given(guarded_stacks(), CAPACITIES, POLICIES)
def test_law_4_what_is_needed_is_given(stack: Any, capacity: Any, policy: Any) -> None:
    budget = budget_of(stack, capacity, policy)
    hungry = [
        service
        for service in on(budget)
        if service["memory"]["limit"] < service["memory"]["request"] or (service["replicas"] and not service["memory"]["bounded"])
    ]
    most = max((service["replicas"] for service in hungry), default=1)
    assert not hungry or budget["totals"]["unallocated"]["memory"] < MIB * max(most, 1)


@given(guarded_stacks(), CAPACITIES, POLICIES)
def test_a_service_that_is_off_changes_nothing_for_the_others(stack: Any, capacity: Any, policy: Any) -> None:
    budget = solve(stack, capacity, policy)
    running = {name: service for name, service in stack["services"].items() if budget.services[name].enabled}
    alone = solve({**stack, "services": running}, capacity, policy)
    assert {name: share for name, share in budget.services.items() if share.enabled} == alone.services
    assert budget.total == alone.total


@given(guarded_stacks(), CAPACITIES)
def test_some_core_is_left_for_everybody(stack: Any, capacity: Any) -> None:
    budget = budget_of(stack, capacity, {"cpuset": "critical"})
    host = capacity.get("cores", max(1, budget["capacity"]["cpus"] // 1000))
    tiers = {service["tier"] for service in on(budget)}
    for service in on(budget):
        cores = service["cpus"]["cores"]
        if service["tier"] == "critical" or host == 1 or "critical" not in tiers:
            assert cores is None
        else:
            assert 1 <= cores < host


@given(guarded_stacks(), CAPACITIES, POLICIES)
def test_every_number_is_explained(stack: Any, capacity: Any, policy: Any) -> None:
    for service in budget_of(stack, capacity, policy)["services"].values():
        numbers = [f"{group}.{name}" for group in ("memory", "cpus", "io") for name in service[group] if name not in ("asked", "bounded")]
        assert {*numbers, "pids", "oom_score_adj"} <= set(service["explain"])
        assert all(service["explain"].values())


@given(guarded_stacks(), CAPACITIES, POLICIES)
def test_the_policy_of_a_budget_gives_the_same_budget(stack: Any, capacity: Any, policy: Any) -> None:
    budget = budget_of(stack, capacity, policy)
    assert budget_of(stack, capacity, budget["policy"]) == budget
    assert json.loads(json.dumps(budget)) == budget


@given(guarded_stacks(), CAPACITIES, POLICIES)
def test_law_8_a_budget_that_is_read_back_is_the_same(stack: Any, capacity: Any, policy: Any) -> None:
    plain = budget_of(stack, capacity, policy)
    budget = Budget.from_dict(json.loads(json.dumps(plain)))
    assert budget.to_dict() == plain
    assert Budget.from_dict(budget.to_dict()) == budget


def test_a_budget_that_is_broken_is_refused_with_the_path() -> None:
    plain = solve({"services": {"web": {"image": "web"}}}, {"memory": "8g", "cpus": 2, "disk": "50g"}).to_dict()
    for path, value, sentence in (
        ("services.web.memory.limit", "512m", "services.web.memory.limit: expected a whole number, got '512m'"),
        ("services.web.memory.limit", True, "services.web.memory.limit: expected a whole number, got True"),
        ("services.web", None, "services.web: expected a mapping"),
        ("services.web.memory.lmit", 3, "services.web.memory.lmit: nothing reads this key"),
        ("policy.memory", "most", "policy.memory: 'most' is none of"),
        ("totals.disks.disk.images", [], "totals.disks.disk.images: expected a whole number, got []"),
        ("findings", {}, "findings: expected a list, got {}"),
        ("format", 1, "format: expected"),
    ):
        broken = copy.deepcopy(plain)
        *above, last = path.split(".")
        functools.reduce(lambda mapping, key: mapping[key], above, broken)[last] = value
        with pytest.raises(ValueError, match=re.escape(sentence)):
            Budget.from_dict(broken)


def test_law_7_work_grows_as_the_stack() -> None:
    assert growth(_work, 200, 1600) < 1.15


def test_law_7_a_service_costs_few_calls() -> None:
    """1,300 calls of each service took half as long again as the two seconds that 10,000 of them are held to (tests/bench/core)."""
    compose, host = stack(400), capacity(400)
    solve(compose, host)
    assert calls(lambda: compile_stack(compose, solve(compose, host))) / 400 < 900


def test_no_collector_of_cycles_walks_a_budget_that_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(solve_module, "parse_stack", lambda *_given: seen.append(gc.isenabled()))
    with pytest.raises(TypeError):
        solve(stack(1), capacity(1))
    assert (seen, gc.isenabled()) == ([False], True)


def _work(size: int) -> Callable[[], Any]:
    tuners = ("postgres", "redis", "node", "go", None)
    stack: dict[str, Any] = {"services": {}}
    for number in range(size):
        memory = {"floor": f"{300 + number % 37}m", "reservation": "64m", "request": f"{400 + number % 1013}m"}
        tuner = tuners[number % 5]
        stack["services"][f"service-{number}"] = {
            "image": "example",
            "x-budget": {
                "tier": ("critical", "workflow", "management")[number % 3],
                "memory": memory,
                "cpus": {"limit": 0.5, "reservation": 0.1},
                **({"tuning": {"tuner": tuner}} if tuner else {}),
            },
        }
    return lambda: solve(stack, {"memory": size * 600 * MIB, "cpus": 2000})
