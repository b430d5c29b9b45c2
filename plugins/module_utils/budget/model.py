# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Budget: what every service of a stack gets on one host. Memory and disk are in bytes, CPUs in millicores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..problems import Finding
from ..tiers import TIERS
from ..typed import OPTIONAL, dump, dump_fields, load, load_fields, named
from .capacity import Capacity, Filesystem
from .cores import Cores
from .policy import Policy, Reserve

# The version of a Budget's plain data: it grows when a key goes or changes, so that what another version of the collection wrote is not misread.
FORMAT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Memory of one container.

    `asked` is what its author wanted before the floor raised it. `shm` is within the limit, `swap` beyond it; `None` is the engine's own
    default. A service that is not `bounded` may get more than its request.
    """

    floor: int
    reservation: int
    limit: int
    request: int
    asked: int
    swap: int | None
    shm: int
    bounded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpus:
    """CPUs of one container. It may run on `cores` of the host's cores, from `first_core` on, counted from 0; `None` means all."""

    reservation: int
    limit: int
    shares: int
    quota: int | None
    cores: int | None
    first_core: int

    @property
    def own_cores(self) -> range | None:
        """Return which of the host's cores, counted from 0, it may run on, or nothing where that is all of them."""
        return None if self.cores is None else range(self.first_core, self.first_core + self.cores)


