# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a Compose definition, a host's capacity and a policy to a Budget, or to one error with all that is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, cast

from . import codes
from .allocate import Claim, cpu_shares, fill, scale_down
from .check import check_connections, check_cpus, check_dimensions, check_engines, check_memory, check_pool
from .cores import Cores, host_cores, keep
from .disk import Shared, check_disk, share_disk
from .explain import Figures, explain, explain_disk
from .model import PRIORITIES, Budget, Capacity, Policy, ServiceSpec, Share, Tuning, TuningSpec, pool_of
from .parse import parse_stack
from .policy import parse_capacity, parse_policy
from .problems import Problems, ordered
from .tune.engine import Room
from .tune.registry import ENGINES


def solve(compose: Mapping[str, Any], capacity: Mapping[str, Any], policy: Mapping[str, Any] | None = None) -> Budget:
    """Return the budget of a stack on a host. Raises `BudgetError` with every problem."""
    problems = Problems()
    host, rules = parse_capacity(capacity, problems), parse_policy(policy, problems)
    services = parse_stack(compose, rules, problems)
    check_engines(services, problems)
    check_connections(services, problems)
    if host is not None and check_pool(host, rules, problems):
        check_memory(services, host, rules, problems)
        check_cpus(services, host, rules, problems)
        check_dimensions(services, host, rules, problems)
        check_disk(services, host, rules, problems)
    problems.raise_errors()
    host = cast(Capacity, host)
    disk = share_disk(services, host, rules)
    shares = _share(services, host, rules, disk, problems)
    return Budget(capacity=host, policy=rules, shares=shares, disks=disk.taken, findings=ordered(problems.findings))


def _share(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, disk: Shared, problems: Problems) -> tuple[Share, ...]:
    limits, level = _memory(services, capacity, policy)
    figures = {
        spec.name: _figures(spec, limits[spec.name], level, reservation, capacity, policy)
        for spec, reservation in zip(services, _reservations(services, capacity, policy), strict=True)
    }
    tunings = _tune(services, figures, disk)
    cores = _cores(services, figures, capacity, policy, problems)
    for spec in services:
        _tell(spec, tunings[spec.name], problems)
    return tuple(
        Share(
            spec=spec,
            sizes=disk.sizes[spec.name],
            memory_limit=figures[spec.name].memory_limit,
            memory_reservation=figures[spec.name].memory_reservation,
            cpu_reservation=figures[spec.name].cpu_reservation,
            cpu_limit=figures[spec.name].cpu_limit,
            cpu_shares=figures[spec.name].cpu_shares,
            cpu_quota=figures[spec.name].cpu_quota,
            cpu_cores=cores.of(spec.tier),
            enabled=set(spec.requires) <= set(policy.credentials),
            tuning=tunings[spec.name],
            explain=explain(spec, figures[spec.name], tunings[spec.name], capacity, policy, cores)
            | explain_disk(spec, disk, capacity, policy),
        )
        for spec in services
    )


def _cores(
    services: Sequence[ServiceSpec], figures: Mapping[str, Figures], capacity: Capacity, policy: Policy, problems: Problems
) -> Cores:
    """Decide how many cores only the critical tier may use."""
    host = host_cores(capacity.cpus, capacity.cores)
    critical = [spec for spec in services if spec.tier == "critical"]
    if policy.cpuset == "none" or not critical:
        return Cores(host=host, kept=0)
    if host == 1:
        message = "the host has one core, and none can be kept for the critical tier: left out"
        problems.info(
            codes.CANNOT_ENFORCE, "policy.cpuset", message, "take a host with two cores or more; weights protect the tier meanwhile"
        )
        return Cores(host=host, kept=0)
    reserved = sum(figures[spec.name].cpu_reservation * spec.replicas for spec in critical)
    return Cores(host=host, kept=keep(reserved, capacity.cpus, host), split=policy.cpuset == "split")


def _tell(spec: ServiceSpec, tuning: Tuning, problems: Problems) -> None:
    if tuning.shrunk:
        problems.warning(
            codes.TUNING_SHRUNK,
            f"services.{spec.name}.x-budget.tuning",
            tuning.shrunk,
            "give the service more of what it lacks, or ask for less here",
        )
    if tuning.files > spec.files and spec.sources["files"] != "policy.defaults.files":
        problems.warning(
            codes.FILES_BELOW_TUNING,
            f"services.{spec.name}.{spec.sources['files']}",
            f"a process of it may open {spec.files} files, and its tuned settings need {tuning.files}",
            f"write {tuning.files} or more",
        )


def _memory(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> tuple[dict[str, int], Fraction]:
    if policy.memory == "declared":
        return {spec.name: spec.memory.request for spec in services}, Fraction(0)
    filled = fill(
        (
            Claim(
                name=spec.name,
                floor=spec.memory.floor,
                request=spec.memory.request,
                weight=policy.weights[spec.priority],
                rank=PRIORITIES.index(spec.priority),
                count=spec.replicas,
            )
            for spec in services
        ),
        pool_of(capacity, policy).memory - policy.margin,
    )
    return filled.limits, filled.level


def _reservations(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> list[int]:
    wanted = [min(spec.cpus.reservation, capacity.cpus) * spec.replicas for spec in services]
    scaled = scale_down(wanted, pool_of(capacity, policy).cpus)
    return [
        figure // spec.replicas if spec.replicas else min(spec.cpus.reservation, capacity.cpus)
        for figure, spec in zip(scaled, services, strict=True)
    ]


def _figures(spec: ServiceSpec, limit: int, level: Fraction, reservation: int, capacity: Capacity, policy: Policy) -> Figures:
    cpu_limit = min(spec.cpus.limit, capacity.cpus)
    capped = policy.cpu_quota == "all" or (policy.cpu_quota == "batch" and spec.batch)
    return Figures(
        memory_limit=limit,
        memory_reservation=min(spec.memory.reservation, limit),
        level=level,
        cpu_reservation=min(reservation, cpu_limit),
        cpu_limit=cpu_limit,
        cpu_shares=cpu_shares(min(reservation, cpu_limit), policy.weights[spec.priority]),
        cpu_quota=cpu_limit if capped else None,
    )


def _tune(services: Sequence[ServiceSpec], figures: Mapping[str, Figures], disk: Shared) -> dict[str, Tuning]:
    """Tune every service, those that depend on another's settings last."""
    tunings = {spec.name: Tuning() for spec in services}
    by_engine: dict[str, list[ServiceSpec]] = {}
    for spec in services:
        if spec.tuning is not None:
            by_engine.setdefault(spec.tuning.engine, []).append(spec)
    for name in sorted(by_engine, key=lambda name: (ENGINES[name].peer is not None, name)):
        peers = by_engine.get(ENGINES[name].peer or "", [])
        peer = tunings[peers[0].name].settings if len(peers) == 1 else {}
        peer_name = peers[0].name if len(peers) == 1 else ""
        for spec in by_engine[name]:
            share = figures[spec.name]
            tunings[spec.name] = ENGINES[name].tune(
                Room(
                    limit=share.memory_limit,
                    cpus=share.cpu_limit,
                    quota=share.cpu_quota,
                    pids=spec.pids,
                    clients=spec.clients,
                    disk=sum(disk.sizes[spec.name].values()),
                    links=spec.connections,
                    params=cast(TuningSpec, spec.tuning).params,
                    peer=peer,
                    peer_name=peer_name,
                )
            )
    return tunings
