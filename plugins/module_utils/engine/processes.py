# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes of a container, as the host's kernel shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .cgroup import PROC

# What a container may have for PID 1 that is not its program.
INITS = ("docker-init", "tini", "dumb-init", "catatonit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process: what it was started with, as it stands in its own memory."""

    pid: int
    parent: int
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    open_files: int | None = None

    @property
    def program(self) -> str:
        """Return the name that it was started by."""
        return self.command[0].rpartition("/")[2] if self.command else ""

    @property
    def title(self) -> str:
        """Return the command line as one text; some programs write their state into it."""
        return " ".join(self.command)


def look(pids: Iterable[int], *, proc: Path = PROC) -> list[Process]:
    """Read processes by id; one that went in the meantime is left out."""
    found = []
    for pid in pids:
        place = proc / str(pid)
        try:
            status = (place / "stat").read_text(encoding="utf-8", errors="replace")
            command = words(place / "cmdline")
            environment = words(place / "environ")
            limits = (place / "limits").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        found.append(
            Process(
                pid=pid,
                # The name in parentheses may hold spaces and parentheses itself.
                parent=int(status.rpartition(")")[2].split()[1]),
                command=command,
                environment=dict(word.split("=", 1) for word in environment if "=" in word),
                open_files=_open_files(limits),
            )
        )
    return found


def main(processes: Iterable[Process], first: int) -> Process | None:
    """Return the container's program: its first process, or that one's child where it is an init."""
    known = list(processes)
    root = next((process for process in known if process.pid == first), None)
    if root is None or root.program not in INITS:
        return root
    return next((process for process in known if process.parent == first), None)


def words(path: Path) -> tuple[str, ...]:
    """Return the words of a file of the kernel that ends each with a zero byte. Raises `OSError`."""
    text = path.read_bytes().decode(errors="replace").rstrip("\0")
    return tuple(text.split("\0")) if text else ()


def _open_files(text: str) -> int | None:
    for line in text.splitlines():
        if line.startswith("Max open files"):
            soft = line.removeprefix("Max open files").split()[0]
            return int(soft) if soft.isdigit() else None
    return None
