# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a host's clock is kept right, and by whom."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from .processes import running
from .tree import Tree

# By the name that the kernel shows.
_SERVICES = {"systemd-timesyn": "systemd-timesyncd", "chronyd": "chrony", "ntpd": "ntpd", "openntpd": "openntpd", "ptp4l": "ptp4l"}

# What adjtimex(2) answers where nobody has set the clock right, and more than the size of what it fills in on any machine.
_UNSYNCHRONIZED = 5
_TIMEX = 512


def describe(tree: Tree, kernel: Callable[[], int] | None = None) -> dict[str, Any]:
    """Return `synchronized` (`None` where the kernel does not tell) and `service`, the program that sets the clock, if one runs."""
    state = (kernel or _state)()
    names = sorted(_SERVICES[name] for name in running(tree) & set(_SERVICES))
    return {"synchronized": None if state < 0 else state != _UNSYNCHRONIZED, "service": names[0] if names else ""}


def _state() -> int:
    try:
        # All zero asks and changes nothing.
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX)))
    except (OSError, AttributeError):
        return -1
