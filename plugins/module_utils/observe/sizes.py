# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much room directories and files take, counted for a few seconds at most."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .model import Size

_BLOCK = 512
# The clock is asked once in so many entries.
_STRIDE = 64


class Counter:
    """Counts allocated bytes until its time is up; afterwards every size is what was counted so far."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Return the seconds that are left."""
        return max(0.0, self._end - self._clock())

    def directory(self, path: Path) -> Size | None:
        """Return the size of a directory on its own file system, `None` where it cannot be seen at all.

        A part that may not be read makes the size incomplete, as does a lack of time.
        """
        try:
            device = path.lstat().st_dev
            os.scandir(path).close()
        except OSError:
            return None
        total, complete, places = 0, True, [str(path)]
        seen: set[int] = set()
        count = 0
        while places:
            try:
                with os.scandir(places.pop()) as entries:
                    for entry in entries:
                        count += 1
                        if count % _STRIDE == 0 and not self.left:
                            return Size(bytes=total, complete=False)
                        try:
                            status = entry.stat(follow_symlinks=False)
                        except OSError:
                            # Removed while it was counted.
                            continue
                        if status.st_nlink > 1 and not entry.is_dir(follow_symlinks=False):
                            if status.st_ino in seen:
                                continue
                            seen.add(status.st_ino)
                        total += status.st_blocks * _BLOCK
                        if entry.is_dir(follow_symlinks=False) and status.st_dev == device:
                            places.append(entry.path)
            except FileNotFoundError:
                continue
            except OSError:
                complete = False
            if not self.left and places:
                return Size(bytes=total, complete=False)
        return Size(bytes=total, complete=complete)

    def files(self, paths: Iterable[Path]) -> Size | None:
        """Return the size of files, `None` where none of them can be seen."""
        total, seen = 0, False
        for path in paths:
            try:
                total += path.stat().st_blocks * _BLOCK
                seen = True
            except OSError:
                continue
        return Size(bytes=total, complete=True) if seen else None
