# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold before anything is given: does it fit, and can each program live on its floor."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from functools import partial

from ..problems import Problems
from ..units import compose_size, cores, mib, mib_up, plain_number, shown, some
from . import codes, remedies
from .capacity import Capacity, Filesystem
from .dimensions import DIMENSIONS
from .disk import base, claim, place, volumes
from .parse import least_memory
from .policy import Policy
from .spec import ServiceSpec
from .tune.registry import TUNERS
from .tune.tuner import Room


def check_pool(capacity: Capacity, policy: Policy, problems: Problems) -> bool:
    """Tell whether anything of the capacity is left to share."""
    pool = policy.pool(capacity)
    usable = policy.usable(capacity)
    if usable <= 0:
        reserve, least = policy.reserve.of(capacity).memory, policy.host_memory(0)
        problems.error(
            codes.NOTHING_LEFT,
            "capacity.memory",
            f"a reserve of {mib(reserve)} and a margin of {mib(policy.margin_of(capacity))}{_surge(policy, ' and a surge of ')} leave nothing of "
            f"{mib(capacity.memory)}",
            f"lower policy.reserve.memory, or use a host with more than {mib_up(least)} of memory",
            policy.host_memory(1) - capacity.memory,
        )
    if pool.cpus <= 0:
        problems.error(
            codes.NOTHING_LEFT,
            "capacity.cpus",
            f"a reserve of {cores(policy.reserve.cpus)} CPUs leaves nothing of {cores(capacity.cpus)}",
            "use a host with more CPUs, or lower policy.reserve.cpus",
            1 - pool.cpus,
        )
    return usable > 0 and pool.cpus > 0


def _surge(policy: Policy, words: str) -> str:
    return f"{words}{mib(policy.surge)}" if policy.surge else ""


def check_memory(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, problems: Problems) -> None:
    """Find out whether the services fit in the memory by the policy."""
    usable = policy.usable(capacity)
    counted = (
        f"capacity {mib(capacity.memory)} - reserve {mib(policy.reserve.of(capacity).memory)} - margin {mib(policy.margin_of(capacity))}"
        f"{_surge(policy, ' - surge ')} = {mib(usable)}"
    )
    at_least = "at least " if problems.failed() else ""
    if policy.memory == "declared":
        limits = sum(spec.memory.request * spec.replicas for spec in services)
        allowed = usable * policy.overcommit_memory.numerator // policy.overcommit_memory.denominator
        ratio = f" x overcommit {plain_number(policy.overcommit_memory)} = {mib(allowed)}" if policy.overcommit_memory != 1 else ""
        if limits > allowed:
            excess = limits - allowed
            problems.error(
                codes.LIMITS_ABOVE_POOL,
                "policy.memory",
                f"the declared limits of {len(services)} services add up to {mib(limits)}, {at_least}{mib(excess)} more than the pool holds ({counted}{ratio})",
                remedies.for_limits(services, capacity, policy, excess, usable),
                excess,
            )
        return
    floors = sum(spec.memory.floor * spec.replicas for spec in services)
    if floors > usable:
        shortfall = floors - usable
        problems.error(
            codes.FLOORS_ABOVE_POOL,
            "capacity.memory",
            f"the floors of {len(services)} services add up to {mib(floors)}, {at_least}{mib(shortfall)} more than the pool holds ({counted})",
            remedies.for_floors(services, capacity, policy, shortfall),
            shortfall,
        )


def check_cpus(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, problems: Problems) -> None:
    """Find out whether the services fit on the CPUs; what the policy `declared` refuses, `fit` scales and says."""
    pool = policy.pool(capacity).cpus
    note = problems.error if policy.memory == "declared" else problems.warning
    for spec in services:
        if spec.cpus.declared and spec.cpus.limit > capacity.cpus:
            problems.warning(
                codes.CPU_LIMIT_ABOVE_HOST,
                f"services.{spec.name}.x-budget.cpus.limit",
                f"{cores(spec.cpus.limit)} CPUs are more than the {cores(capacity.cpus)} of the host, which is the limit then",
                f"write {cores(capacity.cpus)} or less",
            )
    reservations = sum(min(spec.cpus.reservation, capacity.cpus) * spec.replicas for spec in services)
    if reservations > pool:
        scaled = "" if policy.memory == "declared" else ", so all of them are scaled down alike"
        note(
            codes.CPU_RESERVATIONS_ABOVE_POOL,
            "capacity.cpus",
            f"the reservations add up to {cores(reservations)} CPUs, {cores(reservations - pool)} more than the pool of {cores(pool)}{scaled}",
            f"lower reservations or use a host with {cores(capacity.cpus + reservations - pool)} CPUs",
            reservations - pool,
        )
    limits = sum(min(spec.cpus.limit, capacity.cpus) * spec.replicas for spec in services if spec.cpus.declared)
    allowed = pool * policy.overcommit_cpus.numerator // policy.overcommit_cpus.denominator
    if limits > allowed:
        note(
            codes.CPU_LIMITS_ABOVE_POOL,
            "policy.overcommit.cpus",
            f"the limits add up to {cores(limits)} CPUs, {cores(limits - allowed)} more than {cores(pool)} CPUs x overcommit "
            f"{plain_number(policy.overcommit_cpus)} allow",
            "lower limits, raise the overcommit or use a host with more CPUs",
            limits - allowed,
        )


