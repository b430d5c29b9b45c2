# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was moved, from where, and where the old data are kept: a file for each volume, written before anything depends on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ..host import atomic

DIRECTORY = Path("/var/lib/ziggie/migrations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A volume of a service that was moved from `source` to `target`; its old data are `kept` at a path."""

    service: str
    volume: str
    source: str
    target: str
    kept: str


def of(service: str, directory: Path = DIRECTORY) -> Iterator[Move]:
    """Yield the moves of a service whose old data are still kept."""
    for path in sorted(directory.glob("*.json")):
        move = Move(**json.loads(path.read_text(encoding="utf-8")))
        if move.service == service:
            yield move


def write(move: Move, directory: Path = DIRECTORY) -> None:
    """Remember a move."""
    directory.mkdir(parents=True, exist_ok=True)
    atomic.write(_path(move, directory), (json.dumps(asdict(move)) + "\n").encode(), atomic.Ownership(uid=0, gid=0, mode=0o600))


def forget(move: Move, directory: Path = DIRECTORY) -> None:
    """Forget a move whose old data are gone."""
    _path(move, directory).unlink(missing_ok=True)


def _path(move: Move, directory: Path) -> Path:
    return directory / f"{move.volume}.json"
