# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel holds of the Budget, read from the files of its control groups."""

from __future__ import annotations

from typing import Any

import pytest
from machine import ask, inspect

TIERS = ("critical", "workflow", "management")
_FILES = ("memory.max", "memory.low", "cpu.weight", "io.bfq.weight")


@pytest.fixture(name="held", scope="module")
def _held() -> dict[str, dict[str, int]]:
    """Return the figures of every control group of the stack, by its path; what has no limit is 0."""
    named = " -o ".join(f"-name {name}" for name in _FILES)
    found: dict[str, dict[str, int]] = {}
    for line in ask(f"cd /sys/fs/cgroup && find ziggie.slice \\( {named} \\) -exec grep -H . {{}} +").splitlines():
        path, _colon, value = line.partition(":")
        group, _slash, name = path.rpartition("/")
        figure = value.split()[-1]
        found.setdefault(group, {})[name] = 0 if figure == "max" else int(figure)
    return found


@pytest.fixture(name="processes", scope="module")
def _processes() -> dict[str, tuple[str, int]]:
    """Return each container's control group and what its first process's death is worth to the kernel, by service."""
    pids = {name: container["State"]["Pid"] for name, container in inspect().items()}
    lines = ask(
        "; ".join(f"echo $(sed 's/^0:://' /proc/{pid}/cgroup) $(cat /proc/{pid}/oom_score_adj)" for pid in pids.values())
    ).splitlines()
    return {name: (group.strip("/"), int(score)) for name, (group, score) in zip(pids, (line.split() for line in lines), strict=True)}


def running(budget: dict[str, Any], tier: str) -> list[dict[str, Any]]:
    return [service for service in budget["services"].values() if service["enabled"] and service["tier"] == tier]


def reserved(budget: dict[str, Any], tier: str) -> int:
    return sum(service["memory"]["reservation"] * service["replicas"] for service in running(budget, tier))


def test_the_stack_can_use_the_pool_without_its_margin(budget: dict[str, Any], held: dict[str, dict[str, int]]) -> None:
    assert held["ziggie.slice"]["memory.max"] == budget["pool"]["memory"] - budget["margin"]["memory"]


def test_the_stack_is_promised_all_its_reservations(budget: dict[str, Any], held: dict[str, dict[str, int]]) -> None:
    promised = sum(reserved(budget, tier) for tier in TIERS)
    assert promised > 0
    assert held["ziggie.slice"]["memory.low"] == promised


@pytest.mark.parametrize("tier", TIERS)
def test_a_tier_is_promised_its_services_reservations(budget: dict[str, Any], held: dict[str, dict[str, int]], tier: str) -> None:
    assert held[f"ziggie.slice/ziggie-{tier}.slice"]["memory.low"] == reserved(budget, tier) > 0


@pytest.mark.parametrize("name", ["cpu.weight", "io.bfq.weight"])
def test_a_tier_before_another_weighs_more(held: dict[str, dict[str, int]], name: str) -> None:
    weights = [held[f"ziggie.slice/ziggie-{tier}.slice"][name] for tier in TIERS]
    assert weights[0] > weights[1] > weights[2] > 0


def test_every_container_lies_in_its_tiers_slice_with_the_budgets_figures(
    budget: dict[str, Any], held: dict[str, dict[str, int]], processes: dict[str, tuple[str, int]]
) -> None:
    wrong = {}
    for name, (group, _score) in processes.items():
        service = budget["services"][name]
        found = (group.rpartition("/")[0], *(held[group][file] for file in ("memory.max", "memory.low", "io.bfq.weight")))
        memory = service["memory"]
        wanted = (f"ziggie.slice/ziggie-{service['tier']}.slice", memory["limit"], memory["reservation"], service["io"]["weight"])
        if found != wanted:
            wrong[name] = (found, wanted)
    assert len(processes) == sum(service["enabled"] for service in budget["services"].values())
    assert wrong == {}


def test_the_order_of_death_is_management_workflow_critical(budget: dict[str, Any], processes: dict[str, tuple[str, int]]) -> None:
    scores: dict[str, set[int]] = {tier: set() for tier in TIERS}
    for name, (_group, score) in processes.items():
        scores[budget["services"][name]["tier"]].add(score)
    assert min(scores["management"]) > max(scores["workflow"])
    assert min(scores["workflow"]) > max(scores["critical"])
