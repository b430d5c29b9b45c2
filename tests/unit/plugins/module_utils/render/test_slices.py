# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slices of every Budget: sums that hold in each, and what systemd makes of the figures."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.module_utils.render.slices import differing, properties, slices, unit
from hypothesis import assume, given
from hypothesis import strategies as st

GIB = 1 << 30
TIERS = ("critical", "workflow", "management")
SERVICES = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.fixed_dictionaries(
        {
            "tier": st.sampled_from(TIERS),
            "priority": st.sampled_from(["high", "medium", "low"]),
            "reservation": st.integers(6, 900),
            "more": st.integers(0, 900),
            "cpus": st.integers(0, 900),
            "pids": st.integers(1, 500),
            "replicas": st.integers(0, 3),
            "off": st.booleans(),
        }
    ),
    min_size=1,
)


def solved(services: dict[str, dict[str, Any]], memory: int = 16 * GIB, reserve_cpus: str = "0.5") -> dict[str, Any]:
    compose = {
        "services": {
            name: {
                "image": f"{name}:1",
                "deploy": {"replicas": one["replicas"]},
                "x-budget": {
                    "tier": one["tier"],
                    "priority": one["priority"],
                    "memory": {
                        "floor": "6m",
                        "reservation": f"{one['reservation']}m",
                        "request": f"{one['reservation'] + one['more']}m",
                        "swap": 0,
                    },
                    "cpus": {"reservation": one["cpus"] / 1000, "limit": 2},
                    "pids": one["pids"],
                    **({"requires": ["key"]} if one["off"] else {}),
                },
            }
            for name, one in services.items()
        }
    }
    try:
        return solve(compose, {"memory": memory, "cpus": 4}, {"reserve": {"cpus": reserve_cpus}})
    except BudgetError:
        assume(False)
        raise


@given(SERVICES, st.integers(4, 64), st.sampled_from(["0", "0.5", "2"]))
def test_the_sums_hold_in_every_slice(services: dict[str, dict[str, Any]], gibibytes: int, reserve: str) -> None:
    budget = solved(services, gibibytes * GIB, reserve)
    found = slices(budget, "ziggie")
    whole, tiers = found[""], [found[tier] for tier in TIERS]
    assert sum(tier.memory_low for tier in tiers) <= whole.memory_low <= (whole.memory_max or 0)
    assert whole.memory_max == budget.pool.memory - budget.margin
    # Never taken is what the critical tier is promised, at both levels, and nothing else.
    assert whole.memory_min == found["critical"].memory_min == found["critical"].memory_low
    assert found["workflow"].memory_min is found["management"].memory_min is None
    for tier in TIERS:
        inside = [share for share in budget.services.values() if share.tier == tier and share.enabled]
        assert sum(share.memory.reservation * share.replicas for share in inside) == found[tier].memory_low
        assert all(share.memory.reservation <= found[tier].memory_low for share in inside if share.replicas)
    running = [share for share in budget.services.values() if share.enabled]
    assert whole.pids_max == sum(share.pids * share.replicas for share in running)
    assert whole.memory_swap == sum(share.memory.swap * share.replicas for share in running)
    assert all(1 <= one.cpu_weight <= 10_000 for one in found.values())


@given(SERVICES, st.integers(4, 32))
def test_more_memory_never_shrinks_a_slice(services: dict[str, dict[str, Any]], gibibytes: int) -> None:
    small, large = (slices(solved(services, size * GIB), "ziggie") for size in (gibibytes, gibibytes + 1))
    assert all(
        (large[tier].memory_low, large[tier].memory_max or 0) >= (small[tier].memory_low, small[tier].memory_max or 0) for tier in small
    )


def stack() -> dict[str, dict[str, Any]]:
    plain = {"priority": "high", "reservation": 512, "more": 0, "cpus": 500, "pids": 100, "replicas": 1, "off": False}
    return {
        "a": {**plain, "tier": "critical"},
        "b": {**plain, "tier": "critical", "replicas": 2},
        "c": {**plain, "tier": "management", "priority": "low", "cpus": 100},
        "d": {**plain, "tier": "workflow", "off": True},
    }


def test_a_service_that_is_off_is_protected_from_nothing() -> None:
    found = slices(solved(stack()), "ziggie")
    assert found["workflow"].memory_low == 0
    assert found[""].memory_low == 4 * (512 << 20)


def test_a_tier_weighs_what_its_services_weigh_together() -> None:
    found = slices(solved(stack()), "ziggie")
    # 1024 shares for a core, times 4 for high priority: three services with half a core each.
    assert found["critical"].cpu_weight == 3 * 2048 * 100 // 1024
    assert found["management"].cpu_weight == 102 * 100 // 1024


@pytest.mark.parametrize("reserve", ["0", "0.5", "2"])
def test_the_stack_never_outweighs_the_engine(reserve: str) -> None:
    assert slices(solved(stack(), reserve_cpus=reserve), "ziggie")[""].cpu_weight == 100


def test_the_host_keeps_its_reserve_of_cpu() -> None:
    # 1 core of the pool against 3 of the host's, which have the default weight.
    assert slices(solved(stack(), reserve_cpus="3"), "ziggie")[""].cpu_weight == 33


