# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loki: the Go runtime's soft limit, and a retention that its volume can hold.

Loki deletes by age only (limits_config.retention_period, in hours, at least 24), never by size. So the age follows from the
volume's size and from how much a day's logs take when compressed.
"""

from __future__ import annotations

from fractions import Fraction

from ...compose.reader import Reader
from ...units import MIB, mib
from ..model import Tuning
from ..spec import Value
from .golang import MOST, memory_limit, needed_for, why
from .tuner import Room, Tuner

KEPT = Fraction(4, 5)
DAY = 24


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; `daily` is what a day's logs take on the disk, `retention_days` what is asked for."""
    return {
        "memory_share": reader.share("memory_share", Fraction(85, 100), MOST),
        "daily": reader.size("daily", 256 * MIB),
        "retention_days": reader.count("retention_days", 14, 1, 3650),
    }


def needs(room: Room) -> int:
    """Return the bytes of the runtime and of small queries, or of the author's GOMEMLIMIT."""
    return max(64 * MIB, needed_for(room))


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    share, daily, asked = room.share("memory_share"), room.number("daily"), room.number("retention_days")
    held = int(room.disk * KEPT) // daily if room.disk else asked
    days = max(1, min(asked, held))
    sized = f"{float(KEPT) * 100:g}% of a volume of {mib(room.disk)} / {mib(daily)} a day holds {held}" if room.disk else "no size is given"
    shrunk = f"a volume of {mib(room.disk)} holds {held} days of logs of {mib(daily)} each, not {asked}"
    return Tuning(
        settings={"GOMEMLIMIT": f"{memory_limit(room.limit, share)}MiB", "retention_period": f"{days * DAY}h"},
        explain={
            "GOMEMLIMIT": why(room.limit, share),
            "retention_period": f"{days} days: {asked} are asked for; {sized} (Loki documentation, retention)",
        },
        shrunk=shrunk if held < asked and "retention_period" not in room.written else "",
    )


def variables(name: str, value: str) -> tuple[str, ...]:
    """Hand GOMEMLIMIT over as a variable; the retention is part of the configuration file."""
    return (name, value) if name == "GOMEMLIMIT" else ()


def spell(name: str) -> str:
    """Return the name of a setting, without its section."""
    return name.removeprefix("limits_config.")


TUNER = Tuner(
    name="loki",
    keys=("memory_share", "daily", "retention_days"),
    knows=frozenset({"GOMEMLIMIT", "retention_period"}),
    read=read,
    needs=needs,
    derive=derive,
    spell=spell,
    variables=variables,
)
