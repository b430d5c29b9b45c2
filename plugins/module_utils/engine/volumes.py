# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where volumes lie, and how much room is left there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .client import Engine


def places(engine: Engine, project: str, released: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return for each volume of a release `device` (empty where there is none), `released`, and `free` and `size` in bytes."""
    listed = engine.get("/volumes", filters={"label": [f"com.docker.compose.project={project}"]})["Volumes"] or []
    devices = {
        (volume.get("Labels") or {}).get("com.docker.compose.volume"): (volume.get("Options") or {}).get("device", "") for volume in listed
    }
    return {name: {"device": devices.get(name, ""), "released": place, **_room(place)} for name, place in released.items()}


def _room(directory: str) -> dict[str, int]:
    try:
        system = os.statvfs(directory)
    except OSError:
        return {}
    return {"free": system.f_bavail * system.f_frsize, "size": system.f_blocks * system.f_frsize}
