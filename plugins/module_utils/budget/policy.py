# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules by which a pool is shared, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..compose.reader import Reader
from ..problems import BudgetError, Problems
from ..tiers import PRIORITIES
from ..typed import dump_fields
from ..units import CORE, GIB, MIB, plain_number
from . import codes
from .capacity import DIMENSIONS, Capacity

_KEYS = (
    "reserve",
    "margin",
    "surge",
    "memory",
    "overcommit",
    "weights",
    "cpu_quota",
    "cpuset",
    "memory_high",
    "disk",
    "defaults",
    "credentials",
)
# In place of a figure for the reserve of memory or for the margin: it follows from the host's memory.
AUTO = "auto"
# An eighth of the memory, at least what Debian with an engine takes (350 MiB), at most 2 GiB. It grows slower than the memory, so more memory is more pool.
_RESERVE_PART, _RESERVE_LEAST, _RESERVE_MOST = 8, 384 * MIB, 2 * GIB
# A tenth of the pool, which is where earlyoom calls memory short (its manual, option -m), at most the report's 200 MiB.
_MARGIN_PART, _MARGIN_MOST = 10, 200 * MIB
_WEIGHTS = {"high": Fraction(4), "medium": Fraction(2), "low": Fraction(1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """What the operating system of a host keeps: bytes, millicores and counts."""

    memory: int
    cpus: int
    disk: int
    swap: int
    pids: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveRule:
    """What is to be reserved on any host. Memory that is not stated (`None`) follows from the host's."""

    memory: int | None
    cpus: int
    disk: int
    swap: int
    pids: int
    files: int

    def of(self, capacity: Capacity) -> Reserve:
        """Return what the operating system of a host keeps."""
        memory = _reserved(capacity.memory) if self.memory is None else self.memory
        return Reserve(memory=memory, cpus=self.cpus, disk=self.disk, swap=self.swap, pids=self.pids, files=self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a service costs when it does not say."""

    floor: int
    request: int
    cpu_reservation: int
    pids: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskCaps:
    """What an image takes on the disk on average, and what the logs of one container take at most."""

    image: int
    logs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules by which a pool is shared; `surge` is kept for what runs for a while only, as a new container beside the one that it takes over from.

    A margin that is not stated (`None`) follows from the pool.
    """

    reserve: ReserveRule
    margin: int | None
    surge: int
    memory: str
    overcommit_memory: Fraction
    overcommit_cpus: Fraction
    weights: Mapping[str, Fraction]
    cpu_quota: str
    cpuset: str
    memory_high: str
    disk: DiskCaps
    defaults: Defaults
    credentials: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the complete policy in the grammar in which one is written."""
        defaults = self.defaults
        return {
            "reserve": {
                **dump_fields(self.reserve),
                "memory": AUTO if self.reserve.memory is None else self.reserve.memory,
                "cpus": _cores(self.reserve.cpus),
            },
            "margin": {"memory": AUTO if self.margin is None else self.margin},
            **({"surge": {"memory": self.surge}} if self.surge else {}),
            "memory": self.memory,
            "overcommit": {"memory": plain_number(self.overcommit_memory), "cpus": plain_number(self.overcommit_cpus)},
            "weights": {priority: plain_number(weight) for priority, weight in self.weights.items()},
            "cpu_quota": self.cpu_quota,
            "cpuset": self.cpuset,
            # What a Budget of an earlier version says of itself stays what it was.
            **({} if self.memory_high == "none" else {"memory_high": self.memory_high}),
            "disk": {"image": self.disk.image, "logs": self.disk.logs},
            "defaults": {
                "memory": {"floor": defaults.floor, "request": defaults.request},
                "cpus": {"reservation": _cores(defaults.cpu_reservation)},
                "pids": defaults.pids,
                "files": defaults.files,
            },
            "credentials": list(self.credentials),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Policy:
        """Return what `to_dict` made plain. Raises `ValueError` with all that is wrong."""
        problems = Problems()
        policy = parse_policy(data, problems)
        if problems.failed():
            raise ValueError(str(BudgetError(problems.findings)))
        return policy

    def host_memory(self, usable: int) -> int:
        """Return the memory of the smallest host that leaves services so many bytes, `usable`."""
        pool = _least(usable + self.surge, self._margin)
        return _least(pool, _reserved) if self.reserve.memory is None else pool + self.reserve.memory

    def margin_of(self, capacity: Capacity) -> int:
        """Return the bytes of memory of a host's pool that stay unallocated for safety."""
        return self._margin(self.pool(capacity).memory)

    def usable(self, capacity: Capacity) -> int:
        """Return the bytes of memory that the services of a host share: its pool less margin and surge."""
        return self.pool(capacity).memory - self.margin_of(capacity) - self.surge

    def _margin(self, pool: int) -> int:
        return min(_MARGIN_MOST, max(0, pool) // _MARGIN_PART) if self.margin is None else self.margin

    def pool(self, capacity: Capacity) -> Capacity:
        """Return what the services of a host share: its capacity less the reserve."""
        reserve = self.reserve.of(capacity)

        def left(name: str) -> int | None:
            whole: int | None = getattr(capacity, name)
            return None if whole is None else whole - int(getattr(reserve, name))

        return Capacity(
            memory=capacity.memory - reserve.memory,
            cpus=capacity.cpus - reserve.cpus,
            disks=tuple(replace(disk, size=disk.size - reserve.disk) if disk.system else disk for disk in capacity.disks),
            swap=left("swap"),
            pids=left("pids"),
            files=left("files"),
        )


def parse_policy(data: object, problems: Problems) -> Policy:
    """Return a complete policy: what is not written has its default."""
    reader = Reader(data, "policy", problems, _KEYS)
    reserve = reader.section("reserve", DIMENSIONS)
    margin = reader.section("margin", ("memory",))
    surge = reader.section("surge", ("memory",))
    overcommit = reader.section("overcommit", ("memory", "cpus"))
    weights = reader.section("weights", PRIORITIES)
    disk = reader.section("disk", ("image", "logs"))
    return Policy(
        reserve=ReserveRule(
            memory=None if reserve.raw("memory") in (None, AUTO) else reserve.size("memory", 0, allow_zero=True),
            cpus=reserve.cpus("cpus", CORE // 2, allow_zero=True),
            disk=reserve.size("disk", 10 * GIB, allow_zero=True),
            swap=reserve.size("swap", 0, allow_zero=True),
            pids=reserve.count("pids", 1024, 0),
            files=reserve.count("files", 65_536, 0),
        ),
        margin=None if margin.raw("memory") in (None, AUTO) else margin.size("memory", 0, allow_zero=True),
        surge=surge.size("memory", 0, allow_zero=True),
        memory=reader.choice("memory", "fit", ("fit", "declared")),
        overcommit_memory=overcommit.number("memory", Fraction(1)),
        overcommit_cpus=overcommit.number("cpus", Fraction(2)),
        weights={priority: weights.number(priority, _WEIGHTS[priority]) for priority in PRIORITIES},
        cpu_quota=reader.choice("cpu_quota", "batch", ("none", "batch", "all")),
        cpuset=reader.choice("cpuset", "none", ("none", "critical", "split")),
        memory_high=reader.choice("memory_high", "none", ("none", "lower")),
        disk=DiskCaps(
            image=disk.size("image", GIB, allow_zero=True),
            logs=disk.size("logs", 100 * MIB, allow_zero=True),
        ),
        defaults=_defaults(reader.section("defaults", ("memory", "cpus", "pids", "files"))),
        credentials=reader.words("credentials"),
    )


def _defaults(reader: Reader) -> Defaults:
    memory = reader.section("memory", ("floor", "request"))
    cpus = reader.section("cpus", ("reservation",))
    floor, request = memory.size("floor", 64 * MIB), memory.size("request", 512 * MIB)
    if floor > request:
        reader.problems.error(
            codes.FLOOR_ABOVE_REQUEST, memory.at("floor"), "the floor is above the request", "lower the floor or raise the request"
        )
    return Defaults(
        floor=floor,
        request=request,
        cpu_reservation=cpus.cpus("reservation", CORE // 20, allow_zero=True),
        pids=reader.count("pids", 4096),
        files=reader.count("files", 1024),
    )


def _least(wanted: int, kept: Callable[[int], int]) -> int:
    """Return the least figure that leaves so much, where `kept` of it is kept, and grows slower than it."""
    figure = wanted
    while figure - kept(figure) < wanted:
        figure = wanted + kept(figure)
    return figure


def _reserved(memory: int) -> int:
    return min(_RESERVE_MOST, max(_RESERVE_LEAST, memory // _RESERVE_PART))


def _cores(millicores: int) -> int | float:
    return plain_number(Fraction(millicores, CORE))
