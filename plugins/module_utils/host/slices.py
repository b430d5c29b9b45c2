# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The slices of a stack on a host: their unit files, and the figures that are in force.

Source: cgroup-v2.rst of the kernel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..systemd import MARK, slice_name, slice_path
from ..tiers import TIERS
from .root import Root

_EVERYTHING = (1 << 63) - 1

# Where systemd looks, the strongest first.
_PLACES = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
# The figures of a slice and the files that hold them, in bytes, counts and weights.
_FIGURES = {
    "memory_max": "memory.max",
    "memory_min": "memory.min",
    "memory_high": "memory.high",
    "memory_low": "memory.low",
    "memory_swap": "memory.swap.max",
    "pids_max": "pids.max",
    "cpu_weight": "cpu.weight",
    "io_weight": "io.weight",
    "io_bfq_weight": "io.bfq.weight",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceState:
    """A slice of systemd: the `file` of its unit (empty: none), whether we wrote it, and the figures in force.

    `live` is empty while nothing runs in the slice. A limit of 0 means unlimited, but 0 of `memory_swap` means no swap.
    """

    name: str
    file: str = ""
    ours: bool = False
    live: Mapping[str, int] = field(default_factory=dict)


def describe(root: Root, project: str) -> dict[str, SliceState]:
    """Return the slices of a project by tier; `""` is the whole."""
    return {tier: _one(root, project, tier) for tier in ("", *TIERS)}


def _one(root: Root, project: str, tier: str) -> SliceState:
    name = slice_name(project, tier)
    file = next((f"{place}/{name}" for place in _PLACES if root.exists(f"{place}/{name}")), "")
    ours = bool(file) and root.text(file).startswith(MARK)
    return SliceState(name=name, file=file, ours=ours, live=figures(root, f"/sys/fs/cgroup/{slice_path(project, tier)}"))


def figures(root: Root, group: str) -> dict[str, int]:
    """Return the figures in force of a control group (version 2); figures that the kernel does not show are left out.

    `max` is 0 (unlimited) for a limit; for a protection, and for swap, it is the largest number.
    """
    found = {}
    for figure, file in _FIGURES.items():
        words = root.text(f"{group}/{file}").split()
        if words:
            # Weights are written as `default 100`, with further lines for single devices.
            word = words[1] if words[0] == "default" else words[0]
            found[figure] = _unlimited(figure) if word == "max" else int(word)
    return found


def _unlimited(figure: str) -> int:
    return 0 if figure.endswith(("_max", "_high")) else _EVERYTHING
