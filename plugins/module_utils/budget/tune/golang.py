# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs in Go: a soft memory limit that makes the collector work before the kernel kills.

GOMEMLIMIT knows the suffixes B, KiB, MiB, GiB and TiB only (Go runtime documentation). It bounds what the Go runtime manages.
"""

from __future__ import annotations

from fractions import Fraction

from ...compose.reader import Reader
from ...evidence.grammar import GO
from ...units import MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, ceil_cores, variable, whole_mib

MOST = Fraction(95, 100)


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters."""
    return {"memory_share": reader.share("memory_share", Fraction(85, 100), MOST)}


def needs(room: Room) -> int:
    """Return the bytes of a runtime with a small heap, or of the author's GOMEMLIMIT."""
    return max(16 * MIB, needed_for(room))


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    share = room.share("memory_share")
    settings = {"GOMEMLIMIT": f"{memory_limit(room.limit, share)}MiB"}
    explain = {"GOMEMLIMIT": why(room.limit, share)}
    if room.quota is not None:
        settings["GOMAXPROCS"] = str(ceil_cores(room.quota))
        explain["GOMAXPROCS"] = f"the cores that the quota of {room.quota} millicores touches; before Go 1.25 the host's are counted"
    return Tuning(settings=settings, explain=explain)


def memory_limit(limit: int, share: Fraction) -> int:
    """Return the MiB of GOMEMLIMIT."""
    return max(1, int(limit * share) // MIB)


def needed_for(room: Room) -> int:
    """Return the bytes of a container in which the author's GOMEMLIMIT is at most 95% of the limit; 0 without one."""
    written = room.author("GOMEMLIMIT", lambda text: 0 if text.strip() == "off" else GO.bytes(text))
    return int((written or 0) / MOST) + 1 if written else 0


def why(limit: int, share: Fraction) -> str:
    """Return the sentence that goes with GOMEMLIMIT."""
    return f"{float(share) * 100:g}% of {whole_mib(limit)} MiB, in whole MiB; the rest is what the runtime does not manage (Go documentation, GC guide)"


TUNER = Tuner(
    name="go",
    keys=("memory_share",),
    knows=frozenset({"GOMEMLIMIT", "GOMAXPROCS"}),
    read=read,
    needs=needs,
    derive=derive,
    variables=variable,
)
