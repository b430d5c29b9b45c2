# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is backed up, and where to."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..typed import OPTIONAL

RESTIC = "/usr/bin/restic"
ENGINES = ("postgres", "redis", "sqlite", "files", "files_stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One volume: the service that it belongs to, its name in the engine, and how its data are read. `password_file` is a path inside the container."""

    service: str
    volume: str
    engine: str
    password_file: str = field(default="", metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many days, weeks and months keep their newest backup."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """Where backups go, as restic names it. `environment_file` is a file on the host with what its server asks for, as NAME=value lines."""

    url: str
    environment_file: str = field(default="", metadata=OPTIONAL)