def check_dimensions(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, problems: Problems) -> None:
    """Add up what else the host holds, where its capacity says how much of it there is."""
    pool = policy.pool(capacity)
    for name, dimension in DIMENSIONS.items():
        whole, left = getattr(capacity, name), getattr(pool, name)
        used = dimension.used(services)
        if whole is None or used <= left:
            continue
        excess, show = used - left, dimension.shown
        rest = f" = {show(left)}" if left >= 0 else ""
        problems.error(
            dimension.code,
            f"capacity.{name}",
            f"{len(services)} services take {show(used)} {dimension.noun}, {show(excess)} more than the pool holds "
            f"(capacity {show(whole)} - reserve {show(whole - left)}{rest})",
            remedies.for_dimension(services, capacity, policy, dimension, whole, excess),
            excess,
        )


def check_disk(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy, problems: Problems) -> None:
    """Find filesystems that do not hold even the floors of what lies on them."""
    for disk in capacity.disks:
        taken = base(capacity, disk, services, policy)
        floors = sum(storage.floor for _spec, _volume, storage in volumes(capacity, disk, services))
        excess = floors - taken.left
        if excess <= 0:
            continue
        parts = {"volumes at their floors": floors, "images": taken.images, "logs": taken.logs, "the system's reserve": taken.reserve}
        counted = " + ".join(f"{name} {mib(size)}" for name, size in parts.items() if size)
        problems.error(
            codes.DISK_ABOVE_POOL,
            f"capacity.{place(disk)}",
            f"{counted} are {mib(floors + taken.disk.size - taken.left)}, {mib(excess)} more than the {mib(disk.size)} of the filesystem",
            remedies.for_disk(services, capacity, policy, partial(_disk_claim, capacity, policy, disk), disk.size + excess),
            excess,
        )


def _disk_claim(capacity: Capacity, policy: Policy, disk: Filesystem, spec: ServiceSpec) -> int:
    return claim(capacity, disk, spec, policy)


def check_connections(services: Sequence[ServiceSpec], servers: Collection[str], problems: Problems) -> None:
    """Find connections to servers that the stack does not have, and servers that offer fewer than are opened to them.

    `servers` are the names of all services, also of those that are off.
    """
    for spec in services:
        for server in spec.connections:
            if server not in servers:
                path, message = f"services.{spec.name}.x-budget.connections.{server}", f"the stack has no service {shown(server)}"
                near = get_close_matches(server, servers, n=1)
                problems.warning(
                    codes.NO_SUCH_SERVER, path, message, f"{f'write {near[0]}, ' if near else ''}add the service, or remove this entry"
                )
        offered = _offered(spec) if spec.clients else None
        if offered is None or spec.clients <= offered:
            continue
        clients = ", ".join(
            f"{other.name} ({other.connections[spec.name] * other.replicas})" for other in services if spec.name in other.connections
        )
        problems.error(
            codes.CONNECTIONS_ABOVE_SERVER,
            f"services.{spec.name}.x-budget.tuning",
            f"{spec.clients} connections may be opened by {clients}, {spec.clients - offered} more than the {offered} that the server offers",
            "lower x-budget.connections of these services, put a pool between, or let the server take more",
            spec.clients - offered,
        )


def check_evidence(services: Sequence[ServiceSpec], limits: Mapping[str, int], problems: Problems) -> None:
    """Say of which services nothing is known, once for all of them; it is a warning where memory is so short that a share may be too little."""
    unknown = [
        spec
        for spec in services
        if spec.memory.floor_is_default and not (spec.memory.evidence or spec.memory.bounded or spec.memory.vendor)
    ]
    short = [spec.name for spec in unknown if limits.get(spec.name, spec.memory.request) < spec.memory.request]
    names = [spec.name for spec in unknown]
    if unknown:
        least = mib(max((limits[name] for name in short), default=0))
        scarce = f"; memory is short, and {some(short)} get{'s' if len(short) == 1 else ''} no more than {least}" if short else ""
        note = problems.warning if short else problems.info
        note(
            codes.NOTHING_KNOWN,
            "services",
            f"nothing is known of what {some(names)} need{'s' if len(names) == 1 else ''}, so each gets a fair share of what is left{scarce}",
            "run them for a while and look with ziggie.stack.audit, or write x-budget.memory.floor",
        )


def _offered(spec: ServiceSpec) -> int | None:
    """Return the connections that a server offers at its floor, or at what these connections need where that is more."""
    if spec.tuning is None:
        return None
    limit = max(spec.memory.floor, least_memory(spec.tuning, spec.cpus, spec.pids, spec.clients))
    room = Room(
        limit=limit,
        cpus=spec.cpus.limit,
        pids=spec.pids,
        pids_stated=spec.pids_stated,
        clients=spec.clients,
        params=spec.tuning.params,
        written=spec.tuning.written,
    )
    return TUNERS[spec.tuning.tuner].tune(room).offers


def check_tuners(services: Sequence[ServiceSpec], problems: Problems) -> None:
    """Find floors on which a program cannot keep its worst case below the limit."""
    for spec in services:
        least = least_memory(spec.tuning, spec.cpus, spec.pids, spec.clients)
        if spec.tuning is not None and 0 < spec.memory.floor < least:
            problems.error(
                codes.FLOOR_BELOW_TUNER,
                f"services.{spec.name}.x-budget.memory.floor",
                f"the floor {mib(spec.memory.floor)} is below the {mib(least)} that tuner {spec.tuning.tuner} can work with",
                f"write {compose_size(least)} or more, or change x-budget.tuning",
            )
