# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack's containers as Prometheus sees them: what the Budget gives them, what they have, and how they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..budget.model import Budget
from ..deploy.changes import compare
from ..deploy.release import ReleasedService
from ..engine.cgroup import CGROUPS, PROC, Group
from ..engine.container import Container
from ..engine.usage import memory_events, refaulted
from ..limits import Limits
from .exposition import Family

# What the engine says of the kernel's kills; kept from run to run, since a container that is started anew counts from zero.
KILLS = "ziggie_service_oom_notices_total"


def families(
    inspected: Sequence[Mapping[str, Any]],
    services: Mapping[str, ReleasedService],
    budget: Budget | None,
    kills: Mapping[str, float],
    *,
    proc: Path = PROC,
    cgroups: Path = CGROUPS,
) -> list[Family]:
    """Return the figures of containers as the engine describes them (`Engine.containers`).

    `services` and `budget` are those of the release on the host; `kills` counts the engine's notices of kills by service.
    """
    containers = [Container.of(container, proc=proc, cgroups=cgroups) for container in inspected]
    return [
        *(_promised(budget) if budget else ()),
        *_limits(containers),
        _drift(services, containers),
        *_memory(inspected, containers, proc, cgroups),
        *_life(containers),
        _kills(services, containers, kills),
    ]


def _promised(budget: Budget) -> list[Family]:
    limit = Family(name="ziggie_service_budget_memory_limit_bytes", kind="gauge", help="The memory limit in the Budget on the host.")
    reservation = Family(
        name="ziggie_service_budget_memory_reservation_bytes", kind="gauge", help="The memory reservation in the Budget on the host."
    )
    for name, share in sorted(budget.services.items()):
        if share.enabled:
            limit.add(share.memory.limit, service=name)
            reservation.add(share.memory.reservation, service=name)
    return [limit, reservation]


def _limits(containers: Iterable[Container]) -> list[Family]:
    """Return the limits in force: the kernel's, the engine's where the kernel does not tell; 0 is none."""
    shown = {limit.name: limit.metric for limit in Limits.table() if limit.metric}
    found = {name: Family(name=metric.name, kind="gauge", help=metric.help) for name, metric in shown.items()}
    for container in containers:
        live = {**container.limits.to_dict(), **container.kernel.to_dict()}
        for name, metric in shown.items():
            found[name].add(int(live[name]) if metric.per == 1 else int(live[name]) / metric.per, **_labels(container))
    return list(found.values())


def _drift(services: Mapping[str, ReleasedService], containers: Sequence[Container]) -> Family:
    """Say of each limit of each service whether it is another than the release's, as a run of the playbook would find it."""
    drift = Family(name="ziggie_service_limit_differs", kind="gauge", help="Whether a limit in force is another than the release's.")
    changes = compare(services, containers).services
    for name, desired in sorted(services.items()):
        different = {difference.limit for difference in changes[name].differences}
        for limit in desired.limits.table():
            drift.add(int(limit.name in different), service=name, limit=limit.name)
    return drift


def _memory(inspected: Iterable[Mapping[str, Any]], containers: Iterable[Container], proc: Path, cgroups: Path) -> tuple[Family, Family]:
    events = Family(
        name="ziggie_service_memory_events_total", kind="counter", help="memory.events of the container's cgroup since it was started."
    )
    again = Family(
        name="ziggie_service_memory_refaulted_bytes_total",
        kind="counter",
        help="What of files had been dropped from memory and was soon needed again, since the container was started.",
    )
    for one, container in zip(inspected, containers, strict=True):
        group = Group.of(one["State"]["Pid"], proc=proc, cgroups=cgroups) if one["State"].get("Pid") else None
        for event, count in (memory_events(group) if group else {}).items():
            events.add(count, **_labels(container), event=event)
        read_again = refaulted(group) if group else None
        if read_again is not None:
            again.add(read_again, **_labels(container))
    return events, again


def _life(containers: Iterable[Container]) -> list[Family]:
    running = Family(name="ziggie_service_running", kind="gauge", help="Whether the container runs.")
    healthy = Family(
        name="ziggie_service_healthy", kind="gauge", help="Whether the container's probe succeeds; none where it has no probe."
    )
    killed = Family(name="ziggie_service_oom_killed", kind="gauge", help="Whether the kernel killed the container's main process.")
    restarts = Family(name="ziggie_service_restarts_total", kind="counter", help="How often the engine restarted the container.")
    started = Family(name="ziggie_service_start_time_seconds", kind="gauge", help="When the container was started, in seconds since 1970.")
    for container in containers:
        labels = _labels(container)
        running.add(int(container.state == "running"), **labels)
        # While it starts, its health is not known.
        if container.health in ("healthy", "unhealthy"):
            healthy.add(int(container.health == "healthy"), **labels)
        killed.add(int(container.oom_killed), **labels)
        restarts.add(container.restarts, **labels)
        started.add(container.started, **labels)
    return [running, healthy, killed, restarts, started]


def _kills(services: Iterable[str], containers: Iterable[Container], kills: Mapping[str, float]) -> Family:
    notices = Family(name=KILLS, kind="counter", help="How often the engine was told of a kill for want of memory, since the host started.")
    for name in sorted({*services, *kills, *(container.service for container in containers)}):
        notices.add(int(kills.get(name, 0)), service=name)
    return notices


def _labels(container: Container) -> dict[str, str]:
    return {"service": container.service, "container": container.name}