@dataclass(frozen=True, slots=True, kw_only=True)
class Io:
    """The weight of a service's I/O, 10 to 1000."""

    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeShare:
    """Where a volume's data lie, who owns them, and the bytes that it may grow to; the last three are absent where nothing is stated."""

    storage_class: str = field(metadata=named("class"))
    path: str
    owner: int
    group: int
    mode: str
    size: int | None = field(default=None, metadata=OPTIONAL)
    floor: int | None = field(default=None, metadata=OPTIONAL)
    request: int | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Settings in the grammar of the program that reads them, and the two ways to hand them over.

    `settings` are those that the service's author left open, `kept` those that the author wrote; the program runs with both.
    `explain` holds a sentence for each setting, `shrunk` says what a limit is too small for, `untuned` why the program is not tuned;
    each is one sentence, or empty. `command` is what the image runs by itself, with which a command that takes the arguments must begin.
    `offers` is how many connections the settings leave to other services, `None` where they do not
    bound them; `files` is how many files one process may open by them.
    """

    tuner: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    explain: Mapping[str, str] = field(default_factory=dict, metadata=OPTIONAL)
    kept: Mapping[str, str] = field(default_factory=dict, metadata=OPTIONAL)
    shrunk: str = field(default="", metadata=OPTIONAL)
    untuned: str = field(default="", metadata=OPTIONAL)
    command: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    offers: int | None = field(default=None, metadata=OPTIONAL)
    files: int = field(default=0, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What each container of one service gets; `explain` holds a sentence for each number, by its path.

    A service that is not `enabled` lacks credentials that it `requires`. It holds nothing: its limit and its reservations are 0, and no sum
    counts it; its floor, request and counts are what it would need.
    """

    tier: str
    priority: str
    image: str
    replicas: int
    batch: bool
    enabled: bool
    requires: tuple[str, ...]
    memory: Memory
    cpus: Cpus
    pids: int
    files: int
    connections: Mapping[str, int]
    io: Io
    tuning: Tuning
    storage: Mapping[str, VolumeShare]
    explain: Mapping[str, str]

    @property
    def oom_score_adj(self) -> int:
        """Return how soon the kernel ends this service when the host itself is out of memory."""
        return TIERS[self.tier].oom_score_adj

    @property
    def disk(self) -> int:
        """Return the bytes that its volumes may grow to."""
        return sum(volume.size or 0 for volume in self.storage.values())

    def to_dict(self) -> dict[str, Any]:
        """Return plain data with what follows from it."""
        return {**dump_fields(self), "disk": self.disk, "oom_score_adj": self.oom_score_adj}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Share:
        """Return what `to_dict` made plain. Raises `ValueError`."""
        return load_fields(cls, _without(data, "disk", "oom_score_adj"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What of a filesystem is taken: the bytes that volumes may grow to, those of images and logs, and what the system keeps."""

    disk: Filesystem
    volumes: int
    images: int
    logs: int
    reserve: int

    @property
    def used(self) -> int:
        """Return what is allocated."""
        return self.volumes + self.images + self.logs + self.reserve

    @property
    def left(self) -> int:
        """Return what is not allocated."""
        return self.disk.size - self.used

    def to_dict(self) -> dict[str, int]:
        """Return plain data, without the filesystem itself."""
        figures = {"volumes": self.volumes, "images": self.images, "logs": self.logs, "reserve": self.reserve}
        return {"size": self.disk.size, **figures, "left": self.left}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryTotal:
    """Memory of several services, all their containers."""

    floor: int
    reservation: int
    limit: int
    request: int
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuTotal:
    """CPUs of several services, all their containers."""

    reservation: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What several services get, all their containers; a volume counts once."""

    memory: MemoryTotal
    cpus: CpuTotal
    pids: int
    files: int
    disk: int
    swap: int
    services: int

    @classmethod
    def of(cls, shares: Iterable[Share]) -> Total:
        """Add up those that are enabled."""
        listed = [share for share in shares if share.enabled]
        memory = {name: sum(getattr(share.memory, name) * share.replicas for share in listed) for name in MemoryTotal.__dataclass_fields__}
        cpus = {name: sum(getattr(share.cpus, name) * share.replicas for share in listed) for name in CpuTotal.__dataclass_fields__}
        return cls(
            memory=MemoryTotal(**memory),
            cpus=CpuTotal(**cpus),
            pids=sum(share.pids * share.replicas for share in listed),
            files=sum(share.files * share.replicas for share in listed),
            disk=sum(share.disk for share in listed),
            swap=sum((share.memory.swap or 0) * share.replicas for share in listed),
            services=len(listed),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """How many connections others may open to a server, and how many its settings offer."""

    asked: int
    offered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRoom:
    """What a job that runs for a while takes of memory, by which arithmetic, and whether the surge holds it."""

    name: str
    memory: int
    held: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What every service of a stack gets on one host, by the service's name. `jobs` run beside them for a while, one at a time."""

    capacity: Capacity
    policy: Policy
    cores: Cores
    services: Mapping[str, Share]
    disks: tuple[Taken, ...]
    findings: tuple[Finding, ...]
    jobs: tuple[JobRoom, ...] = ()

    @property
    def pool(self) -> Capacity:
        """Return what the services share: capacity less reserve."""
        return self.policy.pool(self.capacity)

    @property
    def reserve(self) -> Reserve:
        """Return what the operating system keeps."""
        return self.policy.reserve.of(self.capacity)

    @property
    def margin(self) -> int:
        """Return the bytes of memory that stay unallocated for safety."""
        return self.policy.margin_of(self.capacity)

    @property
    def surge(self) -> int:
        """Return the bytes of memory that are kept for what runs for a while only."""
        return self.policy.surge

    @property
    def above_floors(self) -> int:
        """Return the bytes of memory that are shared once every service has its floor."""
        return self.policy.usable(self.capacity) - self.total.memory.floor

    @property
    def total(self) -> Total:
        """Return what all services get."""
        return Total.of(self.services.values())

    @property
    def tiers(self) -> dict[str, Total]:
        """Return what the services of each tier get."""
        return {tier: Total.of(share for share in self.services.values() if share.tier == tier) for tier in TIERS}

    @property
    def unallocated(self) -> int:
        """Return the bytes of memory that are left of pool less margin, the surge among them."""
        return self.pool.memory - self.margin - self.total.memory.limit

    @property
    def unallocated_cpus(self) -> int:
        """Return the millicores of the pool that nobody has reserved."""
        return self.pool.cpus - self.total.cpus.reservation

    @property
    def images(self) -> int:
        """Return the bytes that the images take, each image once."""
        return self.policy.disk.image * len({share.image or name for name, share in self.services.items() if share.enabled})

    @property
    def logs(self) -> int:
        """Return the most bytes that the engine keeps of the services' output."""
        return self.policy.disk.logs * sum(share.replicas for share in self.services.values() if share.enabled)

    @property
    def connections(self) -> dict[str, Connections]:
        """Return, by server, the connections that others may open to it and those that its settings offer."""
        asked: dict[str, int] = {}
        for share in (share for share in self.services.values() if share.enabled):
            for server, figure in share.connections.items():
                asked[server] = asked.get(server, 0) + figure * share.replicas
        return {
            name: Connections(asked=asked[name], offered=share.tuning.offers)
            for name, share in self.services.items()
            if share.tuning.offers is not None and asked.get(name)
        }

    def to_dict(self) -> dict[str, Any]:
        """Return plain data with what follows from it: bytes, millicores, text."""
        everything, pool = self.total, self.pool
        return {
            "format": FORMAT,
            "capacity": self.capacity.to_dict(),
            "reserve": dump(self.reserve),
            "pool": pool.to_dict(),
            "margin": {"memory": self.margin},
            "policy": self.policy.to_dict(),
            "cores": dump(self.cores),
            "totals": {
                "tiers": dump(self.tiers),
                "all": dump(everything),
                "utilization": {
                    "memory": round(everything.memory.limit / pool.memory, 4),
                    "cpus": round(everything.cpus.reservation / pool.cpus, 4),
                },
                "unallocated": {"memory": self.unallocated, "cpus": self.unallocated_cpus},
                "disk": {"volumes": everything.disk, "images": self.images, "logs": self.logs},
                "disks": {taken.disk.name: taken.to_dict() for taken in self.disks},
                "connections": dump(self.connections),
            },
            "services": dump(self.services),
            "findings": dump(self.findings),
            # Where there are none, the plain data are those of a Budget that knows of no jobs.
            **({"jobs": dump(self.jobs)} if self.jobs else {}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Budget:
        """Return what `to_dict` made plain. Raises `ValueError` where it is something else, or another version of the collection wrote it."""
        data = load(dict[str, Any], data, "budget")
        if data.get("format") != FORMAT:
            raise ValueError(f"format: expected {FORMAT}, got {data.get('format')!r}; another version of the collection wrote it")
        capacity = load(Capacity, data.get("capacity"), "capacity")
        filesystems = {disk.name: disk for disk in capacity.disks}
        totals = load(dict[str, Any], data.get("totals"), "totals")
        disks = load(dict[str, dict[str, int]], totals.get("disks"), "totals.disks")
        for name in disks.keys() - filesystems.keys():
            raise ValueError(f"totals.disks.{name}: the capacity has no such filesystem")
        return cls(
            capacity=capacity,
            policy=load(Policy, data.get("policy"), "policy"),
            cores=load(Cores, data.get("cores"), "cores"),
            services=load(dict[str, Share], data.get("services"), "services"),
            disks=tuple(
                load(Taken, {**_without(figures, "size", "left"), "disk": dump_fields(filesystems[name])}, f"totals.disks.{name}")
                for name, figures in disks.items()
            ),
            findings=load(tuple[Finding, ...], data.get("findings"), "findings"),
            jobs=load(tuple[JobRoom, ...], data.get("jobs", []), "jobs"),
        )


def _without(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in names}


def current(document: dict[str, Any]) -> dict[str, Any]:
    """Return a Budget's plain data, or nothing where another version of the collection wrote it: absent is better than misread."""
    return document if document.get("format") == FORMAT else {}
