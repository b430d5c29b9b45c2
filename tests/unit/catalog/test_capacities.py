# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalog's stack from 2 to 256 GiB and from 1 to 64 cores: it fits, or what is missing is said to the byte."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget import codes
from ansible_collections.ziggie.stack.plugins.module_utils.budget.capacities import fit, smallest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError, Finding
from ansible_collections.ziggie.stack.plugins.module_utils.render.capacities import page
from ansible_collections.ziggie.stack.plugins.module_utils.units import CORE, GIB

PAGE = Path(__file__).resolve().parents[3] / "docs/capacities.md"
SIZES = (2, 3, 4, 6, 8, 12, 14, 15, 16, 24, 32, 48, 64, 96, 128, 192, 256)
CORES = (1, 2, 3, 4, 8, 16, 32, 64)
TIERS = ("critical", "workflow", "management")


def host(size: int, cpus: int) -> dict[str, Any]:
    return {"memory": size * GIB * 15_974 // 16_384, "cpus": cpus}


def test_the_page_is_current(stack: dict[str, Any]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(stack), "write it anew: .venv/bin/python tools/capacities-page"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cpus", CORES)
def test_a_host_holds_the_stack_or_lacks_an_exact_amount(stack: dict[str, Any], size: int, cpus: int) -> None:
    capacity = host(size, cpus)
    fitting = fit(stack, capacity)
    try:
        budget = solve(stack, capacity)
    except BudgetError as error:
        amounts = [finding.amount for finding in error.findings if finding.severity == "error" and finding.amount]
        assert max(amounts) <= fitting.shortfalls["memory"]
        enough = {**capacity, "memory": capacity["memory"] + fitting.shortfalls["memory"]}
        assert solve(stack, enough).capacity.memory == fitting.smallest.memory
        with pytest.raises(BudgetError):
            solve(stack, {**enough, "memory": enough["memory"] - 1})
        assert fitting.dropped
        return
    assert fitting.shortfalls == {}
    assert fitting.dropped == ()
    assert fitting.budget == budget
    assert capacity["memory"] >= fitting.smallest.memory


@pytest.mark.parametrize("size", SIZES)
def test_what_remains_fits_and_nothing_that_went_would_fit_as_well(stack: dict[str, Any], size: int) -> None:
    fitting = fit(stack, host(size, 4))
    gone = [drop.name for drop in fitting.dropped]
    kept = [] if fitting.budget is None else list(fitting.budget.services)
    assert sorted([*gone, *kept]) == sorted(stack["services"])
    for drop in fitting.dropped:
        assert not drop.needs or drop.needs in gone
        if kept and not drop.needs:
            again = {**stack, "services": {name: stack["services"][name] for name in (*kept, drop.name)}}
            with pytest.raises(BudgetError):
                solve(again, host(size, 4))
    for name in kept:
        assert not set(stack["services"][name].get("depends_on", {})) & set(gone)


def test_the_smallest_host_holds_all_and_scales_nothing(stack: dict[str, Any]) -> None:
    least = smallest(stack).to_dict()
    capacity = {**least, "cpus": least["cpus"] // CORE}
    alone = solve(stack, {name: capacity[name] for name in ("memory", "cpus", "disk")}).findings
    # What turning a service on lacks is another thing.
    assert _on(solve(stack, capacity).findings) == _on(alone)
    assert not [finding for finding in solve(stack, capacity).findings if finding.path == "capacity.cpus"]
    for name in ("memory", "disk", "pids", "files"):
        with pytest.raises(BudgetError):
            solve(stack, {**capacity, name: capacity[name] - 1})


def _on(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.code != codes.SERVICE_OFF]


def test_every_dimension_of_the_catalog_fits_the_reports_host(stack: dict[str, Any]) -> None:
    # 200 GB of which ext4 keeps a part for itself and for root; the kernel's own maximum of pids on 64 bits.
    budget = solve(stack, {**host(16, 4), "disk": 186_000_000_000, "swap": 0, "pids": 4_194_304, "files": 9_223_372_036_854_775_807})
    on = [share for share in budget.services.values() if share.enabled]
    assert all(share.disk == sum(volume.request or 0 for volume in share.storage.values()) for share in on)
    assert budget.to_dict()["totals"]["connections"]["postgres"] == {"asked": 88, "offered": 97}
