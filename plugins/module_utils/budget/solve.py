# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a Compose definition, a host's capacity and a policy to a Budget, or to one error with all that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, cast

from ..collector import without_cycles
from ..problems import Problems, ordered
from ..tiers import PRIORITIES
from ..units import mib, some
from . import codes
from .allocate import Claim, Fill, cpu_shares, fill, scale_down
from .capacity import Capacity, parse_capacity
from .check import check_connections, check_cpus, check_dimensions, check_disk, check_evidence, check_memory, check_pool, check_tuners
from .cores import Cores, host_cores, keep
from .disk import Shared, share_disk
from .explain import explain, explain_disk, explain_off
from .knowledge import BLIND, Insight
from .leave_out import lacking, shortfalls
from .model import Budget, Cpus, Io, Memory, Share, Tuning, VolumeShare
from .parse import BUDGET_KEY, parse_stack
from .policy import Policy, parse_policy
from .spec import ServiceSpec, Storage, TuningSpec, absent, running, way_on
from .surge import Job, hold
from .tune.registry import TUNERS
from .tune.tuner import Room

# Of how many services that are off it is worked out from whom turning them on takes, and how many of these are named.
_COUNTED = 10
_NAMED = 5
_UNTUNED = Tuning()


@without_cycles
def solve(
    compose: Mapping[str, Any],
    capacity: Mapping[str, Any],
    policy: Mapping[str, Any] | None = None,
    insight: Insight = BLIND,
    jobs: Sequence[Job] = (),
    here: Collection[str] | None = None,
) -> Budget:
    """Return the budget of a stack on a host. Raises `BudgetError` with every problem.

    `insight` is what is known beyond the definition: configuration files that could be read, and observed use. `jobs` run beside the services for a while.
    `here` names the services that this host holds, all by default; the others run elsewhere, and still open their connections to those that are here.
    """
    problems = Problems()
    host, rules = parse_capacity(capacity, problems), parse_policy(policy, problems)
    everywhere = parse_stack(compose, rules, problems, host, insight)
    check_tuners(running(everywhere, rules), problems)
    check_connections(running(everywhere, rules), {spec.name for spec in everywhere}, problems)
    services = everywhere if here is None else _only(here, everywhere, problems)
    on = running(services, rules)
    if host is not None and check_pool(host, rules, problems):
        check_memory(on, host, rules, problems)
        check_cpus(on, host, rules, problems)
        check_dimensions(on, host, rules, problems)
        check_disk(on, host, rules, problems)
    problems.raise_errors()
    host = cast(Capacity, host)
    rules, rooms = hold(jobs, on, host, rules, problems)
    disk = share_disk(on, host, rules)
    reservations = share_cpus(on, host, rules)
    kept = _cores(on, reservations, host, rules, problems)
    shares = _share(on, reservations, host, rules, disk, kept, problems)
    off = [spec for spec in services if spec.name not in shares]
    limits = {name: share.memory.limit for name, share in shares.items()}
    check_evidence(services, limits, problems)

    def turned_on(spec: ServiceSpec) -> tuple[ServiceSpec, ...]:
        """Return the services that run and this one, as they are read where its credentials are there."""
        granted = replace(rules, credentials=(*rules.credentials, *spec.requires))
        return tuple(
            each for each in parse_stack(compose, granted, Problems(), host, insight) if each.name in limits or each.name == spec.name
        )

    _tell_off(off, turned_on, limits, host, rules, problems)
    shares |= {spec.name: _share_off(spec, host, rules, kept) for spec in off}
    return Budget(
        capacity=host,
        policy=replace(rules, margin=rules.margin_of(host)),
        cores=kept,
        services=dict(sorted(shares.items())),
        disks=disk.taken,
        findings=ordered(problems.findings),
        jobs=rooms,
    )


def _only(here: Collection[str], services: tuple[ServiceSpec, ...], problems: Problems) -> tuple[ServiceSpec, ...]:
    """Return the services that a host holds; what was only to be said of the others is said where they are."""
    elsewhere = tuple(f"services.{spec.name}." for spec in services if spec.name not in here)
    problems.findings = [
        finding for finding in problems.findings if finding.severity == "error" or not f"{finding.path}.".startswith(elsewhere)
    ]
    return tuple(spec for spec in services if spec.name in here)


