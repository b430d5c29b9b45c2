# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a path's bytes really lie: device, filesystem, room, scheduler."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .blocks import disks_below
from .mounts import Mount, holder, mounts
from .tree import Tree


def describe(tree: Tree, paths: list[str], blocks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Tell of each path on which disk it lies; `blocks` are the block devices of `blocks.describe`.

    Returns its `mount`, `device`, `filesystem`, `options`, `size`, `usable` (without what is kept for root), `free` (bytes), `inodes_free`,
    `block` (the kernel's name of the device that holds it, of the whole disk where that is a partition), `disks` (those that carry
    it in the end), and of that disk `rotational`, `scheduler` and `schedulers` (`None` and none where the device is not ours to see).
    """
    found = mounts(tree)
    return {path: _one(tree, path, found, blocks) for path in paths}


def _one(tree: Tree, path: str, found: list[Mount], blocks: list[dict[str, Any]]) -> dict[str, Any]:
    existing = Path(path)
    while not tree.exists(str(existing)) and existing != existing.parent:
        existing = existing.parent
    mount = holder(found, str(existing))
    return {
        "mount": mount.at,
        "device": mount.device,
        "filesystem": mount.filesystem,
        "options": mount.options,
        **_room(tree, str(existing)),
        **_block(mount, blocks),
    }


def _room(tree: Tree, path: str) -> dict[str, int]:
    try:
        room = os.statvfs(tree.path(path))
    except OSError:
        return {"size": 0, "usable": 0, "free": 0, "inodes_free": 0}
    blocks = {"size": room.f_blocks, "usable": room.f_blocks - room.f_bfree + room.f_bavail, "free": room.f_bavail}
    return {name: count * room.f_frsize for name, count in blocks.items()} | {"inodes_free": room.f_favail}


def _block(mount: Mount, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    held = next((block for block in blocks if mount.number and block["number"] == mount.number), None)
    # Some file systems, such as btrfs, number their mounts themselves.
    held = held or next((block for block in blocks if block["path"] == mount.device), None)
    if held is None:
        return {"block": "", "disks": [], "rotational": None, "scheduler": None, "schedulers": []}
    carriers = disks_below(blocks, held["name"])
    disk = next((block for block in blocks if block["name"] in carriers), held)
    return {
        "block": held["parent"] or held["name"],
        "disks": carriers,
        "rotational": disk["rotational"],
        "scheduler": disk["scheduler"],
        "schedulers": disk["schedulers"],
    }
