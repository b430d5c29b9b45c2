# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which device each storage class lies on, and the room that it will have there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..host.facts import BlockDevice, Disk, Facts
from ..problems import Finding
from ..settings.storage import StorageClass, directories, error, parse
from . import codes
from .decide import FORMAT, MOUNT, decide

_MIB = 1 << 20

# Below this a database stops writing before its alert has been read.
LEAST_FREE = 512 * _MIB

# The package with the program that makes a file system.
_PACKAGES = {"xfs": "xfsprogs", "ext4": "e2fsprogs"}
# What of a device a file system leaves for files: both keep some for themselves, ext4 also for root.
_USABLE = {"xfs": (97, 100), "ext4": (92, 100)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The `classes` with a device, the `steps` of each that is not in place yet, and the findings that forbid a class.

    `disks` are the host's as they will be then, `packages` those that the steps need.
    """

    classes: tuple[StorageClass, ...]
    steps: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...]
    disks: Mapping[str, Disk]
    packages: tuple[str, ...]


def place(written: Mapping[str, Any], facts: Facts) -> Placement:
    """Place all classes; `written` is `stack_storage_classes`."""
    classes, findings = parse(written)
    steps: dict[str, tuple[str, ...]] = {}
    disks = dict(facts.disks)
    for entry in classes:
        # An imagined host has every device.
        if entry.name not in facts.storage:
            continue
        state = facts.storage[entry.name]
        decision = decide(entry, state, systemd=facts.systemd)
        findings.extend(decision.findings)
        block = state.device.block
        if decision.steps:
            steps[entry.name] = decision.steps
        if block and MOUNT in decision.steps:
            disks[entry.path] = _foreseen(entry, block)
        elif block and block.size and disks.get(entry.path, Disk()).mount == entry.path:
            disks[entry.path] = _as_foreseen(disks[entry.path], _foreseen(entry, block))
    findings.extend(_same_device(classes, facts))
    findings.extend(_full(written, disks))
    missing = {
        _PACKAGES[entry.filesystem] for entry in classes if FORMAT in steps.get(entry.name, ()) and not facts.storage[entry.name].tool
    }
    return Placement(classes=tuple(classes), steps=steps, findings=tuple(findings), disks=disks, packages=tuple(sorted(missing)))


def _foreseen(entry: StorageClass, block: BlockDevice) -> Disk:
    part, whole = _USABLE[entry.filesystem]
    usable = block.size * part // whole
    return Disk(
        mount=entry.path,
        device=block.path,
        filesystem=entry.filesystem,
        options=",".join(entry.options),
        size=block.size,
        usable=usable,
        free=usable,
        block=block.parent or block.name,
        disks=(block.parent or block.name,),
        rotational=block.rotational,
        scheduler=block.scheduler,
        schedulers=block.schedulers,
    )


def _as_foreseen(disk: Disk, foreseen: Disk) -> Disk:
    """Count no more of a disk than was counted before it was mounted, so that the second run's Budget is the first one's."""
    more = max(0, disk.usable - foreseen.usable)
    return replace(disk, usable=disk.usable - more, free=max(0, disk.free - more))


def _same_device(classes: Iterable[StorageClass], facts: Facts) -> Iterator[Finding]:
    holders: dict[str, StorageClass] = {}
    for entry in classes:
        block = facts.storage[entry.name].device.block if entry.name in facts.storage else None
        other = holders.setdefault(block.path, entry) if block else entry
        if block and other is not entry and other.device != entry.device:
            yield error(
                codes.CLASS_INVALID,
                f"stack_storage_classes.{entry.name}.device",
                f"{entry.device} and {other.device} of {other.name} are one disk, {block.path}",
                "give each class a device of its own",
            )


def _full(written: Mapping[str, Any], disks: Mapping[str, Disk]) -> Iterator[Finding]:
    for name, path in directories(written).items():
        disk = disks.get(path)
        if disk and disk.size and disk.free < LEAST_FREE:
            yield error(
                codes.CLASS_WITHOUT_SPACE,
                f"stack_storage_classes.{name}",
                f"{disk.free // _MIB} MiB are free at {path}, on {disk.device or disk.mount}",
                f"free at least {LEAST_FREE // _MIB} MiB, or give the class another path or device",
            )
