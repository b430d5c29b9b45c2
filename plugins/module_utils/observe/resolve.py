# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From advice to a new budget: which floors change, who gains, who pays, or by how much it does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..budget.model import Budget
from ..budget.solve import solve
from ..catalog.merge import deep_merge
from ..compose.values import dig, mapping, parsed
from ..findings.service import Service
from ..problems import BudgetError
from ..typed import dump
from ..units import compose_size, parse_size
from .recommend import NO_DATA, Advice

_FLOOR = ("x-budget", "memory", "floor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One service: what is advised, its floor and limit now (`None` where the budget cannot be kept) and then, in bytes."""

    service: str
    advice: Advice
    floor: int | None
    wanted: int | None
    limit: int | None
    limit_then: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`patch` is for `catalog_overrides`, empty where nothing changes; `problems` are the sentences why the new budget cannot be kept.

    `notes` say what of the history does not count. Where it is of a whole host, `owners` says of each service its project, empty for none, and its
    name there: an inventory is of one project.
    """

    lines: tuple[Line, ...]
    patch: Mapping[str, Any]
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()
    owners: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def patches(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the patch of each project, with the names that its services have there; all of it under the empty text where there are no owners."""
        found: dict[str, dict[str, Any]] = {}
        for name, change in mapping(self.patch.get("services")).items():
            project, service = self.owners.get(str(name), ("", str(name)))
            found.setdefault(project, {})[service] = change
        return {project: {"services": services} for project, services in sorted(found.items())}

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        plain: dict[str, Any] = dump(
            {"lines": self.lines, "patch": self.patch, "patches": self.patches, "problems": self.problems, "notes": self.notes}
        )
        return plain


def resolve(
    compose: Mapping[str, Any],
    capacity: Mapping[str, Any],
    policy: Mapping[str, Any],
    advice: Mapping[str, Advice],
    overrides: Mapping[str, Any] | None = None,
    stated: Mapping[str, Any] | None = None,
) -> Outcome:
    """Solve the budget again with the advised floors.

    `compose` is the definition with the `overrides` in it, `stated` are the floors that the catalog itself states. None is lowered below what the
    catalog or the image is known to need: only one that stands in the overrides comes down. What a service asks for (`request`) is never lowered,
    since a tuned server uses what it is given.
    """
    services = mapping(compose.get("services"))
    before, wrong = _solved(compose, capacity, policy)
    patch: dict[str, Any] = {}
    floors: dict[str, tuple[int | None, int | None]] = {}
    for name, service in services.items():
        held = before.services[name].memory if before else None
        now = held.floor if held else parsed(parse_size, dig(service, *_FLOOR))
        need = advice[name].need if name in advice else None
        wanted = None if need is None else max(need, _least(str(name), service, now, overrides, stated))
        floors[str(name)] = (now, wanted)
        if wanted is not None and wanted != now:
            memory: dict[str, Any] = {"floor": compose_size(wanted)}
            if held and held.request < wanted:
                memory["request"] = compose_size(wanted)
            patch[str(name)] = {"x-budget": {"memory": memory}}
    after, problems = _solved(deep_merge(compose, {"services": patch}), capacity, policy) if patch else (before, wrong)
    lines = [
        Line(
            service=name,
            advice=advice.get(name) or NO_DATA,
            floor=now,
            wanted=wanted,
            limit=before.services[name].memory.limit if before else None,
            limit_then=after.services[name].memory.limit if after else None,
        )
        for name, (now, wanted) in sorted(floors.items())
    ]
    return Outcome(lines=tuple(lines), patch={"services": patch} if patch else {}, problems=problems)


def _least(
    name: str, service: Mapping[str, Any], now: int | None, overrides: Mapping[str, Any] | None, stated: Mapping[str, Any] | None
) -> int:
    """Return the floor that holds whatever was observed: the one now, or where the operator set it, what catalog and image are known to need."""
    own = parsed(parse_size, dig(mapping(mapping(overrides).get("services")).get(name), *_FLOOR))
    if own is None:
        return now or 0
    # An operator who went below the catalog is not led back to it.
    return max(Service.read(name, service).floor, min(own, parsed(parse_size, mapping(stated).get(name)) or 0))


def _solved(compose: Mapping[str, Any], capacity: Mapping[str, Any], policy: Mapping[str, Any]) -> tuple[Budget | None, tuple[str, ...]]:
    try:
        return solve(compose, capacity, policy), ()
    except BudgetError as error:
        return None, tuple(str(error).splitlines())
