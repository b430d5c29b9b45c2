# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a named device and the place it is wanted at are and hold, read and never written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ..host.mounts import mounts
from ..host.run import Run, output
from ..host.tree import Tree
from .classes import StorageClass
from .intent import read as read_intent
from .unit import UNITS, unit_name

# Partition tables, file systems and the superblocks of LVM, RAID and ZFS lie within these many bytes of either end.
_ENDS = 4 << 20


def look(tree: Tree, entry: StorageClass, devices: list[dict[str, Any]], run: Run) -> dict[str, Any]:
    """Return `device`, `target`, `unit` (the text of its mount unit, empty where there is none), `enabled`, `intent` and `tool`.

    `device` is what `host.blocks` tells of it in `devices`, with `exists`, `block` (it is a block device), `signatures` (each
    `type`, `uuid`, `label`; `None` where nobody could look) and `blank` (both ends are zeros; `None` where that was not read).
    `target` has `source` (the device that is mounted there, empty where none is), `link` (it is reached through a symbolic
    link) and `holds` (a file that lies there, empty where there is none). `intent` is as `intent.read` returns it,
    `tool` whether the program that makes the file system is there.
    """
    unit = f"{UNITS}/{unit_name(entry.path)}"
    return {
        "device": _device(tree, entry.device, devices, run),
        "target": _target(tree, entry.path),
        "unit": tree.text(unit),
        "enabled": os.path.lexists(tree.path(f"{UNITS}/local-fs.target.wants/{unit_name(entry.path)}")),
        "intent": read_intent(tree, entry),
        "tool": any(tree.exists(f"{place}/mkfs.{entry.filesystem}") for place in ("/usr/sbin", "/sbin")),
    }


def _device(tree: Tree, name: str, devices: list[dict[str, Any]], run: Run) -> dict[str, Any]:
    real = os.path.realpath(tree.path(name))
    known = next((device for device in devices if str(tree.path(device["path"])) == real), None)
    if known is None:
        return {"exists": tree.exists(name), "block": False, "path": "", "by_id": [], "size": 0}
    signatures = _signatures(real, run) if known["probed"] else None
    return {"exists": True, "block": True, **known, "signatures": signatures, "blank": _blank(real) if signatures == [] else None}


def _signatures(device: str, run: Run) -> list[dict[str, str]] | None:
    code, printed = output(run, ["wipefs", "--json", device])
    try:
        listed = json.loads(printed)["signatures"] if printed.strip() else []
        unique = {(entry["type"], (entry["uuid"] or "").lower(), entry["label"] or "") for entry in listed}
    except (ValueError, KeyError):
        return None
    return [{"type": kind, "uuid": uuid, "label": label} for kind, uuid, label in sorted(unique)] if code == 0 else None


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


def _target(tree: Tree, path: str) -> dict[str, Any]:
    source = next((mount.device for mount in reversed(mounts(tree)) if mount.at == path), "")
    place = tree.path(path)
    return {
        "source": os.path.realpath(source) if source.startswith("/") else source,
        "link": os.path.realpath(place) != str(place),
        "holds": "" if source else _first_file(place),
    }


def _first_file(place: Path) -> str:
    for parent, directories, files in os.walk(place):
        # A link to a directory is listed as one, and is data all the same.
        for name in sorted([*files, *(name for name in directories if (Path(parent) / name).is_symlink())]):
            return str(Path(parent) / name)
    return ""
