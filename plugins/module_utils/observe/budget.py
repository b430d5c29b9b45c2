# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each container would get from a budget over all of the host, with what was observed as its floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..budget.knowledge import Insight
from ..budget.observed import Observed
from ..budget.solve import solve
from ..compose.values import mapping
from ..host.facts import Engine, Facts, Memory, RunningContainer
from ..problems import BudgetError
from .model import Audit, Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A budget of the whole host as plain data, empty where it cannot be kept; then `problems` says why, in sentences."""

    budget: Mapping[str, Any]
    problems: tuple[str, ...]


def observed(audit: Audit) -> dict[str, Observed]:
    """Return what was seen of each service that runs, by `name_of`; of several containers of a service the one that used most."""
    found: dict[str, Observed] = {}
    for container in audit.containers:
        evidence = _evidence(container, audit)
        name = name_of(audit, container)
        if evidence and (name not in found or evidence.peak > found[name].peak):
            found[name] = evidence
    return found


def offer(audit: Audit, policy: Mapping[str, Any] | None = None) -> Offer:
    """Return what the budget gives to everything that this engine holds."""
    compose = whole(audit)
    if not compose["services"]:
        return Offer(budget={}, problems=())
    capacity = {"memory": audit.machine.memory, "cpus": audit.machine.cores}
    try:
        return Offer(budget=solve(compose, capacity, policy or {}, insight(audit)).to_dict(), problems=())
    except BudgetError as error:
        return Offer(budget={}, problems=tuple(str(error).splitlines()))


def insight(audit: Audit) -> Insight:
    """Return what was observed as evidence for a budget of `whole`."""
    return Insight(observed=observed(audit))


def of_project(audit: Audit, project: str) -> dict[str, Observed]:
    """Return what was observed of one Compose project's services, by their names in its files."""
    own = replace(audit, containers=tuple(one for one in audit.containers if one.project == project and one.service), definitions={})
    return observed(own)


def host_of(audit: Audit, project: str) -> Facts:
    """Return memory, cores and running containers of the host as facts, one project's containers as its own."""
    running = [
        RunningContainer(
            name=one.name,
            project=one.project,
            service=one.service,
            memory_limit=one.limits.memory,
            memory=one.use.working_set or 0,
            unseen=one.use.working_set is None,
        )
        for one in audit.containers
        if one.running
    ]
    return Facts(
        project=project,
        memory=Memory(total=audit.machine.memory),
        core_ids=tuple(range(audit.machine.cores)),
        engine=Engine(containers=tuple(running)),
    )


def whole(audit: Audit) -> dict[str, Any]:
    """Return all definitions of an audit as one, each service by `name_of`'s rule."""
    clashing = _clashing(audit)
    services = {
        _name(project, str(name), clashing): service
        for project, definition in sorted(audit.definitions.items())
        for name, service in mapping(definition.get("services")).items()
    }
    return {"services": {name: _standing_alone(service) for name, service in services.items()}}


def name_of(audit: Audit, container: Seen) -> str:
    """Return what a container's service is called in a definition of the whole host: its own name where that is unique."""
    return _name(container.project, container.title, _clashing(audit))


def _clashing(audit: Audit) -> frozenset[str]:
    names = [str(name) for definition in audit.definitions.values() for name in mapping(definition.get("services"))]
    return frozenset(name for name in names if names.count(name) > 1)


def _name(project: str, name: str, clashing: frozenset[str]) -> str:
    return f"{project}-{name}" if project and name in clashing else name


def _standing_alone(service: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service without what refers to others of its project: a budget needs figures only."""
    return {key: value for key, value in service.items() if key not in ("depends_on", "networks", "network_mode", "ports", "volumes")}


def _evidence(container: Seen, audit: Audit) -> Observed | None:
    use, window = container.use, container.window
    if use.working_set is None or not container.running:
        return None
    spread = window.working_set if window else None
    return Observed(
        peak=max(use.working_set, spread.most if spread else 0),
        bound=use.memory_peak,
        when=audit.when,
        since=container.started,
        window=window.seconds if window else 0.0,
        samples=(window.samples if window else 0) + 1,
        oom_kills=(use.oom_kills or 0) + (container.oom_killed and not use.oom_kills),
        limit=container.limits.memory,
        pids=max((count for count in (use.pids, window.pids.most if window and window.pids else None) if count is not None), default=None),
    )