def overcommitted(policy: dict[str, Any], *limits: tuple[str, int]) -> Budget:
    """Return a Budget of services with these tiers and limits (MiB), on a pool of 4 GiB."""
    services = {
        f"{tier}-{number}": {"image": "i", "mem_limit": f"{limit}m", "mem_reservation": "64m", "x-budget": {"tier": tier}}
        for number, (tier, limit) in enumerate(limits)
    }
    plain = {"memory": "declared", "overcommit": {"memory": 8}, "reserve": {"memory": 0}, "margin": {"memory": 0}}
    return solve({"services": services}, {"memory": 4 * GIB, "cpus": 4}, plain | policy)


@given(st.lists(st.tuples(st.sampled_from(TIERS), st.integers(64, 8192)), min_size=1, max_size=3))
def test_lower_tiers_are_slowed_before_the_pool_is_gone(limits: list[tuple[str, int]]) -> None:
    found = slices(overcommitted({"memory_high": "lower"}, *limits), "ziggie")
    sums = {tier: sum(limit << 20 for one, limit in limits if one == tier) for tier in TIERS}
    room = max(0, 4 * GIB - sums["critical"])
    assert found[""].memory_high is found["critical"].memory_high is None
    highs = {tier: found[tier].memory_high for tier in ("workflow", "management")}
    assert {tier for tier, high in highs.items() if high is not None} == (
        {tier for tier in highs if sums[tier]} if sums["workflow"] + sums["management"] > room else set()
    )
    for tier, high in highs.items():
        assert high is None or found[tier].memory_low <= high <= sums[tier]
    assert sum(high - found[tier].memory_low for tier, high in highs.items() if high) <= room


def test_nothing_is_slowed_unless_the_policy_says_so() -> None:
    limits = (("critical", 2048), ("workflow", 3072), ("management", 1024))
    assert "MemoryHigh" not in str([properties(one, "") for one in slices(overcommitted({}, *limits), "ziggie").values()])
    found = slices(overcommitted({"memory_high": "lower"}, *limits), "ziggie")
    assert properties(found["workflow"], "")["MemoryHigh"] == 3 * GIB // 2
    assert properties(found["management"], "")["MemoryHigh"] == GIB // 2
    assert differing(found["workflow"], {**found["workflow"].to_dict(), "memory_high": 0}, weighed=False) == [
        f"memory_high is 0, not {3 * GIB // 2}"
    ]


def bfq(io_weight: int) -> int:
    """Systemd's own arithmetic (BFQ_WEIGHT in src/basic/cgroup-util.h, for weights from 100)."""
    return 100 + (io_weight - 100) * (1000 - 100) // (10_000 - 100)


def written(scheduler: str) -> dict[str, str]:
    return {one.name: str(properties(one, scheduler).get("IOWeight", "")) for one in slices(solved(stack()), "ziggie").values()}


@pytest.mark.parametrize(("tier", "weight"), [("critical", 800), ("workflow", 600), ("management", 200)])
def test_each_scheduler_gets_the_tiers_weight(tier: str, weight: int) -> None:
    assert bfq(int(written("bfq")[f"ziggie-{tier}.slice"])) == weight
    assert written("cost")[f"ziggie-{tier}.slice"] == str(weight)
    assert written("")[f"ziggie-{tier}.slice"] == ""


def test_a_unit_as_it_is_written() -> None:
    whole = slices(solved(stack()), "my-stack")[""]
    assert whole.name == "my\\x2dstack.slice"
    assert unit(whole, "", "bfq").splitlines() == [
        "# Written by ziggie.stack; changes here are overwritten.",
        "[Unit]",
        "Description=Containers of the stack",
        "[Slice]",
        f"MemoryMax={14 * GIB - (200 << 20)}",
        f"MemoryMin={3 * GIB // 2}",
        f"MemoryLow={2 * GIB}",
        "MemorySwapMax=0",
        "TasksMax=400",
        "CPUWeight=100",
        "IOWeight=100",
    ]


def test_the_order_of_death_holds_for_every_process_below_45_percent_of_the_host() -> None:
    # oom_badness: what a process uses, and a thousandth of the host's memory for each point.
    budget, total = solved(stack()), 16 * GIB
    scores = {share.tier: share.oom_score_adj for share in budget.services.values()}
    for sooner, later in (("management", "workflow"), ("workflow", "critical")):
        assert scores[sooner] * total // 1000 >= scores[later] * total // 1000 + total * 45 // 100
    assert min(scores.values()) > 0


def test_what_a_slice_should_hold_and_does_not() -> None:
    whole = slices(solved(stack()), "ziggie")[""]
    live = whole.to_dict()
    assert differing(whole, {**live, "memory_max": live["memory_max"] - 4095}, weighed=True) == []
    assert differing(whole, {**live, "cpu_weight": 1, "io_weight": 5}, weighed=False) == ["cpu_weight is 1, not 100"]
    # Where the kernel does not count swap there is no file of it, and none to lack.
    assert len(differing(whole, {}, weighed=True)) == len(live) - 1
    unlimited = (1 << 63) - 1
    assert differing(whole, {**live, "memory_swap": unlimited}, weighed=True) == [f"memory_swap is {unlimited}, not 0"]
