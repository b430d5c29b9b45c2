# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Place services on hosts: the best placement by exact search, and the proof of how good it is.

Placements are compared in this order: less missing for the floors (memory, then disk, then everything else), a larger share for the service that gets
the smallest part of what it asks for, fewer bytes to move, fewer services to move. With `Wish.stay` the moves are compared before the share, so nothing
moves that need not. A further service on a host never makes any of the four better there, so what is placed already bounds what can follow; with that,
branch and bound looks at every placement that could win. It starts from the best of four quick rules and a local search, and stops after a fixed number of
looks: then it says how far its answer may be from the best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..budget.capacity import Capacity
from ..budget.check import check_connections, check_tuners
from ..budget.codes import BAD_CHOICE
from ..budget.disk import base, share_disk, volumes
from ..budget.leave_out import needed_memory, shortfalls
from ..budget.parse import parse_stack
from ..budget.policy import Policy, parse_policy
from ..budget.solve import share_cpus, share_memory, solve
from ..budget.spec import ServiceSpec, running
from ..compose.values import mapping
from ..problems import BudgetError, Problems, suggestion
from .model import FREE, Fleet, Host, Placement, Stack, Wish, written

# How many sets of services are worked out before the search stops, and how many placements are looked at; one to two seconds of one core.
MOST_SETS = 6_000
MOST_PLACEMENTS = 12_000
DIMENSIONS = ("memory", "cpus", "disk")
_ALL = Fraction(1)
# Shares are compared as whole numbers of this part: exact for figures below 2^64, and several times as fast as fractions.
_SCALE = 1 << 128

