# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes in a program's own unit grammar."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SIZE = re.compile(r"(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)")

_PART = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]+)")

POSTGRES = {"B": 1, "kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
REDIS = {"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1000**2, "mb": 1 << 20, "g": 1000**3, "gb": 1 << 30}
GO = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "": 1}
# Prometheus takes powers of 1024 for both spellings, and writes what it took in parts: `3GiB204MiB`.
PROMETHEUS = {unit + kind: 1 << power for power, unit in ((10, "K"), (20, "M"), (30, "G"), (40, "T")) for kind in ("B", "iB")} | {"B": 1}
DURATION = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}


def size(value: str, units: Mapping[str, int]) -> int:
    """Return the bytes of a size; what is no size in this grammar raises `ValueError`."""
    found = _SIZE.fullmatch(value.strip())
    if not found or found[2] not in units:
        raise ValueError(f"{value!r} is no size")
    return int(float(found[1]) * units[found[2]])


def parts(value: str, units: Mapping[str, float]) -> float:
    """Return the sum of a value that is written in parts; what is no such value raises `ValueError`."""
    found = _PART.findall(value)
    if not found or "".join(number + unit for number, unit in found) != value or any(unit not in units for _number, unit in found):
        raise ValueError(f"{value!r} is no sum of {', '.join(units)}")
    return sum(float(number) * units[unit] for number, unit in found)
