# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One source on its way into a repository."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..engine.client import Engine
from ..engine.duplex import Duplex
from ..settings.repositories import Source
from .model import BackupError
from .restic import Restic


class Streamed(Protocol):
    """A server in a container, and where its dumps go."""

    @property
    def container(self) -> str:
        """Return the container's id."""

    def store(self, name: str, producer: Iterator[bytes]) -> tuple[int, str]:
        """Store a stream and return its size and hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A source, the container that has its data, and the directory of the host that they lie in."""

    source: Source
    inspected: Mapping[str, Any]
    directory: Path
    engine: Engine
    restic: Restic
    tags: Mapping[str, str]

    @property
    def container(self) -> str:
        """Return the container's id."""
        return str(self.inspected["Id"])

    def store(self, name: str, producer: Iterator[bytes]) -> tuple[int, str]:
        """Store a stream and return its size and hash."""
        return self.restic.store(name, producer, {**self.tags, "part": name})

    def store_directory(self, name: str, directory: Path, exclude: Sequence[str] = ()) -> int:
        """Store a directory's content and return its size."""
        return self.restic.store_directory(directory, {**self.tags, "part": name}, exclude)


def checked(duplex: Duplex, head: bytes, name: str) -> Iterator[bytes]:
    """Yield what a producer writes; raise where it does not begin as it must, or does not end well. Its reader has not seen an end by then."""
    first = b""
    for chunk in duplex.chunks():
        if len(first) < len(head):
            first += chunk
            if not first.startswith(head[: len(first)]):
                raise BackupError(f"{name} does not begin as such a dump does: {first[:40]!r}")
        yield chunk
    duplex.end()
    if len(first) < len(head):
        raise BackupError(f"{name} is empty")
