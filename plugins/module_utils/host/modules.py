# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the kernel has a module, and whether it is in force."""

from __future__ import annotations

from .tree import Tree

LOADED, LOADABLE, ABSENT = "loaded", "loadable", "absent"


def state(tree: Tree, name: str) -> str:
    """Return `loaded` (or built in), `loadable` or `absent`. Sources: modprobe(8), depmod(8), Documentation/ABI/stable/sysfs-module."""
    if tree.exists(f"/sys/module/{name}"):
        return LOADED
    folder = f"/lib/modules/{tree.text('/proc/sys/kernel/osrelease')}"
    for file, found in (("modules.builtin", LOADED), ("modules.dep", LOADABLE)):
        if f"/{name}.ko" in tree.text(f"{folder}/{file}"):
            return found
    return ABSENT
