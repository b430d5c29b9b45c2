# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All storage classes of a stack on one host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.problems import Finding
from . import codes
from .classes import StorageClass, directories, error, parse
from .decide import FORMAT, MOUNT, decide

_MIB = 1 << 20

# Below this a database stops writing before anybody has read the alert.
LEAST_FREE = 512 * _MIB


# Who makes a file system.
_PACKAGES = {"xfs": "xfsprogs", "ext4": "e2fsprogs"}
# What a file system takes of its device for itself and, with ext4, for root.
_USABLE = {"xfs": (97, 100), "ext4": (92, 100)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The `steps` of each class whose device is not in place yet, what forbids a class, the host's `disks` as they will be then, and the `packages` needed."""

    steps: dict[str, list[str]]
    findings: list[Finding]
    disks: dict[str, dict[str, Any]]
    packages: list[str]


def place(written: Mapping[str, Any], host: Mapping[str, Any]) -> Placement:
    """Place all classes; `written` is `stack_storage_classes`, `host` what `host_info` returned."""
    classes, findings = parse(written)
    steps: dict[str, list[str]] = {}
    disks = dict(host["disks"])
    for entry in classes:
        # A host that is only thought of has every device.
        if entry.name not in host["storage"]:
            continue
        decision = decide(entry, host["storage"][entry.name], systemd=host["systemd"])
        findings.extend(decision.findings)
        device = host["storage"][entry.name]["device"]
        if decision.steps:
            steps[entry.name] = list(decision.steps)
        if MOUNT in decision.steps:
            disks[entry.path] = _foreseen(entry, device)
        elif entry.device and disks.get(entry.path, {}).get("mount") == entry.path and device.get("size"):
            disks[entry.path] = _as_foreseen(disks[entry.path], _foreseen(entry, device))
    findings.extend(_same_device(classes, host))
    findings.extend(_full(written, disks))
    packages = {
        _PACKAGES[entry.filesystem] for entry in classes if FORMAT in steps.get(entry.name, []) and not host["storage"][entry.name]["tool"]
    }
    return Placement(steps=steps, findings=findings, disks=disks, packages=sorted(packages))


def _foreseen(entry: StorageClass, device: Mapping[str, Any]) -> dict[str, Any]:
    part, whole = _USABLE[entry.filesystem]
    usable = device["size"] * part // whole
    return {
        "mount": entry.path,
        "device": device["path"],
        "filesystem": entry.filesystem,
        "options": ",".join(entry.options),
        "size": device["size"],
        "usable": usable,
        "free": usable,
        "inodes_free": 0,
        "block": device["parent"] or device["name"],
        "disks": [device["parent"] or device["name"]],
        **{key: device[key] for key in ("rotational", "scheduler", "schedulers")},
    }


def _as_foreseen(disk: Mapping[str, Any], foreseen: Mapping[str, Any]) -> dict[str, Any]:
    """Count no more of a disk than was counted before it was mounted, so that the first run's Budget is the second's, too."""
    more = max(0, disk["usable"] - foreseen["usable"])
    return {**disk, "usable": disk["usable"] - more, "free": max(0, disk["free"] - more)}


def _same_device(classes: list[StorageClass], host: Mapping[str, Any]) -> Iterator[Finding]:
    holders: dict[str, StorageClass] = {}
    for entry in classes:
        real = host["storage"].get(entry.name, {}).get("device", {}).get("path", "")
        other = holders.setdefault(real, entry) if real else entry
        if other is not entry and other.device != entry.device:
            yield error(
                codes.CLASS_INVALID,
                f"stack_storage_classes.{entry.name}.device",
                f"{entry.device} and {other.device} of {other.name} are one disk, {real}",
                "give each class a device of its own",
            )


def _full(written: Mapping[str, Any], disks: Mapping[str, Any]) -> Iterator[Finding]:
    for name, path in directories(written).items():
        disk = disks.get(path)
        if disk and disk["size"] and disk["free"] < LEAST_FREE:
            yield error(
                codes.CLASS_WITHOUT_SPACE,
                f"stack_storage_classes.{name}",
                f"{disk['free'] // _MIB} MiB are free at {path}, on {disk['device'] or disk['mount']}",
                f"free at least {LEAST_FREE // _MIB} MiB, or give the class another path or device",
            )
