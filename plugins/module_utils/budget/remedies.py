# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cheapest ways out when a stack does not fit, ready to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..units import MIB, compose_size, mib, mib_up
from .capacity import Capacity
from .dimensions import Dimension
from .leave_out import least_important, leave_out
from .policy import Policy
from .spec import ServiceSpec

MOST = 3
# A sentence names no more services than a person reads; the plan lists all of them.
_NAMED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A service and the bytes, or whatever else is counted, that are taken from all its containers."""

    name: str
    bytes: int


def for_floors(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, shortfall: int) -> str:
    """Return what makes the floors fit, cheapest first."""
    fixes = []
    if policy.surge >= shortfall:
        fixes.append(f"lower policy.surge.memory from {mib(policy.surge)} to {compose_size(policy.surge - shortfall)}")
    margin = policy.margin_of(capacity)
    if shortfall <= margin:
        fixes.append(f"lower policy.margin.memory from {mib(margin)} to {compose_size(margin - shortfall)}")
    fixes.extend(_leave_out(services, capacity, policy, lambda spec: spec.memory.floor * spec.replicas, mib))
    fixes.append(f"use a host with {mib_up(policy.host_memory(policy.usable(capacity) + shortfall))} of memory or more")
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
    if len(fixes) < MOST - 1:
        fixes.extend(_leave_out(services, capacity, policy, lambda spec: spec.memory.request * spec.replicas, mib))
    missing = -(-excess * policy.overcommit_memory.denominator // policy.overcommit_memory.numerator)
    fixes.append(f"use a host with {mib_up(policy.host_memory(policy.usable(capacity) + missing))} of memory or more")
    return "\n".join(fixes[:MOST])


def for_dimension(
    services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, dimension: Dimension, whole: int, excess: int
) -> str:
    """Return what makes another dimension than memory fit, cheapest first."""
    out = _leave_out(services, capacity, policy, dimension.claim, dimension.shown)
    return "\n".join([f"lower {dimension.lower}", *out, f"use a host with {dimension.shown(whole + excess)} {dimension.noun} or more"])


def for_disk(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, claim: Callable[[ServiceSpec], int], size: int) -> str:
    """Return what makes a filesystem hold the stack, cheapest first: `size` are the bytes that would be enough, `claim` what a service takes."""
    return "\n".join(
        [
            "lower floors or sizes under x-budget.storage, policy.disk.image or policy.disk.logs",
            *_leave_out(services, capacity, policy, claim, mib),
            f"use a host with {mib_up(size)} of disk or more",
        ]
    )


def _leave_out(
    services: Sequence[ServiceSpec],
    capacity: Capacity,
    policy: Policy,
    claim: Callable[[ServiceSpec], int],
    show: Callable[[int], str],
) -> list[str]:
    """Return the advice to leave services out, with what each takes; none where it would take all of them."""
    by_name = {spec.name: spec for spec in services}
    gone = [Cut(name=drop.name, bytes=claim(by_name[drop.name])) for drop in leave_out(services, capacity, policy)]
    if not 0 < len(gone) < len(services):
        return []
    more = f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else ""
    return [f"leave out {_list(gone[:_NAMED], show)}{more}, or move {'it' if len(gone) == 1 else 'them'} to another host"]


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


def _list(cuts: Sequence[Cut], show: Callable[[int], str] = mib) -> str:
    return ", ".join(f"{cut.name} ({show(cut.bytes)})" for cut in cuts)
