# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time on a host: a file that names its holder.

The file lies on a file system that a boot empties, so no lock outlives its boot.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from . import atomic


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lock: the person, their machine, the process there, and since when (seconds since the epoch)."""

    user: str
    machine: str
    pid: int
    since: float

    def __str__(self) -> str:
        return f"{self.user}@{self.machine}, process {self.pid}, since {time.strftime('%Y-%m-%d %H:%M:%S UTC', time.gmtime(self.since))}"


class Lock:
    """A lock at a path; `max_age` is after how many seconds a holder counts as gone."""

    def __init__(self, path: Path, max_age: float) -> None:
        self.path = path
        self.max_age = max_age

    def holder(self) -> Holder | None:
        """Return who holds it, `None` where nobody does or its file says nothing."""
        try:
            return Holder(**json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def take(self, wanted: Holder, *, gone: int | None = None) -> Holder | None:
        """Take the lock; `gone` is a process known to have ended. Returns the other holder where there is one, else `None`."""
        with self._alone():
            held = self.holder()
            if held and held.pid != gone and wanted.since - held.since <= self.max_age and not _same(held, wanted):
                return held
            atomic.write(self.path, json.dumps(asdict(wanted)).encode(), atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o644))
            return None

    def release(self, holder: Holder) -> bool:
        """Give the lock back if it is this holder's; return whether it was."""
        with self._alone():
            held = self.holder()
            if held is None or not _same(held, holder):
                return False
            self.path.unlink(missing_ok=True)
            return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time look and write; the kernel ends this when the process ends."""
        with self.path.with_name(f"{self.path.name}.guard").open("w", encoding="utf-8") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield


def _same(left: Holder, right: Holder) -> bool:
    return (left.user, left.machine, left.pid) == (right.user, right.machine, right.pid)
