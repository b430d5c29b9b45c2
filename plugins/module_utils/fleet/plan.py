# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a fleet: which host runs which service and why, each host's Budget, what would move, and what is missing where it does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

from ..budget.capacity import Capacity, parse_capacity
from ..budget.codes import BAD_CHOICE, BAD_SHAPE
from ..budget.leave_out import lacking, shortfalls
from ..budget.surge import Job
from ..compose.values import mapping
from ..findings.accept import accept, fold
from ..findings.known import KNOWN
from ..host.facts import Facts
from ..preflight.capacity import capacity_of, neighbours
from ..preflight.prepare import IMAGINED
from ..preflight.prepare import Wish as Said
from ..problems import BudgetError, Finding, Problems, once
from ..settings import backup as backups
from ..settings.fleet import PATH, parse
from ..settings.storage import directories
from ..typed import dump
from ..units import mib
from .advise import percent
from .model import Fleet, Host, Offer, Placement, Stack, Wish, parse_offers
from .place import Ground, Group, budgeted, groups_of, place
from .ties import everywhere, movable, together

PINNED, OUTSIDE, ALIKE = "it is pinned", "it is outside of its zone", "neither better nor worse"
# So many reasons are told of where a service is not.
_TOLD = 2

Verdict = Literal["feasible", "feasible with changes", "infeasible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A host of the inventory. `facts` are what it answered, `None` where it was not asked; `declared` is the capacity that is stated for it.

    `classes` are its storage classes, `shared` the settings that have to be those of every other host, by name. `silent` tells that it should have
    answered and did not.
    """

    name: str
    facts: Facts | None = None
    declared: Mapping[str, Any] = field(default_factory=dict)
    classes: Mapping[str, Any] = field(default_factory=dict)
    shared: Mapping[str, Any] = field(default_factory=dict)
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a plan is made of: the definition, what the inventory says of every host alike, `stack_fleet`, capacities by host, and the price list.

    With `rebalance` services move for a better share, too.
    """

    compose: Mapping[str, Any]
    said: Said
    fleet: object
    capacities: object = None
    offers: object = None
    rebalance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a service runs where it does, and by other host, why not there."""

    host: str
    why: str
    elsewhere: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A service that would move, and how many bytes its volumes may hold at most."""

    service: str
    source: str
    target: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """All that a person or a program wants to know. `asked` are the hosts that answered, `excluded` maps those that are left out to why.

    `copies` are the services that every host runs, `reasons` those of all others, by name. `moves` are the services whose containers or volumes lie on
    another host now, `new` those that lie nowhere yet, where any host answered. `cure` is the smallest row of the price list with which every service has its
    floor, and how; `rows` tells how many there are. `better` is a share that the worst service would have if services were moved for it, and the bytes that
    this would move; `None` where that was not looked for or gains nothing.
    """

    fleet: Fleet
    zones: Mapping[str, str]
    asked: tuple[str, ...]
    excluded: Mapping[str, str]
    copies: tuple[str, ...]
    reasons: Mapping[str, Why]
    moves: tuple[Moved, ...]
    new: tuple[str, ...]
    findings: tuple[Finding, ...]
    cure: str = ""
    rows: int = 0
    better: tuple[Fraction, int] | None = None

    @property
    def verdict(self) -> Verdict:
        """Return whether there is a placement, and whether anything would change."""
        if not self.fleet.placement.fits or any(finding.severity == "error" for finding in self.findings):
            return "infeasible"
        return "feasible with changes" if self.moves or self.new else "feasible"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: shares as numbers, sizes in bytes."""
        placement = self.fleet.placement
        return {
            "verdict": self.verdict,
            "share": round(float(placement.share), 4),
            "bound": round(float(placement.bound), 4),
            "proven": placement.proven,
            "hosts": {
                host.name: {
                    "zone": self.zones.get(host.name, ""),
                    "asked": host.name in self.asked,
                    "capacity": host.capacity.to_dict(),
                    "services": list(placement.services[host.name]),
                    "lacks": dict(placement.lacks.get(host.name, {})),
                    "budget": self.fleet.budgets[host.name].to_dict() if host.name in self.fleet.budgets else None,
                }
                for host in self.fleet.hosts
            },
            "excluded": dict(self.excluded),
            "copies": list(self.copies),
            "services": dump(self.reasons),
            "moves": dump(self.moves),
            "bytes_moved": placement.bytes_moved,
            "new": list(self.new),
            "cure": self.cure or None,
            "better": {"share": round(float(self.better[0]), 4), "bytes_moved": self.better[1]} if self.better else None,
            "findings": fold(self.findings),
        }


def make(asked: Asked, candidates: Sequence[Candidate]) -> FleetPlan:
    """Return the plan for hosts. Raises `BudgetError` with all that is wrong with what is given."""
    return _Maker(asked, candidates).plan()


class _Maker:
    def __init__(self, asked: Asked, candidates: Sequence[Candidate]) -> None:
        self.asked, self.candidates = asked, candidates
        problems = Problems()
        self.services = sorted(str(name) for name in mapping(asked.compose.get("services")))
        names = [one.name for one in candidates]
        self.settings = parse(asked.fleet, names, self.services, problems)
        self.offers: tuple[Offer, ...] = parse_offers(asked.offers, problems) if asked.offers else ()
        jobs: tuple[Job, ...] = backups.jobs(backups.parse(asked.said.backup, problems)) if asked.said.backup else ()
        capacities = self._capacities(problems)
        self._same(problems)
        problems.raise_errors()
        self.stack = Stack(compose=asked.compose, policy={**asked.said.policy, "credentials": sorted(asked.said.credentials)}, jobs=jobs)
        self.ground = Ground(self.stack)
        self.excluded = dict(self._excluded(capacities))
        self.hosts = [Host(name=one.name, capacity=capacities[one.name]) for one in candidates if one.name not in self.excluded]
        if not self.hosts:
            left = "; ".join(f"{name}: {why}" for name, why in self.excluded.items()) or "group stack is empty"
            problems.error(BAD_CHOICE, PATH, f"no host is left to place anything on ({left})", "add a host, or take drain out of one")
            problems.raise_errors()
        self.specs = self.ground.specs(self.hosts[0].capacity)
        self.copies = everywhere(asked.compose) & self.specs.keys()
        self.tied = together(asked.compose, self.specs)
        self.now = self._now(problems)
        self.wish = self._wish(problems)
        problems.raise_errors()

    def plan(self) -> FleetPlan:
        """Place, and say why."""
        placement = self._placed()
        fleet = budgeted(self.stack, self.hosts, placement, self.ground)
        sizes = {name: sum(storage.size for storage in self.specs[name].storage.values()) for name in placement.moved}
        placed = [name for name in self.specs if name not in self.copies]
        answered = tuple(one.name for one in self.candidates if one.facts is not None)
        return FleetPlan(
            fleet=fleet,
            zones={name: host.zone for name, host in self.settings.hosts.items() if host.zone},
            asked=answered,
            excluded=self.excluded,
            copies=tuple(sorted(self.copies)),
            reasons=dict(sorted(self._reasons(fleet))) if placement.fits else {},
            moves=tuple(
                Moved(service=name, source=self.now[name], target=placement.host_of(name), size=sizes[name]) for name in placement.moved
            )
            if placement.fits
            else (),
            new=tuple(sorted(name for name in placed if name not in self.now)) if answered else (),
            findings=tuple(self._findings(fleet)),
            cure="" if placement.fits else self._cure(placement.lacks),
            rows=len(self.offers),
            better=self._better(fleet) if placement.fits and not self.asked.rebalance else None,
        )

    def _placed(self) -> Placement:
        found = place(self.stack, self.hosts, self.wish, ground=self.ground)
        if found.proven or self.wish.stay or not self.now:
            return found
        # A search that was cut may have missed what needs no move.
        stayed = place(self.stack, self.hosts, replace(self.wish, stay=True), ground=self.ground, quick=True)
        if stayed.fits and stayed.share >= found.share:
            return replace(stayed, bound=max(found.bound, stayed.share), proven=False)
        return found

    def _capacities(self, problems: Problems) -> dict[str, Capacity]:
        """Return what each host has, of which that is known; what is said on the command line counts first, then `stack_fleet`, then the host's own."""
        stated = self.asked.capacities
        if not isinstance(stated, Mapping):
            stated = {}
            if self.asked.capacities is not None:
                example = "-e '{fleet_capacity: {vps2: {memory: 16g, cpus: 4}}}'"
                problems.error(BAD_SHAPE, "fleet_capacity", "expected a mapping of hosts to what they have", f"write {example}")
        known = [one.name for one in self.candidates]
        for name in stated:
            if name not in known:
                problems.error(
                    BAD_CHOICE, f"fleet_capacity.{name}", "there is no such host in group stack", f"use one of {', '.join(known)}"
                )
        found: dict[str, Capacity] = {}
        for one in self.candidates:
            said = self.settings.host(one.name).capacity
            if one.name in stated:
                path, declared = f"fleet_capacity.{one.name}", mapping(stated[one.name])
            elif said is not None:
                path, declared = f"{PATH}.hosts.{one.name}.capacity", said
            else:
                path, declared = f"{one.name}.stack_capacity", one.declared
            if one.silent:
                continue
            own = Problems()
            capacity = parse_capacity(capacity_of(one.facts or IMAGINED, declared, directories(one.classes)), own)
            problems.findings += [replace(finding, path=finding.path.replace("capacity", path, 1)) for finding in own.findings]
            if capacity is not None:
                found[one.name] = capacity
        return found

    def _same(self, problems: Problems) -> None:
        """Refuse settings that are not the same on all hosts: the services are placed by one definition and one policy."""
        first, *others = [one for one in self.candidates if not one.silent] or [Candidate(name="")]
        for name, value in first.shared.items():
            differing = [other.name for other in others if other.shared.get(name) != value]
            if differing:
                message = f"it is not the same on {first.name} and {', '.join(differing)}, and services are placed by one"
                problems.error(BAD_CHOICE, name, message, "set it for group stack and not for single hosts")

    def _excluded(self, capacities: Mapping[str, Capacity]) -> Iterator[tuple[str, str]]:
        for one in self.candidates:
            if one.silent:
                yield one.name, "it did not answer, so what it has and what lies on it is not known"
            elif self.settings.host(one.name).drain:
                yield one.name, f"{PATH}.hosts.{one.name}.drain: what lies on it is to leave"
            else:
                lacks = shortfalls([], capacities[one.name], self.ground.policy)
                if lacks:
                    missing = ", ".join(lacking(name, figure) for name, figure in lacks.items())
                    yield one.name, f"beside its reserve it has no room for anything; it lacks {missing}"

    def _now(self, problems: Problems) -> dict[str, str]:
        """Return where the containers and volumes of services lie."""
        lie: dict[str, list[str]] = {}
        for one in self.candidates:
            here = {*self.settings.host(one.name).holds}
            if one.facts is not None:
                here |= {container.service for container in one.facts.engine.deployed}
                here |= {name for name, spec in self.specs.items() if spec.storage.keys() & one.facts.volumes.keys()}
            for name in here & self.specs.keys() - self.copies:
                lie.setdefault(name, []).append(one.name)
        now = {}
        for name, places in sorted(lie.items()):
            pinned = self.settings.services[name].host if name in self.settings.services else ""
            if len(places) > 1 and pinned not in places:
                problems.error(
                    BAD_CHOICE,
                    f"services.{name}",
                    f"containers or volumes of it lie on {' and '.join(places)}, and which of them count is not known",
                    f"name the host whose data count: {PATH}.services.{name}.host: {places[0]}",
                )
            now[name] = pinned if pinned in places else places[0]
        return now

    def _wish(self, problems: Problems) -> Wish:
        open_ = [host.name for host in self.hosts]
        pins, within, apart, tied = self._preset(problems), {}, [], [*self.tied]
        for name, wish in self.settings.services.items():
            path = f"{PATH}.services.{name}"
            if wish.host in self.excluded:
                problems.error(BAD_CHOICE, f"{path}.host", f"{wish.host} is excluded: {self.excluded[wish.host]}", "name another host")
            elif wish.host:
                pins[name] = wish.host
            if wish.zone:
                within[name] = frozenset(host for host in open_ if self.settings.host(host).zone == wish.zone)
                if not within[name]:
                    problems.error(BAD_CHOICE, f"{path}.zone", f"every host of zone {wish.zone} is excluded", "name another zone")
            if name in self.copies and (wish.host or wish.zone or wish.affinity or wish.anti_affinity):
                message = "every host runs a copy of it, since it watches or manages the host that it runs on"
                problems.error(BAD_CHOICE, path, message, "leave it out")
            tied += [(name, other) for other in wish.affinity]
            apart += [(name, other) for other in wish.anti_affinity]
        return Wish(
            pins=pins,
            within=within,
            together=tuple(tied),
            apart=tuple(apart),
            everywhere=self.copies,
            now=self.now,
            stay=not self.asked.rebalance,
        )

    def _preset(self, problems: Problems) -> dict[str, str]:
        """Return the pins of the report's split: everything stays on the first host but what it moves to the second."""
        if not self.settings.preset:
            return {}
        if len(self.candidates) != 2 or len(self.hosts) != 2:
            have = ", ".join(host.name for host in self.hosts)
            message = f"the report's split is one of two hosts, and there are {len(self.hosts)} to place services on ({have})"
            problems.error(BAD_CHOICE, PATH, message, "pin services to hosts: services: {ollama: {host: vps2}}")
            return {}
        first, second = self.hosts
        moving = movable(self.specs, self.tied, self.copies)
        placed = [name for name in self.specs if name not in self.copies and name not in self.settings.services]
        return {name: second.name if name in moving else first.name for name in placed}

    def _reasons(self, fleet: Fleet) -> Iterator[tuple[str, Why]]:
        placement = fleet.placement
        kinds = {host.name: host.capacity for host in self.hosts}
        groups = groups_of(self.specs, self.hosts, self.wish, self.copies, Problems())
        homes = [placement.host_of(min(group.names)) for group in groups]
        for group, home in zip(groups, homes, strict=True):
            rivals = {homes[other]: self._rival(group, groups[other]) for other in group.apart}
            elsewhere = {
                host.name: self._not_there(placement, group, index, kinds, rivals)
                for index, host in enumerate(self.hosts)
                if host.name != home
            }
            for name in group.names:
                yield name, Why(host=home, why=self._why(name, group, home, elsewhere), elsewhere=elsewhere)

    def _not_there(self, placement: Placement, group: Group, index: int, kinds: Mapping[str, Capacity], rivals: Mapping[str, str]) -> str:
        """Return why a group is not on another host: what would be so if it alone were there. `rivals` are those that it is kept apart from, by host."""
        there, home = self.hosts[index].name, placement.host_of(min(group.names))
        if index not in group.hosts:
            return PINNED if group.names & self.wish.pins.keys() else OUTSIDE
        if there in rivals:
            return f"anti-affinity with {rivals[there]}"
        here, beside = (frozenset(placement.services[name]) for name in (home, there))
        after = self.ground.held(kinds[there], beside | group.names)
        if after.lacks:
            return f"it would lack {', '.join(lacking(name, figure) for name, figure in after.lacks.items())}"
        left = self.ground.held(kinds[home], here - group.names | self.copies)
        others = [
            self.ground.held(kinds[name], frozenset(names)).share for name, names in placement.services.items() if name not in (home, there)
        ]
        share = min([after.share, left.share, *others])
        size = group.bytes[index] - group.bytes[[host.name for host in self.hosts].index(home)]
        if self.wish.stay and group.moves[index] and size > 0:
            return f"{mib(size)} at most would move"
        if share < placement.share:
            return f"the worst service would get {percent(share)}, not {percent(placement.share)}"
        return f"{mib(size)} at most would move" if size > 0 else ALIKE

    def _rival(self, group: Group, other: Group) -> str:
        """Return the service of another group that anti-affinity keeps a group from."""
        return next(name for each in self.wish.apart if group.names & {*each} for name in each if name in other.names)

    def _why(self, name: str, group: Group, home: str, elsewhere: Mapping[str, str]) -> str:
        wish = self.settings.services.get(name)
        if wish and wish.host:
            return "pinned"
        tied = sorted(group.names - {name})
        if name in self.wish.pins:
            return f"preset {self.settings.preset}"
        leader = next((other for other in tied if other in self.wish.pins), "")
        if leader:
            return f"with {leader}, which is pinned"
        parts = [f"zone {wish.zone}"] if wish and wish.zone else []
        anchor = next((other for other in tied if self.now.get(other) == home), "")
        if self.now.get(name) == home or anchor:
            return "; ".join([*parts, "it lies here" if self.now.get(name) == home else f"with {anchor}, which lies here"])
        if tied:
            parts.append(f"with {', '.join(tied)}")
        reasons: dict[str, list[str]] = {}
        for host, reason in elsewhere.items():
            if reason not in (ALIKE, OUTSIDE):
                reasons.setdefault(reason, []).append(host)
        parts += [f"not on {', '.join(hosts)}: {reason}" for reason, hosts in list(reasons.items())[:_TOLD]]
        return "; ".join(parts) or "any other host is as good"

    def _findings(self, fleet: Fleet) -> Iterator[Finding]:
        found = [Finding(**finding) for finding in self.asked.said.known]
        for one in self.candidates:
            if one.facts is not None:
                found += [replace(finding, path=f"{one.name}.neighbours") for finding in neighbours(one.facts)]
        for budget in fleet.budgets.values():
            found += budget.findings
        yield from accept(once(found, frozenset()), self.asked.said.accepted, KNOWN, self.asked.compose)

    def _cure(self, lacks: Mapping[str, Mapping[str, int]]) -> str:
        """Return the smallest row of the price list with which every service has its floor: as a further host, else instead of one that lacks something."""
        for row in sorted(self.offers, key=lambda row: (row.memory, row.cpus, row.disk or 0, row.cost, row.name)):
            names = {host.name for host in self.hosts}
            further = Host(name=next(name for name in (row.name, f"another {row.name}") if name not in names), capacity=row.capacity)
            if self._fits([*self.hosts, further]):
                return f"a further host: {row.name}"
            for lacking_one in lacks:
                larger = [Host(name=lacking_one, capacity=row.capacity) if host.name == lacking_one else host for host in self.hosts]
                if self._fits(larger):
                    return f"{lacking_one} as {row.name}"
        return ""

    def _fits(self, hosts: Sequence[Host]) -> bool:
        try:
            return place(self.stack, hosts, self.wish, ground=self.ground).fits
        except BudgetError:
            return False

    def _better(self, fleet: Fleet) -> tuple[Fraction, int] | None:
        """Return what moving services would gain for the worst of them, and how many bytes that moves."""
        if not self.now or fleet.placement.share == 1:
            return None
        other = place(self.stack, self.hosts, replace(self.wish, stay=False), ground=self.ground, quick=True)
        return (other.share, other.bytes_moved) if other.share > fleet.placement.share else None
