# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack's containers as Prometheus sees them: what they were promised, what they have, what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..deploy.changes import compare
from ..engine.group import CGROUPS, PROC, Group
from ..engine.live import describe
from ..engine.live import service as service_of
from ..engine.usage import memory_events
from .exposition import Family

MILLICORES = 1000

# What the engine says of the kernel's kills; kept from run to run, since a container that is started anew counts from zero.
KILLS = "ziggie_service_oom_notices_total"


def families(
    inspected: Sequence[Mapping[str, Any]],
    release: Mapping[str, Any],
    budget: Mapping[str, Any],
    kills: Mapping[str, float],
    *,
    proc: Path = PROC,
    cgroups: Path = CGROUPS,
) -> list[Family]:
    """Return the figures of containers as the engine describes them (`Engine.containers`).

    `release` and `budget` are those on the host, empty where there are none; `kills` counts the engine's notices of kills by service.
    """
    containers = [describe(dict(container), proc=proc, cgroups=cgroups) for container in inspected]
    return [
        *_promised(budget),
        *_limits(containers),
        _drift(release.get("services") or {}, containers),
        _events(inspected, proc, cgroups),
        *_life(containers),
        _kills(release.get("services") or {}, containers, kills),
    ]


def _promised(budget: Mapping[str, Any]) -> list[Family]:
    limit = Family(name="ziggie_service_budget_memory_limit_bytes", kind="gauge", help="The memory limit in the Budget on the host.")
    reservation = Family(
        name="ziggie_service_budget_memory_reservation_bytes", kind="gauge", help="The memory reservation in the Budget on the host."
    )
    for name, service in sorted((budget.get("services") or {}).items()):
        if service.get("enabled"):
            limit.add(service["memory"]["limit"], service=name)
            reservation.add(service["memory"]["reservation"], service=name)
    return [limit, reservation]


def _limits(containers: Iterable[Mapping[str, Any]]) -> list[Family]:
    """Return the limits in force: the kernel's, the engine's where the kernel does not tell; 0 is none."""
    memory = Family(name="ziggie_service_memory_limit_bytes", kind="gauge", help="The memory limit in force, 0 for none.")
    reservation = Family(name="ziggie_service_memory_reservation_bytes", kind="gauge", help="The memory reservation in force, 0 for none.")
    quota = Family(name="ziggie_service_cpu_limit_cores", kind="gauge", help="The CPU quota in force, 0 for none.")
    shares = Family(name="ziggie_service_cpu_shares", kind="gauge", help="The CPU shares that the engine was asked for.")
    pids = Family(name="ziggie_service_pids_limit", kind="gauge", help="The limit of processes in force, 0 for none.")
    for container in containers:
        labels = _labels(container)
        live = {**container["limits"], **container["kernel"]}
        memory.add(live["memory"], **labels)
        reservation.add(live["memory_reservation"], **labels)
        quota.add(live["cpu_quota"] / MILLICORES, **labels)
        shares.add(live["cpu_shares"], **labels)
        pids.add(live["pids"], **labels)
    return [memory, reservation, quota, shares, pids]


def _drift(services: Mapping[str, Any], containers: Sequence[Mapping[str, Any]]) -> Family:
    """Say of each limit of each service whether it is another than the release's, as a run of the playbook would find it."""
    drift = Family(name="ziggie_service_limit_differs", kind="gauge", help="Whether a limit in force is another than the release's.")
    changes = compare(services, containers)["services"]
    for name, desired in sorted(services.items()):
        different = {str(change["key"]).rpartition(".")[2] for change in changes[name]["differences"] if _is_limit(change["key"])}
        for limit in desired["limits"]:
            drift.add(int(limit in different), service=name, limit=limit)
    return drift


def _is_limit(key: str) -> bool:
    return key.startswith(("limits.", "kernel."))


def _events(inspected: Iterable[Mapping[str, Any]], proc: Path, cgroups: Path) -> Family:
    events = Family(
        name="ziggie_service_memory_events_total", kind="counter", help="memory.events of the container's cgroup since it was started."
    )
    for container in inspected:
        group = Group.of(container["State"]["Pid"], proc=proc, cgroups=cgroups) if container["State"].get("Pid") else None
        for event, count in (memory_events(group) if group else {}).items():
            events.add(count, **_names(container), event=event)
    return events


def _life(containers: Iterable[Mapping[str, Any]]) -> list[Family]:
    running = Family(name="ziggie_service_running", kind="gauge", help="Whether the container runs.")
    healthy = Family(
        name="ziggie_service_healthy", kind="gauge", help="Whether the container's probe succeeds; none where it has no probe."
    )
    killed = Family(name="ziggie_service_oom_killed", kind="gauge", help="Whether the kernel killed the container's main process.")
    restarts = Family(name="ziggie_service_restarts_total", kind="counter", help="How often the engine restarted the container.")
    started = Family(name="ziggie_service_start_time_seconds", kind="gauge", help="When the container was started, in seconds since 1970.")
    for container in containers:
        labels = _labels(container)
        running.add(int(container["state"] == "running"), **labels)
        # While it starts nobody can tell yet.
        if container["health"] in ("healthy", "unhealthy"):
            healthy.add(int(container["health"] == "healthy"), **labels)
        killed.add(int(container["oom_killed"]), **labels)
        restarts.add(container["restarts"], **labels)
        started.add(container["started"], **labels)
    return [running, healthy, killed, restarts, started]


def _kills(services: Iterable[str], containers: Iterable[Mapping[str, Any]], kills: Mapping[str, float]) -> Family:
    notices = Family(name=KILLS, kind="counter", help="How often the engine was told of a kill for want of memory, since the host started.")
    for name in sorted({*services, *kills, *(container["service"] for container in containers)}):
        notices.add(int(kills.get(name, 0)), service=name)
    return notices


def _labels(container: Mapping[str, Any]) -> dict[str, str]:
    return {"service": container["service"], "container": container["name"]}


def _names(container: Mapping[str, Any]) -> dict[str, str]:
    return {"service": service_of(container), "container": container["Name"].lstrip("/")}
