# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slices and what they protect: each fault on its own turns its own check."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.host.units import slice_name
from ansible_collections.ziggie.stack.plugins.module_utils.render.slices import slices
from ansible_collections.ziggie.stack.plugins.module_utils.validate.slices import checks

MIB = 1 << 20


@pytest.fixture(name="sliced")
def _sliced() -> dict[str, Any]:
    memory = {"floor": "64m", "reservation": "128m", "request": "256m"}
    compose = {"services": {"db": {"image": "db:1", "x-budget": {"tier": "critical", "memory": memory}}}}
    budget = solve(compose, {"memory": "16g", "cpus": 4}).to_dict()
    wanted = slices(budget, "ziggie")
    return {
        "budget": budget,
        "slices": {
            tier: {"name": slice_name("ziggie", tier), "live": one.to_dict() if tier in ("", "critical") else {}}
            for tier, one in wanted.items()
        },
        "containers": [
            {
                "service": "db",
                "subject": "db",
                "state": "running",
                "cgroup_parent": "ziggie-critical.slice",
                "limits": {"io_weight": 800},
                "protection": {"low": 128 * MIB, "effective": 128 * MIB, "by": "docker-1.scope"},
            }
        ],
    }


def turned(live: dict[str, Any]) -> dict[str, str]:
    return {check.path: check.outcome for check in checks(live) if check.outcome != "pass"}


def said(live: dict[str, Any]) -> str:
    return next(check.sentence for check in checks(live) if check.outcome != "pass")


def test_what_is_well_passes(sliced: dict[str, Any]) -> None:
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
def test_a_figure_that_is_not_the_budgets_fails(sliced: dict[str, Any], tier: str, key: str, value: int) -> None:
    sliced["slices"][tier]["live"][key] = value
    assert turned(sliced) == {f"compliance.slice[{slice_name('ziggie', tier)}]": "fail"}
    assert f"{key} is {value}, not" in said(sliced)


def test_the_kernel_counts_memory_in_pages(sliced: dict[str, Any]) -> None:
    sliced["slices"][""]["live"]["memory_max"] -= 4095
    assert turned(sliced) == {}


def test_io_weights_count_where_they_act_and_as_bfq_holds_them(sliced: dict[str, Any]) -> None:
    live = sliced["slices"]["critical"]["live"]
    live |= {"io_weight": 7800, "io_bfq_weight": 800}
    assert turned(sliced) == {}
    live["io_bfq_weight"] = 163
    assert turned(sliced) == {"compliance.slice[ziggie-critical.slice]": "fail"}
    sliced["containers"][0]["limits"]["io_weight"] = 0
    assert turned(sliced) == {}


def test_a_container_that_is_not_protected_fails_and_names_who_bounds_it(sliced: dict[str, Any]) -> None:
    sliced["containers"][0]["protection"] |= {"effective": 0, "by": "ziggie.slice"}
    assert turned(sliced) == {"compliance.protection[db]": "fail"}
    assert "its reservation is 128 MiB, and ziggie.slice protects no more than 0 MiB" in said(sliced)


def test_what_cannot_be_read_is_unknown(sliced: dict[str, Any]) -> None:
    sliced["slices"]["critical"]["live"] = {}
    sliced["containers"][0]["protection"] = {}
    assert set(turned(sliced).values()) == {"unknown"}
    assert len(turned(sliced)) == 2


def test_where_no_container_lies_in_a_slice_nothing_is_judged(sliced: dict[str, Any]) -> None:
    sliced["containers"][0]["cgroup_parent"] = "batch.slice"
    assert list(checks(sliced)) == []
