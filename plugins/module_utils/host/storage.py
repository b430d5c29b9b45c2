# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has of a storage class: its device, its mount point, its unit, and the note of a killed run.

Everything here is read, nothing decided: `storage/decide.py` decides.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from ..settings.storage import StorageClass
from ..systemd import UNITS, mount_unit
from .facts import BlockDevice, ClassDevice, ClassState, MountPoint, Signature
from .mounts import mounts
from .root import Root, Run, output

# Where a run notes on which device it is making a file system.
INTENTS = "/var/lib/ziggie/storage"

# Partition tables, file systems and the superblocks of LVM, RAID and ZFS lie within these many bytes of either end.
_ENDS = 4 << 20


def describe(root: Root, entry: StorageClass, devices: Sequence[BlockDevice], run: Run) -> ClassState:
    """Return what a host has of a storage class; `devices` are its block devices."""
    unit = mount_unit(entry.path)
    return ClassState(
        device=_device(root, entry.device, devices, run),
        target=_mount_point(root, entry.path),
        unit=root.text(f"{UNITS}/{unit}"),
        enabled=os.path.lexists(root.path(f"{UNITS}/local-fs.target.wants/{unit}")),
        intent=_intent(root, entry),
        tool=any(root.exists(f"{folder}/mkfs.{entry.filesystem}") for folder in ("/usr/sbin", "/sbin")),
    )


def _device(root: Root, name: str, devices: Sequence[BlockDevice], run: Run) -> ClassDevice:
    real = os.path.realpath(root.path(name))
    known = next((device for device in devices if str(root.path(device.path)) == real), None)
    if known is None:
        return ClassDevice(exists=root.exists(name))
    signatures = _signatures(real, run) if known.probed else None
    return ClassDevice(exists=True, block=known, signatures=signatures, blank=_blank(real) if signatures == () else None)


def _signatures(device: str, run: Run) -> tuple[Signature, ...] | None:
    code, printed = output(run, ["wipefs", "--json", device])
    try:
        listed = json.loads(printed)["signatures"] if printed.strip() else []
        unique = {(entry["type"], (entry["uuid"] or "").lower(), entry["label"] or "") for entry in listed}
    except (ValueError, KeyError):
        return None
    return tuple(Signature(type=kind, uuid=uuid, label=label) for kind, uuid, label in sorted(unique)) if code == 0 else None


def _blank(device: str) -> bool | None:
    try:
        with Path(device).open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            for start in (0, max(end - _ENDS, 0)):
                file.seek(start)
                if any(file.read(_ENDS)):
                    return False
    except OSError:
        return None
    return True


def _mount_point(root: Root, path: str) -> MountPoint:
    source = next((mount.device for mount in reversed(mounts(root)) if mount.at == path), "")
    directory = root.path(path)
    return MountPoint(
        source=os.path.realpath(source) if source.startswith("/") else source,
        link=os.path.realpath(directory) != str(directory),
        holds="" if source else _first_file(directory),
    )


def _first_file(directory: Path) -> str:
    for parent, directories, files in os.walk(directory):
        # A link to a directory is listed as one, and is data all the same.
        for name in sorted([*files, *(name for name in directories if (Path(parent) / name).is_symlink())]):
            return str(Path(parent) / name)
    return ""


def _intent(root: Root, entry: StorageClass) -> int:
    """Return the size in bytes of the device on which a killed run was making a file system for a class, 0 where none was."""
    try:
        noted = json.loads(root.text(f"{INTENTS}/{entry.name}.json"))
        return int(noted["size"]) if (noted["device"], noted["uuid"]) == (entry.device, entry.uuid) else 0
    except (ValueError, KeyError, TypeError):
        return 0
