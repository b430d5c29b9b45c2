# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a kernel makes I/O weights work.

Sources: Documentation/block/bfq-iosched.rst and Documentation/admin-guide/cgroup-v2.rst (IO Interface Files) of the kernel.
"""

from __future__ import annotations

import os
from typing import Any

from . import modules
from .tree import Tree

_COST = "/sys/fs/cgroup/io.cost.qos"


def describe(tree: Tree) -> dict[str, Any]:
    """Return `bfq` (`loaded`, `loadable`, `absent`), `cost` (the kernel has io.cost), `cost_devices`, `sysfs_writable` and `udev`.

    `cost_devices` are the numbers (`major:minor`) of the devices where io.cost is on; `sysfs_writable` is whether a scheduler
    could be chosen at all, and `udev` whether it runs, so that the choice outlives a boot.
    """
    lines = [line.split() for line in tree.text(_COST).splitlines()]
    return {
        "bfq": modules.LOADED if _offered(tree) else modules.state(tree, "bfq"),
        "cost": tree.exists(_COST),
        "cost_devices": sorted(words[0] for words in lines if "enable=1" in words),
        "udev": tree.exists("/run/udev/data"),
        "sysfs_writable": os.access(tree.path("/sys/class/block"), os.W_OK),
    }


def _offered(tree: Tree) -> bool:
    try:
        names = [entry.name for entry in tree.path("/sys/class/block").iterdir()]
    except OSError:
        return False
    return any("bfq" in tree.text(f"/sys/class/block/{name}/queue/scheduler") for name in names)
