# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process named so that no other process, of this machine or another, of this boot or another, has the same name."""

from __future__ import annotations

import getpass
import os
import platform
import uuid
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """A process id counts in its namespace and boot only, and is used again; when it started tells two apart."""

    boot: str
    namespace: str
    pid: int
    started: str

    def __str__(self) -> str:
        return f"{self.boot}:{self.namespace}:{self.pid}:{self.started}"

    @classmethod
    def parse(cls, text: str) -> Process:
        """Return what `str` wrote. Raises `ValueError`."""
        boot, namespace, pid, started = text.split(":", 3)
        return cls(boot, namespace, int(pid), started)

    @classmethod
    def of(cls, pid: int) -> Process:
        """Return a process of this machine by its id."""
        return cls(boot_id() or f"{platform.node()}-{uuid.getnode():x}", _namespace(), pid, _started(pid) or "")

    def has_ended(self) -> bool:
        """Tell whether the process is known to have ended. One that cannot be seen from here is not."""
        here = Process.of(os.getpid())
        if self.pid <= 0 or not self.namespace or (self.boot, self.namespace) != (here.boot, here.namespace):
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):
            pass
        now = _started(self.pid)
        return now is not None and now != self.started


def boot_id() -> str:
    """Return what the kernel calls this boot; nothing where it does not say."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _namespace() -> str:
    if not (_PROC / "self").exists():
        return "none"
    try:
        return str((_PROC / "self/ns/pid").stat().st_ino)
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """Return when a process started, in ticks since boot: nothing for one that has ended, `None` where that cannot be seen, as without /proc."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name, in parentheses, may hold anything.
    state, *fields = stat.rpartition(")")[2].split()
    # One that nobody has waited for yet is a zombie.
    return "" if state in "ZX" else fields[18]


def user() -> str:
    """Return who runs this process."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.geteuid()}"
