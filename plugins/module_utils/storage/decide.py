# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done so that a storage class lies on its device, or why nothing may be done.

A device is formatted where it is provably empty: nothing known lies on it, both of its ends are zeros, nothing uses it. Everything
else is mounted where it is ours or named by its UUID, and refused where it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..host.facts import BlockDevice, ClassDevice, ClassState, MountPoint, Signature
from ..problems import Finding
from ..settings.storage import BY_ID, BY_UUID, FILESYSTEMS, StorageClass, error
from ..systemd import MARK
from . import codes

FORMAT, UNIT, MOUNT = "format", "unit", "mount"

_MIB = 1 << 20
# mkfs.xfs makes nothing smaller than 300 MiB.
_SMALLEST = {"xfs": 300 * _MIB, "ext4": 16 * _MIB}
_EMPTY_FIX = (
    "name another device; if nothing on this one is needed, empty it yourself with wipefs --all and blkdiscard (or dd), and run again"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The steps in their order, of `format`, `unit` and `mount`, or the findings that forbid them."""

    steps: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def decide(entry: StorageClass, state: ClassState, *, systemd: bool) -> Decision:
    """Decide from what a host has of a class."""
    device, block = state.device, state.device.block
    fresh = _fresh(entry, state)
    findings = [*_unusable(entry, device), *_no_systemd(entry, systemd)]
    if block:
        mounted = bool(state.target.source) and state.target.source == block.path
        if not mounted or not _is_wanted(entry, device):
            findings.extend(_in_use(entry, block))
            findings.extend(_content(entry, device, block, fresh))
            findings.extend(_taken(entry, state.target))
        if fresh:
            findings.extend(_small(entry, block))
    if findings:
        return Decision(findings=tuple(findings))
    unit = state.unit.strip() == unit_text(entry).strip() and state.enabled
    return Decision(steps=tuple([FORMAT] * fresh + [UNIT] * (not unit) + [MOUNT] * (not state.target.source)))


def unit_text(entry: StorageClass) -> str:
    """Return the text of the unit that mounts a class.

    A unit instead of a line of fstab: it is a file of its own, so it is written and removed by one rename, never shares a file with what
    others wrote, and says itself that the engine waits for it.
    """
    return f"""\
{MARK}
[Unit]
Description=Storage class {entry.name} of the stack
Before=docker.service

[Mount]
What={BY_UUID}{entry.uuid}
Where={entry.path}
Type={entry.filesystem}
Options={",".join(entry.options)}

[Install]
WantedBy=local-fs.target
"""


def _is_wanted(entry: StorageClass, device: ClassDevice) -> bool:
    return [(found.type, found.uuid) for found in device.signatures or ()] == [(entry.filesystem, entry.uuid)]


def _fresh(entry: StorageClass, state: ClassState) -> bool:
    """Tell whether a file system is to be made: on a blank device, or where a run was killed while it made one."""
    device = state.device
    if not device.block or entry.names_filesystem or device.signatures is None:
        return False
    if device.signatures:
        # Mounted or complete, it may hold data; only what no kernel mounts is begun again, which the module finds out.
        return False
    return device.blank is True or (device.blank is False and state.intent == device.block.size > 0)


def _unusable(entry: StorageClass, device: ClassDevice) -> Iterator[Finding]:
    at = f"stack_storage_classes.{entry.name}.device"
    if not device.block:
        missing = "is not a block device" if device.exists else "does not exist"
        yield error(codes.DEVICE_ABSENT, at, f"{entry.device} {missing}", "ls -l /dev/disk/by-id shows which devices there are")
        return
    if not entry.device.startswith((BY_ID, BY_UUID)):
        yield error(
            codes.DEVICE_UNSTABLE,
            at,
            f"{entry.device} may be another disk after the next boot",
            f"write {device.block.by_id[0]}" if device.block.by_id else "name it by /dev/disk/by-id or /dev/disk/by-uuid",
        )
    if device.signatures is None:
        yield error(codes.DEVICE_UNREADABLE, at, f"the content of {device.block.path} cannot be read", "check that wipefs(8) works on it")


def _no_systemd(entry: StorageClass, systemd: bool) -> Iterator[Finding]:
    if not systemd:
        yield error(
            codes.NO_SYSTEMD,
            f"stack_storage_classes.{entry.name}.device",
            "the host has no systemd to mount it at boot",
            "mount it yourself and give the class its path only",
        )


def _in_use(entry: StorageClass, block: BlockDevice) -> Iterator[Finding]:
    at = f"stack_storage_classes.{entry.name}.device"
    reasons = [
        ("the running system lies on it", block.root),
        (f"it has the partitions {', '.join(block.partitions)}", block.partitions),
        (f"{', '.join(block.holders)} is built on it", block.holders),
        (f"it is mounted at {', '.join(block.mounts)}", block.mounts),
        ("it is in use as swap", block.swap),
        ("it is read-only", block.read_only),
    ]
    found = [reason for reason, holds in reasons if holds]
    if block.busy and not found:
        found = ["a program or another mount namespace holds it"]
    if found:
        yield error(codes.DEVICE_IN_USE, at, f"{block.path} cannot be used: {'; '.join(found)}", "name a device that nothing uses")


def _content(entry: StorageClass, device: ClassDevice, block: BlockDevice, fresh: bool) -> Iterator[Finding]:
    at = f"stack_storage_classes.{entry.name}.device"
    if device.signatures is None or _is_wanted(entry, device):
        return
    if device.signatures:
        fix = _content_fix(entry, device.signatures)
        yield error(codes.DEVICE_HOLDS_DATA, at, f"{block.path} holds {_named(device.signatures)}", fix)
    elif entry.names_filesystem:
        yield error(codes.DEVICE_HOLDS_DATA, at, f"{block.path} holds no file system", f"name an empty device by {BY_ID}")
    elif not fresh:
        what = "could not be read to its ends" if device.blank is None else "holds bytes that no known format explains"
        yield error(codes.DEVICE_NOT_BLANK, at, f"{block.path} {what}", _EMPTY_FIX)


def _content_fix(entry: StorageClass, signatures: Sequence[Signature]) -> str:
    first = signatures[0]
    if len(signatures) > 1 or first.type not in FILESYSTEMS or not first.uuid:
        return _EMPTY_FIX
    if first.uuid == entry.uuid:
        return f"write filesystem: {first.type}; a file system is never made over data"
    return f"to use it as it is, write device: {BY_UUID}{first.uuid} and filesystem: {first.type}"


def _named(signatures: Sequence[Signature]) -> str:
    return ", ".join(" ".join(part for part in (entry.type, entry.label, entry.uuid) if part) for entry in signatures)


def _taken(entry: StorageClass, target: MountPoint) -> Iterator[Finding]:
    at = f"stack_storage_classes.{entry.name}.path"
    if target.link:
        yield error(codes.TARGET_TAKEN, at, f"{entry.path} is reached through a symbolic link", "write the directory itself")
    if target.source:
        yield error(codes.TARGET_TAKEN, at, f"{target.source} is mounted at {entry.path}", "unmount it, or give the class another path")
    if target.holds:
        yield error(
            codes.TARGET_HOLDS_DATA,
            at,
            f"{target.holds} lies there and would be hidden by the mount",
            "mount the device at another path and move each service's data with migrate_storage",
        )


def _small(entry: StorageClass, block: BlockDevice) -> Iterator[Finding]:
    needed = _SMALLEST[entry.filesystem]
    if block.size < needed:
        yield error(
            codes.DEVICE_TOO_SMALL,
            f"stack_storage_classes.{entry.name}.device",
            f"{block.path} has {block.size // _MIB} MiB, {entry.filesystem} needs {needed // _MIB} MiB",
            "name a larger device",
        )
