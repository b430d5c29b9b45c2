# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Node.js: an old space that leaves room for what is not heap.

--max-old-space-size counts MiB and bounds neither the young generation (48 MiB) nor buffers, code, stacks and native addons; 60 to
70% of the limit is measured to hold (Node.js documentation, command-line options).
"""

from __future__ import annotations

from fractions import Fraction

from ..model import Tuning, Value
from ..reader import Reader
from ..units import MIB
from .engine import Engine, Room, whole_mib

NATIVE = 80 * MIB
MOST_HEAP = Fraction(65, 100)


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; `threadpool` 0 leaves libuv's default."""
    return {
        "heap_share": reader.share("heap_share", Fraction(6, 10), MOST_HEAP),
        "threadpool": reader.count("threadpool", 0, 1, 1024),
    }


def least(_room: Room) -> int:
    """Return the memory in which a small heap remains beside the program."""
    return 128 * MIB


def tune(room: Room) -> Tuning:
    """Derive the settings."""
    share, threadpool = room.share("heap_share"), room.number("threadpool")
    heap = max(1, min(int(room.limit * share), room.limit - NATIVE) // MIB)
    settings = {"max-old-space-size": str(heap)}
    environment = {"NODE_OPTIONS": f"--max-old-space-size={heap}"}
    explain = {
        "max-old-space-size": (
            f"{float(share) * 100:g}% of {whole_mib(room.limit)} MiB, less than all but {NATIVE // MIB} MiB; the rest is for young objects, buffers, "
            "code, threads and addons (Node.js documentation)"
        )
    }
    if threadpool:
        settings["UV_THREADPOOL_SIZE"] = environment["UV_THREADPOOL_SIZE"] = str(threadpool)
        explain["UV_THREADPOOL_SIZE"] = "as written; threads for files, DNS, compression and cryptography, not for sockets (libuv)"
    return Tuning(engine="node", settings=settings, environment=environment, explain=explain)


ENGINE = Engine(name="node", keys=("heap_share", "threadpool"), read=read, least=least, tune=tune)
