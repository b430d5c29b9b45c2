# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control group of a process, on both versions of the kernel's interface.

Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/*.rst of the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")

_EVERYTHING = (1 << 63) - 1


class Group:
    """Reads the files of one group; what cannot be read is the empty text, since unknown is not zero."""

    def __init__(self, paths: Mapping[str, str], cgroups: Path) -> None:
        self.version = 1 if "memory" in paths else 2
        self._paths = paths
        self._cgroups = cgroups

    @classmethod
    def of(cls, pid: int, *, within: str = "", proc: Path = PROC, cgroups: Path = CGROUPS) -> Group | None:
        """Find the group of a process, `None` where there is no such process.

        `within` is a container's id: a container that runs systemd or an engine of its own has groups inside its own, and its first process is in
        one of these. The group of the container is then the one above them whose name holds the id.
        """
        try:
            # A group may have any name; it is only looked up again.
            lines = (proc / str(pid) / "cgroup").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        except OSError:
            return None
        paths = {}
        for line in lines:
            _number, controllers, path = line.split(":", 2)
            for controller in controllers.split(","):
                paths[controller] = _up_to(path.lstrip("/"), within)
        return cls(paths, cgroups)

    def read(self, controller: str, file: str) -> str:
        """Return a file's text; on v2 every controller's files lie in one directory."""
        path = self._v1(controller, file) if self.version == 1 else self._cgroups / self._paths.get("", "") / file
        try:
            return path.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""

    def table(self, controller: str, file: str) -> dict[str, int]:
        """Return a file of lines `name number`."""
        pairs = (line.split() for line in self.read(controller, file).splitlines())
        return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}

    def lineage(self, file: str) -> Iterator[tuple[str, str]]:
        """Yield name and text of a file of this group and of each above it, without the root; version 2 alone has one line of them."""
        if self.version == 1:
            return
        path = Path(self._paths.get("", ""))
        for group in (path, *path.parents):
            if group.name:
                try:
                    yield group.name, (self._cgroups / group / file).read_text(encoding="ascii").strip()
                except (OSError, ValueError):
                    yield group.name, ""

    def processes(self) -> list[int]:
        """Return the ids of the processes in the group."""
        return sorted(int(line) for line in self.read("memory", "cgroup.procs").split())

    def _v1(self, controller: str, file: str) -> Path:
        """Find a controller's file, also where a host inside a container names paths from outside its own tree."""
        root = self._cgroups / controller
        path = self._paths.get(controller, "")
        direct = root / path / file
        if direct.exists():
            return direct
        # /proc/PID/cgroup may start at an ancestor that this mount does not show.
        parts = Path(path).parts
        for start in range(1, len(parts)):
            candidate = root.joinpath(*parts[start:]) / file
            if candidate.exists():
                return candidate
        return direct


def _up_to(path: str, within: str) -> str:
    """Return a path up to its last part that holds a text, all of it where none does."""
    parts = path.split("/")
    holding = [position for position, part in enumerate(parts) if within and within in part]
    return "/".join(parts[: holding[-1] + 1]) if holding else path


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """The bytes of memory that a container's own group protects (`low`), the least of all groups above it (`effective`), and which group that is.

    A group is protected as far as each of its ancestors is (cgroup-v2.rst, memory.low).
    """

    low: int
    effective: int
    by: str

    @classmethod
    def of(cls, pid: int, *, proc: Path = PROC, cgroups: Path = CGROUPS) -> Protection | None:
        """Return the protection of a process, `None` where there is no such process or the kernel has no protection (cgroup v1)."""
        group = Group.of(pid, proc=proc, cgroups=cgroups) if pid else None
        lows = [(name, _EVERYTHING if text == "max" else int(text)) for name, text in group.lineage("memory.low") if text] if group else []
        if not lows:
            return None
        by, effective = min(lows, key=lambda pair: pair[1])
        return cls(low=lows[0][1], effective=effective, by=by)
