# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the way of preparing a host, found before anything on it is touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..budget.problems import Finding
from ..host.codes import SLICE_TAKEN


def taken(facts: Mapping[str, Any], project: str) -> Iterator[Finding]:
    """Yield a finding for every slice of the stack that is somebody else's: its unit is not ours, or others run in it without one."""
    if not facts["capabilities"]["slices"]:
        return
    for one in facts["slices"].values():
        foreign = one["file"] and not one["ours"]
        # Without a unit systemd makes a slice up when something is started in it.
        used = not one["file"] and one["live"] and not facts["engine"]["containers"]
        if foreign or used:
            yield Finding(
                code=SLICE_TAKEN,
                severity="error",
                path=f"host:{one['file'] or one['name']}",
                message=f"the stack {project} needs the slice {one['name']}, which "
                + ("has a unit that is not the stack's" if foreign else "others already run in"),
                fix="give the stack another stack_project, move the unit away, or set stack_host.slices to false",
            )
