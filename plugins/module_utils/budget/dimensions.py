# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host holds besides memory, CPUs and disk: swap, pids, open files.

They are not shared out but added up: every service gets what it says, or the stack is refused. A dimension is checked where
the capacity states it, and nothing else depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..units import mib
from . import codes
from .spec import ServiceSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One thing to add up. `claim` is what a service takes of it over all its containers."""

    name: str
    code: str
    noun: str
    claim: Callable[[ServiceSpec], int]
    shown: Callable[[int], str]
    lower: str

    def used(self, services: Iterable[ServiceSpec]) -> int:
        """Return what the services take together."""
        return sum(self.claim(spec) for spec in services)


DIMENSIONS: Mapping[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        Dimension(
            name="swap",
            code=codes.SWAP_ABOVE_POOL,
            noun="of swap",
            claim=lambda spec: (spec.memory.swap or 0) * spec.replicas,
            shown=mib,
            lower="x-budget.memory.swap",
        ),
        Dimension(
            name="pids",
            code=codes.PIDS_ABOVE_POOL,
            noun="processes and threads",
            claim=lambda spec: spec.pids * spec.replicas,
            shown=str,
            lower="x-budget.pids",
        ),
        Dimension(
            name="files",
            code=codes.FILES_ABOVE_POOL,
            noun="open files",
            claim=lambda spec: spec.files * spec.replicas,
            shown=str,
            lower="x-budget.files",
        ),
    )
}
