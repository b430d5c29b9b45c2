# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a path's bytes really lie: device, filesystem, room, scheduler."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .tree import Tree


def describe(tree: Tree, paths: list[str]) -> dict[str, dict[str, Any]]:
    """Tell of each path on which disk it lies.

    Returns its `mount`, `device`, `filesystem`, `options`, `size`, `free` (bytes), `inodes_free`, `rotational` and
    `scheduler` (`None` where the device is not a disk of ours to see).
    """
    mounts = _mounts(tree)
    return {path: _one(tree, path, mounts) for path in paths}


def _one(tree: Tree, path: str, mounts: list[dict[str, str]]) -> dict[str, Any]:
    existing = Path(path)
    while not tree.exists(str(existing)) and existing != existing.parent:
        existing = existing.parent
    at = str(existing)
    mount = max(
        (entry for entry in mounts if at == entry["mount"] or at.startswith(entry["mount"].rstrip("/") + "/")),
        key=lambda entry: len(entry["mount"]),
        default={"mount": "/", "device": "", "filesystem": "", "options": ""},
    )
    found: dict[str, Any] = dict(mount)
    try:
        room = os.statvfs(tree.path(at))
        found |= {"size": room.f_blocks * room.f_frsize, "free": room.f_bavail * room.f_frsize, "inodes_free": room.f_favail}
    except OSError:
        found |= {"size": 0, "free": 0, "inodes_free": 0}
    return found | _queue(tree, mount["device"])


def _mounts(tree: Tree) -> list[dict[str, str]]:
    found = []
    for line in tree.text("/proc/self/mounts").splitlines():
        parts = line.split()
        if len(parts) >= 4:
            device, mount, filesystem, options = parts[:4]
            found.append({"mount": mount.replace("\\040", " "), "device": device, "filesystem": filesystem, "options": options})
    return found


def _queue(tree: Tree, device: str) -> dict[str, Any]:
    if not device.startswith("/dev/"):
        return {"rotational": None, "scheduler": None, "schedulers": []}
    name = Path(os.path.realpath(device)).name
    block = f"/sys/class/block/{name}"
    if tree.exists(f"{block}/partition"):
        block = str(Path(os.path.realpath(tree.path(block))).parent)
    schedulers = tree.text(f"{block}/queue/scheduler").split()
    active = next((entry.strip("[]") for entry in schedulers if entry.startswith("[")), None)
    rotational = tree.number(f"{block}/queue/rotational")
    return {
        "rotational": None if rotational is None else bool(rotational),
        "scheduler": active,
        "schedulers": [entry.strip("[]") for entry in schedulers],
    }
