# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what an inventory says, what a host has and what an audit saw to the question that `advise` answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from ..budget.capacity import Capacity, parse_capacity
from ..budget.knowledge import Insight
from ..catalog.merge import deep_merge
from ..host.facts import Facts
from ..observe.budget import host_of, of_project
from ..observe.model import Audit
from ..preflight.capacity import capacity_of
from ..preflight.prepare import IMAGINED
from ..preflight.prepare import Wish as Said
from ..problems import Problems
from ..settings import backup as backups
from ..settings.storage import directories
from ..units import compose_size
from .advise import Advice, Use, advise
from .model import Host, Stack, parse_offers
from .place import Ground


def advise_by(
    name: str, compose: Mapping[str, Any], said: Said, facts: Facts | None, offers: object, audit: Audit | None, project: str
) -> Advice:
    """Return advice for a host. Raises `BudgetError` with all that is wrong with what is given.

    Without facts the host has what is declared, and else what the audit says.
    """
    problems = Problems()
    rows = parse_offers(offers, problems)
    capacity = _capacity(said, facts, audit, project, problems)
    jobs = backups.jobs(backups.parse(said.backup, problems)) if said.backup else ()
    problems.raise_errors()
    # Without memory and cores there is an error.
    capacity = cast(Capacity, capacity)
    observed = of_project(audit, project) if audit else {}
    if audit and not observed:
        projects = ", ".join(sorted({one.project for one in audit.containers if one.project})) or "no Compose project"
        raise ValueError(f"advise_audit: the audit has no running container of project {project}; it has {projects}")
    stack = Stack(
        compose=compose, policy={**said.policy, "credentials": sorted(said.credentials)}, insight=Insight(observed=observed), jobs=jobs
    )
    stack = replace(stack, compose=_as_seen(stack, capacity))
    return advise(stack, Host(name=name, capacity=capacity), rows, _use(audit, project) if audit else None)


def _as_seen(stack: Stack, capacity: Capacity) -> Mapping[str, Any]:
    """Return the definition with floors that hold what was observed: one that its author stated counts before evidence, and is too low where more was seen."""
    patch: dict[str, Any] = {}
    for name, spec in Ground(stack).specs(capacity).items():
        seen = stack.insight.observed.get(name)
        if seen and seen.need > spec.memory.floor:
            most = {"request": compose_size(seen.need)} if spec.memory.request < seen.need else {}
            patch[name] = {"x-budget": {"memory": {"floor": compose_size(seen.need), **most}}}
    return deep_merge(stack.compose, {"services": patch}) if patch else stack.compose


def _capacity(said: Said, facts: Facts | None, audit: Audit | None, project: str, problems: Problems) -> Capacity | None:
    declared = dict(said.declared)
    if facts is None and audit is not None:
        facts = host_of(audit, project)
        declared = {"swap": audit.machine.swap, **({"disk": audit.engine.disk_size} if audit.engine.disk_size else {}), **declared}
    return parse_capacity(capacity_of(facts or IMAGINED, declared, directories(said.classes)), problems)


def _use(audit: Audit, project: str) -> Use:
    """Return what all containers of the host used of its cores, and which of the project were killed."""
    running = [one for one in audit.containers if one.running]
    watched = bool(audit.watched) and all(one.window and one.window.cpu for one in running)
    figures = [one.window.cpu.p95 if watched and one.window and one.window.cpu else one.use.cpu_average for one in running]
    known = [figure for figure in figures if figure is not None]
    seen = of_project(audit, project)
    return Use(
        cpus=sum(known) if len(known) == len(running) else None,
        over=f"95th percentile of {audit.watched:.0f} s" if watched else "on average since the containers started",
        kills={name: one.oom_kills for name, one in sorted(seen.items()) if one.oom_kills},
        killed_at={name: max(one.limit, one.peak) for name, one in sorted(seen.items()) if one.oom_kills},
        pressure=dict(audit.machine.pressure),
    )
