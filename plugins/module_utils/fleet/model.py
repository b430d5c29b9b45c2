# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several hosts: what each has, what runs where, and what a provider sells. Memory and disk are in bytes, CPUs in millicores, money in whole fractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..budget.capacity import Capacity, Filesystem
from ..budget.codes import BAD_SHAPE, MISSING_KEY
from ..budget.knowledge import BLIND, Insight
from ..budget.model import Budget
from ..budget.surge import Job
from ..compose.reader import Reader
from ..problems import Problems
from ..units import cores, plain_number, shown

_KEYS = ("name", "memory", "cpus", "disk", "price", "renewal", "current")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What is to be placed: a definition, the policy by which every host is shared, and what `budget.solve` takes beside these."""

    compose: Mapping[str, Any]
    policy: Mapping[str, Any] = field(default_factory=dict)
    insight: Insight = BLIND
    jobs: Sequence[Job] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host that services can be placed on."""

    name: str
    capacity: Capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a placement has to keep to.

    `pins` maps services to the hosts that they must run on, `within` to several that they may run on, `together` lists services that must share a host,
    `apart` those that must not share one, `everywhere` those that every host runs a copy of. `now` maps services to the hosts that their volumes lie on;
    with `stay` they stay there unless the floors or one of these wishes need a move.
    """

    pins: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[str, frozenset[str]] = field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    everywhere: frozenset[str] = frozenset()
    now: Mapping[str, str] = field(default_factory=dict)
    stay: bool = False


FREE = Wish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Which services each host runs, by the host's name.

    `lacks` says by host and dimension what is missing for the floors, and is empty where everything fits. `share` is the smallest part of what it asks for
    that any service gets, in any dimension; no placement has more than `bound`, which is `share` where this one is `proven` to be the best.
    `moved` are the services whose volumes lie on another host now, `bytes_moved` what these volumes may hold at most.
    """

    services: Mapping[str, tuple[str, ...]]
    lacks: Mapping[str, Mapping[str, int]]
    share: Fraction
    bound: Fraction
    proven: bool
    moved: tuple[str, ...] = ()
    bytes_moved: int = 0

    @property
    def fits(self) -> bool:
        """Tell whether every service has its floor."""
        return not self.lacks

    def host_of(self, service: str) -> str:
        """Return the first host that runs a service."""
        return next(host for host, names in self.services.items() if service in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """A placement, and the Budget of each host that runs anything; there are none where it does not fit."""

    hosts: tuple[Host, ...]
    placement: Placement
    budgets: Mapping[str, Budget]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A row of a price list. `disk` is `None` where the list does not say; prices are for a month, `renewal` is what a month costs after the first period."""

    name: str
    memory: int
    cpus: int
    disk: int | None
    price: Fraction
    renewal: Fraction | None = None
    current: bool = False

    @property
    def cost(self) -> Fraction:
        """Return what a month costs in the long run."""
        return self.price if self.renewal is None else self.renewal

    @property
    def capacity(self) -> Capacity:
        """Return what such a host has: one filesystem that holds everything."""
        disks = () if self.disk is None else (Filesystem(name="disk", size=self.disk),)
        return Capacity(memory=self.memory, cpus=self.cpus, disks=disks)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, with CPUs in millicores."""
        return {
            "name": self.name,
            "memory": self.memory,
            "cpus": self.cpus,
            "disk": self.disk,
            "price": plain_number(self.price),
            "renewal": None if self.renewal is None else plain_number(self.renewal),
            "current": self.current,
        }


def parse_offers(data: object, problems: Problems) -> tuple[Offer, ...]:
    """Return the rows of a price list as the inventory writes them, in their order."""
    if not isinstance(data, (list, tuple)) or not data:
        got = "nothing" if data in (None, [], (), {}, "") else shown(data)
        fix = (
            "write a list of rows such as {name: KVM 6, memory: 24g, cpus: 6, disk: 300g, price: 20}; inventories/offers.yml is an example"
        )
        problems.error(BAD_SHAPE, "stack_offers", f"expected a list of what a provider sells, got {got}", fix)
        return ()
    offers = [_offer(entry, f"stack_offers[{position}]", problems) for position, entry in enumerate(data)]
    found = [offer for offer in offers if offer is not None]
    names = [offer.name for offer in found]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        problems.error(BAD_SHAPE, "stack_offers", f"{names.count(name)} rows are called {shown(name)}", "give each row a name of its own")
    current = [offer.name for offer in found if offer.current]
    if len(current) > 1:
        problems.error(
            BAD_SHAPE, "stack_offers", f"{', '.join(current)} are all marked current", "mark the one row that this host is bought as"
        )
    return tuple(found)


def _offer(entry: object, path: str, problems: Problems) -> Offer | None:
    if not isinstance(entry, Mapping):
        problems.error(BAD_SHAPE, path, f"expected a mapping, got {shown(entry)}", "write {name: KVM 6, memory: 24g, cpus: 6, price: 20}")
        return None
    reader = Reader(entry, path, problems, _KEYS)
    for name, example in (("name", "KVM 6"), ("memory", "24g"), ("cpus", "6"), ("price", "20")):
        if not reader.has(name):
            problems.error(MISSING_KEY, reader.at(name), f"the row has no {name}", f"write {name}: {example}")
    offer = Offer(
        name=reader.text("name", ""),
        memory=reader.size("memory", 0),
        cpus=reader.cpus("cpus", 0),
        disk=reader.size("disk", 0) or None,
        price=reader.number("price", Fraction(0)),
        renewal=reader.number("renewal", Fraction(0)) or None,
        current=reader.flag("current", False),
    )
    return offer if offer.name and offer.memory and offer.cpus and offer.price else None


def bought_as(offers: Sequence[Offer], capacity: Capacity) -> Offer | None:
    """Return the row that a host is bought as: the one that is marked, else the only one with its cores and about its memory.

    A kernel reports up to an eighth less memory than is sold.
    """
    marked = [offer for offer in offers if offer.current]
    like = [offer for offer in offers if offer.cpus == capacity.cpus and offer.memory * 7 // 8 <= capacity.memory <= offer.memory]
    return marked[0] if marked else like[0] if len(like) == 1 else None


def written(capacity: Capacity) -> dict[str, Any]:
    """Return a capacity as `budget.solve` takes it."""
    return {**capacity.to_dict(), "cpus": cores(capacity.cpus)}
