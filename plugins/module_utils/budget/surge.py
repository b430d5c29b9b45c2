# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Room in the pool for jobs that run for a while, one at a time: as much as the largest of them takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..problems import Problems
from ..units import MIB, mib, mib_up
from . import codes
from .capacity import Capacity
from .model import JobRoom
from .policy import Policy
from .spec import ServiceSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that runs beside the services: what its program may use, and the setting that says so.

    `beside` names services of which it runs a second container at the floor, one after another. `otherwise` says what becomes of the job where there is no
    room for it, `fix` what to do then.
    """

    name: str
    memory: int
    source: str
    otherwise: str
    fix: str
    beside: tuple[str, ...] = ()


def hold(
    jobs: Sequence[Job], services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, problems: Problems
) -> tuple[Policy, tuple[JobRoom, ...]]:
    """Return the policy with room for the largest job that fits, and what each job takes. A job that does not fit is a warning, for the stack fits."""
    needs = {job.name: _need(job, services) for job in jobs}
    room = max(policy.surge, _room(services, capacity, policy) // MIB * MIB)
    kept = max((need for need, _why in needs.values() if need <= room), default=0)
    for job in jobs:
        need, why = needs[job.name]
        if need > room:
            problems.warning(
                codes.NO_ROOM_FOR_JOB,
                job.source,
                f"a {job.name} takes {mib(need)} ({why}), and the pool has room for {mib(room)} beside the services: {job.otherwise}",
                f"{job.fix}, or use a host with {mib_up(policy.host_memory(policy.pool(capacity).memory + need - room))} of memory or more",
                need - room,
            )
    rooms = tuple(
        JobRoom(name=job.name, memory=needs[job.name][0], held=needs[job.name][0] <= room, why=needs[job.name][1]) for job in jobs
    )
    return replace(policy, surge=max(policy.surge, kept)), rooms


def _need(job: Job, services: Sequence[ServiceSpec]) -> tuple[int, str]:
    largest = max((spec for spec in services if spec.name in job.beside), key=lambda spec: (spec.memory.floor, spec.name), default=None)
    if largest is None:
        return job.memory, f"{mib(job.memory)}, from {job.source}"
    floor = largest.memory.floor
    return (
        job.memory + floor,
        f"{mib(job.memory)}, from {job.source}, + {mib(floor)}, the floor of {largest.name}, the largest that it starts",
    )


def _room(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> int:
    """Return what services leave of the pool less margin: above their floors, or above the limits that they declare."""
    usable = policy.pool(capacity).memory - policy.margin
    if policy.memory == "declared":
        limits = sum(spec.memory.request * spec.replicas for spec in services)
        return usable - -(-limits * policy.overcommit_memory.denominator // policy.overcommit_memory.numerator)
    return usable - sum(spec.memory.floor * spec.replicas for spec in services)
