# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share the disk, each filesystem for itself, by the same fairness as memory.

On the filesystem of the engine lie the images and the logs, on that of the system its reserve; what is left is for the volumes
whose storage class lies there. Each gets its floor, and of the rest what `allocate.fill` gives it up to its size. A volume
that states no floor needs all of its size; one that states no size takes none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..tiers import PRIORITIES
from .allocate import Claim, fill
from .capacity import Capacity, Filesystem
from .model import Taken
from .policy import Policy
from .spec import ServiceSpec, Storage, images, logs


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the volumes of every service get, by service and volume, how much was shared by filesystem, and what that leaves."""

    sizes: dict[str, dict[str, int]]
    levels: dict[str, Fraction]
    taken: tuple[Taken, ...]


def home(capacity: Capacity, storage_class: str) -> Filesystem | None:
    """Return the filesystem on which the volumes of a storage class lie: one that names it, else one that holds all."""
    holding = [disk for disk in capacity.disks if disk.holds(storage_class)]
    return next((disk for disk in holding if disk.classes is not None), holding[0] if holding else None)


def base(capacity: Capacity, disk: Filesystem, services: Sequence[ServiceSpec], policy: Policy) -> Taken:
    """Return what of a filesystem is taken before any volume."""
    engines = next((one for one in capacity.disks if one.engine), None)
    return Taken(
        disk=disk,
        volumes=0,
        images=images(services, policy) if disk is engines else 0,
        logs=logs(services, policy) if disk is engines else 0,
        reserve=policy.reserve.disk if disk.system else 0,
    )


def volumes(capacity: Capacity, disk: Filesystem, services: Sequence[ServiceSpec]) -> Iterator[tuple[ServiceSpec, str, Storage]]:
    """Yield the volumes that lie on a filesystem and take something of it."""
    for spec in services:
        for volume, storage in spec.storage.items():
            if storage.size and home(capacity, storage.storage_class) is disk:
                yield spec, volume, storage


def claim(capacity: Capacity, disk: Filesystem, spec: ServiceSpec, policy: Policy) -> int:
    """Return what a service by itself needs of a filesystem at least; an image that others use too counts in full."""
    taken = base(capacity, disk, [spec], policy)
    return taken.images + taken.logs + sum(storage.floor for _spec, _volume, storage in volumes(capacity, disk, [spec]))


def place(disk: Filesystem) -> str:
    """Return the path of a filesystem in a capacity."""
    return "disk" if disk.name == "disk" else f"disks.{disk.name}"


def share_disk(services: Sequence[ServiceSpec], capacity: Capacity, policy: Policy) -> Shared:
    """Give every volume its size; the floors must fit. Without filesystems, each gets all that it asks for."""
    sizes = {spec.name: {volume: storage.size for volume, storage in spec.storage.items()} for spec in services}
    levels, takings = {}, []
    for disk in capacity.disks:
        taken = base(capacity, disk, services, policy)
        lying = {f"{spec.name}/{volume}": (spec, volume, storage) for spec, volume, storage in volumes(capacity, disk, services)}
        filled = fill((_claim(name, spec, storage, policy) for name, (spec, _volume, storage) in lying.items()), taken.left)
        for name, (spec, volume, _storage) in lying.items():
            sizes[spec.name][volume] = filled.limits[name]
        levels[disk.name] = filled.level
        takings.append(Taken(disk=disk, volumes=sum(filled.limits.values()), images=taken.images, logs=taken.logs, reserve=taken.reserve))
    return Shared(sizes=sizes, levels=levels, taken=tuple(takings))


def _claim(name: str, spec: ServiceSpec, storage: Storage, policy: Policy) -> Claim:
    return Claim(
        name=name,
        floor=storage.floor,
        request=storage.size,
        weight=policy.weights[spec.priority],
        rank=PRIORITIES.index(spec.priority),
    )
