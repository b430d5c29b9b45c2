# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read capacity and policy."""

from __future__ import annotations

from fractions import Fraction

from . import codes
from .model import PRIORITIES, Capacity, Defaults, DiskCaps, Filesystem, Policy, Reserve
from .problems import Problems
from .reader import Reader
from .units import CORE, GIB, MIB

_KEYS = ("reserve", "margin", "memory", "overcommit", "weights", "cpu_quota", "cpuset", "disk", "defaults", "credentials")
_FILESYSTEM = ("size", "classes", "engine", "system")
_DIMENSIONS = ("memory", "cpus", "disk", "swap", "pids", "files")
# What fs.file-max is where nobody limits it.
_MOST_COUNT = 2**63 - 1
_WEIGHTS = {"high": Fraction(4), "medium": Fraction(2), "low": Fraction(1)}


def parse_capacity(data: object, problems: Problems) -> Capacity | None:
    """Return what the host has, or nothing when it does not say."""
    reader = Reader(data, "capacity", problems, (*_DIMENSIONS, "disks", "cores"))
    for name, example in (("memory", "16g"), ("cpus", "4")):
        if not reader.has(name):
            problems.error(codes.MISSING_KEY, reader.at(name), "the host does not say what it has", f"write {name}: {example}")
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


def parse_policy(data: object, problems: Problems) -> Policy:
    """Return a complete policy: what is not written has its default."""
    reader = Reader(data, "policy", problems, _KEYS)
    reserve = reader.section("reserve", _DIMENSIONS)
    margin = reader.section("margin", ("memory",))
    overcommit = reader.section("overcommit", ("memory", "cpus"))
    weights = reader.section("weights", PRIORITIES)
    disk = reader.section("disk", ("image", "logs"))
    return Policy(
        reserve=Reserve(
            memory=reserve.size("memory", 2 * GIB, allow_zero=True),
            cpus=reserve.cpus("cpus", CORE // 2, allow_zero=True),
            disk=reserve.size("disk", 10 * GIB, allow_zero=True),
            swap=reserve.size("swap", 0, allow_zero=True),
            pids=reserve.count("pids", 1024, 0),
            files=reserve.count("files", 65_536, 0),
        ),
        margin=margin.size("memory", 200 * MIB, allow_zero=True),
        memory=reader.choice("memory", "fit", ("fit", "declared")),
        overcommit_memory=overcommit.number("memory", Fraction(1)),
        overcommit_cpus=overcommit.number("cpus", Fraction(2)),
        weights={priority: weights.number(priority, _WEIGHTS[priority]) for priority in PRIORITIES},
        cpu_quota=reader.choice("cpu_quota", "batch", ("none", "batch", "all")),
        cpuset=reader.choice("cpuset", "none", ("none", "critical", "split")),
        disk=DiskCaps(
            image=disk.size("image", GIB, allow_zero=True),
            logs=disk.size("logs", 100 * MIB, allow_zero=True),
        ),
        defaults=_defaults(reader.section("defaults", ("memory", "cpus", "pids", "files"))),
        credentials=reader.words("credentials"),
    )


def _defaults(reader: Reader) -> Defaults:
    memory = reader.section("memory", ("floor", "request"))
    cpus = reader.section("cpus", ("reservation", "limit"))
    floor, request = memory.size("floor", 64 * MIB), memory.size("request", 512 * MIB)
    if floor > request:
        reader.problems.error(
            codes.FLOOR_ABOVE_REQUEST, memory.at("floor"), "the floor is above the request", "lower the floor or raise the request"
        )
    reservation, limit = cpus.cpus("reservation", CORE // 20, allow_zero=True), cpus.cpus("limit", CORE // 2)
    if reservation > limit:
        reader.problems.error(
            codes.RESERVATION_ABOVE_LIMIT, cpus.at("reservation"), "the reservation is above the limit", "lower it or raise the limit"
        )
    return Defaults(
        floor=floor,
        request=request,
        cpu_reservation=reservation,
        cpu_limit=limit,
        pids=reader.count("pids", 256),
        files=reader.count("files", 1024),
    )
