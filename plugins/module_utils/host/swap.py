# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a host swaps to."""

from __future__ import annotations

from typing import Any

from . import modules
from .tree import Tree

_KIB = 1024


def describe(tree: Tree) -> dict[str, Any]:
    """Return `areas` (`path`, `type`, `size` and `used` in bytes, `priority`) and `zram` (`loaded`, `loadable`, `absent`).

    Source: proc_swaps(5).
    """
    areas = []
    for line in tree.text("/proc/swaps").splitlines()[1:]:
        words = line.split()
        if len(words) >= 5:
            path, kind, size, used, priority = words[:5]
            areas.append({"path": path, "type": kind, "size": int(size) * _KIB, "used": int(used) * _KIB, "priority": int(priority)})
    return {"areas": areas, "zram": modules.state(tree, "zram")}
