# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slices and what they protect: each fault on its own turns its own check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import Changes, TierChange
from ansible_collections.ziggie.stack.plugins.module_utils.engine.cgroup import Protection
from ansible_collections.ziggie.stack.plugins.module_utils.host.slices import SliceState
from ansible_collections.ziggie.stack.plugins.module_utils.limits import Limits
from ansible_collections.ziggie.stack.plugins.module_utils.render.slices import slices
from ansible_collections.ziggie.stack.plugins.module_utils.systemd import slice_name
from ansible_collections.ziggie.stack.plugins.module_utils.tiers import TIERS
from ansible_collections.ziggie.stack.plugins.module_utils.validate.live import Live, Named
from ansible_collections.ziggie.stack.plugins.module_utils.validate.slices import checks
from ansible_collections.ziggie.stack.tests.unit.samples import MIB, container

PROTECTED = Protection(low=128 * MIB, effective=128 * MIB, by="docker-1.scope")


@pytest.fixture(name="sliced")
def _sliced() -> Live:
    memory = {"floor": "64m", "reservation": "128m", "request": "256m"}
    compose = {"services": {"db": {"image": "db:1", "x-budget": {"tier": "critical", "memory": memory}}}}
    budget = solve(compose, {"memory": "16g", "cpus": 4})
    nothing = TierChange(deploy=(), recreate=(), limits=(), wait=())
    return Live(
        budget=budget,
        unread="",
        slices={
            tier: SliceState(name=slice_name("ziggie", tier), live=one.to_dict() if tier in ("", "critical") else {})
            for tier, one in slices(budget, "ziggie").items()
        },
        containers=(Named(subject="db", container=container("db", cgroup_parent="ziggie-critical.slice", protection=PROTECTED)),),
        changes=Changes(services={}, tiers=dict.fromkeys(TIERS, nothing), create=(), orphans=()),
        volumes={},
        release_changed=None,
        now=0.0,
    )


def other(live: Live, **changes: Any) -> Live:
    """Let the container be otherwise."""
    [one] = live.containers
    return replace(live, containers=(replace(one, container=replace(one.container, **changes)),))


def holds(live: Live, tier: str, **figures: int) -> Live:
    """Let a slice hold other figures."""
    state = live.slices[tier]
    return replace(live, slices={**live.slices, tier: replace(state, live={**state.live, **figures})})


def turned(live: Live) -> dict[str, str]:
    return {check.path: check.outcome for check in checks(live) if check.outcome != "pass"}


def said(live: Live) -> str:
    return next(check.sentence for check in checks(live) if check.outcome != "pass")


def test_what_is_well_passes(sliced: Live) -> None:
    assert [check.path for check in checks(sliced)] == [
        "compliance.slice[ziggie.slice]",
        "compliance.slice[ziggie-critical.slice]",
        "compliance.protection[db]",
    ]
    assert turned(sliced) == {}


@pytest.mark.parametrize(
    ("tier", "key", "value"),
    [("", "memory_max", 0), ("", "memory_low", 1 << 30), ("", "pids_max", 1), ("critical", "cpu_weight", 1), ("critical", "memory_low", 0)],
)
def test_a_figure_that_is_not_the_budgets_fails(sliced: Live, tier: str, key: str, value: int) -> None:
    sliced = holds(sliced, tier, **{key: value})
    assert turned(sliced) == {f"compliance.slice[{slice_name('ziggie', tier)}]": "fail"}
    assert f"{key} is {value}, not" in said(sliced)


def test_the_kernel_counts_memory_in_pages(sliced: Live) -> None:
    assert turned(holds(sliced, "", memory_max=sliced.slices[""].live["memory_max"] - 4095)) == {}


def test_io_weights_count_where_they_act_and_as_bfq_holds_them(sliced: Live) -> None:
    assert turned(holds(sliced, "critical", io_weight=7800, io_bfq_weight=800)) == {}
    sliced = holds(sliced, "critical", io_weight=7800, io_bfq_weight=163)
    assert turned(sliced) == {"compliance.slice[ziggie-critical.slice]": "fail"}
    assert turned(other(sliced, limits=Limits())) == {}


def test_a_container_that_is_not_protected_fails_and_names_who_bounds_it(sliced: Live) -> None:
    sliced = other(sliced, protection=replace(PROTECTED, effective=0, by="ziggie.slice"))
    assert turned(sliced) == {"compliance.protection[db]": "fail"}
    assert "its reservation is 128 MiB, and ziggie.slice protects no more than 0 MiB" in said(sliced)


def test_what_cannot_be_read_is_unknown(sliced: Live) -> None:
    sliced = replace(sliced, slices={**sliced.slices, "critical": replace(sliced.slices["critical"], live={})})
    sliced = other(sliced, protection=None)
    assert set(turned(sliced).values()) == {"unknown"}
    assert len(turned(sliced)) == 2


def test_where_no_container_lies_in_a_slice_nothing_is_judged(sliced: Live) -> None:
    sliced = other(sliced, cgroup_parent="batch.slice")
    assert list(checks(sliced)) == []
