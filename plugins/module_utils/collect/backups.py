# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How old backups are, from what lies where they go."""

from __future__ import annotations

import os
from pathlib import Path

# What a file is called while it is being written.
UNFINISHED = (".tmp", ".part", ".partial")


def newest(place: Path) -> float:
    """Return when the newest file at or below a path was written, in seconds since 1970; 0 where there is none.

    Hidden files and directories, and files that are `UNFINISHED`, are no backups. Raises `OSError` where the path cannot be read.
    """
    if not place.is_dir():
        return place.stat().st_mtime if place.exists() else 0.0
    latest = 0.0
    for entry in os.scandir(place):
        if entry.name.startswith(".") or entry.name.endswith(UNFINISHED):
            continue
        if entry.is_dir(follow_symlinks=False):
            latest = max(latest, newest(Path(entry.path)))
        elif entry.is_file():
            latest = max(latest, entry.stat().st_mtime)
    return latest
