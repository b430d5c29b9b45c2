# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to buy: every row of a price list solved as a larger host, a second host and a split, ranked by least regret.

What a stack will need is an interval: at least its floors, at most what it asks for; the cores that it was seen to use it needs in any case. Each option is
judged at both ends and in the middle. Where it holds the need, its regret is the money above the cheapest option that holds it. Where it does not, it is 1.25
times the money that it saves, and 1.5 times the price of that cheapest option for the part that is missing. The mean of the three is the option's regret, in
money a month. The weights are those of Netflix' service-capacity-modeling.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from ..budget.disk import base, volumes
from ..budget.leave_out import lacking, needed_memory
from ..typed import dump
from ..units import cores, mib, plain_number, some
from .model import Fleet, Host, Offer, Stack, Wish, bought_as
from .place import DIMENSIONS, Ground, Held, Part, plan
from .ties import everywhere, movable, together

OVER, UNDER, MISSING = Fraction(1), Fraction(5, 4), Fraction(3, 2)
LEVELS = {"least": Fraction(0), "middle": Fraction(1, 2), "most": Fraction(1)}
# The report's first trigger: above this part of the cores a host is short of them.
BUSY = Fraction(4, 5)
# A larger host comes first where it holds as much as the best option and regrets no more than this part of its own price above it.
_VERTICAL = Fraction(1, 10)
KINDS = {"keep": "keep this host", "larger": "larger host", "other": "another host", "second": "second host", "split": "split, second host"}
NOUNS = {"memory": "memory", "cpus": "cores", "disk": "disk"}
_NEW = "second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What an audit saw: millicores that the host's containers used (`None` where unknown), over which time, and OOM kills by service with the limit then."""

    cpus: int | None = None
    over: str = ""
    kills: Mapping[str, int] = field(default_factory=dict)
    killed_at: Mapping[str, int] = field(default_factory=dict)
    pressure: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way on. `cost` is what all hosts cost a month, `missing` the part of the need that it does not hold, by level.

    `largest` is the most memory that one service could get, such as a larger model: with all others on its host at their floors.
    """

    kind: str
    offer: str
    cost: Fraction
    fleet: Fleet
    parts: Mapping[str, Part]
    missing: Mapping[str, Fraction]
    largest: int
    regret: Fraction = Fraction(0)
    cures: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Return what it is called."""
        return f"{KINDS[self.kind]}: {self.offer}" if self.offer else KINDS[self.kind]

    @property
    def fits(self) -> bool:
        """Tell whether every service has its floor."""
        return self.fleet.placement.fits

    @property
    def limits(self) -> dict[str, int]:
        """Return the memory that each container of a service gets; of one that every host runs, what it gets on the first."""
        found: dict[str, int] = {}
        for budget in reversed(list(self.fleet.budgets.values())):
            found |= {name: share.memory.limit for name, share in budget.services.items() if share.enabled}
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, money and shares as numbers."""
        placement = self.fleet.placement
        return {
            "kind": self.kind,
            "offer": self.offer,
            "cost": plain_number(self.cost),
            "regret": round(float(self.regret), 2),
            "fits": self.fits,
            "lacks": dump(placement.lacks),
            "shares": {name: {"share": round(float(part.share), 4), "service": part.service} for name, part in self.parts.items()},
            "missing": {level: round(float(part), 4) for level, part in self.missing.items()},
            "largest": self.largest,
            "proven": placement.proven,
            "hosts": {
                host.name: {"capacity": host.capacity.to_dict(), "services": list(placement.services[host.name])}
                for host in self.fleet.hosts
            },
            "limits": dict(sorted(self.limits.items())),
            "moved": list(placement.moved),
            "bytes_moved": placement.bytes_moved,
            "cures": list(self.cures),
            "leaves": list(self.leaves),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The options, the best first, and what binds today: the dimension with the smallest part, empty where every service gets all that it asks for.

    `current` is the row that this host is bought as, `None` where the list does not tell; then costs leave out what it costs. `cure` is the smallest
    row with which every service has its floor, where that is not so today.
    """

    host: Host
    current: Offer | None
    binding: str
    use: Use | None
    options: tuple[Option, ...]
    requests: Mapping[str, int]
    floors: Mapping[str, int]
    copies: tuple[str, ...]
    cure: str = ""

    @property
    def today(self) -> Option:
        """Return the option to buy nothing."""
        return next(option for option in self.options if option.kind == "keep")

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "host": self.host.name,
            "capacity": self.host.capacity.to_dict(),
            "current": self.current.name if self.current else None,
            "binding": self.binding or None,
            "use": dump(self.use) if self.use else None,
            "cure": self.cure or None,
            "floors": dict(self.floors),
            "requests": dict(self.requests),
            "options": [option.to_dict() for option in self.options],
        }


