# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator says about changes of images: `stack_upgrade`, and the ones that are acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..compose.reader import Reader
from ..compose.values import seconds
from ..host.codes import SETTING_UNREADABLE
from ..problems import Problems
from ..units import shown

ACKNOWLEDGED = "upgrade_acknowledged"
# A backup every night, and two hours for making it.
_HOURS = 26
# A bad release is often withdrawn within days.
_AGE = 72 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """How old the backup of data may be, in hours, that a new image changes for good, and for how many seconds an image must have been seen."""

    backup_hours: int = _HOURS
    image_age: float = _AGE


def parse(written: Mapping[str, Any], problems: Problems) -> Upgrade:
    """Return complete settings."""
    reader = Reader(written, "stack_upgrade", problems, ("backup_hours", "image_age"))
    age = seconds(reader.raw("image_age")) if reader.has("image_age") else _AGE
    if age is None:
        message = f"expected a duration, got {shown(reader.raw('image_age'))}"
        problems.error(SETTING_UNREADABLE, reader.at("image_age"), message, "write 72h, or 0h for no wait")
    return Upgrade(backup_hours=reader.count("backup_hours", _HOURS), image_age=_AGE if age is None else age)


def acknowledged(written: object, problems: Problems) -> frozenset[tuple[str, str]]:
    """Return the services and versions of `n8n@2.41.1`: one, several with commas, or a list."""
    words = written.split(",") if isinstance(written, str) else written if isinstance(written, (list, tuple)) else [written]
    found = set()
    for word in words:
        name, at, version = str(word).strip().partition("@")
        if name and at and version:
            found.add((name, version))
        elif str(word).strip():
            fix = "write the service and the version that its image gets, such as n8n@2.41.1"
            problems.error(SETTING_UNREADABLE, ACKNOWLEDGED, f"{shown(word)} names no upgrade", fix)
    return frozenset(found)
