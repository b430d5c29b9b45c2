# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memcached: memory for items that fills its limit.

It holds 64 MB of items by default, whatever its container has (memcached manual, -m). Beside the items it needs a hash table, buffers
for each connection, and what its slabs lose.
"""

from __future__ import annotations

from fractions import Fraction

from ...compose.reader import Reader
from ...evidence.grammar import MEMCACHED_SIZE
from ...units import KIB, MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, options, positive, whole_mib

BASE = 16 * MIB
CONNECTION = 8 * KIB
DEFAULT_CONNECTIONS = 1024
LEAST = 32 * MIB
SHARE = Fraction(8, 10)
MEMORY = "memory-limit"
CONNECTIONS = "conn-limit"


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters."""
    return {"memory_share": reader.share("memory_share", SHARE, Fraction(9, 10))}


def needs(room: Room) -> int:
    """Return the bytes of a few items, or of the author's, beside the program and its connections."""
    written = room.author(MEMORY, _items) or 0
    return max(LEAST, int(written * Fraction(11, 10)) + _fixed(room) + MIB)


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    share = room.share("memory_share")
    memory = max(1, int(min(room.limit * share, (room.limit - _fixed(room)) * Fraction(10, 11))) // MIB)
    return Tuning(
        settings={MEMORY: str(memory)},
        explain={
            MEMORY: f"{float(share) * 100:g}% of {whole_mib(room.limit)} MiB, less than all but {_fixed(room) // MIB} MiB for the program and its "
            "connections; the default is 64 (memcached manual)"
        },
        offers=_connections(room),
    )


def _items(text: str) -> int:
    size = MEMCACHED_SIZE.bytes(text)
    if size == 0:
        raise ValueError("without a bound")
    return size


def _fixed(room: Room) -> int:
    return BASE + _connections(room) * CONNECTION


def _connections(room: Room) -> int:
    return room.author(CONNECTIONS, positive) or DEFAULT_CONNECTIONS


def spell(name: str) -> str:
    """Return the long form of an option."""
    bare = name.lstrip("-")
    return {"m": MEMORY, "c": CONNECTIONS}.get(bare, bare)


TUNER = Tuner(
    name="memcached",
    fills=True,
    keys=("memory_share",),
    knows=frozenset({MEMORY, CONNECTIONS}),
    read=read,
    needs=needs,
    derive=derive,
    spell=spell,
    arguments=options,
)
