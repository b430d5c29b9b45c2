# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole cores that are kept for the critical tier: how many, and which.

Weights give the critical tier its share over time; a core that nobody else may use is free at the moment a request comes. Where the tier
may use the others' cores, too, the kernel now and then wakes part of a request there, behind whoever is at work: an engine that stores a
flood of log lines is in none of the stack's groups, and no weight of the stack's holds against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..units import CORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """The host's cores, how many of them only the critical tier may use (0 where nothing is kept), and whether it is to stay on these."""

    host: int
    kept: int
    split: bool = False

    def of(self, tier: str) -> range | None:
        """Return which of the host's cores, counted from 0, a tier may run on, or nothing where that is all of them."""
        if not self.kept or (tier == "critical" and not self.split):
            return None
        others = self.host - self.kept
        return range(others, self.host) if tier == "critical" else range(others)


def host_cores(cpus: int, cores: int | None) -> int:
    """Return the whole cores of a host: as stated, else those that its millicores fill."""
    return max(1, cpus // CORE) if cores is None else cores


def keep(reserved: int, cpus: int, cores: int) -> int:
    """Return how many of `cores` to keep for services that reserve `reserved` of `cpus` millicores.

    Their part of the host, in whole cores: at least one, and never all.
    """
    return min(max(-(-reserved * cores // cpus), 1), cores - 1)


def numbered(core_ids: Sequence[int], which: range) -> list[int]:
    """Return the numbers that a host gives to those of its cores, counted from 0; one that has not told numbers them so itself."""
    return list(core_ids[which.start : which.stop] if core_ids else which)