def advise(stack: Stack, host: Host, offers: Sequence[Offer], use: Use | None = None) -> Advice:
    """Return what to buy for a stack that runs on a host. Raises `BudgetError` for what no host can mend."""
    return _Advisor(stack, host, offers, use).advice()


class _Advisor:
    def __init__(self, stack: Stack, host: Host, offers: Sequence[Offer], use: Use | None) -> None:
        self.stack, self.host, self.offers, self.use = stack, host, offers, use
        self.ground = Ground(stack)
        self.specs = self.ground.specs(host.capacity)
        self.copies = everywhere(stack.compose) & self.specs.keys()
        self.tied = together(stack.compose, self.specs)
        self.current = bought_as(offers, host.capacity)
        self.paid = self.current.cost if self.current else Fraction(0)
        reserved = sum(spec.cpus.reservation * spec.replicas for spec in self.specs.values())
        busy = Fraction(use.cpus or 0) / BUSY if use else Fraction(0)
        # How many times the reserved cores the seen use is, with the room that the trigger asks for.
        self.busy = max(Fraction(1), busy / max(1, reserved))

    def advice(self) -> Advice:
        """Solve every option, judge all of them, and put them into order."""
        options = self._regretted(list(self._options()))
        keep = next(option for option in options if option.kind == "keep")
        told = [self._told(option, keep) for option in _ordered(options)]
        return Advice(
            host=self.host,
            current=self.current,
            binding=self._binding(keep),
            use=self.use,
            options=tuple(told),
            requests={name: spec.memory.request for name, spec in self.specs.items()},
            floors={name: spec.memory.floor for name, spec in self.specs.items()},
            copies=tuple(sorted(self.copies)),
            cure="" if keep.fits else self._cure(options),
        )

    def _options(self) -> Iterable[Option]:
        yield self._option("keep", "", self.paid, [self.host], Wish())
        now = self.host.capacity
        for row in self.offers:
            if self.current is None or row.name != self.current.name:
                larger = row.memory >= now.memory and row.cpus >= now.cpus and (row.disk is None or row.disk >= (now.disk or 0))
                yield self._option(
                    "larger" if larger else "other", row.name, row.cost, [Host(name=row.name, capacity=row.capacity)], Wish()
                )
        for row in self.offers:
            yield from self._with_second(row)

    def _with_second(self, row: Offer) -> Iterable[Option]:
        second = Host(name=_NEW if self.host.name != _NEW else f"{_NEW}-host", capacity=row.capacity)
        hosts, cost = [self.host, second], self.paid + row.cost
        wish = Wish(together=self.tied, everywhere=self.copies, now=dict.fromkeys(self.specs, self.host.name))
        free = self._option("second", row.name, cost, hosts, wish)
        yield free
        moving = movable(self.specs, self.tied, self.copies)
        if moving and self.specs.keys() - moving - self.copies:
            pins = {name: second.name if name in moving else self.host.name for name in self.specs if name not in self.copies}
            split = self._option("split", row.name, cost, hosts, Wish(pins=pins, together=self.tied, everywhere=self.copies, now=wish.now))
            if split.fleet.placement.services != free.fleet.placement.services:
                yield split

    def _option(self, kind: str, offer: str, cost: Fraction, hosts: Sequence[Host], wish: Wish) -> Option:
        fleet = plan(self.stack, hosts, wish, ground=self.ground)
        return Option(
            kind=kind,
            offer=offer,
            cost=cost,
            fleet=fleet,
            parts=self._parts(fleet),
            missing={level: self._missing(fleet, step) for level, step in LEVELS.items()},
            largest=max(map(self._room_for_one, fleet.hosts, (fleet.placement.services[host.name] for host in fleet.hosts))),
        )

    def _room_for_one(self, host: Host, names: Sequence[str]) -> int:
        """Return the most memory that one service of a host could get."""
        policy = self.ground.policy
        floors = [needed_memory(self.ground.specs(host.capacity)[name], policy) for name in names]
        return max(0, policy.usable(host.capacity) - sum(floors) + max(floors, default=0))

    def _parts(self, fleet: Fleet) -> dict[str, Part]:
        """Return the smallest part of what it asks for that any service gets, by dimension; the seen use counts for cores."""
        held: list[Held] = [
            self.ground.held(host.capacity, frozenset(names)) for host in fleet.hosts if (names := fleet.placement.services[host.name])
        ]
        parts = {name: min((one.parts[name] for one in held), key=lambda part: part.share, default=Part()) for name in DIMENSIONS}
        if self.use and self.use.cpus:
            have = sum(host.capacity.cpus for host in fleet.hosts)
            seen = Part(share=min(Fraction(1), have * BUSY / self.use.cpus), service="the host")
            parts["cpus"] = min(parts["cpus"], seen, key=lambda part: part.share)
        return parts

    def _missing(self, fleet: Fleet, step: Fraction) -> Fraction:
        """Return the largest part of a need that hosts do not hold, in any dimension."""
        policy = self.ground.policy
        wanted = dict.fromkeys(DIMENSIONS, Fraction(0))
        lacking_ = dict.fromkeys(DIMENSIONS, Fraction(0))

        def count(name: str, need: Fraction, room: int) -> None:
            wanted[name] += need
            lacking_[name] += max(Fraction(0), need - room)

        for host in fleet.hosts:
            specs, pool = self.ground.specs(host.capacity), policy.pool(host.capacity)
            services = [specs[name] for name in fleet.placement.services[host.name]]
            least = sum(needed_memory(spec, policy) for spec in services)
            most = sum(max(spec.memory.request * spec.replicas, needed_memory(spec, policy)) for spec in services)
            count("memory", least + step * (most - least), max(0, policy.usable(host.capacity)))
            reserved = sum(spec.cpus.reservation * spec.replicas for spec in services)
            count("cpus", reserved * self.busy, max(0, pool.cpus))
            for disk in host.capacity.disks:
                stored = [storage for _spec, _volume, storage in volumes(host.capacity, disk, services)]
                floor = sum(storage.floor for storage in stored)
                need = floor + step * (sum(storage.size for storage in stored) - floor)
                count("disk", base(host.capacity, disk, services, policy).used + need, disk.size)
        return max((lacking_[name] / wanted[name] for name in DIMENSIONS if wanted[name]), default=Fraction(0))

    def _regretted(self, options: list[Option]) -> list[Option]:
        regrets = [Fraction(0)] * len(options)
        for level in LEVELS:
            least, price = min((option.missing[level], option.cost) for option in options)
            for position, option in enumerate(options):
                missing = option.missing[level]
                over, under = max(Fraction(0), option.cost - price), max(Fraction(0), price - option.cost)
                short = UNDER * under + MISSING * missing * price if missing > least else Fraction(0)
                regrets[position] += OVER * over + short
        return [replace(option, regret=regret / len(LEVELS)) for option, regret in zip(options, regrets, strict=True)]

    def _binding(self, keep: Option) -> str:
        lacks = keep.fleet.placement.lacks.get(self.host.name, {})
        if lacks:
            return next(iter(lacks)).partition(".")[0].replace("disks", "disk")
        name = min(DIMENSIONS, key=lambda dimension: keep.parts[dimension].share)
        return name if keep.parts[name].share < 1 else ""

    def _cure(self, options: Sequence[Option]) -> str:
        """Return the smallest row with which every service has its floor, and how."""
        for row in sorted(self.offers, key=lambda row: (row.memory, row.cpus, row.disk or 0, row.cost, row.name)):
            ways = [option for option in options if option.offer == row.name and option.fits]
            if ways:
                return min(ways, key=lambda option: option.cost).title
        return ""

    def _told(self, option: Option, keep: Option) -> Option:
        """Return an option with what it cures, and what it does not."""
        cures: list[str] = []
        leaves: list[str] = []
        if not option.fits:
            lacks = [
                f"{host} lacks {lacking(name, figure)}"
                for host, each in option.fleet.placement.lacks.items()
                for name, figure in each.items()
            ]
            return replace(option, leaves=(f"it does not hold the floors: {', '.join(lacks)}",))
        if not keep.fits:
            cures.append("every service has its floor")
        for name in DIMENSIONS:
            before, after = keep.parts[name], option.parts[name]
            if after.share == 1 and (name == self._binding(keep) or before.share < 1):
                today = f"; {before.service} gets {percent(before.share)} today" if keep.fits else ""
                cures.append(f"{NOUNS[name]}: every service gets all that it asks for{today}")
            elif after.share < 1:
                today = f", {percent(before.share)} today" if keep.fits and option is not keep else ""
                better = keep.fits and after.share > before.share
                (cures if better else leaves).append(
                    f"{NOUNS[name]}: {after.service} gets {percent(after.share)} of what it asks for{today}"
                )
        cures += self._kills(option)
        if self.use and self.use.cpus:
            have = sum(host.capacity.cpus for host in option.fleet.hosts)
            busy = Fraction(self.use.cpus, have)
            (leaves if busy > BUSY else cures if Fraction(self.use.cpus, self.host.capacity.cpus) > BUSY else []).append(
                f"cores: what was seen keeps {percent(busy)} of {cores(have)} busy"
            )
        if len(option.fleet.hosts) == 1:
            leaves.append("one host: when it fails, everything stops")
        else:
            cures.append("the two hosts do not take memory, cores or disk from each other")
            leaves.append("no copy of anything: what a failed host runs stops; a second host to run, and a private network between the two")
            if option.fleet.placement.moved:
                count = len(option.fleet.placement.moved)
                size = option.fleet.placement.bytes_moved
                leaves.append(
                    f"{count} service{'s' if count > 1 else ''} to move: {some(option.fleet.placement.moved)}"
                    + (f"; their volumes may hold {mib(size)}" if size else "")
                )
        if not option.fleet.placement.proven:
            leaves.append(f"another placement may be better: up to {percent(option.fleet.placement.bound)} for the worst service")
        return replace(option, cures=tuple(cures), leaves=tuple(leaves))

    def _kills(self, option: Option) -> list[str]:
        if not self.use:
            return []
        limits = option.limits
        return [
            f"OOM kills of {name}: {mib(limits[name])} where it was killed with {mib(size)}"
            for name, size in sorted(self.use.killed_at.items())
            if limits.get(name, 0) > size
        ]


def percent(share: Fraction) -> str:
    """Return a share in whole percent, never rounded up to all of it."""
    return f"{int(share * 100)} %"


def money(amount: Fraction) -> str:
    """Return an amount with cents where it has any."""
    return str(amount.numerator) if amount.denominator == 1 else f"{float(amount):.2f}"


def _ordered(options: Sequence[Option]) -> list[Option]:
    """Return options by regret, a larger host first where it holds as much as the best and its regret is about the same."""
    ordered = sorted(
        options, key=lambda option: (not option.fits, option.regret, option.cost, option.fleet.placement.bytes_moved, option.title)
    )
    best = ordered[0]
    if best.kind in ("second", "split"):
        near = [
            option
            for option in ordered
            if option.kind == "larger"
            and option.fits
            and option.regret - best.regret <= option.cost * _VERTICAL
            and all(option.missing[level] <= best.missing[level] for level in LEVELS)
        ]
        if near:
            ordered.remove(near[0])
            ordered.insert(0, near[0])
    return ordered
