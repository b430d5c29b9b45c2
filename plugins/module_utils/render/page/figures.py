# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence

from ...units import MIB

DASH = "\u2013"


def mib(size: int) -> str:
    """Return bytes as MiB with separated thousands, without the unit: `13,926`, or `0.5` where they are not whole."""
    return f"{size // MIB:,}" if size % MIB == 0 else f"{size / MIB:,.1f}"


def amount(size: int) -> str:
    """Return bytes as MiB with the unit, which a line's end does not part from its number."""
    return f"{mib(size)}\u00a0MiB"


def percent(part: int, whole: int) -> str:
    """Return a share: `7.8\u00a0%`."""
    return f"{100 * part / whole:.1f}\u00a0%" if whole else DASH


def position(part: int, whole: int) -> str:
    """Return a share as a drawing's coordinate: `7.812%`."""
    share = f"{100 * part / whole:.3f}".rstrip("0").rstrip(".") if whole else "0"
    return f"{share}%"


def counted(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun: `1 warning`, `2 warnings`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def listed(names: Sequence[str], most: int = 6) -> str:
    """Return names as a sentence lists them, not without end."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
