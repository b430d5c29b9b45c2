# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the author of a stack asks for, service by service."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from .policy import Policy

Value: TypeAlias = int | str | bool | Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a service is believed to need an amount: bytes of memory, or a count of processes and threads.

    `kind` is declared (its author says so), configured (it follows from its own settings), observed (it was seen to use it) or known
    (the table of images says so). `source` says where, with the arithmetic.
    """

    kind: Literal["declared", "configured", "observed", "known"]
    amount: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySpec:
    """What a service needs and asks of memory, in bytes.

    The floor is the most that its evidence supports. A `bounded` service never gets more than its request, since its author said so;
    any other may get what is left of the pool. `swap` is `None` where the engine's own default holds;
    `floor_is_default` tells that nothing supports the floor. `at_once` is the most that one of its settings lets it use,
    `vendor` what its vendor asks for where its author says nothing.
    """

    floor: int
    reservation: int
    request: int
    asked: int
    swap: int | None
    shm: int = 0
    bounded: bool = True
    evidence: tuple[Evidence, ...] = ()
    floor_is_default: bool = False
    at_once: Evidence | None = None
    vendor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuSpec:
    """What a service asks of the CPUs, in millicores; `declared` tells whether its author set the limit, which is the host's else."""

    reservation: int
    limit: int
    declared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningSpec:
    """How a service's own settings follow from its limits.

    `written` are the settings that its author wrote, which stay; `command` is what its image runs, where that is not what the tuner
    expects.
    """

    tuner: str
    params: Mapping[str, Value]
    written: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """A service as its author described it, complete.

    `pids_stated` tells that the author bounds its processes. `connections` says how many it opens at most to which service, `clients`
    how many all others open to this one, `awaited_by` which services start only after it ends; `sources` says where each figure was read.
    """

    name: str
    image: str
    tier: str
    priority: str
    replicas: int
    memory: MemorySpec
    cpus: CpuSpec
    pids: int
    pids_stated: bool
    files: int
    io_weight: int
    batch: bool
    tuning: TuningSpec | None
    storage: Mapping[str, Storage]
    connections: Mapping[str, int]
    clients: int
    awaited_by: tuple[str, ...]
    depends_on: tuple[str, ...]
    requires: tuple[str, ...]
    sources: Mapping[str, str]


def images(services: Iterable[ServiceSpec], policy: Policy) -> int:
    """Return the bytes that the images of services take, each image once."""
    return policy.disk.image * len({spec.image or spec.name for spec in services})


def logs(services: Iterable[ServiceSpec], policy: Policy) -> int:
    """Return the most bytes that the engine keeps of the services' output."""
    return policy.disk.logs * sum(spec.replicas for spec in services)


def absent(spec: ServiceSpec, policy: Policy) -> list[str]:
    """Return the credentials that a service requires and that are not there."""
    return sorted({*spec.requires} - {*policy.credentials})


def way_on(missing: Collection[str]) -> str:
    """Return what turns a service on: each that it lacks is a credential's name, or a setting and its key, such as `stack_images.api`."""
    set_elsewhere = sorted(name for name in missing if "." in name)
    ways = ["give the credentials"] if len(set_elsewhere) < len(missing) else []
    return " and ".join([*ways, *(f"set {name}" for name in set_elsewhere)]) + " to turn it on"


def running(services: Iterable[ServiceSpec], policy: Policy) -> tuple[ServiceSpec, ...]:
    """Return the services whose credentials are there; the others are off and hold nothing."""
    granted = frozenset(policy.credentials)
    return tuple(spec for spec in services if granted.issuperset(spec.requires))
