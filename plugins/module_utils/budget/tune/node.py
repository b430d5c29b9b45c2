# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Node.js: an old space that leaves room for what is not heap.

--max-old-space-size counts MiB and bounds neither the young generation (48 MiB) nor buffers, code, stacks and native addons; 60 to
70% of the limit is measured to hold, and Node's documentation gives three quarters of the memory as an example (command-line
options). Without the option Node takes about half of what it sees.
"""

from __future__ import annotations

from fractions import Fraction

from ...compose.reader import Reader
from ...units import MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, positive, whole_mib

NATIVE = 80 * MIB
MOST_HEAP = Fraction(65, 100)
# Of the author's own heap: 1536 of 2048 MiB in Node's documentation.
WRITTEN_HEAP = Fraction(3, 4)
HEAP = "max-old-space-size"
# Options by which an author sizes the heap in another way.
OTHER_HEAPS = ("max-old-space-size-percentage", "max-heap-size")


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; `threadpool` 0 leaves libuv's default."""
    return {
        "heap_share": reader.share("heap_share", Fraction(6, 10), MOST_HEAP),
        "threadpool": reader.count("threadpool", 0, 1, 1024),
    }


def needs(room: Room) -> int:
    """Return the bytes in which a small heap, or the author's, remains beside the program."""
    heaps = [room.author(name, positive) or 0 for name in (HEAP, "max-heap-size")]
    heap = max(heaps) * MIB
    return max(128 * MIB, heap + NATIVE, -(-heap // WRITTEN_HEAP)) if heap else 128 * MIB


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    share, threadpool = room.share("heap_share"), room.number("threadpool")
    settings, explain = {}, {}
    if not any(name in room.written for name in OTHER_HEAPS):
        settings[HEAP] = str(max(1, min(int(room.limit * share), room.limit - NATIVE) // MIB))
        explain[HEAP] = (
            f"{float(share) * 100:g}% of {whole_mib(room.limit)} MiB, less than all but {NATIVE // MIB} MiB; the rest is for young objects, buffers, "
            "code, threads and addons (Node.js documentation)"
        )
    if threadpool:
        settings["UV_THREADPOOL_SIZE"] = str(threadpool)
        explain["UV_THREADPOOL_SIZE"] = "as written; threads for files, DNS, compression and cryptography, not for sockets (libuv)"
    return Tuning(settings=settings, explain=explain)


def variables(name: str, value: str) -> tuple[str, ...]:
    """Hand the heap over in NODE_OPTIONS, beside what the author has there."""
    return ("NODE_OPTIONS", f"--{name}={value}") if name == HEAP else (name, value)


def spell(name: str) -> str:
    """Return an option without its dashes; Node takes underscores for dashes."""
    bare = name.lstrip("-")
    return bare if bare.isupper() else bare.replace("_", "-")


TUNER = Tuner(
    name="node",
    keys=("heap_share", "threadpool"),
    knows=frozenset({HEAP, *OTHER_HEAPS, "UV_THREADPOOL_SIZE"}),
    read=read,
    needs=needs,
    derive=derive,
    spell=spell,
    variables=variables,
)
