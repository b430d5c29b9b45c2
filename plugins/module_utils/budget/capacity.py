# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import typed
from ..compose.reader import Reader
from ..problems import Problems
from . import codes

_FILESYSTEM = ("size", "classes", "engine", "system")
DIMENSIONS = ("memory", "cpus", "disk", "swap", "pids", "files")
# What fs.file-max is where nothing limits it.
_MOST_COUNT = 2**63 - 1


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
        """Return plain data, without the name."""
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

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Capacity:
        """Return what `to_dict` made plain. Raises `ValueError`."""
        disk, disks = data.get("disk"), data.get("disks")
        if disks is None:
            filesystems: tuple[Filesystem, ...] = () if disk is None else (Filesystem(name="disk", size=typed.load(int, disk, "disk")),)
        else:
            named = typed.load(dict[str, dict[str, Any]], disks, "disks")
            filesystems = tuple(
                typed.load(Filesystem, {"classes": None, **entry, "name": name}, f"disks.{name}") for name, entry in named.items()
            )
        figures = {key: value for key, value in data.items() if key not in ("disk", "disks")}
        return typed.load_fields(cls, {**figures, "disks": [typed.dump_fields(one) for one in filesystems]})


def parse_capacity(data: object, problems: Problems) -> Capacity | None:
    """Return what the host has, or nothing when it does not say."""
    reader = Reader(data, "capacity", problems, (*DIMENSIONS, "disks", "cores"))
    for name, example in (("memory", "16g"), ("cpus", "4")):
        if not reader.has(name):
            problems.error(codes.MISSING_KEY, reader.at(name), f"the capacity has no {name}", f"write {name}: {example}")
    memory, cpus = reader.size("memory", 0), reader.cpus("cpus", 0)
    disks, swap = _disks(reader), reader.size("swap", 0, allow_zero=True)
    pids, files, cores = (reader.count(name, 0, 1, _MOST_COUNT) for name in ("pids", "files", "cores"))
    if not memory or not cpus:
        return None
    stated = {
        name: figure
        for name, figure in (("swap", swap), ("pids", pids), ("files", files), ("cores", cores))
        if reader.has(name) and not reader.bad(name)
    }
    return Capacity(memory=memory, cpus=cpus, disks=disks, **stated)


def _disks(reader: Reader) -> tuple[Filesystem, ...]:
    """Return the filesystems by name; a plain `disk` is one that holds everything, and counts where `disks` says nothing."""
    size, named = reader.size("disk", 0), reader.section("disks")
    disks: list[Filesystem] = []
    alone = len(named.names()) == 1
    for name in named.names():
        entry = named.section(name, _FILESYSTEM)
        if not entry.has("size"):
            entry.problems.error(codes.MISSING_KEY, entry.at("size"), "the filesystem does not say how large it is", "write size: 200g")
        disks.append(
            Filesystem(
                name=name,
                size=entry.size("size", 0),
                classes=entry.words("classes") if entry.has("classes") else None,
                engine=entry.flag("engine", alone),
                system=entry.flag("system", alone),
            )
        )
    if disks or not size:
        return tuple(disk for disk in disks if disk.size)
    return (Filesystem(name="disk", size=size),)
