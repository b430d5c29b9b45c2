# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a budget as types: what is asked for, what there is, and what is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeAlias

from .format import FORMAT
from .problems import Finding
from .units import CORE, plain_number

Value: TypeAlias = "int | str | bool | Fraction"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierTraits:
    """What a tier means where nothing else is said.

    A point of `oom_score_adj` weighs as a thousandth of the host's memory (oom_kill.c, oom_badness), so 45 % of it lie between two
    tiers: of processes smaller than that the kernel ends management's first, then workflow's, then critical's, and all of them before
    the host's own, which have 0, and the engine (-500).
    """

    priority: str
    io_weight: int
    oom_score_adj: int


TIERS: Mapping[str, TierTraits] = {
    "critical": TierTraits(priority="high", io_weight=800, oom_score_adj=100),
    "workflow": TierTraits(priority="medium", io_weight=600, oom_score_adj=550),
    "management": TierTraits(priority="low", io_weight=200, oom_score_adj=1000),
}
PRIORITIES = ("high", "medium", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filesystem:
    """One filesystem of a host and its bytes.

    `classes` are the storage classes whose volumes lie on it, `None` for all; `engine` tells whether images and logs lie there,
    `system` whether the operating system does.
    """

    name: str
    size: int
    classes: tuple[str, ...] | None = None
    engine: bool = True
    system: bool = True

    def holds(self, storage_class: str) -> bool:
        """Tell whether the volumes of a storage class lie here."""
        return self.classes is None or storage_class in self.classes

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        classes = {} if self.classes is None else {"classes": list(self.classes)}
        return {"size": self.size, **classes, "engine": self.engine, "system": self.system}


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What a host has: bytes, millicores and counts. What nobody says is `None`, or empty, and nothing is checked against it.

    `cores` are the whole cores that the kernel schedules on, whatever `cpus` is to be budgeted for.
    """

    memory: int
    cpus: int
    disks: tuple[Filesystem, ...] = ()
    swap: int | None = None
    pids: int | None = None
    files: int | None = None
    cores: int | None = None

    @property
    def disk(self) -> int | None:
        """Return the bytes of all filesystems."""
        return sum(disk.size for disk in self.disks) if self.disks else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, without what nobody says."""
        figures = {name: getattr(self, name) for name in ("memory", "cpus", "disk", "swap", "pids", "files", "cores")}
        alone = [disk.name for disk in self.disks] in ([], ["disk"])
        disks = {} if alone else {"disks": {disk.name: disk.to_dict() for disk in self.disks}}
        return {**{name: figure for name, figure in figures.items() if figure is not None}, **disks}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """What the operating system keeps: bytes, millicores and counts."""

    memory: int
    cpus: int
    disk: int
    swap: int
    pids: int
    files: int

    def to_dict(self) -> dict[str, int]:
        """Return plain data."""
        return {name: getattr(self, name) for name in ("memory", "cpus", "disk", "swap", "pids", "files")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a service costs when it does not say."""

    floor: int
    request: int
    cpu_reservation: int
    cpu_limit: int
    pids: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskCaps:
    """What an image takes on the disk on average, and what the logs of one container take at most."""

    image: int
    logs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules by which a pool is shared."""

    reserve: Reserve
    margin: int
    memory: str
    overcommit_memory: Fraction
    overcommit_cpus: Fraction
    weights: Mapping[str, Fraction]
    cpu_quota: str
    cpuset: str
    disk: DiskCaps
    defaults: Defaults
    credentials: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the complete policy in the grammar in which one is written."""
        defaults = self.defaults
        return {
            "reserve": {**self.reserve.to_dict(), "cpus": _cores(self.reserve.cpus)},
            "margin": {"memory": self.margin},
            "memory": self.memory,
            "overcommit": {"memory": plain_number(self.overcommit_memory), "cpus": plain_number(self.overcommit_cpus)},
            "weights": {priority: plain_number(weight) for priority, weight in self.weights.items()},
            "cpu_quota": self.cpu_quota,
            "cpuset": self.cpuset,
            "disk": {"image": self.disk.image, "logs": self.disk.logs},
            "defaults": {
                "memory": {"floor": defaults.floor, "request": defaults.request},
                "cpus": {"reservation": _cores(defaults.cpu_reservation), "limit": _cores(defaults.cpu_limit)},
                "pids": defaults.pids,
                "files": defaults.files,
            },
            "credentials": list(self.credentials),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySpec:
    """What a service needs and asks of memory, in bytes."""

    floor: int
    reservation: int
    request: int
    asked: int
    swap: int
    shm: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuSpec:
    """What a service asks of the CPUs, in millicores."""

    reservation: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningSpec:
    """How a service's own settings follow from its limits."""

    engine: str
    params: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where a volume's data lie, who owns them, how many bytes they are asked to be able to grow to, and the least that will do.

    Both are 0 where nobody says.
    """

    storage_class: str
    path: str
    owner: int
    group: int
    mode: str
    size: int = 0
    floor: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"class": self.storage_class, "path": self.path, "owner": self.owner, "group": self.group, "mode": self.mode}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """A service as its author described it, complete.

    `connections` says how many it opens at most to which service, `clients` how many all others open to this one; `sources`
    says where each figure was read.
    """

    name: str
    image: str
    tier: str
    priority: str
    replicas: int
    memory: MemorySpec
    cpus: CpuSpec
    pids: int
    files: int
    io_weight: int
    batch: bool
    tuning: TuningSpec | None
    storage: Mapping[str, Storage]
    connections: Mapping[str, int]
    clients: int
    depends_on: tuple[str, ...]
    requires: tuple[str, ...]
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Settings in the grammar of the program that reads them, and the two ways to hand them over.

    `offers` is how many connections they leave to other services, `files` how many files one of its processes may open by them.
    """

    engine: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    explain: Mapping[str, str] = field(default_factory=dict)
    shrunk: str = ""
    offers: int | None = None
    files: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "engine": self.engine,
            "settings": dict(self.settings),
            "environment": dict(self.environment),
            "arguments": list(self.arguments),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one service gets: its memory limit and reservation in bytes, CPUs in millicores, its volumes' sizes in bytes.

    `cpu_cores` is which of the host's cores, counted from 0, it may run on, `None` where that is all of them.
    """

    spec: ServiceSpec
    sizes: Mapping[str, int]
    memory_limit: int
    memory_reservation: int
    cpu_reservation: int
    cpu_limit: int
    cpu_shares: int
    cpu_quota: int | None
    cpu_cores: range | None
    enabled: bool
    tuning: Tuning
    explain: Mapping[str, str]

    @property
    def oom_score_adj(self) -> int:
        """Return how soon the kernel ends this service when the host itself is out of memory."""
        return TIERS[self.spec.tier].oom_score_adj

    @property
    def disk(self) -> int:
        """Return the bytes that its volumes may grow to."""
        return sum(self.sizes.values())

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        spec = self.spec
        return {
            "tier": spec.tier,
            "priority": spec.priority,
            "image": spec.image,
            "replicas": spec.replicas,
            "batch": spec.batch,
            "enabled": self.enabled,
            "requires": list(spec.requires),
            "memory": {
                "floor": spec.memory.floor,
                "reservation": self.memory_reservation,
                "limit": self.memory_limit,
                "request": spec.memory.request,
                "asked": spec.memory.asked,
                "swap": spec.memory.swap,
                "shm": spec.memory.shm,
            },
            "cpus": {
                "reservation": self.cpu_reservation,
                "limit": self.cpu_limit,
                "shares": self.cpu_shares,
                "quota": self.cpu_quota,
                "cores": None if self.cpu_cores is None else len(self.cpu_cores),
                "first_core": 0 if self.cpu_cores is None else self.cpu_cores.start,
            },
            "pids": spec.pids,
            "files": spec.files,
            "disk": self.disk,
            "connections": dict(spec.connections),
            "io": {"weight": spec.io_weight},
            "oom_score_adj": self.oom_score_adj,
            "tuning": self.tuning.to_dict(),
            "storage": {name: {**storage.to_dict(), **self._sizes(name)} for name, storage in spec.storage.items()},
            "explain": dict(self.explain),
        }

    def _sizes(self, volume: str) -> dict[str, int]:
        storage = self.spec.storage[volume]
        return {"size": self.sizes[volume], "floor": storage.floor, "request": storage.size} if storage.size else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What of a filesystem is taken: the bytes that volumes may grow to, those of images and logs, and what the system keeps."""

    disk: Filesystem
    volumes: int
    images: int
    logs: int
    reserve: int

    @property
    def left(self) -> int:
        """Return what nobody has."""
        return self.disk.size - self.volumes - self.images - self.logs - self.reserve

    def to_dict(self) -> dict[str, int]:
        """Return plain data."""
        figures = {"volumes": self.volumes, "images": self.images, "logs": self.logs, "reserve": self.reserve}
        return {"size": self.disk.size, **figures, "left": self.left}


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What every service of a stack gets on one host."""

    capacity: Capacity
    policy: Policy
    shares: tuple[Share, ...]
    disks: tuple[Taken, ...]
    findings: tuple[Finding, ...]

    @property
    def pool(self) -> Capacity:
        """Return what the services share: capacity less reserve."""
        return pool_of(self.capacity, self.policy)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: bytes, millicores, text."""
        everything = _total(self.shares)
        pool, margin = self.pool, self.policy.margin
        specs = [share.spec for share in self.shares]
        return {
            "format": FORMAT,
            "capacity": self.capacity.to_dict(),
            "reserve": self.policy.reserve.to_dict(),
            "pool": pool.to_dict(),
            "margin": {"memory": margin},
            "policy": self.policy.to_dict(),
            "totals": {
                "tiers": {tier: _total([share for share in self.shares if share.spec.tier == tier]) for tier in TIERS},
                "all": everything,
                "utilization": {
                    "memory": round(everything["memory"]["limit"] / pool.memory, 4),
                    "cpus": round(everything["cpus"]["reservation"] / pool.cpus, 4),
                },
                "unallocated": {
                    "memory": pool.memory - margin - everything["memory"]["limit"],
                    "cpus": pool.cpus - everything["cpus"]["reservation"],
                },
                "disk": {
                    "volumes": everything["disk"],
                    "images": images(specs, self.policy),
                    "logs": logs(specs, self.policy),
                },
                "disks": {taken.disk.name: taken.to_dict() for taken in self.disks},
                "connections": connections_of(self.shares),
            },
            "services": {share.spec.name: share.to_dict() for share in self.shares},
            "findings": [finding.to_dict() for finding in self.findings],
        }


def pool_of(capacity: Capacity, policy: Policy) -> Capacity:
    """Return capacity less reserve."""
    reserve = policy.reserve

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


def images(services: Iterable[ServiceSpec], policy: Policy) -> int:
    """Return the bytes that the images of services take, each image once."""
    return policy.disk.image * len({spec.image or spec.name for spec in services})


def logs(services: Iterable[ServiceSpec], policy: Policy) -> int:
    """Return the bytes that the engine keeps of the services' output at most."""
    return policy.disk.logs * sum(spec.replicas for spec in services)


def connections_of(shares: tuple[Share, ...]) -> dict[str, dict[str, int]]:
    """Return, by server, the connections that others may open to it and those that its settings offer."""
    return {
        share.spec.name: {"asked": share.spec.clients, "offered": share.tuning.offers}
        for share in shares
        if share.tuning.offers is not None and share.spec.clients
    }


def _total(shares: tuple[Share, ...] | list[Share]) -> dict[str, Any]:
    return {
        "memory": {
            "floor": sum(share.spec.memory.floor * share.spec.replicas for share in shares),
            "reservation": sum(share.memory_reservation * share.spec.replicas for share in shares),
            "limit": sum(share.memory_limit * share.spec.replicas for share in shares),
            "request": sum(share.spec.memory.request * share.spec.replicas for share in shares),
            "asked": sum(share.spec.memory.asked * share.spec.replicas for share in shares),
        },
        "cpus": {
            "reservation": sum(share.cpu_reservation * share.spec.replicas for share in shares),
            "limit": sum(share.cpu_limit * share.spec.replicas for share in shares),
        },
        "pids": sum(share.spec.pids * share.spec.replicas for share in shares),
        "files": sum(share.spec.files * share.spec.replicas for share in shares),
        "disk": sum(share.disk for share in shares),
        "swap": sum(share.spec.memory.swap * share.spec.replicas for share in shares),
        "services": len(shares),
    }


def _cores(millicores: int) -> int | float:
    return plain_number(Fraction(millicores, CORE))
