# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host lacks for a stack, and which services to leave out so that the rest fits: the one list that every answer gives.

What does not fit is left out by importance: the lowest priority first, and of equals the one that asks for most. A service is as
important as the most important one that depends on it, by depends_on or by its connections, and takes those along when it goes.
What is still free afterwards brings back the most important of those that went, with what they need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..tiers import PRIORITIES
from ..units import cores, mib
from .capacity import Capacity, Filesystem
from .dimensions import DIMENSIONS
from .disk import base, claim, place, volumes
from .policy import Policy
from .spec import ServiceSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A service that has to go. `needs` names a dropped service without which it cannot do, where that is why."""

    name: str
    floor: int
    needs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """What services take of one thing, and how much of it there is for them; `least` is what is needed whatever they take."""

    name: str
    claim: Callable[[ServiceSpec], int]
    room: int
    least: int = 0


def shortfalls(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> dict[str, int]:
    """Return what a host lacks for all services, by dimension."""
    found = _disk_shortfalls(services, capacity, policy)
    for bound in _bounds(capacity, policy):
        missing = bound.least + sum(bound.claim(spec) for spec in services) - bound.room
        if missing > 0:
            # More memory is more reserve, too: a host lacks more than its pool does.
            lacks = policy.host_memory(policy.usable(capacity) + missing) - capacity.memory if bound.name == "memory" else missing
            found[bound.name] = max(lacks, found.get(bound.name, 0))
    return found


def lacking(name: str, figure: int) -> str:
    """Return a shortfall as a sentence has it."""
    if name == "cpus":
        return f"{cores(figure)} cores"
    return f"{figure} {name}" if name in ("pids", "files") else f"{mib(figure)} of {name.partition('.')[0].replace('disks', 'disk')}"


def leave_out(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> tuple[Dropped, ...]:
    """Return the services to leave out so that the rest fits, in the order in which they go; all of them where nothing is left to share."""
    return _drop(services, [*_bounds(capacity, policy), *_disk_bounds(capacity, policy, _disk_shortfalls(services, capacity, policy))])


def least_important(services: Sequence[ServiceSpec]) -> list[ServiceSpec]:
    """Return services in the order in which they can be done without."""
    return sorted(services, key=lambda spec: (-PRIORITIES.index(spec.priority), -spec.memory.request * spec.replicas, spec.name))


def _disk_shortfalls(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> dict[str, int]:
    """Return what each filesystem lacks."""
    shortfalls = {}
    for disk in capacity.disks:
        floors = sum(storage.floor for _spec, _volume, storage in volumes(capacity, disk, services))
        missing = floors - base(capacity, disk, services, policy).left
        if missing > 0:
            shortfalls[place(disk)] = missing
    return shortfalls


def _disk_bounds(capacity: Capacity, policy: Policy, shortfalls: Mapping[str, int]) -> list[_Bound]:
    """Return the filesystems that refuse a stack; here an image counts for each service that uses it, so no drop is too small."""
    pool = policy.pool(capacity)
    return [
        _Bound(name=place(disk), claim=_disk_claim(capacity, disk, policy), room=left.size)
        for disk, left in zip(capacity.disks, pool.disks, strict=True)
        if place(disk) in shortfalls
    ]


def _disk_claim(capacity: Capacity, disk: Filesystem, policy: Policy) -> Callable[[ServiceSpec], int]:
    return lambda spec: claim(capacity, disk, spec, policy)


def needed_memory(spec: ServiceSpec, policy: Policy) -> int:
    """Return the memory without which a service cannot be had."""
    return (spec.memory.request if policy.memory == "declared" else spec.memory.floor) * spec.replicas


def _cpu_limit(spec: ServiceSpec, capacity: Capacity) -> int:
    """Return what a service takes of the CPU limits that may be given: nothing where its author states none."""
    return min(spec.cpus.limit, capacity.cpus) * spec.replicas if spec.cpus.declared else 0


def _bounds(capacity: Capacity, policy: Policy) -> list[_Bound]:
    """Return all that can refuse a stack on a host."""
    pool = policy.pool(capacity)
    usable = policy.usable(capacity)
    bounds = []
    if policy.memory == "declared":
        usable = usable * policy.overcommit_memory.numerator // policy.overcommit_memory.denominator
        limits = pool.cpus * policy.overcommit_cpus.numerator // policy.overcommit_cpus.denominator
        bounds = [
            _Bound(name="cpus", claim=lambda spec: min(spec.cpus.reservation, capacity.cpus) * spec.replicas, room=pool.cpus),
            _Bound(name="cpus", claim=lambda spec: _cpu_limit(spec, capacity), room=limits),
        ]
    bounds.insert(0, _Bound(name="memory", claim=lambda spec: needed_memory(spec, policy), room=usable))
    for name, dimension in DIMENSIONS.items():
        room = getattr(pool, name)
        if room is not None:
            bounds.append(_Bound(name=name, claim=dimension.claim, room=room))
    # No service lives where nothing is left to share, however little it claims.
    bounds.append(_Bound(name="cpus", claim=lambda _spec: 0, room=pool.cpus, least=1))
    bounds.append(_Bound(name="memory", claim=lambda _spec: 0, room=policy.usable(capacity), least=1))
    return bounds


def _drop(services: Sequence[ServiceSpec], bounds: Sequence[_Bound]) -> tuple[Dropped, ...]:
    if any(bound.least > bound.room for bound in bounds):
        return tuple(_dropped(spec, "") for spec in least_important(services))
    used = [sum(bound.claim(spec) for spec in services) for bound in bounds]

    def count(spec: ServiceSpec, sign: int) -> None:
        for index, bound in enumerate(bounds):
            used[index] += sign * bound.claim(spec)

    def above(spec: ServiceSpec) -> bool:
        return any(used[index] > bound.room and bound.claim(spec) for index, bound in enumerate(bounds))

    by_name = {spec.name: spec for spec in services}
    needs = _needs(services)
    followers, ranks = _followers(needs), _ranks(services, needs)
    ordered = sorted(least_important(services), key=lambda spec: -ranks[spec.name])
    gone: dict[str, None] = {}
    for spec in ordered:
        if spec.name not in gone and above(spec):
            for name in reversed(_reachable(spec.name, followers)):
                if name not in gone:
                    gone[name] = None
                    count(by_name[name], -1)
    for spec in reversed(ordered):
        if spec.name in gone:
            group = [by_name[name] for name in _reachable(spec.name, needs) if name in gone]
            for each in group:
                count(each, 1)
            if any(above(each) for each in group):
                for each in group:
                    count(each, -1)
            else:
                for each in group:
                    del gone[each.name]
    return tuple(_dropped(by_name[name], next((need for need in needs[name] if need in gone), "")) for name in gone)


def _dropped(spec: ServiceSpec, needs: str) -> Dropped:
    return Dropped(name=spec.name, floor=spec.memory.floor * spec.replicas, needs=needs)


def _needs(services: Sequence[ServiceSpec]) -> dict[str, list[str]]:
    """Return, by service, those that it depends on."""
    known = {spec.name for spec in services}
    return {spec.name: sorted({*spec.depends_on, *spec.connections} & known - {spec.name}) for spec in services}


def _followers(needs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return, by service, those that depend on it."""
    followers: dict[str, list[str]] = {name: [] for name in needs}
    for name, needed in needs.items():
        for each in needed:
            followers[each].append(name)
    return followers


def _ranks(services: Sequence[ServiceSpec], needs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the importance of each service, the smaller the higher, no lower than that of any that depends on it."""
    ranks: dict[str, int] = {}
    for spec in sorted(services, key=lambda spec: PRIORITIES.index(spec.priority)):
        waiting = [spec.name]
        while waiting:
            name = waiting.pop()
            if name not in ranks:
                ranks[name] = PRIORITIES.index(spec.priority)
                waiting.extend(needs[name])
    return ranks


def _reachable(name: str, edges: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a service and all that its edges lead to."""
    found, waiting = {name: None}, [name]
    while waiting:
        for other in edges[waiting.pop()]:
            if other not in found:
                found[other] = None
                waiting.append(other)
    return list(found)
