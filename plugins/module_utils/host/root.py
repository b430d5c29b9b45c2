# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files and programs of a host, read so that what is missing is missing and never an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

# AnsibleModule.run_command, or what a test puts in its place.
Run = Callable[..., tuple[int, str, str]]


class Root:
    """The root directory of a host: `/`, or a folder in a test."""

    def __init__(self, root: str = "/") -> None:
        self.root = Path(root)

    def path(self, name: str) -> Path:
        """Turn an absolute path of the host into one below the root."""
        return self.root / name.lstrip("/")

    def text(self, name: str) -> str:
        """Return a file's stripped text, `""` where it cannot be read."""
        try:
            return self.path(name).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""

    def number(self, name: str) -> int | None:
        """Return a file's whole number, `None` where there is none."""
        text = self.text(name)
        return int(text) if text.lstrip("-").isdigit() else None

    def fields(self, name: str) -> dict[str, str]:
        """Return `Key: value` lines as a dict."""
        pairs = (line.split(":", 1) for line in self.text(name).splitlines() if ":" in line)
        return {key.strip(): value.strip() for key, value in pairs}

    def exists(self, name: str) -> bool:
        """Tell whether a path exists and may be seen."""
        try:
            return self.path(name).exists()
        except OSError:
            return False

    def names(self, folder: str) -> list[str]:
        """Return the names in a directory, in order; none where it cannot be read."""
        try:
            return sorted(entry.name for entry in self.path(folder).iterdir())
        except OSError:
            return []

    def programs(self) -> set[str]:
        """Return the names of the programs that run, as the kernel shortens them: to 15 characters (proc_pid_comm(5))."""
        return {self.text(f"/proc/{name}/comm") for name in self.names("/proc") if name.isdigit()} - {""}


def output(run: Run, command: list[str]) -> tuple[int, str]:
    """Return the exit code and output of a command; -1 and nothing where there is no such program."""
    try:
        code, printed, _errors = run(command, handle_exceptions=False)
    except OSError:
        return -1, ""
    return code, printed