# What is compared, the smaller the better: bytes of memory and of disk and whatever else is missing, then the share (negative) and bytes and services
# moved, or first what is moved where what lies somewhere is to stay.
_Rank = tuple[int, int, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The smallest part of what it asks for that a service of a host gets in one dimension, and which service that is; empty where all get all."""

    share: Fraction = _ALL
    service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a set of services gets on a host: what is missing for the floors by dimension, else the smallest part in each dimension."""

    lacks: Mapping[str, int]
    parts: Mapping[str, Part]

    @property
    def share(self) -> Fraction:
        """Return the smallest part in any dimension, 0 where the services do not fit."""
        return Fraction(0) if self.lacks else min(part.share for part in self.parts.values())


class Ground:
    """What sets of services get on kinds of hosts. Raises `BudgetError` for what no host can mend; every answer is worked out once."""

    def __init__(self, stack: Stack) -> None:
        problems = Problems()
        self.stack = stack
        self.policy = parse_policy(stack.policy, problems)
        problems.raise_errors()
        self._specs: dict[Capacity, dict[str, ServiceSpec]] = {}
        self._held: dict[tuple[Capacity, frozenset[str]], Held] = {}

    def specs(self, capacity: Capacity) -> Mapping[str, ServiceSpec]:
        """Return the services that are on, by name, as they are read for a host."""
        if capacity not in self._specs:
            problems = Problems()
            services = parse_stack(self.stack.compose, self.policy, problems, capacity, self.stack.insight)
            on = running(services, self.policy)
            check_tuners(on, problems)
            check_connections(on, {spec.name for spec in services}, problems)
            problems.raise_errors()
            self._specs[capacity] = {spec.name: spec for spec in on}
        return self._specs[capacity]

    def held(self, capacity: Capacity, names: frozenset[str]) -> Held:
        """Return what a set of services gets on a host."""
        known = self._held.get((capacity, names))
        if known is None:
            specs = self.specs(capacity)
            known = self._held[capacity, names] = hold([specs[name] for name in sorted(names)], capacity, self.policy)
        return known


def hold(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> Held:
    """Return what services get on a host by the budget's own rules."""
    lacks = shortfalls(services, capacity, policy)
    if lacks or not services:
        return Held(lacks=lacks, parts=dict.fromkeys(DIMENSIONS, Part()))
    return Held(
        lacks={},
        parts={
            "memory": _memory(services, capacity, policy),
            "cpus": _cpus(services, capacity, policy),
            "disk": _disk(services, capacity, policy),
        },
    )


def _memory(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> Part:
    # Where all requests are met nothing has to be shared, which most sets of services are found to be by a sum.
    if sum(spec.memory.request * spec.replicas for spec in services) <= policy.usable(capacity):
        return Part()
    limits = share_memory(services, capacity, policy).limits
    return _least((spec.name, limits[spec.name], spec.memory.request) for spec in services if spec.replicas)


def _cpus(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> Part:
    reserved = share_cpus(services, capacity, policy)
    part = _least((spec.name, reserved[spec.name], min(spec.cpus.reservation, capacity.cpus)) for spec in services if spec.replicas)
    # Reservations are scaled down alike: which one lost most by rounding says nothing.
    return replace(part, service="each service") if part.share < 1 else part


def _disk(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> Part:
    stored = [spec for spec in services if spec.storage]
    for filesystem in capacity.disks:
        asked = sum(storage.size for _spec, _volume, storage in volumes(capacity, filesystem, stored))
        if asked > base(capacity, filesystem, services, policy).left:
            sizes = share_disk(services, capacity, policy).sizes
            return _least(
                (spec.name, sizes[spec.name][volume], storage.size) for spec in stored for volume, storage in spec.storage.items()
            )
    return Part()


def _least(figures: Iterable[tuple[str, int, int]]) -> Part:
    """Return the smallest share of what is asked that is given, of (service, given, asked)."""
    worst, asked, name = 1, 1, ""
    for service, given, wanted in figures:
        # As fractions would be compared, without making one for each.
        if wanted > 0 and given * asked < worst * wanted:
            worst, asked, name = given, wanted, service
    return Part(share=min(_ALL, Fraction(worst, asked)), service=name)


def place(stack: Stack, hosts: Sequence[Host], wish: Wish = FREE, *, ground: Ground | None = None, quick: bool = False) -> Placement:
    """Return the best placement, or with `quick` what the rules and the local search find.

    Raises `BudgetError` for what no host can mend, and for wishes that contradict each other.
    """
    return _Search(ground or Ground(stack), hosts, wish).best(quick=quick)


def plan(stack: Stack, hosts: Sequence[Host], wish: Wish = FREE, *, ground: Ground | None = None) -> Fleet:
    """Return the best placement with the Budget of each host. A single host gets the Budget that it has without a fleet."""
    ground = ground or Ground(stack)
    return budgeted(stack, hosts, place(stack, hosts, wish, ground=ground), ground)


def budgeted(stack: Stack, hosts: Sequence[Host], placement: Placement, ground: Ground) -> Fleet:
    """Return a placement with the Budget of each host."""
    on, first = ground.specs(hosts[0].capacity), hosts[0].name
    # What is off holds nothing anywhere, and is listed with the first host.
    off = [str(name) for name in mapping(stack.compose.get("services")) if str(name) not in on]
    budgets = {}
    for host in hosts if placement.fits else ():
        here = [*placement.services[host.name], *(off if host.name == first else ())]
        if here:
            only = None if len(hosts) == 1 else here
            budgets[host.name] = solve(stack.compose, written(host.capacity), stack.policy, stack.insight, stack.jobs, only)
    return Fleet(hosts=tuple(hosts), placement=placement, budgets=budgets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Services that share a host: on which hosts they may run, with which other groups not, and what a move to each host means."""

    names: frozenset[str]
    hosts: tuple[int, ...]
    apart: frozenset[int]
    bytes: tuple[int, ...]
    moves: tuple[int, ...]

    @property
    def home(self) -> int | None:
        """Return the one host that it may stay on without a move, `None` where there is none, or where any will do."""
        ways = sorted((self.moves[host], self.bytes[host], host) for host in self.hosts)
        return ways[0][2] if len(ways) == 1 or ways[0][:2] < ways[1][:2] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worth:
    """What a set of groups on one host is worth: bytes of memory, of disk, and whatever else is missing, and the share of the worst service, scaled."""

    memory: int
    disk: int
    other: int
    share: int

    @classmethod
    def of(cls, held: Held) -> _Worth:
        memory = held.lacks.get("memory", 0)
        disk = sum(figure for dimension, figure in held.lacks.items() if dimension.startswith("disk"))
        return cls(memory=memory, disk=disk, other=sum(held.lacks.values()) - memory - disk, share=scaled(held.share))


def scaled(share: Fraction) -> int:
    """Return a share as it is compared."""
    return share.numerator * _SCALE // share.denominator


class _Search:
    """The search for one placement. A set of groups is a number with a bit for each; services that every host runs are in every set."""

    def __init__(self, ground: Ground, hosts: Sequence[Host], wish: Wish) -> None:
        self.ground, self.hosts, self.wish = ground, hosts, wish
        self.kinds = [host.capacity for host in hosts]
        problems = Problems()
        names = ground.specs(self.kinds[0])
        self.base = frozenset(name for name in wish.everywhere if name in names)
        self.groups = groups_of(names, hosts, wish, self.base, problems)
        problems.raise_errors()
        self.named = {*wish.pins.values(), *wish.now.values()}.union(*wish.within.values())
        self.known: dict[tuple[int, int], _Worth] = {}
        first = {kind: self.kinds.index(kind) for kind in self.kinds}
        # Hosts of one kind share their answers.
        self.kind = [first[kind] for kind in self.kinds]
        tops = self._tops()
        self.top = list(map(scaled, tops))
        self.owed = self._owed()
        self.most, self.limit = self._limit(tops[0])
        self.found: list[int] = []
        self.rank: _Rank | None = None
        self.looks = 0
        self.cut = False

    def best(self, *, quick: bool = False) -> Placement:
        """Return the best placement that can be found, and what is proven of it."""
        for seed in self._seeds():
            if seed is not None and self._keeps_apart(seed):
                self._note(*self._improve(seed))
        empty = [0] * len(self.hosts)
        # Without an answer yet the search goes on until there is one.
        self.looks = MOST_PLACEMENTS if quick else 0
        self._branch([], empty, self._rank([], empty))
        if self.cut:
            self._note(*self._improve(self.found))
        return self._told()

    def _told(self) -> Placement:
        if self.rank is None:
            problems = Problems()
            kept = sorted({name for each in self.wish.apart for name in each})
            message = f"the hosts that {', '.join(kept)} may run on are too few to keep them apart"
            problems.error(BAD_CHOICE, "apart", message, "add a host, or take a service out of that list")
            raise BudgetError(problems.findings)
        held = [
            (host, names, self.ground.held(host.capacity, names))
            for host, names in zip(self.hosts, map(self._names, self._masks(self.found)), strict=True)
        ]
        placed = list(zip(self.groups, self.found, strict=True))
        share, lacks = min(one.share for _host, _names, one in held), {host.name: one.lacks for host, _names, one in held if one.lacks}
        now = self.wish.now
        return Placement(
            services={host.name: tuple(sorted(names)) for host, names, _held in held},
            lacks=lacks,
            share=share,
            bound=max(share, self._bound()) if self.cut and not lacks else share,
            proven=not self.cut,
            moved=tuple(
                sorted(
                    name for group, host in placed for name in group.names if now.get(name, self.hosts[host].name) != self.hosts[host].name
                )
            ),
            bytes_moved=sum(group.bytes[host] for group, host in placed),
        )

    def _bound(self) -> Fraction:
        """Return the share that no placement has more than; of those that move as little, where this one moves the least that there is to move."""
        least = self.wish.stay and self.rank is not None and self.rank[3:5] == self.limit[3:5]
        return min(_ALL, Fraction(1 - self.limit[5], _SCALE)) if least else self.most

    def _names(self, mask: int) -> frozenset[str]:
        return self.base.union(*(group.names for bit, group in enumerate(self.groups) if mask >> bit & 1))

    def _masks(self, assigned: Sequence[int]) -> list[int]:
        masks = [0] * len(self.hosts)
        for bit, host in enumerate(assigned):
            masks[host] |= 1 << bit
        return masks

    def _held(self, host: int, mask: int) -> _Worth:
        key = self.kind[host], mask
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = _Worth.of(self.ground.held(self.kinds[host], self._names(mask)))
        return known

    def _rank(self, assigned: Sequence[int], masks: Sequence[int]) -> _Rank:
        """Return what a placement is compared by; of the first groups alone it is what no placement that begins so can be better than."""
        held = [self._held(host, mask) for host, mask in enumerate(masks)]
        owed, placed = self.owed[len(assigned)], list(zip(self.groups, assigned, strict=False))
        share = -min(self.top[len(assigned)], *(one.share for one in held))
        size = owed[0] + sum(group.bytes[host] for group, host in placed)
        moves = owed[1] + sum(group.moves[host] for group, host in placed)
        missing = sum(one.memory for one in held), sum(one.disk for one in held), sum(one.other for one in held)
        return (*missing, size, moves, share) if self.wish.stay else (*missing, share, size, moves)

    def _further(self, rank: _Rank, depth: int, host: int, mask: int) -> _Rank:
        """Return the rank with one more group on a host that holds a set."""
        group, before, after = self.groups[depth], self._held(host, mask), self._held(host, mask | 1 << depth)
        missing = rank[0] + after.memory - before.memory, rank[1] + after.disk - before.disk, rank[2] + after.other - before.other
        # What the group costs at the least is in the rank already.
        size = group.bytes[host] - self.owed[depth][0] + self.owed[depth + 1][0]
        moves = group.moves[host] - self.owed[depth][1] + self.owed[depth + 1][1]
        if self.wish.stay:
            return (*missing, rank[3] + size, rank[4] + moves, max(rank[5], -after.share))
        return (*missing, max(rank[3], -after.share), rank[4] + size, rank[5] + moves)

    def _branch(self, assigned: list[int], masks: list[int], rank: _Rank) -> None:
        depth = len(assigned)
        if self.rank is not None and self.rank <= self.limit:
            return
        if depth == len(self.groups):
            self._note(assigned, rank)
            return
        ways = [(self._further(rank, depth, host, masks[host]), host) for host in self._hosts_for(depth, assigned, masks)]
        for then, host in sorted(ways):
            if self.rank is not None and then >= self.rank:
                return
            self.looks += 1
            # Not before there is an answer.
            if self.rank is not None and (self.looks > MOST_PLACEMENTS or len(self.known) > MOST_SETS):
                self.cut = True
                return
            wider = list(masks)
            wider[host] |= 1 << depth
            self._branch([*assigned, host], wider, then)

    def _hosts_for(self, depth: int, assigned: Sequence[int], masks: Sequence[int]) -> Iterator[int]:
        """Yield the hosts that a group may be placed on; of equal ones that hold nothing yet the first will do."""
        group, empty = self.groups[depth], set()
        taken = {host for other, host in enumerate(assigned) if other in group.apart}
        for host in group.hosts:
            if host in taken:
                continue
            if not masks[host] and self.hosts[host].name not in self.named:
                if self.kind[host] in empty:
                    continue
                empty.add(self.kind[host])
            yield host

    def _note(self, assigned: list[int], rank: _Rank) -> None:
        if self.rank is None or rank < self.rank:
            self.found, self.rank = assigned, rank

    def _seeds(self) -> Iterator[list[int] | None]:
        """Yield first placements: where everything is now, and by four quick rules."""
        yield [min((group.moves[host], group.bytes[host], host) for host in group.hosts)[2] for group in self.groups]
        for rule in (self._best_fit, self._first_fit, self._dot_product, self._norm_greedy):
            yield self._greedy(rule)

    def _keeps_apart(self, assigned: Sequence[int]) -> bool:
        return not any(assigned[other] == host for group, host in zip(self.groups, assigned, strict=True) for other in group.apart)

    def _greedy(self, rule: Callable[[int, int], tuple[int, int | Fraction]]) -> list[int] | None:
        assigned: list[int] = []
        masks = [0] * len(self.hosts)
        for depth in range(len(self.groups)):
            ways = [(rule(host, masks[host] | 1 << depth), host) for host in self._hosts_for(depth, assigned, masks)]
            if not ways:
                return None
            host = min(ways)[1]
            assigned.append(host)
            masks[host] |= 1 << depth
        return assigned

    def _missing(self, host: int, mask: int) -> int:
        held = self._held(host, mask)
        return held.memory + held.disk + held.other

    def _best_fit(self, host: int, mask: int) -> tuple[int, int | Fraction]:
        return self._missing(host, mask), -self._held(host, mask).share

    def _first_fit(self, host: int, mask: int) -> tuple[int, int | Fraction]:
        return self._missing(host, mask), 0

    def _dot_product(self, host: int, mask: int) -> tuple[int, int | Fraction]:
        """Prefer the host whose free room points where the services' needs do (Panigrahy et al. 2011)."""
        return self._missing(host, mask), -sum((load * (1 - load) for load in self._loads(host, mask)), Fraction(0))

    def _norm_greedy(self, host: int, mask: int) -> tuple[int, int | Fraction]:
        return self._missing(host, mask), sum(((1 - load) ** 2 for load in self._loads(host, mask)), Fraction(0))

    def _loads(self, host: int, mask: int) -> tuple[Fraction, Fraction]:
        """Return which part of a host's pool floors and reservations take."""
        kind, names = self.kinds[host], self._names(mask)
        specs, pool = self.ground.specs(kind), self.ground.policy.pool(kind)
        memory = sum(needed_memory(specs[name], self.ground.policy) for name in names)
        cpus = sum(specs[name].cpus.reservation * specs[name].replicas for name in names)
        return Fraction(memory, max(1, pool.memory)), Fraction(cpus, max(1, pool.cpus))

    def _improve(self, assigned: list[int]) -> tuple[list[int], _Rank]:
        """Move one group after the other while that makes the placement better."""
        masks = self._masks(assigned)
        rank = self._rank(assigned, masks)
        better = True
        while better and len(self.known) < MOST_SETS // 2:
            better = False
            for bit, group in enumerate(self.groups):
                for host in group.hosts:
                    if host == assigned[bit] or any(assigned[other] == host for other in group.apart):
                        continue
                    moved, then = [*assigned[:bit], host, *assigned[bit + 1 :]], list(masks)
                    then[assigned[bit]] ^= 1 << bit
                    then[host] ^= 1 << bit
                    reached = self._rank(moved, then)
                    if reached < rank:
                        assigned, masks, rank, better = moved, then, reached, True
        return assigned, rank

    def _tops(self) -> list[Fraction]:
        """Return, by how many groups are placed, the largest share that the worst of the others can have."""
        tops = [_ALL]
        for group in reversed(self.groups):
            alone = max((self.ground.held(self.kinds[host], self.base | group.names).share for host in group.hosts), default=_ALL)
            tops.append(min(tops[-1], alone))
        return list(reversed(tops))

    def _owed(self) -> list[tuple[int, int]]:
        """Return, by how many groups are placed, the bytes and the services that the others move at the least."""
        owed = [(0, 0)]
        for group in reversed(self.groups):
            size, moves = min(group.bytes[host] for host in group.hosts), min(group.moves[host] for host in group.hosts)
            owed.append((owed[-1][0] + size, owed[-1][1] + moves))
        return list(reversed(owed))

    def _limit(self, top: Fraction) -> tuple[Fraction, _Rank]:
        """Return the share and the rank that no placement can be better than: as if the memory of all hosts were one host's."""
        policy = self.ground.policy
        rooms = [policy.usable(kind) for kind in self.kinds]
        needs = []
        for name in self.ground.specs(self.kinds[0]):
            specs = [self.ground.specs(kind)[name] for kind in self.kinds]
            copies = len(self.hosts) if name in self.base else 1
            floor = min(needed_memory(spec, policy) for spec in specs) * copies
            needs.append((floor, max(floor, min(spec.memory.request * spec.replicas for spec in specs) * copies)))
        room = sum(max(0, left) for left in rooms)
        if policy.memory == "declared":
            room = room * policy.overcommit_memory.numerator // policy.overcommit_memory.denominator
        missing = sum(floor for floor, _request in needs) - room
        most = min(_level(needs, room), top) if missing <= 0 else Fraction(0)
        size, moves = self.owed[0]
        if not self.wish.stay:
            return most, (max(0, missing), 0, 0, -scaled(most), size, moves)
        # A placement that moves the least has every group that lies on one host there, and then no share is above what these leave.
        lying = [0] * len(self.hosts)
        for bit, group in enumerate(self.groups):
            if group.home is not None:
                lying[group.home] |= 1 << bit
        return most, (
            max(0, missing),
            0,
            0,
            size,
            moves,
            -min(scaled(most), *(self._held(host, mask).share for host, mask in enumerate(lying))),
        )


def _level(needs: Iterable[tuple[int, int]], room: int) -> Fraction:
    """Return the largest share of all requests that a room holds beside floors above it."""
    ordered = sorted((need for need in needs if need[1]), key=lambda need: Fraction(*need))
    floors, requests, level = sum(floor for floor, _request in ordered), 0, Fraction(0)
    for position, (floor, request) in enumerate(ordered):
        floors, requests = floors - floor, requests + request
        level = Fraction(room - floors, requests)
        if position + 1 == len(ordered) or level <= Fraction(*ordered[position + 1]):
            break
    return min(_ALL, level) if ordered else _ALL


def groups_of(specs: Mapping[str, ServiceSpec], hosts: Sequence[Host], wish: Wish, base: frozenset[str], problems: Problems) -> list[Group]:
    """Return the services that are placed, those of one group together, the largest first."""
    known = [host.name for host in hosts]
    for name, host in wish.pins.items():
        if host not in known:
            problems.error(BAD_CHOICE, f"pins.{name}", f"there is no host {host}", suggestion(host, known))
    problems.raise_errors()
    parent = {name: name for name in specs if name not in base}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for tied in wish.together:
        placed = [name for name in tied if name in parent]
        for name in placed[1:]:
            parent[root(name)] = root(placed[0])
    members: dict[str, set[str]] = {}
    for name in parent:
        members.setdefault(root(name), set()).add(name)
    whole = max(host.capacity.memory for host in hosts), max(host.capacity.cpus for host in hosts)

    def size(names: Iterable[str]) -> Fraction:
        listed = [specs[name] for name in names]
        memory, cpus = (
            sum(spec.memory.floor * spec.replicas for spec in listed),
            sum(spec.cpus.reservation * spec.replicas for spec in listed),
        )
        return max(Fraction(memory, whole[0]), Fraction(cpus, whole[1]))

    # Where things stay, those that lie somewhere are as good as placed, and come first.
    ordered = sorted(members.values(), key=lambda names: (wish.stay and not names & {*wish.pins, *wish.now}, -size(names), min(names)))
    number = {name: position for position, names in enumerate(ordered) for name in names}
    groups = []
    for names in ordered:
        pinned = {wish.pins[name] for name in names if name in wish.pins}
        if len(pinned) > 1:
            message = f"{', '.join(sorted(names))} must share a host and are pinned to {' and '.join(sorted(pinned))}"
            problems.error(BAD_CHOICE, "pins", message, "pin them to one host")
            continue
        allowed = frozenset(known).intersection(
            *(wish.within[name] for name in names if name in wish.within), *([pinned] if pinned else [])
        )
        if not allowed:
            message = f"there is no host that {', '.join(sorted(names))} may run on"
            problems.error(BAD_CHOICE, "within", message, "widen what one of them is held to, or do not tie them together")
            continue
        apart = {number[other] for each in wish.apart if names & {*each} for other in each if other in number and other not in names}
        for each in wish.apart:
            if len(names & {*each}) > 1:
                message = f"{', '.join(sorted(names & {*each}))} must share a host and must not share one"
                problems.error(BAD_CHOICE, "apart", message, "take one of them out of that list")
        moves = [[name for name in sorted(names) if wish.now.get(name, host) != host] for host in known]
        groups.append(
            Group(
                names=frozenset(names),
                hosts=tuple(index for index, host in enumerate(known) if host in allowed),
                apart=frozenset(apart),
                bytes=tuple(sum(storage.size for name in moved for storage in specs[name].storage.values()) for moved in moves),
                moves=tuple(len(moved) for moved in moves),
            )
        )
    return groups
