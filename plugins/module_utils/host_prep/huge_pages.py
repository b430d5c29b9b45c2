# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transparent huge pages as the databases of a stack want them.

MongoDB 8 wants them for everything (`always`), with `defrag` at `defer+madvise` and `max_ptes_none` 0, so that nobody is given a huge page for
a few bytes (MongoDB manual, TCMalloc performance optimization). Redis opts out by itself, whatever the host has (`disable-thp`).
Everything else is best off where huge pages are given to those who ask (`madvise`): limits are tight, and huge pages round up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..findings.images.name import ImageName

CHOICES = ("auto", "always", "madvise", "never", "keep")
_MONGODB = 8


def choose(wanted: str, compose: Mapping[str, Any], budget: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, str]:
    """Return what `enabled`, `defrag` and `max_ptes_none` should be; what is left as it is is not named.

    A container leaves them alone: they belong to the machine around it.
    """
    if wanted == "keep" or facts["virtualization"] == "container":
        return {}
    enabled = wanted if wanted != "auto" else "always" if _has_new_mongodb(compose, budget) else "madvise"
    if enabled == "always":
        return {"enabled": enabled, "defrag": "defer+madvise", "max_ptes_none": "0"}
    return {"enabled": enabled}


def _has_new_mongodb(compose: Mapping[str, Any], budget: Mapping[str, Any]) -> bool:
    running = {name for name, service in budget.get("services", {}).items() if service["enabled"]}
    images = [ImageName.parse(str(service.get("image", ""))) for name, service in compose.get("services", {}).items() if name in running]
    return any(image.repository.rpartition("/")[2] == "mongo" and image.version() >= (_MONGODB,) for image in images)
