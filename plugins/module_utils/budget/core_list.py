# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of cores as the kernel reads and writes them, cpuset(7)."""

from __future__ import annotations

from collections.abc import Iterable


def written(cores: Iterable[int]) -> str:
    """Return cores as the kernel writes them: `0-2,5`."""
    runs: list[list[int]] = []
    for core in sorted(set(cores)):
        if runs and core == runs[-1][-1] + 1:
            runs[-1][1:] = [core]
        else:
            runs.append([core])
    return ",".join("-".join(str(end) for end in run) for run in runs)


def read(text: str) -> frozenset[int]:
    """Return the cores of a list such as `0-2,5`. Raises `ValueError` for what is no such list."""
    found: set[int] = set()
    for part in text.split(",") if text.strip() else []:
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or len(first) > 4 or len(last) > 4:
            raise ValueError(f"{text!r} is no list of cores; write 0-2,5")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)