def _share(
    services: Sequence[ServiceSpec],
    reservations: Mapping[str, int],
    capacity: Capacity,
    policy: Policy,
    disk: Shared,
    kept: Cores,
    problems: Problems,
) -> dict[str, Share]:
    filled = share_memory(services, capacity, policy)
    memory = {spec.name: _memory_of(spec, filled.limits[spec.name]) for spec in services}
    cpus = {spec.name: _cpus_of(spec, reservations[spec.name], capacity, policy, kept) for spec in services}
    tunings = _tune(services, memory, cpus, disk)
    for spec in services:
        _tell(spec, memory[spec.name], tunings[spec.name], problems)
    return {
        spec.name: Share(
            tier=spec.tier,
            priority=spec.priority,
            image=spec.image,
            replicas=spec.replicas,
            batch=spec.batch,
            enabled=True,
            requires=spec.requires,
            memory=memory[spec.name],
            cpus=cpus[spec.name],
            pids=spec.pids,
            files=spec.files,
            connections=spec.connections,
            io=Io(weight=spec.io_weight),
            # Its sentences stand with those of all other numbers.
            tuning=replace(tunings[spec.name], explain={}) if tunings[spec.name].explain else tunings[spec.name],
            storage={volume: _volume(storage, disk.sizes[spec.name][volume]) for volume, storage in spec.storage.items()},
            explain={
                **explain(spec, memory[spec.name], filled, cpus[spec.name], tunings[spec.name], capacity, policy, kept),
                **explain_disk(spec, disk, capacity, policy),
            },
        )
        for spec in services
    }


def _share_off(spec: ServiceSpec, capacity: Capacity, policy: Policy, kept: Cores) -> Share:
    """Return the share of a service that is off: what it would need, and nothing that it holds."""
    memory, cpus = _memory_of(spec, 0), _cpus_of(spec, 0, capacity, policy, kept)
    return Share(
        tier=spec.tier,
        priority=spec.priority,
        image=spec.image,
        replicas=spec.replicas,
        batch=spec.batch,
        enabled=False,
        requires=spec.requires,
        memory=memory,
        cpus=cpus,
        pids=spec.pids,
        files=spec.files,
        connections=spec.connections,
        io=Io(weight=spec.io_weight),
        tuning=_UNTUNED,
        storage={volume: _volume(storage, 0) for volume, storage in spec.storage.items()},
        explain=explain_off(spec, memory, cpus, capacity, policy, kept),
    )


def _tell_off(
    off: Sequence[ServiceSpec],
    turned_on: Callable[[ServiceSpec], tuple[ServiceSpec, ...]],
    limits: Mapping[str, int],
    capacity: Capacity,
    policy: Policy,
    problems: Problems,
) -> None:
    """Say of each service that is off what turning it on would take; of the first few also from whom."""
    for position, spec in enumerate(off):
        needs = f"turned on it needs {mib(spec.memory.floor * spec.replicas)}"
        takes = _takes(spec, turned_on(spec), limits, capacity, policy) if position < _COUNTED else ""
        problems.info(
            codes.SERVICE_OFF,
            f"services.{spec.name}",
            f"the service is off, since it has no {', '.join(absent(spec, policy))}, and holds nothing; {needs}{takes}",
            way_on(absent(spec, policy)),
        )


def _takes(spec: ServiceSpec, wanted: Sequence[ServiceSpec], limits: Mapping[str, int], capacity: Capacity, policy: Policy) -> str:
    lacks = shortfalls(wanted, capacity, policy)
    if lacks:
        return f", and does not fit: the host lacks {', '.join(lacking(name, figure) for name, figure in lacks.items())}"
    filled = share_memory(wanted, capacity, policy)
    less = {other.name: (limits[other.name] - filled.limits[other.name]) * other.replicas for other in wanted if other.name in limits}
    losing = sorted(((size, name) for name, size in less.items() if size > 0), key=lambda pair: (-pair[0], pair[1]))
    got = f" and gets {mib(filled.limits[spec.name] * spec.replicas)}"
    if not losing:
        return f"{got}, and no other service gets less"
    named = ", ".join(f"{name} {mib(size)}" for size, name in losing[:_NAMED])
    more = f" and {len(losing) - _NAMED} more" if len(losing) > _NAMED else ""
    return f"{got}, and others get less: {named}{more}"


def _memory_of(spec: ServiceSpec, limit: int) -> Memory:
    asked = spec.memory
    return Memory(
        floor=asked.floor,
        reservation=min(asked.reservation, limit),
        limit=limit,
        request=asked.request,
        asked=asked.asked,
        swap=asked.swap,
        shm=asked.shm,
        bounded=asked.bounded,
    )


def _cpus_of(spec: ServiceSpec, reservation: int, capacity: Capacity, policy: Policy, kept: Cores) -> Cpus:
    limit = min(spec.cpus.limit, capacity.cpus)
    capped = policy.cpu_quota == "all" or (policy.cpu_quota == "batch" and spec.batch)
    own = kept.of(spec.tier)
    return Cpus(
        reservation=reservation,
        limit=limit,
        shares=cpu_shares(reservation, policy.weights[spec.priority]),
        quota=limit if capped else None,
        cores=None if own is None else len(own),
        first_core=0 if own is None else own.start,
    )


def _volume(storage: Storage, size: int) -> VolumeShare:
    return VolumeShare(
        storage_class=storage.storage_class,
        path=storage.path,
        owner=storage.owner,
        group=storage.group,
        mode=storage.mode,
        size=size if storage.size else None,
        floor=storage.floor if storage.size else None,
        request=storage.size or None,
    )


