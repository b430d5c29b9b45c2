# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs run on a host."""

from __future__ import annotations

from .tree import Tree


def running(tree: Tree) -> set[str]:
    """Return the names of the programs that run, as the kernel shortens them: to 15 characters (proc_pid_comm(5))."""
    try:
        processes = [entry.name for entry in tree.path("/proc").iterdir() if entry.name.isdigit()]
    except OSError:
        return set()
    return {tree.text(f"/proc/{process}/comm") for process in processes} - {""}
