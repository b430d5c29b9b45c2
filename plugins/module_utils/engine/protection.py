# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of a container's memory the kernel really protects.

A group is protected as far as each of its ancestors is (cgroup-v2.rst, memory.low), so the least of all of them counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .group import CGROUPS, PROC, Group

_EVERYTHING = (1 << 63) - 1


def protection(container: Mapping[str, Any], *, proc: Path = PROC, cgroups: Path = CGROUPS) -> dict[str, Any]:
    """Return of a container, as the engine describes it, `low` and `effective` in bytes and `by`, the group that bounds it.

    Empty where it does not run or the kernel knows no protection (cgroup v1).
    """
    pid = container["State"].get("Pid")
    group = Group.of(pid, proc=proc, cgroups=cgroups) if pid else None
    lows = [(name, _bytes(text)) for name, text in group.lineage("memory.low") if text] if group else []
    if not lows:
        return {}
    by, effective = min(lows, key=lambda pair: pair[1])
    return {"low": lows[0][1], "effective": effective, "by": by}


def _bytes(text: str) -> int:
    return _EVERYTHING if text == "max" else int(text)
