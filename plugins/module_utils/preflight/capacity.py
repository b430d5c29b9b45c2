# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a budget is made for: what is declared, and what a host reports of everything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..budget.model import Budget
from ..host.codes import DISK_TAKEN, NEIGHBOURS
from ..host.facts import Disk, Facts, RunningContainer
from ..problems import Finding
from ..units import MIB, mib

_STEP = 64 * MIB


def capacity_of(facts: Facts, declared: Mapping[str, Any], classes: Mapping[str, str]) -> dict[str, Any]:
    """Return a capacity as `budget.solve` takes it; a figure that is neither stated nor reported is left out.

    `classes` maps storage classes to directories. A plain `disk` that is declared stands for all of the host's filesystems. Memory that other
    projects' containers hold is not the stack's.
    """
    cores = len(facts.core_ids)
    reported = {
        "memory": memory_left(facts),
        "cpus": cores,
        "cores": cores,
        "pids": facts.ceilings.pids,
        "files": facts.ceilings.files,
        "disks": {} if "disk" in declared else filesystems(facts, classes),
    }
    # A host with memory and without swap has 0 of it.
    swap = {"swap": facts.memory.swap_total} if facts.memory.total else {}
    return {**{name: figure for name, figure in reported.items() if figure}, **swap, **declared}


def held(facts: Facts) -> dict[RunningContainer, int]:
    """Return the bytes of memory that each neighbour holds: its limit, or what it uses where that is more.

    A limit that is not below the host's memory limits nothing. Use counts in whole steps, so that the budget does not follow every breath of a
    neighbour. One that holds nothing is left out.
    """
    found = {}
    for one in facts.neighbours:
        limit = _limit(one, facts)
        found[one] = limit if limit >= one.memory else -(-one.memory // _STEP) * _STEP
    return {one: size for one, size in found.items() if size}


def memory_left(facts: Facts) -> int:
    """Return the bytes of memory that neighbours leave, at least 1; 0 where the host's memory is not known."""
    return max(1, facts.memory.total - sum(held(facts).values())) if facts.memory.total else 0


def neighbours(facts: Facts) -> Iterator[Finding]:
    """Yield a finding that names the containers on the engine that are not the stack's, and what they hold."""
    holding = sorted(held(facts).items(), key=lambda entry: (-entry[1], entry[0].title))
    total = sum(size for _one, size in holding)
    parts = []
    if holding:
        named = ", ".join(f"{one.title} ({mib(size)}{'' if size == one.memory_limit else ' in use'})" for one, size in holding)
        parts.append(f"neighbours hold {mib(total)} of {facts.memory.total // MIB} MiB, which the stack does not get: {named}")
    blind = sorted(one.title for one in facts.neighbours if one.unseen and not _limit(one, facts))
    if blind:
        parts.append(f"what {', '.join(blind)} may use is not counted: there is no memory limit, and what is used cannot be read")
    if parts:
        yield Finding(
            code=NEIGHBOURS,
            severity="warning" if blind else "info",
            path="host.neighbours",
            message="; ".join(parts),
            fix="give those without a memory limit one, which then counts instead of what they use",
            amount=total,
        )


def _limit(one: RunningContainer, facts: Facts) -> int:
    """Return a container's memory limit, 0 where it limits nothing: not below what the host has."""
    return one.memory_limit if one.memory_limit < facts.memory.total else 0


def filesystems(facts: Facts, classes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the filesystems that hold storage classes, the engine's root or the system, by mount, as a capacity takes them.

    Two mounts of one device are one filesystem. One that holds neither a class nor the engine's root is not budgeted.
    """
    root = facts.engine.root
    keys = {path: facts.disks.get(path, Disk()).key for path in sorted({*classes.values(), root})}
    system = facts.disks.get("/", Disk()).key
    return {
        facts.disks[path].mount: {
            "size": facts.disks[path].usable,
            "classes": sorted(name for name, directory in classes.items() if keys[directory] == key),
            "engine": key == keys[root],
            "system": key == system,
        }
        # The last path of a filesystem stands for it.
        for key, path in {key: path for path, key in keys.items() if key}.items()
    }


def others(facts: Facts, budget: Budget) -> Iterator[Finding]:
    """Yield a finding for each filesystem that holds more than the budget knows of."""
    ours = bool(facts.own)
    for taken in budget.disks:
        mount = taken.disk.name
        disk = next((disk for disk in facts.disks.values() if disk.mount == mount), None)
        if disk is None:
            continue
        known = taken.reserve + (taken.volumes + taken.images + taken.logs if ours else 0)
        used = disk.usable - disk.free
        if used - known > max(0, taken.left):
            yield Finding(
                code=DISK_TAKEN,
                severity="warning",
                path=f"host:{mount}",
                message=f"{mib(used)} are in use, {mib(used - known)} more than the budget knows of and can spare",
                fix="free some room, or raise policy.reserve.disk by as much",
                amount=used - known,
            )
