# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs in Go: a soft memory limit that makes the collector work before the kernel kills.

GOMEMLIMIT knows the suffixes B, KiB, MiB, GiB and TiB only (Go runtime documentation). It bounds what the Go runtime manages.
"""

from __future__ import annotations

from fractions import Fraction

from ..model import Tuning, Value
from ..reader import Reader
from ..units import MIB
from .engine import Engine, Room, ceil_cores, whole_mib

MOST = Fraction(95, 100)


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters."""
    return {"memory_share": reader.share("memory_share", Fraction(85, 100), MOST)}


def least(_room: Room) -> int:
    """Return the memory of a runtime with a small heap."""
    return 16 * MIB


def tune(room: Room) -> Tuning:
    """Derive the settings."""
    share = room.share("memory_share")
    settings = {"GOMEMLIMIT": f"{memory_limit(room.limit, share)}MiB"}
    explain = {"GOMEMLIMIT": why(room.limit, share)}
    if room.quota is not None:
        settings["GOMAXPROCS"] = str(ceil_cores(room.quota))
        explain["GOMAXPROCS"] = f"the cores that the quota of {room.quota} millicores touches; before Go 1.25 the host's are counted"
    return Tuning(engine="go", settings=settings, environment=settings, explain=explain)


def memory_limit(limit: int, share: Fraction) -> int:
    """Return the MiB of GOMEMLIMIT."""
    return max(1, int(limit * share) // MIB)


def why(limit: int, share: Fraction) -> str:
    """Return the sentence that goes with GOMEMLIMIT."""
    return f"{float(share) * 100:g}% of {whole_mib(limit)} MiB, in whole MiB; the rest is what the runtime does not manage (Go documentation, GC guide)"


ENGINE = Engine(name="go", keys=("memory_share",), read=read, least=least, tune=tune)
