# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which filesystem a path lies on, and how much room there is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .block_devices import disks_below
from .facts import BlockDevice, Disk
from .mounts import Mount, holder, mounts
from .root import Root


def describe(root: Root, paths: Iterable[str], devices: Sequence[BlockDevice]) -> dict[str, Disk]:
    """Return the filesystem of each path; one that does not exist yet counts as its nearest parent."""
    found = mounts(root)
    return {path: _one(root, path, found, devices) for path in paths}


def _one(root: Root, path: str, found: list[Mount], devices: Sequence[BlockDevice]) -> Disk:
    existing = Path(path)
    while not root.exists(str(existing)) and existing != existing.parent:
        existing = existing.parent
    mount = holder(found, str(existing))
    return Disk(
        mount=mount.at,
        device=mount.device,
        filesystem=mount.filesystem,
        options=mount.options,
        **_room(root, str(existing)),
        **_carriers(mount, devices),
    )


def _room(root: Root, path: str) -> dict[str, Any]:
    try:
        room = os.statvfs(root.path(path))
    except OSError:
        return {}
    blocks = {"size": room.f_blocks, "usable": room.f_blocks - room.f_bfree + room.f_bavail, "free": room.f_bavail}
    return {name: count * room.f_frsize for name, count in blocks.items()} | {"inodes_free": room.f_favail}


def _carriers(mount: Mount, devices: Sequence[BlockDevice]) -> dict[str, Any]:
    held = next((device for device in devices if mount.number and device.number == mount.number), None)
    # Some file systems, such as btrfs, number their mounts themselves.
    held = held or next((device for device in devices if device.path == mount.device), None)
    if held is None:
        return {}
    carriers = disks_below(devices, held.name)
    disk = next((device for device in devices if device.name in carriers), held)
    return {
        "block": held.parent or held.name,
        "disks": tuple(carriers),
        "rotational": disk.rotational,
        "scheduler": disk.scheduler,
        "schedulers": disk.schedulers,
    }
