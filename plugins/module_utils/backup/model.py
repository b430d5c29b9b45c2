# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is backed up, where to, and what a backup says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..host.backup_status import Reached
from ..settings.repositories import OWN, Repository, Retention, Source
from ..typed import OPTIONAL

FILE = "backup.json"
# What every backup holds beside the volumes: the stack's directory, with secrets and releases.
HOST = "host"


class BackupError(Exception):
    """A backup or a restore cannot go on; the text is one sentence that says where, why and what to do."""


class UnreadableError(BackupError):
    """A repository gives back less than it was given, or something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """All that the program on the host has to know.

    `directory` is the stack's, `memory` what the program may use, `drill_memory` what a throw-away container of a drill may, `slices` whether the host can
    weigh units of systemd against containers.
    """

    project: str
    directory: str
    repositories: tuple[Repository, ...]
    retention: Retention
    sources: tuple[Source, ...]
    memory: int
    slices: bool
    drill_memory: int

    @property
    def key(self) -> str:
        """Return the file with the repositories' key."""
        return f"{self.directory}/backup.key"

    @property
    def everything(self) -> tuple[Source, ...]:
        """Return all sources, with the stack's own directory."""
        return (*self.sources, OWN)

    def of(self, service: str) -> list[Source]:
        """Return the sources of a service. Raises `BackupError` where it has none."""
        found = [source for source in self.everything if source.service == service]
        if not found:
            names = sorted({source.service for source in self.everything})
            raise BackupError(f"{service} is not backed up; choose one of {', '.join(names)}")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of a table, and an order-free hash of them where the table is small enough to be read twice."""

    rows: int
    hash: str = field(default="", metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One snapshot of the repository: a dump or a directory. `tables` are those of a database, `facts` what its engine needs to know again."""

    name: str
    size: int
    sha256: str = field(default="", metadata=OPTIONAL)
    tables: Mapping[str, Table] = field(default_factory=dict, metadata=OPTIONAL)
    facts: Mapping[str, str] = field(default_factory=dict, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What makes a backup of a service one: it is stored last, so a backup without a manifest never counts.

    `taken` is the moment that the data are of (seconds since 1970), `format` what the data say of their own version.
    """

    run: str
    service: str
    volume: str
    engine: str
    image: str
    release: str
    taken: float
    seconds: float
    format: str
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Return the bytes of all parts."""
        return sum(part.size for part in self.parts)

    @property
    def rows(self) -> int:
        """Return the rows of all tables."""
        return sum(table.rows for part in self.parts for table in part.tables.values())

    @property
    def need(self) -> int:
        """Return how many bytes the data take on a disk once they are restored."""
        return sum(int(part.facts.get("bytes", part.size)) for part in self.parts) * 11 // 10

    def reached(self, at: float, seconds: float) -> Reached:
        """Return that this backup has reached a state, which took some seconds."""
        return Reached(run=self.run, taken=self.taken, at=at, seconds=seconds, size=self.size, image=self.image, format=self.format)
