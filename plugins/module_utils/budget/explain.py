# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sentence for every number of a service: its arithmetic and where its parts come from."""

from __future__ import annotations

from fractions import Fraction

from ..tiers import TIERS
from ..units import MIB, cores, mib, plain_number
from .allocate import Fill
from .capacity import Capacity
from .cores import Cores
from .disk import Shared, home
from .model import Cpus, Memory, Tuning
from .policy import Policy
from .spec import ServiceSpec, absent


def explain(
    spec: ServiceSpec, memory: Memory, filled: Fill, cpus: Cpus, tuning: Tuning, capacity: Capacity, policy: Policy, kept: Cores
) -> dict[str, str]:
    """Return the sentences by the path of the number; `filled` is how the memory was shared."""
    sources = spec.sources
    weight = plain_number(policy.weights[spec.priority])
    raised = f", raised from {mib(memory.asked)} to the floor" if memory.asked < memory.request == memory.floor else ""
    reserved = "" if memory.reservation == spec.memory.reservation else f" wants {mib(spec.memory.reservation)}, cut to the limit"
    scaled = "" if cpus.reservation == spec.cpus.reservation else f" wants {cores(spec.cpus.reservation)}, cut to what the pool holds"
    clamped = "" if cpus.limit == spec.cpus.limit else f" wants {cores(spec.cpus.limit)}, cut to the {cores(capacity.cpus)} of the host"
    sentences = {
        "memory.floor": f"{mib(memory.floor)}, from {sources['memory.floor']}",
        "memory.request": f"{mib(memory.request)}, from {sources['memory.request']}{raised}",
        "memory.reservation": f"{mib(memory.reservation)}: {sources['memory.reservation']}{reserved}",
        "memory.limit": _limit(spec, memory, filled, policy, weight),
        "memory.swap": _swap(memory.swap, sources["memory.swap"]),
        "cpus.reservation": f"{cores(cpus.reservation)} CPUs: {sources['cpus.reservation']}{scaled}",
        "cpus.limit": f"{cores(cpus.limit)} CPUs: {sources['cpus.limit']}{clamped}",
        "cpus.shares": (
            f"1024 x {cores(cpus.reservation)} reserved CPUs x weight {weight} of priority {spec.priority} = {cpus.shares}, within 2 and 262144"
        ),
        "cpus.quota": _quota(cpus, policy),
        "cpus.cores": _cores(spec, policy, kept),
        "cpus.first_core": _first_core(spec, kept),
        "memory.shm": f"{mib(memory.shm)} of /dev/shm within the limit, from {sources['memory.shm']}",
        "files": f"{spec.files} for each process, from {sources['files']}",
        "pids": f"{spec.pids}, from {sources['pids']}",
        "io.weight": f"{spec.io_weight}, from {sources['io.weight']}",
        "oom_score_adj": f"{TIERS[spec.tier].oom_score_adj}, from tier {spec.tier}",
    }
    for server, figure in spec.connections.items():
        sentences[f"connections.{server}"] = f"{figure} at most from each container, from x-budget.connections.{server}"
    for name, sentence in tuning.explain.items():
        sentences[f"tuning.{name}"] = f"{tuning.settings[name]}: {sentence}"
    return sentences


def explain_off(spec: ServiceSpec, memory: Memory, cpus: Cpus, capacity: Capacity, policy: Policy, kept: Cores) -> dict[str, str]:
    """Return the sentences about a service that is off."""
    off = f"none: it is off, since it has no {', '.join(absent(spec, policy))}"
    held = ("memory.limit", "memory.reservation", "cpus.reservation", "disk")
    nothing = Fill(limits={}, level=Fraction(0), unallocated=0)
    return explain(spec, memory, nothing, cpus, Tuning(), capacity, policy, kept) | dict.fromkeys(held, off)


