# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The slices of a stack as systemd and the kernel know them: names, unit files, figures in force.

Sources: systemd.unit(5) (names and their escapes), systemd.slice(5) (a dash nests), cgroup-v2.rst of the kernel.
"""

from __future__ import annotations

from typing import Any

from .tree import Tree

TIERS = ("critical", "workflow", "management")

# The first line of whatever this collection writes for systemd; a file without it is somebody else's.
MARK = "# Written by ziggie.stack; changes here are overwritten."

_EVERYTHING = (1 << 63) - 1

# Where systemd looks, the strongest first.
_PLACES = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
# The figures of a slice and the files that hold them, in bytes, counts and weights.
_FIGURES = {
    "memory_max": "memory.max",
    "memory_min": "memory.min",
    "memory_low": "memory.low",
    "memory_swap": "memory.swap.max",
    "pids_max": "pids.max",
    "cpu_weight": "cpu.weight",
    "io_weight": "io.weight",
    "io_bfq_weight": "io.bfq.weight",
}


def slice_name(project: str, tier: str = "") -> str:
    """Return the name of a project's slice, or of that of one of its tiers, which lies in it."""
    stem = project.replace("-", "\\x2d")
    return f"{stem}-{tier}.slice" if tier else f"{stem}.slice"


def slice_path(project: str, tier: str = "") -> str:
    """Return where a slice lies in the tree of control groups."""
    whole = slice_name(project)
    return f"{whole}/{slice_name(project, tier)}" if tier else whole


def describe(tree: Tree, project: str) -> dict[str, dict[str, Any]]:
    """Tell of each slice of a project, by tier (`""` is the whole), its `name`, `file` (where its unit lies), `ours`, and what is `live`.

    `live` holds the figures in force (0 is none, in bytes, counts, weights), and is empty while nothing runs in the slice.
    """
    return {tier: _one(tree, project, tier) for tier in ("", *TIERS)}


def _one(tree: Tree, project: str, tier: str) -> dict[str, Any]:
    name = slice_name(project, tier)
    files = [f"{place}/{name}" for place in _PLACES if tree.exists(f"{place}/{name}")]
    return {
        "name": name,
        "file": files[0] if files else "",
        "ours": bool(files) and tree.text(files[0]).startswith(MARK),
        "live": figures(tree, f"/sys/fs/cgroup/{slice_path(project, tier)}"),
    }


def figures(tree: Tree, group: str) -> dict[str, int]:
    """Return the figures in force of a control group of version 2; those that the kernel does not show are left out.

    A limit of `max` is 0, none; a protection, or what may be swapped, of `max` is all that there is.
    """
    found = {}
    for figure, file in _FIGURES.items():
        words = tree.text(f"{group}/{file}").split()
        if words:
            # Weights are written as `default 100`, with further lines for single devices.
            word = words[1] if words[0] == "default" else words[0]
            found[figure] = _unlimited(figure) if word == "max" else int(word)
    return found


def _unlimited(figure: str) -> int:
    return 0 if figure.endswith("_max") else _EVERYTHING
