# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host a stack needs, and what of a stack a host can hold.

What does not fit is dropped by importance: the lowest priority first, and of equals the one that asks for most. A service is as
important as the most important one that depends on it, by depends_on or by its connections, and takes those along when it goes.
What is still free afterwards brings back the most important of those that went, with what they need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from .check import check_connections, check_engines
from .dimensions import DIMENSIONS
from .disk import base, claim, place, volumes
from .model import PRIORITIES, Budget, Capacity, Filesystem, Policy, ServiceSpec, images, logs, pool_of
from .parse import parse_stack
from .policy import parse_capacity, parse_policy
from .problems import Problems
from .remedies import least_important
from .solve import solve
from .units import CORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A service that has to go. `needs` names a dropped service without which it cannot do, where that is why."""

    name: str
    floor: int
    needs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """How a stack fits a host: what it lacks by dimension, what is dropped in this order, and the budget of the rest, if any."""

    capacity: Capacity
    smallest: Capacity
    shortfalls: Mapping[str, int]
    dropped: tuple[Dropped, ...]
    budget: Budget | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "fits": not self.shortfalls,
            "capacity": self.capacity.to_dict(),
            "smallest": self.smallest.to_dict(),
            "shortfalls": dict(self.shortfalls),
            "dropped": [{"name": drop.name, "floor": drop.floor, "needs": drop.needs} for drop in self.dropped],
            "budget": None if self.budget is None else self.budget.to_dict(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """What services take of one thing, and how much of it there is for them; `least` is what is needed whatever they take."""

    name: str
    claim: Callable[[ServiceSpec], int]
    room: int
    least: int = 0


def smallest(compose: Mapping[str, Any], policy: Mapping[str, Any] | None = None) -> Capacity:
    """Return the smallest host on which a whole stack fits, with no reservation of CPUs scaled. Raises `BudgetError`."""
    problems = Problems()
    rules = parse_policy(policy, problems)
    return _smallest(_services(compose, rules, problems), rules)


def fit(compose: Mapping[str, Any], capacity: Mapping[str, Any], policy: Mapping[str, Any] | None = None) -> Fitting:
    """Return how a stack fits a host. Raises `BudgetError` for what no host can mend."""
    problems = Problems()
    host, rules = parse_capacity(capacity, problems), parse_policy(policy, problems)
    services = _services(compose, rules, problems)
    host = cast(Capacity, host)
    bounds = _bounds(host, rules)
    shortfalls = _disk_shortfalls(services, host, rules)
    for bound in bounds:
        missing = bound.least + sum(bound.claim(spec) for spec in services) - bound.room
        if missing > 0:
            shortfalls[bound.name] = max(missing, shortfalls.get(bound.name, 0))
    dropped = _drop(services, [*bounds, *_disk_bounds(host, rules, shortfalls)])
    kept = {spec.name for spec in services} - {drop.name for drop in dropped}
    rest = {**compose, "services": {name: service for name, service in compose["services"].items() if str(name) in kept}}
    return Fitting(
        capacity=host,
        smallest=_smallest(services, rules),
        shortfalls=shortfalls,
        dropped=dropped,
        budget=solve(rest, capacity, policy) if kept else None,
    )


def _services(compose: Mapping[str, Any], rules: Policy, problems: Problems) -> tuple[ServiceSpec, ...]:
    services = parse_stack(compose, rules, problems)
    check_engines(services, problems)
    check_connections(services, problems)
    problems.raise_errors()
    return services


def _smallest(services: Sequence[ServiceSpec], policy: Policy) -> Capacity:
    memory = max(1, sum(_memory(spec, policy) for spec in services))
    cpus = max(1, sum(spec.cpus.reservation * spec.replicas for spec in services))
    if policy.memory == "declared":
        memory = -(-memory * policy.overcommit_memory.denominator // policy.overcommit_memory.numerator)
        limits = sum(spec.cpus.limit * spec.replicas for spec in services)
        cpus = max(cpus, -(-limits * policy.overcommit_cpus.denominator // policy.overcommit_cpus.numerator))
    others = {name: dimension.used(services) + getattr(policy.reserve, name) for name, dimension in DIMENSIONS.items()}
    floors = sum(storage.floor for spec in services for storage in spec.storage.values())
    disk = floors + images(services, policy) + logs(services, policy) + policy.reserve.disk
    return Capacity(
        memory=memory + policy.margin + policy.reserve.memory,
        cpus=-(-(cpus + policy.reserve.cpus) // CORE) * CORE,
        disks=(Filesystem(name="disk", size=max(1, disk)),),
        **others,
    )


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
    pool = pool_of(capacity, policy)
    return [
        _Bound(name=place(disk), claim=_disk_claim(capacity, disk, policy), room=left.size)
        for disk, left in zip(capacity.disks, pool.disks, strict=True)
        if place(disk) in shortfalls
    ]


def _disk_claim(capacity: Capacity, disk: Filesystem, policy: Policy) -> Callable[[ServiceSpec], int]:
    return lambda spec: claim(capacity, disk, spec, policy)


def _memory(spec: ServiceSpec, policy: Policy) -> int:
    """Return the memory without which a service cannot be had."""
    return (spec.memory.request if policy.memory == "declared" else spec.memory.floor) * spec.replicas


def _bounds(capacity: Capacity, policy: Policy) -> list[_Bound]:
    """Return all that can refuse a stack on a host."""
    pool = pool_of(capacity, policy)
    usable = pool.memory - policy.margin
    bounds = []
    if policy.memory == "declared":
        usable = usable * policy.overcommit_memory.numerator // policy.overcommit_memory.denominator
        limits = pool.cpus * policy.overcommit_cpus.numerator // policy.overcommit_cpus.denominator
        bounds = [
            _Bound(name="cpus", claim=lambda spec: min(spec.cpus.reservation, capacity.cpus) * spec.replicas, room=pool.cpus),
            _Bound(name="cpus", claim=lambda spec: min(spec.cpus.limit, capacity.cpus) * spec.replicas, room=limits),
        ]
    bounds.insert(0, _Bound(name="memory", claim=lambda spec: _memory(spec, policy), room=usable))
    for name, dimension in DIMENSIONS.items():
        room = getattr(pool, name)
        if room is not None:
            bounds.append(_Bound(name=name, claim=dimension.claim, room=room))
    # No service lives where nothing is left to share, however little it claims.
    bounds.append(_Bound(name="cpus", claim=lambda _spec: 0, room=pool.cpus, least=1))
    bounds.append(_Bound(name="memory", claim=lambda _spec: 0, room=pool.memory - policy.margin, least=1))
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