def explain_disk(spec: ServiceSpec, disk: Shared, capacity: Capacity, policy: Policy) -> dict[str, str]:
    """Return the sentences about a service's volumes and logs."""
    sizes, sized = disk.sizes[spec.name], [volume for volume, storage in spec.storage.items() if storage.size]
    parts = " + ".join(f"{volume} {mib(sizes[volume])}" for volume in sized)
    return {
        "disk": f"{parts} = {mib(sum(sizes.values()))}, from x-budget.storage" if sized else "no size under x-budget.storage",
        **{f"disk.{volume}": _volume(spec, volume, disk, capacity, policy) for volume in sized},
        "disk.logs": f"{mib(policy.disk.logs)} of output for each container, from policy.disk.logs",
    }


def _volume(spec: ServiceSpec, volume: str, disk: Shared, capacity: Capacity, policy: Policy) -> str:
    storage, size = spec.storage[volume], disk.sizes[spec.name][volume]
    lies = home(capacity, storage.storage_class)
    where = f", class {storage.storage_class}" + (f" on {lies.name}" if lies and lies.name != "disk" else "")
    if size == storage.size:
        return f"{mib(size)}: the size is met in full (floor {mib(storage.floor)}){where}"
    level, weight = float(disk.levels[lies.name]) / MIB if lies else 0, plain_number(policy.weights[spec.priority])
    return (
        f"floor {mib(storage.floor)} + {weight} x {level:.1f} MiB of the shared remainder, in whole MiB = {mib(size)} of a size of "
        f"{mib(storage.size)} (weighted max-min, weight {spec.priority} = {weight}){where}"
    )


def _limit(spec: ServiceSpec, memory: Memory, filled: Fill, policy: Policy, weight: int | float) -> str:
    limit = memory.limit
    if policy.memory == "declared":
        return f"{mib(limit)}: the request, as policy declared takes it"
    if limit > memory.request:
        surplus = float(filled.surplus) / MIB
        return (
            f"request {mib(memory.request)} + {weight} x {surplus:.1f} MiB of what is left when every request is met, in whole MiB = {mib(limit)}: "
            f"its author sets no ceiling (weighted max-min, weight {spec.priority} = {weight})"
        )
    if limit == memory.request:
        return f"{mib(limit)}: the request is met in full (floor {mib(memory.floor)})"
    return (
        f"floor {mib(memory.floor)} + {weight} x {float(filled.level) / MIB:.1f} MiB of the shared remainder, in whole MiB = {mib(limit)} "
        f"of a request of {mib(memory.request)} (weighted max-min, weight {spec.priority} = {weight})"
    )


def _swap(swap: int | None, source: str) -> str:
    return f"as the engine has it: {source}" if swap is None else f"{mib(swap)} beyond the limit, from {source}"


def _quota(cpus: Cpus, policy: Policy) -> str:
    if cpus.quota is not None:
        why = "policy.cpu_quota is all" if policy.cpu_quota == "all" else "it is a batch job and policy.cpu_quota is batch"
        return f"{cores(cpus.quota)} CPUs: the limit, since {why}"
    return f"none: policy.cpu_quota is {policy.cpu_quota}" + ("" if policy.cpu_quota == "none" else " and this is no batch job")


def _first_core(spec: ServiceSpec, kept: Cores) -> str:
    mine = kept.of(spec.tier)
    if mine is None:
        return "0: all of them"
    return (
        f"{mine.start}: the host's first {kept.host - kept.kept} are the other tiers', and the {kept.kept} after them the critical tier's"
    )


def _cores(spec: ServiceSpec, policy: Policy, kept: Cores) -> str:
    if policy.cpuset == "none":
        return f"all {kept.host}: policy.cpuset is none"
    if not kept.kept:
        return f"all {kept.host}: there is no core to keep for the critical tier"
    mine = kept.of(spec.tier)
    if mine is None:
        return f"all {kept.host}, of which {kept.kept} only the critical tier may use"
    return f"{len(mine)} of {kept.host}: policy.cpuset is {policy.cpuset}, and the critical tier's part of the host comes to {kept.kept}"
