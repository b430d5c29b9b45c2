# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit files of a stack's slices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..host.units import TIERS, slice_name
from ..render.slices import Slice, differing, properties, slices, unit
from .document import DAEMON_RELOAD, Document, in_force

PLACE = "/etc/systemd/system"


def documents(budget: Mapping[str, Any], facts: Mapping[str, Any], project: str, *, wanted: bool, scheduler: str) -> list[Document]:
    """Return the slices, or none where they are not wanted. One that runs with other figures than its unit's is given them anew."""
    if not (wanted and budget):
        names = [slice_name(project, tier) for tier in ("", *TIERS)]
        return [Document(path=f"{PLACE}/{name}", content=None, apply=(DAEMON_RELOAD,)) for name in names]
    return [
        Document(
            path=f"{PLACE}/{one.name}",
            content=unit(one, tier, scheduler),
            apply=(in_force(one.name, properties(one, scheduler)), DAEMON_RELOAD),
            due=_drifted(one, facts["slices"][tier]["live"], scheduler),
        )
        for tier, one in slices(budget, project).items()
    ]


def _drifted(one: Slice, live: Mapping[str, int], scheduler: str) -> bool:
    # Nothing is live where nothing runs; what is started gets the unit's figures.
    return bool(live) and bool(differing(one, live, weighed=bool(scheduler)))
