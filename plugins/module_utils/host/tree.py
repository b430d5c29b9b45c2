# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of /proc and /sys, read so that what is missing is missing and never an error."""

from __future__ import annotations

from pathlib import Path


class Tree:
    """A root (`/` on a real host, a folder in a test) and the ways we read below it."""

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
        """Tell whether a path is there and may be seen."""
        try:
            return self.path(name).exists()
        except OSError:
            return False
