# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every limit of a container, and what it is called everywhere: one field of `Limits` is one limit.

Budget, Compose, Swarm, the engine, the kernel, systemd and our metrics name and count the same limits differently. Every translation between them is
derived from the fields of `Limits`, so a new limit is a new field.

Sources: compose-spec, services and deploy.resources; Docker Engine API v1.44, ContainerCreate (HostConfig) and ContainerUpdate;
cgroup-v1/*.rst and cgroup-v2.rst of the kernel; systemd.resource-control(5).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias

from .typed import load, load_fields
from .units import compose_size, core_list, cores, parse_core_list, parse_cpus, parse_size, shown

Value: TypeAlias = "int | str"

# cgroup v1 writes "no limit" as the largest multiple of the page size below 2^63.
_UNLIMITED_V1 = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """How a limit is counted here, and how Compose writes it: `parse` raises `ValueError` for what is not such a figure."""

    type: type
    parse: Callable[[object], Value]
    write: Callable[[Any], Value]


def _whole(value: object) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not text.removeprefix("-").isdecimal():
        raise ValueError(f"expected a whole number, got {shown(value)}")
    return int(text)


BYTES = Unit(type=int, parse=lambda value: parse_size(value, allow_zero=True), write=compose_size)
MILLICORES = Unit(type=int, parse=lambda value: parse_cpus(value, allow_zero=True), write=cores)
COUNT = Unit(type=int, parse=_whole, write=int)
# A list of cores, cpuset(7); the empty text means all cores.
CORES = Unit(type=str, parse=str, write=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The files of a control group that hold a limit, and how to read their words.

    `shown_as` names a figure that the kernel derives from the limit by a rule of its own: it is shown and not compared.
    """

    controller: str
    names: tuple[str, ...]
    read: Callable[[Sequence[str]], Value]
    shown_as: str = ""


def _number(words: Sequence[str]) -> int:
    return 0 if words[0] == "max" or int(words[0]) >= _UNLIMITED_V1 else int(words[0])


def _quota(words: Sequence[str]) -> int:
    """Read quota and period, both in microseconds, as millicores."""
    return 0 if words[0] == "max" else max(int(words[0]), 0) * 1000 // int(words[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """The place below `deploy.resources` in Compose, which is the one place that Swarm reads.

    `unit` and `budget` are given where this place holds another figure than the limit itself, as a reservation in cores stands for CPU shares.
    """

    section: str
    key: str
    unit: Unit | None = None
    budget: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The property of a systemd slice that limits what lies in it, and our name of that figure."""

    figure: str
    property: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric of the limit in force: its value is the limit divided by `per`."""

    name: str
    help: str
    per: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit: its names, its unit, and what can be done with it."""

    unit: Unit
    # Paths in a service's share of the Budget, separated by dots; the limit is their sum.
    budget: tuple[str, ...]
    # The path in a Compose service, and Compose's other ways to write the same limit.
    compose: str
    instead: tuple[str, ...] = ()
    resource: Resource | None = None
    # The Budget's figure is combined with what the author wrote there, by rules of its own (`render.compose`).
    combined: bool = False
    # The capability of a host (`render.host.Host`) without which the limit is left out; empty where every host can do it.
    needs: str = ""
    # The key of HostConfig, which the engine's update takes as well, and how many of its units are one of ours.
    engine: str
    scale: int = 1
    # Whether below zero is a value; elsewhere it means that nothing is limited.
    signed: bool = False
    # The engine makes up a figure where nothing is asked, and which one depends on its version: then nothing is compared.
    made_up: bool = False
    # Whether the engine can change it on a running container, and whether it can lift it there: for most it takes 0 as "leave it as it is".
    in_place: bool = True
    lifts: bool = False
    v1: File | None = None
    v2: File | None = None
    # What the kernel holds where nothing is asked, if it is not what means "none" here.
    kernel_default: int | None = None
    slice: Slice | None = None
    metric: Metric | None = None
    # Filled in from the field of `Limits`.
    name: str = ""
    none: Value = 0

    def of_budget(self, share: object) -> Value | None:
        """Return the limit that a service's share of a Budget gives, `None` where it gives none; of cores, how many."""
        if len(self.budget) == 1:
            figure: Value | None = _figure(self.budget[0])(share)
            return figure
        figures = [_figure(path)(share) for path in self.budget]
        return None if None in figures else sum(figures)

    def reserved(self, share: object) -> Value | None:
        """Return what stands below `deploy.resources` for a service's share of a Budget, `None` where nothing does."""
        if self.resource is None:
            return None
        figure = replace(self, budget=self.resource.budget or self.budget).of_budget(share)
        return None if figure is None else (self.resource.unit or self.unit).write(figure)

    def of_compose(self, service: Mapping[str, Any]) -> Value:
        """Return the limit that a Compose service writes. Raises `ValueError`."""
        written = _at(service, self.compose)
        if written is None or (not self.signed and str(written).startswith("-")):
            return self.none
        return self.unit.parse(written)

    def of_engine(self, config: Mapping[str, Any], host: Collection[int]) -> Value:
        """Return the limit that the engine holds; `host` are the host's cores, and a list of all of them is no limit."""
        held: Any = config.get(self.engine) or 0
        if self.unit is CORES:
            return _confined(held or "", host)
        value = int(held) // self.scale
        return self.none if value < 0 and not self.signed else value

    def changes_in_place(self, wanted: Value) -> bool:
        """Tell whether a running container can get this limit."""
        return self.in_place and (self.lifts or wanted != self.none)

    def of_kernel(self, wanted: Value) -> Value:
        """Return what the kernel holds for a limit."""
        return self.kernel_default if wanted == self.none and self.kernel_default is not None else wanted


def _limit(limit: Limit, none: Value = 0) -> Any:
    # The field of a row of `Limits` below.
    return field(default=none, metadata={"limit": limit})  # pylint: disable=invalid-field-call


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one container: bytes, millicores, counts and weights, and a list of cores. A default means "none"."""

    memory: int = _limit(
        Limit(
            unit=BYTES,
            budget=("memory.limit",),
            compose="mem_limit",
            resource=Resource(section="limits", key="memory"),
            engine="Memory",
            v1=File(controller="memory", names=("memory.limit_in_bytes",), read=_number),
            v2=File(controller="memory", names=("memory.max",), read=_number),
            slice=Slice(figure="memory_max", property="MemoryMax"),
            metric=Metric(name="ziggie_service_memory_limit_bytes", help="The memory limit in force, 0 for none."),
        )
    )
    # Memory and swap together. The kernel's file of v2 holds swap alone, and systemd loses a container's limit of 0 whenever it reads its units again
    # (seen with systemd 257), so only the engine's figure is compared.
    memory_swap: int = _limit(
        Limit(
            unit=BYTES,
            budget=("memory.limit", "memory.swap"),
            compose="memswap_limit",
            needs="swap_limit",
            engine="MemorySwap",
            made_up=True,
            lifts=True,
            slice=Slice(figure="memory_swap", property="MemorySwapMax"),
        ),
        none=-1,
    )
    memory_reservation: int = _limit(
        Limit(
            unit=BYTES,
            budget=("memory.reservation",),
            compose="mem_reservation",
            resource=Resource(section="reservations", key="memory"),
            needs="memory_reservation",
            engine="MemoryReservation",
            slice=Slice(figure="memory_low", property="MemoryLow"),
            metric=Metric(name="ziggie_service_memory_reservation_bytes", help="The memory reservation in force, 0 for none."),
        )
    )
    # The weight that runc makes of the shares on v2 depends on its version.
    cpu_shares: int = _limit(
        Limit(
            unit=COUNT,
            budget=("cpus.shares",),
            compose="cpu_shares",
            resource=Resource(section="reservations", key="cpus", unit=MILLICORES, budget=("cpus.reservation",)),
            engine="CpuShares",
            v1=File(controller="cpu", names=("cpu.shares",), read=_number),
            v2=File(controller="cpu", names=("cpu.weight",), read=_number, shown_as="cpu_weight"),
            kernel_default=1024,
            slice=Slice(figure="cpu_weight", property="CPUWeight"),
            metric=Metric(name="ziggie_service_cpu_shares", help="The CPU shares that the engine was asked for."),
        )
    )
    cpu_quota: int = _limit(
        Limit(
            unit=MILLICORES,
            budget=("cpus.quota",),
            compose="cpus",
            instead=("cpu_quota", "cpu_period", "cpu_count", "cpu_percent"),
            resource=Resource(section="limits", key="cpus"),
            engine="NanoCpus",
            scale=1_000_000,
            v1=File(controller="cpu", names=("cpu.cfs_quota_us", "cpu.cfs_period_us"), read=_quota),
            v2=File(controller="cpu", names=("cpu.max",), read=_quota),
            metric=Metric(name="ziggie_service_cpu_limit_cores", help="The CPU quota in force, 0 for none.", per=1000),
        )
    )
    pids: int = _limit(
        Limit(
            unit=COUNT,
            budget=("pids",),
            compose="pids_limit",
            resource=Resource(section="limits", key="pids"),
            engine="PidsLimit",
            lifts=True,
            v1=File(controller="pids", names=("pids.max",), read=_number),
            v2=File(controller="pids", names=("pids.max",), read=_number),
            slice=Slice(figure="pids_max", property="TasksMax"),
            metric=Metric(name="ziggie_service_pids_limit", help="The limit of processes in force, 0 for none."),
        )
    )
    # Compose holds it beside the limits of single devices, which are the author's.
    io_weight: int = _limit(
        Limit(
            unit=COUNT,
            budget=("io.weight",),
            compose="blkio_config.weight",
            combined=True,
            needs="io_weight",
            engine="BlkioWeight",
            slice=Slice(figure="io_weight", property="IOWeight"),
        )
    )
    oom_score_adj: int = _limit(
        Limit(
            unit=COUNT,
            budget=("oom_score_adj",),
            compose="oom_score_adj",
            needs="oom_score_adj",
            engine="OomScoreAdj",
            signed=True,
            in_place=False,
        )
    )
    # The Budget has a number of cores; which ones they are depends on the host. v1 has the cores in force where v2 has those that were asked for.
    cpuset: str = _limit(
        Limit(
            unit=CORES,
            budget=("cpus.cores",),
            compose="cpuset",
            combined=True,
            needs="cpuset",
            engine="CpusetCpus",
            lifts=True,
            v1=File(controller="cpuset", names=("cpuset.cpus",), read=" ".join),
            v2=File(controller="cpuset", names=("cpuset.cpus.effective",), read=" ".join),
        ),
        none="",
    )

    @classmethod
    @cache
    def table(cls) -> tuple[Limit, ...]:
        """Return every limit."""
        return tuple(replace(one.metadata["limit"], name=one.name, none=one.default) for one in fields(cls))

    @classmethod
    def of_compose(cls, service: Mapping[str, Any]) -> Limits:
        """Return the limits that a compiled Compose service writes. Raises `ValueError` for what is not a figure."""
        found: dict[str, Any] = {limit.name: limit.of_compose(service) for limit in cls.table()}
        return cls(**found)

    @classmethod
    def of_engine(cls, config: Mapping[str, Any], host: Collection[int]) -> Limits:
        """Return the limits in a container's HostConfig; `host` are the cores that the host has."""
        found: dict[str, Any] = {limit.name: limit.of_engine(config, host) for limit in cls.table()}
        return cls(**found)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Limits:
        """Return what `to_dict` made plain. Raises `ValueError` for anything else."""
        for limit in cls.table():
            if limit.name not in data:
                raise ValueError(f"{limit.name}: this key is missing")
        return load_fields(cls, data)

    def to_dict(self) -> dict[str, Value]:
        """Return plain data."""
        return {limit.name: getattr(self, limit.name) for limit in self.table()}

    def items(self) -> Iterator[tuple[Limit, Value]]:
        """Yield each limit with its value."""
        for limit in self.table():
            yield limit, getattr(self, limit.name)

    def differing(self, live: Limits) -> Iterator[tuple[Limit, Value, Value]]:
        """Yield each limit of a release that the engine holds otherwise, with both values."""
        for limit, wanted in self.items():
            held = getattr(live, limit.name)
            if held != wanted and not (limit.made_up and wanted == limit.none):
                yield limit, wanted, held

    def update(self, live: Limits) -> dict[str, Value]:
        """Return the engine's request that gives a running container these limits; `live` are those that it has."""
        body: dict[str, Value] = {}
        for limit, wanted in self.items():
            if limit.unit is CORES:
                if wanted or getattr(live, limit.name):
                    # The engine takes an empty list for "leave it as it is"; all cores are a list, too.
                    body[limit.engine] = wanted or core_list(os.sched_getaffinity(0))
            elif limit.changes_in_place(wanted):
                body[limit.engine] = int(wanted) * limit.scale
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelLimits:
    """The limits that the kernel enforces, by name, and what it derives from them (`cpu_weight`). What cannot be read is absent: unknown is not "none"."""

    values: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def read(cls, version: int, read: Callable[[str, str], str]) -> KernelLimits:
        """Read a control group of version 1 or 2; `read` returns the text of a controller's file, empty where it cannot be read."""
        found: dict[str, Value] = {}
        for limit in Limits.table():
            file = limit.v1 if version == 1 else limit.v2
            texts = [read(file.controller, name) for name in file.names] if file else []
            if file and all(texts):
                found[file.shown_as or limit.name] = file.read(" ".join(texts).split())
        return cls(values=found)

    def differing(self, wanted: Limits) -> Iterator[tuple[Limit, Value, Value]]:
        """Yield each limit of a release that the kernel holds otherwise, with both values."""
        for limit, asked in wanted.items():
            if limit.name not in self.values:
                continue
            expected, held = limit.of_kernel(asked), self.values[limit.name]
            if limit.unit is not CORES:
                if held != expected:
                    yield limit, expected, held
            # A container that may use all cores has as many as the host; the engine's list is compared already.
            elif expected and parse_core_list(str(held)) != parse_core_list(str(expected)):
                yield limit, expected, held

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> KernelLimits:
        """Return what `to_dict` made plain. Raises `ValueError` for anything else."""
        known: dict[str, type] = {}
        for limit in Limits.table():
            known |= {file.shown_as or limit.name: limit.unit.type for file in (limit.v1, limit.v2) if file}
        for name in data:
            if name not in known:
                raise ValueError(f"{name}: nothing reads this key")
        return cls(values={name: load(known[name], value, name) for name, value in data.items()})

    def to_dict(self) -> dict[str, Value]:
        """Return plain data."""
        return dict(self.values)


_figure = cache(attrgetter)


def _at(value: object, path: str) -> Any:
    """Return what lies at a path of mappings, `None` where nothing does."""
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _confined(cpuset: str, host: Collection[int]) -> str:
    """Return a list of cores, or nothing where it is all of them: the engine cannot take a list away, only make it longer."""
    try:
        return "" if parse_core_list(cpuset).issuperset(host) else cpuset
    except ValueError:
        return cpuset
