# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done so that a class lies on its device, or why nothing may be done.

A device is formatted where it is provably empty: nothing known lies on it, both of its ends are zeros, nothing uses it. All else is
mounted where it is ours or named by its UUID, and refused where it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.problems import Finding
from . import codes
from .classes import BY_ID, BY_UUID, FILESYSTEMS, StorageClass, error
from .unit import render

FORMAT, UNIT, MOUNT = "format", "unit", "mount"

_MIB = 1 << 20
# mkfs.xfs makes nothing smaller than 300 MiB.
_SMALLEST = {"xfs": 300 * _MIB, "ext4": 16 * _MIB}
_EMPTY_FIX = (
    "name another device; if nothing on this one is needed, empty it yourself with wipefs --all and blkdiscard (or dd), and run again"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The steps in their order, of `format`, `unit` and `mount`, or the findings that forbid them; `uuid` of the file system."""

    steps: tuple[str, ...]
    findings: tuple[Finding, ...]
    uuid: str


def decide(entry: StorageClass, facts: Mapping[str, Any], *, systemd: bool) -> Decision:
    """Decide from what `device.look` found."""
    device, target = facts["device"], facts["target"]
    fresh = _fresh(entry, facts)
    findings = [*_unusable(entry, device), *_no_systemd(entry, systemd)]
    if device["block"]:
        mounted = bool(target["source"]) and target["source"] == device["path"]
        if not mounted or not _is_wanted(entry, device):
            findings.extend(_in_use(entry, device))
            findings.extend(_content(entry, device, fresh))
            findings.extend(_place(entry, target))
        if fresh:
            findings.extend(_small(entry, device))
    if findings:
        return Decision(steps=(), findings=tuple(findings), uuid=entry.uuid)
    unit = facts["unit"].strip() == render(entry, entry.uuid).strip() and facts["enabled"]
    steps = [FORMAT] * fresh + [UNIT] * (not unit) + [MOUNT] * (not target["source"])
    return Decision(steps=tuple(steps), findings=(), uuid=entry.uuid)


def _is_wanted(entry: StorageClass, device: Mapping[str, Any]) -> bool:
    return [(found["type"], found["uuid"]) for found in device["signatures"] or []] == [(entry.filesystem, entry.uuid)]


def _fresh(entry: StorageClass, facts: Mapping[str, Any]) -> bool:
    """Tell whether a file system is to be made: on a blank device, or where we were killed while making it."""
    device = facts["device"]
    if not device["block"] or entry.names_filesystem or device["signatures"] is None:
        return False
    if device["signatures"]:
        # Mounted or complete, it may hold data; only what no kernel mounts is begun again, which the module finds out.
        return False
    return device["blank"] is True or (device["blank"] is False and facts["intent"] == device["size"] > 0)


def _unusable(entry: StorageClass, device: Mapping[str, Any]) -> Iterator[Finding]:
    at = f"stack_storage_classes.{entry.name}.device"
    if not device["exists"]:
        yield error(codes.DEVICE_ABSENT, at, f"{entry.device} does not exist", "ls -l /dev/disk/by-id shows which devices there are")
        return
    if not device["block"]:
        yield error(codes.DEVICE_ABSENT, at, f"{entry.device} is no block device", "ls -l /dev/disk/by-id shows which devices there are")
        return
    if not entry.device.startswith((BY_ID, BY_UUID)):
        yield error(
            codes.DEVICE_UNSTABLE,
            at,
            f"{entry.device} may be another disk after the next boot",
            f"write {device['by_id'][0]}" if device["by_id"] else "name it by /dev/disk/by-id or /dev/disk/by-uuid",
        )
    if device["signatures"] is None:
        yield error(codes.DEVICE_UNREADABLE, at, f"what {device['path']} holds cannot be read", "check that wipefs(8) works on it")


def _no_systemd(entry: StorageClass, systemd: bool) -> Iterator[Finding]:
    if not systemd:
        yield error(
            codes.NO_SYSTEMD,
            f"stack_storage_classes.{entry.name}.device",
            "the host has no systemd, which mounts it at boot",
            "mount it yourself and give the class its path only",
        )


def _in_use(entry: StorageClass, device: Mapping[str, Any]) -> Iterator[Finding]:
    at = f"stack_storage_classes.{entry.name}.device"
    reasons = [
        ("the running system lies on it", device["root"]),
        (f"it has the partitions {', '.join(device['partitions'])}", device["partitions"]),
        (f"{', '.join(device['holders'])} is built on it", device["holders"]),
        (f"it is mounted at {', '.join(device['mounts'])}", device["mounts"]),
        ("it is in use as swap", device["swap"]),
        ("it is read-only", device["read_only"]),
    ]
    found = [reason for reason, holds in reasons if holds]
    if device["busy"] and not found:
        found = ["a program or another mount namespace holds it"]
    if found:
        yield error(codes.DEVICE_IN_USE, at, f"{device['path']} cannot be taken: {'; '.join(found)}", "name a device that nothing uses")


def _content(entry: StorageClass, device: Mapping[str, Any], fresh: bool) -> Iterator[Finding]:
    at = f"stack_storage_classes.{entry.name}.device"
    signatures = device["signatures"]
    if signatures is None or _is_wanted(entry, device):
        return
    if signatures:
        yield error(codes.DEVICE_HOLDS_DATA, at, f"{device['path']} holds {_named(signatures)}", _content_fix(entry, signatures))
    elif entry.names_filesystem:
        yield error(codes.DEVICE_HOLDS_DATA, at, f"{device['path']} holds no file system", f"name an empty device by {BY_ID}")
    elif not fresh:
        what = "could not be read to its ends" if device["blank"] is None else "holds bytes that no known format explains"
        yield error(codes.DEVICE_NOT_BLANK, at, f"{device['path']} {what}", _EMPTY_FIX)


def _content_fix(entry: StorageClass, signatures: list[Mapping[str, str]]) -> str:
    first = signatures[0]
    if len(signatures) > 1 or first["type"] not in FILESYSTEMS or not first["uuid"]:
        return _EMPTY_FIX
    if first["uuid"] == entry.uuid:
        return f"write filesystem: {first['type']}; a file system is never made anew over data"
    return f"to use it as it is, write device: {BY_UUID}{first['uuid']} and filesystem: {first['type']}"


def _named(signatures: list[Mapping[str, str]]) -> str:
    return ", ".join(" ".join(part for part in (entry["type"], entry["label"], entry["uuid"]) if part) for entry in signatures)


def _place(entry: StorageClass, target: Mapping[str, Any]) -> Iterator[Finding]:
    at = f"stack_storage_classes.{entry.name}.path"
    if target["link"]:
        yield error(codes.TARGET_TAKEN, at, f"{entry.path} is reached through a symbolic link", "write the directory itself")
    if target["source"]:
        yield error(codes.TARGET_TAKEN, at, f"{target['source']} is mounted at {entry.path}", "unmount it, or give the class another path")
    if target["holds"]:
        yield error(
            codes.TARGET_HOLDS_DATA,
            at,
            f"{target['holds']} lies there and would be hidden by the mount",
            "mount the device at another path and move each service's data with migrate_storage",
        )


def _small(entry: StorageClass, device: Mapping[str, Any]) -> Iterator[Finding]:
    needed = _SMALLEST[entry.filesystem]
    if device["size"] < needed:
        yield error(
            codes.DEVICE_TOO_SMALL,
            f"stack_storage_classes.{entry.name}.device",
            f"{device['path']} has {device['size'] // _MIB} MiB, {entry.filesystem} needs {needed // _MIB} MiB",
            "name a larger device",
        )
