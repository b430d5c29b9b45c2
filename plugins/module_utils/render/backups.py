# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where backups go, from the inventory: what is watched for its age."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..budget.problems import Problems, suggestion
from ..budget.units import shown
from .alerting import codes

PATH = "monitoring_backups"


def check(written: Any, services: Collection[str], problems: Problems) -> None:
    """Note what is wrong with `{service: directory}`, and that there is none."""
    if not written:
        fix = "name the directory or the file that each database's backup is written to"
        problems.info(codes.NO_BACKUP, PATH, "is empty, so nobody is told when a backup is missing or old", fix)
        return
    if not isinstance(written, Mapping):
        problems.error(codes.BAD_BACKUP, PATH, f"{shown(written)} is no mapping", "write {postgres: /var/backups/postgres}")
        return
    for service, place in written.items():
        if service not in services:
            problems.error(codes.BAD_BACKUP, f"{PATH}.{service}", "there is no such service", suggestion(service, services))
        if not isinstance(place, str) or not place.startswith("/"):
            problems.error(codes.BAD_BACKUP, f"{PATH}.{service}", f"{shown(place)} is no absolute path", "write /var/backups/postgres")
