# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cheapest ways out when a stack does not fit, ready to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .dimensions import Dimension
from .model import PRIORITIES, Capacity, Policy, ServiceSpec
from .units import MIB, compose_size, mib, mib_up

MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A service and the bytes, or whatever else is counted, that are taken from all its containers."""

    name: str
    bytes: int


def for_floors(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, shortfall: int) -> str:
    """Return what makes the floors fit, cheapest first."""
    fixes = []
    if shortfall <= policy.margin:
        fixes.append(f"lower policy.margin.memory from {mib(policy.margin)} to {compose_size(policy.margin - shortfall)}")
    dropped = drop([Cut(name=spec.name, bytes=spec.memory.floor * spec.replicas) for spec in least_important(services)], shortfall)
    if dropped:
        fixes.append(f"leave out {_list(dropped)}, or move it to another host")
    fixes.append(f"use a host with {mib_up(capacity.memory + shortfall)} of memory or more")
    return "\n".join(fixes[:MOST])


def for_limits(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, excess: int, usable: int) -> str:
    """Return what makes declared limits fit, cheapest first. `usable` is the pool less the margin."""
    fixes, ordered = [], least_important(services)
    floors = sum(spec.memory.floor * spec.replicas for spec in services)
    if floors <= usable:
        fixes.append(f"set policy.memory to fit: every service keeps its floor ({mib(floors)} in all) and the rest is shared by priority")
    lowered = lower([Cut(name=spec.name, bytes=(spec.memory.request - spec.memory.floor) * spec.replicas) for spec in ordered], excess)
    if lowered:
        fixes.append(f"lower the requests of {_list(lowered)}, which stay at or above their floors")
    dropped = drop([Cut(name=spec.name, bytes=spec.memory.request * spec.replicas) for spec in ordered], excess)
    if dropped and len(fixes) < MOST - 1:
        fixes.append(f"leave out {_list(dropped)}, or move it to another host")
    missing = -(-excess * policy.overcommit_memory.denominator // policy.overcommit_memory.numerator)
    fixes.append(f"use a host with {mib_up(capacity.memory + missing)} of memory or more")
    return "\n".join(fixes[:MOST])


def for_dimension(services: Sequence[ServiceSpec], dimension: Dimension, whole: int, excess: int) -> str:
    """Return what makes another dimension than memory fit, cheapest first."""
    cuts = [Cut(name=spec.name, bytes=dimension.claim(spec)) for spec in least_important(services)]
    return for_amount(cuts, dimension.lower, dimension.shown, f"{dimension.shown(whole + excess)} {dimension.noun}", excess)


def for_amount(cuts: Sequence[Cut], figures: str, show: Callable[[int], str], enough: str, excess: int) -> str:
    """Return what makes an amount fit: lower figures, without some services, a host that has enough; cheapest first."""
    fixes, dropped = [f"lower {figures}"], drop(cuts, excess)
    if dropped:
        fixes.append(f"leave out {_list(dropped, show)}, or move it to another host")
    fixes.append(f"use a host with {enough} or more")
    return "\n".join(fixes)


def lower(slack: Sequence[Cut], wanted: int) -> list[Cut]:
    """Return how much to take from whom, in the given order, whole MiB where there are; empty when it is not enough."""
    cuts = []
    for cut in slack:
        if wanted <= 0:
            break
        taken = min(cut.bytes, -(-wanted // MIB) * MIB)
        if taken > 0:
            cuts.append(Cut(name=cut.name, bytes=taken))
            wanted -= taken
    return cuts if wanted <= 0 else []


def drop(whole: Sequence[Cut], wanted: int) -> list[Cut]:
    """Return the fewest services, the least important first, that free what is wanted; empty when it would take all of them."""
    single = next((cut for cut in whole if cut.bytes >= wanted), None)
    if single is not None and len(whole) > 1:
        return [single]
    cuts: list[Cut] = []
    for cut in whole:
        if sum(taken.bytes for taken in cuts) >= wanted:
            break
        cuts.append(cut)
    for cut in list(cuts):
        if sum(taken.bytes for taken in cuts) - cut.bytes >= wanted:
            cuts.remove(cut)
    return cuts if sum(cut.bytes for cut in cuts) >= wanted and len(cuts) < len(whole) else []


def least_important(services: Sequence[ServiceSpec]) -> list[ServiceSpec]:
    """Return services in the order in which they can be done without."""
    return sorted(services, key=lambda spec: (-PRIORITIES.index(spec.priority), -spec.memory.request * spec.replicas, spec.name))


def _list(cuts: Sequence[Cut], show: Callable[[int], str] = mib) -> str:
    return ", ".join(f"{cut.name} ({show(cut.bytes)})" for cut in cuts)
