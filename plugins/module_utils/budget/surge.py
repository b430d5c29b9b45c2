# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Room in the pool for jobs that run for a while, one at a time: as much as the largest of them takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """A job that runs beside the services: what its parts may use, each by the setting that says so, the first one that of its program.

    `otherwise` says what becomes of the job where there is no room for it, `fix` what to do then.
    """

    name: str
    parts: Mapping[str, int]
    otherwise: str
    fix: str

    @property
    def memory(self) -> int:
        """Return what all of its parts may use."""
        return sum(self.parts.values())

    @property
    def why(self) -> str:
        """Return the arithmetic of it."""
        return " + ".join(f"{mib(size)} from {source}" for source, size in self.parts.items())


def hold(
    jobs: Sequence[Job], services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, problems: Problems
) -> tuple[Policy, tuple[JobRoom, ...]]:
    """Return the policy with room for the largest job that fits, and what each job takes. A job that does not fit is a warning, for the stack fits."""
    room = max(policy.surge, _room(services, capacity, policy) // MIB * MIB)
    for job in jobs:
        lacking = job.memory - room
        if lacking > 0:
            problems.warning(
                codes.NO_ROOM_FOR_JOB,
                next(iter(job.parts)),
                f"a {job.name} takes {mib(job.memory)} ({job.why}), and the pool has room for {mib(room)} beside the services: {job.otherwise}",
                f"{job.fix}, or use a host with {mib_up(policy.host_memory(policy.usable(capacity) + lacking))} of memory or more",
                lacking,
            )
    rooms = tuple(JobRoom(name=job.name, memory=job.memory, held=job.memory <= room, why=job.why) for job in jobs)
    return replace(policy, surge=max([policy.surge, *(one.memory for one in rooms if one.held)])), rooms


def _room(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> int:
    """Return what services leave of the pool less margin: above their floors, or above the limits that they declare."""
    usable = policy.usable(capacity) + policy.surge
    if policy.memory == "declared":
        limits = sum(spec.memory.request * spec.replicas for spec in services)
        return usable - -(-limits * policy.overcommit_memory.denominator // policy.overcommit_memory.numerator)
    return usable - sum(spec.memory.floor * spec.replicas for spec in services)
