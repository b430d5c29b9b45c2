# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dumps in a directory of the host, between a server and the one that takes its place."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .model import BackupError, Part

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """Takes the dumps of a container, as a repository would."""

    container: str
    directory: Path

    def store(self, name: str, producer: Iterator[bytes]) -> tuple[int, str]:
        """Write a stream and return its size and hash."""
        size, digest = 0, hashlib.sha256()
        with (self.directory / name).open("wb") as file:
            for chunk in producer:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        return size, digest.hexdigest()

    def read(self, part: Part) -> Iterator[bytes]:
        """Yield a dump. Raises `BackupError` at its end where it is not what was written."""
        digest = hashlib.sha256()
        with (self.directory / part.name).open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                yield chunk
        if digest.hexdigest() != part.sha256:
            raise BackupError(f"the disk gives {part.name} back otherwise than it was written")
