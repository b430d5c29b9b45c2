# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the real images can be had: LAB_IMAGES=auto asks a registry, upstream and built decide without asking."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request

from labkit.names import STATE
from labkit.shell import LabError

PROBE = "https://registry-1.docker.io/v2/"


def mode() -> str:
    """Either upstream or built."""
    wanted = os.environ.get("LAB_IMAGES", "auto")
    if wanted not in ("auto", "upstream", "built"):
        raise LabError(f"LAB_IMAGES: '{wanted}' is no choice; write auto, upstream or built")
    if wanted != "auto":
        return wanted
    return _as_before() or ("upstream" if _registry_answers() else "built")


def _as_before() -> str | None:
    """A lab that stands stays what it is, whatever the network does today."""
    try:
        found = json.loads((STATE / "lab.json").read_text(encoding="utf-8"))["images"]
    except (OSError, ValueError, KeyError):
        return None
    return found if found in ("upstream", "built") else None


def _registry_answers() -> bool:
    try:
        with urllib.request.urlopen(PROBE, timeout=4):
            return True
    except urllib.error.HTTPError as error:
        return error.code == 401
    except (urllib.error.URLError, OSError):
        return False
