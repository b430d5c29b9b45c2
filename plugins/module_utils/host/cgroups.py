# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control groups of a host, and what of its kernel makes I/O weights work.

Sources: Documentation/admin-guide/cgroup-v2.rst (IO Interface Files) and Documentation/block/bfq-iosched.rst of the kernel.
"""

from __future__ import annotations

import os

from .facts import Cgroup, Io
from .kernel import module
from .root import Root

_V2 = "/sys/fs/cgroup/cgroup.controllers"
_COST = "/sys/fs/cgroup/io.cost.qos"


def cgroup(root: Root) -> Cgroup:
    """Return the version of the control groups, and what they offer."""
    if root.exists(_V2):
        return Cgroup(
            version=2,
            controllers=tuple(sorted(root.text(_V2).split())),
            io_weight=_in_children(root, "io.weight"),
            bfq_weight=_in_children(root, "io.bfq.weight"),
            swap_limit=_in_children(root, "memory.swap.max"),
        )
    names = [line.split()[0] for line in root.text("/proc/cgroups").splitlines()[1:] if line.split()[-1] == "1"]
    swap_limit = root.exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")
    return Cgroup(version=1, controllers=tuple(sorted(names)), swap_limit=swap_limit)


def io(root: Root) -> Io:
    """Return what makes I/O weights work."""
    lines = [line.split() for line in root.text(_COST).splitlines()]
    offered = any("bfq" in root.text(f"/sys/class/block/{name}/queue/scheduler") for name in root.names("/sys/class/block"))
    return Io(
        bfq="loaded" if offered else module(root, "bfq"),
        cost=root.exists(_COST),
        cost_devices=tuple(sorted(words[0] for words in lines if "enable=1" in words)),
        udev=root.exists("/run/udev/data"),
        sysfs_writable=os.access(root.path("/sys/class/block"), os.W_OK),
    )


def _in_children(root: Root, file: str) -> bool:
    # The root group has no such files; every child has what its controllers offer.
    return any(root.exists(f"/sys/fs/cgroup/{name}/{file}") for name in root.names("/sys/fs/cgroup"))
