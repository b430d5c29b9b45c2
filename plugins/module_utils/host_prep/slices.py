# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit files of a stack's slices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..budget.model import Budget
from ..host.codes import SLICE_TAKEN
from ..host.facts import Facts
from ..problems import Finding
from ..render.slices import Slice, differing, properties, slices, unit
from ..tiers import TIERS
from .document import DAEMON_RELOAD, Document, in_force
from .paths import slice_unit

# A running slice keeps a property that is gone from its unit.
_LIFTED = {"MemoryHigh": "infinity"}
_EFFECT = "the limits of the group change in place; nothing restarts"


def documents(budget: Budget | None, facts: Facts, *, wanted: bool, scheduler: str) -> list[Document]:
    """Return the slices, or none where they are not wanted. One that runs with other figures than its unit's is given them again."""
    if not (wanted and budget):
        paths = [slice_unit(facts.project, tier) for tier in ("", *TIERS)]
        return [Document(path=path, content=None, apply=(DAEMON_RELOAD,), effect=_EFFECT) for path in paths]
    return [
        Document(
            path=slice_unit(facts.project, tier),
            content=unit(one, tier, scheduler),
            apply=(in_force(one.name, {**_LIFTED, **properties(one, scheduler)}), DAEMON_RELOAD),
            due=_drifted(one, facts.slices[tier].live if tier in facts.slices else {}, scheduler),
            effect=_EFFECT,
        )
        for tier, one in slices(budget, facts.project).items()
    ]


def taken(facts: Facts) -> Iterator[Finding]:
    """Yield a finding for every slice of the stack that something else uses: its unit is not ours, or it runs without a unit."""
    for one in facts.slices.values():
        foreign = one.file and not one.ours
        # Without a unit systemd makes a slice up when something is started in it.
        used = not one.file and one.live and not facts.own
        if foreign or used:
            yield Finding(
                code=SLICE_TAKEN,
                severity="error",
                path=f"host:{one.file or one.name}",
                message=f"the stack {facts.project} needs the slice {one.name}, which "
                + ("has a unit that is not the stack's" if foreign else "other programs already run in"),
                fix="give the stack another stack_project, move the unit away, or set stack_host.slices to false",
            )


def _drifted(one: Slice, live: Mapping[str, int], scheduler: str) -> bool:
    # Nothing is live where nothing runs; what is started gets the unit's figures.
    return bool(live) and bool(differing(one, live, weighed=bool(scheduler)))
