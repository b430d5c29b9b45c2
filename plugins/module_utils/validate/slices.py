# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the stack's slices hold what the Budget says, and protect what lies in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..render.slices import Slice, differing, same, slices
from ..units import mib
from .check import Check, failed, judged, unknown
from .live import Live, Named
from .state import REDEPLOY


def checks(live: Live) -> Iterator[Check]:
    """Judge each slice that containers lie in, and each of these containers; where none do there is nothing to judge."""
    names = {one.name: tier for tier, one in live.slices.items()}
    inside = [one for one in live.containers if names.get(one.container.cgroup_parent)]
    if not inside or live.budget is None:
        return
    wanted = slices(live.budget, "")
    weighed = any(one.container.limits.io_weight for one in inside)
    for tier in ("", *sorted({names[one.container.cgroup_parent] for one in inside})):
        there = live.slices[tier]
        yield _slice(wanted[tier], there.name, there.live, weighed=weighed)
    for one in inside:
        service = live.budget.services.get(one.container.service)
        if service and one.container.state == "running":
            yield _protected(one, service.memory.reservation)


def _slice(one: Slice, name: str, live: Mapping[str, int], *, weighed: bool) -> Check:
    if not live:
        return unknown("compliance.slice", name, sentence="the kernel's files of the slice cannot be read")
    wrong = differing(one, live, weighed=weighed)
    return judged("compliance.slice", name, well=not wrong, figure=f"{len(wrong)} differ", sentence=f"{', '.join(wrong)}; {REDEPLOY}")


def _protected(one: Named, reservation: int) -> Check:
    name, found = one.subject, one.container.protection
    if found is None:
        return unknown("compliance.protection", name, sentence="the kernel's files of its control group cannot be read")
    if same("memory", reservation, found.effective) or found.effective > reservation:
        return judged("compliance.protection", name, well=True, figure=mib(found.effective), sentence="")
    return failed(
        "compliance.protection",
        name,
        figure=mib(found.effective),
        sentence=f"its reservation is {mib(reservation)}, and {found.by} protects no more than {mib(found.effective)} of it; {REDEPLOY}",
    )
