# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's times."""

from __future__ import annotations

from datetime import UTC, datetime


def seconds(text: str) -> float:
    """Return the seconds since 1970 of a time as the engine writes it (`2026-11-23T21:27:01.123456789Z`), 0 for none."""
    head, _dot, fraction = text.rstrip("Z").partition(".")
    try:
        return datetime.strptime(head, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp() + float(f"0.{fraction[:6] or '0'}")
    except ValueError:
        return 0.0
