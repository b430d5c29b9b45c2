# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host a stack needs, and what of a stack a host can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..problems import Problems
from ..units import CORE
from .capacity import Capacity, Filesystem, parse_capacity
from .check import check_connections, check_tuners
from .dimensions import DIMENSIONS
from .leave_out import Dropped, leave_out, needed_memory, shortfalls
from .model import Budget
from .parse import parse_stack
from .policy import Policy, parse_policy
from .solve import solve
from .spec import ServiceSpec, images, logs, running


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """How a stack fits a host: what it lacks by dimension, what to leave out, in this order, and the budget of the rest, if any."""

    capacity: Capacity
    smallest: Capacity
    shortfalls: Mapping[str, int]
    dropped: tuple[Dropped, ...]
    budget: Budget | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "fits": not self.shortfalls,
            "capacity": self.capacity.to_dict(),
            "smallest": self.smallest.to_dict(),
            "shortfalls": dict(self.shortfalls),
            "dropped": [{"name": drop.name, "floor": drop.floor, "needs": drop.needs} for drop in self.dropped],
            "budget": None if self.budget is None else self.budget.to_dict(),
        }


def smallest(compose: Mapping[str, Any], policy: Mapping[str, Any] | None = None) -> Capacity:
    """Return the smallest host on which all services that are on fit, with no reservation of CPUs scaled. Raises `BudgetError`."""
    problems = Problems()
    rules = parse_policy(policy, problems)
    return _smallest(_services(compose, rules, problems), rules)


def fit(compose: Mapping[str, Any], capacity: Mapping[str, Any], policy: Mapping[str, Any] | None = None) -> Fitting:
    """Return how a stack fits a host. Raises `BudgetError` for what no host can mend."""
    problems = Problems()
    host, rules = parse_capacity(capacity, problems), parse_policy(policy, problems)
    services = _services(compose, rules, problems, host)
    host = cast(Capacity, host)
    dropped = leave_out(services, host, rules)
    gone = {drop.name for drop in dropped}
    rest = {**compose, "services": {name: service for name, service in compose["services"].items() if str(name) not in gone}}
    return Fitting(
        capacity=host,
        smallest=_smallest(services, rules),
        shortfalls=shortfalls(services, host, rules),
        dropped=dropped,
        budget=solve(rest, capacity, policy) if len(gone) < len(services) else None,
    )


def _services(compose: Mapping[str, Any], rules: Policy, problems: Problems, host: Capacity | None = None) -> tuple[ServiceSpec, ...]:
    """Return the services that are not off."""
    services = parse_stack(compose, rules, problems, host)
    on = running(services, rules)
    check_tuners(on, problems)
    check_connections(on, {spec.name for spec in services}, problems)
    problems.raise_errors()
    return on


def _smallest(services: Sequence[ServiceSpec], policy: Policy) -> Capacity:
    memory = max(1, sum(needed_memory(spec, policy) for spec in services))
    cpus = max(1, sum(spec.cpus.reservation * spec.replicas for spec in services))
    if policy.memory == "declared":
        memory = -(-memory * policy.overcommit_memory.denominator // policy.overcommit_memory.numerator)
        limits = sum(spec.cpus.limit * spec.replicas for spec in services if spec.cpus.declared)
        cpus = max(cpus, -(-limits * policy.overcommit_cpus.denominator // policy.overcommit_cpus.numerator))
    others = {name: dimension.used(services) + getattr(policy.reserve, name) for name, dimension in DIMENSIONS.items()}
    floors = sum(storage.floor for spec in services for storage in spec.storage.values())
    disk = floors + images(services, policy) + logs(services, policy) + policy.reserve.disk
    return Capacity(
        memory=policy.host_memory(memory),
        cpus=-(-(cpus + policy.reserve.cpus) // CORE) * CORE,
        disks=(Filesystem(name="disk", size=max(1, disk)),),
        **others,
    )
