# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cgroup version a host runs, and what its controllers can hold."""

from __future__ import annotations

from typing import Any

from .tree import Tree

_V2 = "/sys/fs/cgroup/cgroup.controllers"


def describe(tree: Tree) -> dict[str, Any]:
    """Return `version` (1 or 2), `controllers`, `io_weight` (a weight file exists), `bfq_weight`, `swap_limit`."""
    if tree.exists(_V2):
        return {
            "version": 2,
            "controllers": sorted(tree.text(_V2).split()),
            "io_weight": _in_children(tree, "io.weight"),
            "bfq_weight": _in_children(tree, "io.bfq.weight"),
            "swap_limit": _in_children(tree, "memory.swap.max"),
        }
    names = [line.split()[0] for line in tree.text("/proc/cgroups").splitlines()[1:] if line.split()[-1] == "1"]
    return {
        "version": 1,
        "controllers": sorted(names),
        "io_weight": False,
        "bfq_weight": False,
        "swap_limit": tree.exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"),
    }


def _in_children(tree: Tree, file: str) -> bool:
    # The root cgroup has no such files; every child has what its controllers offer.
    try:
        return any((child / file).exists() for child in tree.path("/sys/fs/cgroup").iterdir() if child.is_dir())
    except OSError:
        return False