def _cores(
    services: Sequence[ServiceSpec], reservations: Mapping[str, int], capacity: Capacity, policy: Policy, problems: Problems
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
    reserved = sum(reservations[spec.name] * spec.replicas for spec in critical)
    return Cores(host=host, kept=keep(reserved, capacity.cpus, host), split=policy.cpuset == "split")


def _tell(spec: ServiceSpec, memory: Memory, tuning: Tuning, problems: Problems) -> None:
    source = spec.sources["memory.request"]
    if memory.limit < memory.request and memory.bounded and not source.startswith(BUDGET_KEY):
        start = "starts" if len(spec.awaited_by) == 1 else "start"
        waiting = f", and {some(spec.awaited_by)} {start} only after it ends with success" if spec.awaited_by else ""
        fix = "lower other limits, leave a service out, use a host with more memory, or accept it; policy.memory declared refuses instead"
        problems.warning(
            codes.DECLARED_CUT,
            f"services.{spec.name}.{source}",
            f"asked {mib(memory.request)}, gets {mib(memory.limit)}: the pool does not hold all that the author's limits add up to{waiting}",
            f"write what it needs as x-budget.memory.floor; else {fix}" if spec.awaited_by else fix,
            memory.request - memory.limit,
        )
    bound = spec.memory.at_once
    if bound is not None and memory.limit < bound.amount:
        problems.warning(
            codes.BELOW_A_BOUND,
            f"services.{spec.name}",
            f"it gets {mib(memory.limit)}, and its settings let it use {mib(bound.amount)} at once ({bound.source})",
            "lower that setting, leave a service out, or use a host with more memory",
            bound.amount - memory.limit,
        )
    if memory.limit < spec.memory.vendor:
        problems.info(
            codes.BELOW_VENDOR,
            f"services.{spec.name}",
            f"it gets {mib(memory.limit)}, and its vendor asks for {mib(spec.memory.vendor)} (docs/images.md)",
            "use a host with more memory, leave a service out, or accept it",
            spec.memory.vendor - memory.limit,
        )
    if tuning.untuned:
        problems.warning(codes.LEFT_UNTUNED, f"services.{spec.name}", tuning.untuned, "write the setting in the program's own grammar")
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


def share_memory(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> Fill:
    """Return the memory that each service gets. What none can do without must fit."""
    if policy.memory == "declared":
        return Fill(limits={spec.name: spec.memory.request for spec in services}, level=Fraction(0), unallocated=0)
    return fill(
        (
            Claim(
                name=spec.name,
                floor=spec.memory.floor,
                request=spec.memory.request,
                weight=policy.weights[spec.priority],
                rank=PRIORITIES.index(spec.priority),
                count=spec.replicas,
                bounded=spec.memory.bounded,
            )
            for spec in services
        ),
        policy.usable(capacity),
    )


def share_cpus(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> dict[str, int]:
    """Return the millicores that each container is guaranteed, scaled down alike where the pool does not hold them."""
    wanted = [min(spec.cpus.reservation, capacity.cpus) * spec.replicas for spec in services]
    scaled = scale_down(wanted, policy.pool(capacity).cpus)
    return {
        spec.name: min(figure // spec.replicas if spec.replicas else spec.cpus.reservation, spec.cpus.limit, capacity.cpus)
        for figure, spec in zip(scaled, services, strict=True)
    }


def _tune(services: Sequence[ServiceSpec], memory: Mapping[str, Memory], cpus: Mapping[str, Cpus], disk: Shared) -> dict[str, Tuning]:
    """Tune every service, those that depend on another's settings last."""
    tunings = dict.fromkeys((spec.name for spec in services), _UNTUNED)
    by_tuner: dict[str, list[ServiceSpec]] = {}
    for spec in services:
        if spec.tuning is not None:
            by_tuner.setdefault(spec.tuning.tuner, []).append(spec)
    for name in sorted(by_tuner, key=lambda name: (TUNERS[name].peer is not None, name)):
        peers = by_tuner.get(TUNERS[name].peer or "", [])
        peer = {**tunings[peers[0].name].kept, **tunings[peers[0].name].settings} if len(peers) == 1 else {}
        peer_name = peers[0].name if len(peers) == 1 else ""
        for spec in by_tuner[name]:
            wanted = cast(TuningSpec, spec.tuning)
            tunings[spec.name] = TUNERS[name].tune(
                Room(
                    limit=memory[spec.name].limit,
                    cpus=cpus[spec.name].limit,
                    quota=cpus[spec.name].quota,
                    pids=spec.pids,
                    pids_stated=spec.pids_stated,
                    clients=spec.clients,
                    disk=sum(disk.sizes[spec.name].values()),
                    links=spec.connections,
                    params=wanted.params,
                    written=wanted.written,
                    peer=peer,
                    peer_name=peer_name,
                ),
                wanted.command,
            )
    return tunings
