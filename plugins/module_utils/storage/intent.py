# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What we are about to do to a device, written down before it is done.

A run that is killed while a file system is being made leaves a device that is neither blank nor a file system. The note says that
it was blank when we began, so that the next run may begin again.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..host import atomic
from ..host.tree import Tree
from .classes import StorageClass

DIRECTORY = "/var/lib/ziggie/storage"


def read(tree: Tree, entry: StorageClass) -> int:
    """Return the size in bytes of the device on which a file system is being made for a class, 0 where none is."""
    try:
        noted = json.loads(tree.text(_path(entry)))
        return int(noted["size"]) if (noted["device"], noted["uuid"]) == (entry.device, entry.uuid) else 0
    except (ValueError, KeyError, TypeError):
        return 0


def write(entry: StorageClass, size: int) -> None:
    """Note that a file system is being made."""
    path = Path(_path(entry))
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"device": entry.device, "uuid": entry.uuid, "size": size}) + "\n"
    atomic.write(path, content.encode(), atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o600))


def forget(entry: StorageClass) -> None:
    """Note that it is made."""
    path = Path(_path(entry))
    path.unlink(missing_ok=True)
    atomic.sync_directory(path.parent)


def _path(entry: StorageClass) -> str:
    return f"{DIRECTORY}/{entry.name}.json"
