# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loki: the Go runtime's soft limit, and a retention that its volume can hold.

Loki deletes by age only (limits_config.retention_period, in hours, at least 24), never by size. So the age follows from the
volume's size and from how much a day's logs take when compressed.
"""

from __future__ import annotations

from fractions import Fraction

from ..model import Tuning, Value
from ..reader import Reader
from ..units import MIB, mib
from .engine import Engine, Room
from .golang import MOST, memory_limit, why

KEPT = Fraction(4, 5)
DAY = 24


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; `daily` is what a day's logs take on the disk, `retention_days` what is asked for."""
    return {
        "memory_share": reader.share("memory_share", Fraction(85, 100), MOST),
        "daily": reader.size("daily", 256 * MIB),
        "retention_days": reader.count("retention_days", 14, 1, 3650),
    }


def least(_room: Room) -> int:
    """Return the memory of the runtime and of small queries."""
    return 64 * MIB


def tune(room: Room) -> Tuning:
    """Derive the settings."""
    share, daily, asked = room.share("memory_share"), room.number("daily"), room.number("retention_days")
    held = int(room.disk * KEPT) // daily if room.disk else asked
    days = max(1, min(asked, held))
    memory = f"{memory_limit(room.limit, share)}MiB"
    sized = f"{float(KEPT) * 100:g}% of a volume of {mib(room.disk)} / {mib(daily)} a day holds {held}" if room.disk else "no size is given"
    return Tuning(
        engine="loki",
        settings={"GOMEMLIMIT": memory, "retention_period": f"{days * DAY}h"},
        environment={"GOMEMLIMIT": memory},
        explain={
            "GOMEMLIMIT": why(room.limit, share),
            "retention_period": f"{days} days: {asked} are asked for; {sized} (Loki documentation, retention)",
        },
        shrunk=f"a volume of {mib(room.disk)} holds {held} days of logs of {mib(daily)} each, not {asked}" if held < asked else "",
    )


ENGINE = Engine(name="loki", keys=("memory_share", "daily", "retention_days"), read=read, least=least, tune=tune)
