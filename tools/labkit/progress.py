# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling what is being done, how far it is, and how long it took."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType


class Step:
    """One step of a run: announced when it begins, timed when it ends, counted in between."""

    def __init__(self, number: int, of: int, title: str) -> None:
        self._mark = f"[{number + int(os.environ.get('ZIGGIE_STEPS_BEFORE', '0'))}/{of}]"
        self._title = title
        self._began = 0.0
        self._live = sys.stdout.isatty()

    def __enter__(self) -> Step:
        self._began = time.monotonic()
        print(f"{self._mark} {self._title} …", flush=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._clear()
        if kind is None:
            print(f"{self._mark} {self._title}: done in {time.monotonic() - self._began:.0f} s", flush=True)

    def note(self, text: str) -> None:
        self._clear()
        print(f"      {text}", flush=True)

    def count(self, done: int, of: int, what: str) -> None:
        """A line that is overwritten on a terminal, and printed now and then elsewhere."""
        line = f"{self._mark} {self._title} {done}/{of} {what}"
        if self._live:
            print(f"\r\033[K{line}", end="", flush=True)
        elif done in (1, of) or done % 5 == 0:
            print(line, flush=True)

    def _clear(self) -> None:
        if self._live:
            print("\r\033[K", end="", flush=True)
