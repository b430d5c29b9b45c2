# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host notes of its backups: for each volume, the newest backup that has reached each state, and when."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..typed import OPTIONAL, dump, load
from . import atomic

STATUS = Path("/var/lib/ziggie-backup/status.json")
PENDING, STORED, VERIFIED, DRILLED = "pending", "stored", "verified", "drilled"
# Each implies those before it.
STATES = (PENDING, STORED, VERIFIED, DRILLED)
# By how much a clock is set when it is corrected; what lies further ahead was noted by a clock that was wrong.
AHEAD = 300.0


def key(volume: str, project: str) -> str:
    """Return what a volume is noted under: the engine's names, and paths, are one of their kind on a host; `@host` is each project's own."""
    return f"{project}{volume}" if volume.startswith("@") else volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A backup that has reached a state.

    `taken` is the moment that its data are of, `at` when it reached the state (both seconds since 1970), `seconds` how long that took: the backup, or
    the restore that the drill measured. `size` is what was stored in bytes, `image` and `format` tell what the data were written by.
    """

    run: str
    taken: float
    at: float
    seconds: float = field(default=0.0, metadata=OPTIONAL)
    size: int = field(default=0, metadata=OPTIONAL)
    image: str = field(default="", metadata=OPTIONAL)
    format: str = field(default="", metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Why the last backup (`run`) or drill of a volume failed, and when."""

    verb: str
    at: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """The newest backup of a volume by state; one that is `pending` was begun and is not stored. `failed` goes when the same verb succeeds."""

    service: str
    states: Mapping[str, Reached] = field(default_factory=dict)
    failed: Failed | None = field(default=None, metadata=OPTIONAL)

    def age(self, state: str, now: float) -> float | None:
        """Return how old the data of the newest backup in a state are, in seconds; `None` where no backup has reached it, or one of the future."""
        found = self.states.get(state)
        return None if found is None or found.taken > now + AHEAD else max(now - found.taken, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is known of each volume, by its `key`, and when each repository was pruned, by its URL."""

    volumes: Mapping[str, Volume] = field(default_factory=dict)
    pruned: Mapping[str, float] = field(default_factory=dict, metadata=OPTIONAL)

    def of(self, service: str) -> dict[str, Volume]:
        """Return the volumes of a service by their names."""
        return {name: volume for name, volume in self.volumes.items() if volume.service == service}

    def noted(self, volume: str, service: str, state: str, reached: Reached, verb: str) -> Status:
        """Return the status after a verb has brought a backup to a state. An older backup takes the place of no newer one, but of one of the future."""
        known = self.volumes.get(volume) or Volume(service=service)
        before = known.states.get(state)
        if before is not None and reached.taken < before.taken <= reached.at + AHEAD:
            return self
        states = {name: one for name, one in known.states.items() if name != PENDING or state != STORED}
        failed = None if state != PENDING and known.failed is not None and known.failed.verb == verb else known.failed
        return self._with(volume, Volume(service=service, states={**states, state: reached}, failed=failed))

    def fallen(self, volume: str, service: str, failed: Failed) -> Status:
        """Return the status after a backup or a drill has failed."""
        return self._with(volume, replace(self.volumes.get(volume) or Volume(service=service), failed=failed))

    def _with(self, name: str, volume: Volume) -> Status:
        return replace(self, volumes={**self.volumes, name: volume})


def read() -> Status:
    """Return what the last runs have noted; nothing where there is no file, or one of another form."""
    try:
        return load(Status, json.loads(STATUS.read_bytes()))
    except (OSError, ValueError):
        return Status()


def change(how: Callable[[Status], Status]) -> None:
    """Note a change. Only the run that holds the guard of backups does."""
    STATUS.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = json.dumps(dump(how(read())), sort_keys=True).encode()
    atomic.write(STATUS, content, atomic.Ownership(uid=0, gid=0, mode=0o600))
