# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is backed up, and where to."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..typed import OPTIONAL

RESTIC = "/usr/bin/restic"
ENGINES = ("postgres", "redis", "sqlite", "files", "files_stopped")
# A backup every night, and two hours for making it, in seconds.
RECOVERY_POINT = 26 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One volume: the service that it belongs to, its name in the engine, and how its data are read. `password_file` is a path inside the container.

    Of a directory of the host that is mounted, `volume` is its path. `recovery_point` and `recovery_time` are what is promised, in seconds: how old the newest
    backup may be, and how long its way back may take, 0 where nothing is.
    """

    service: str
    volume: str
    engine: str
    password_file: str = field(default="", metadata=OPTIONAL)
    recovery_point: int = field(default=RECOVERY_POINT, metadata=OPTIONAL)
    recovery_time: int = field(default=0, metadata=OPTIONAL)


# What every backup holds beside the volumes: the stack's directory, with secrets and releases.
OWN = Source(service="host", volume="@host", engine="files")


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """A volume, or a directory of the host, that a service writes to: its `source` where it is backed up, or why it is `reconstructible`, or neither."""

    service: str
    place: str
    source: Source | None = field(default=None, metadata=OPTIONAL)
    reconstructible: str = field(default="", metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many days, weeks and months keep their newest backup."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 6

    @property
    def days(self) -> int:
        """Return how many days back the oldest backup lies that it keeps."""
        return max(self.daily, 7 * self.weekly, 31 * self.monthly, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """Where backups go, as restic names it. `environment_file` is a file on the host with what its server asks for, as NAME=value lines."""

    url: str
    environment_file: str = field(default="", metadata=OPTIONAL)
