# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis: maxmemory below the room that a fork needs.

While an RDB or AOF rewrite runs, pages that change are copied, at worst all of them (Redis documentation, administration).
`mb` is 1024 x 1024 bytes in its grammar.
"""

from __future__ import annotations

from fractions import Fraction

from ...compose.reader import Reader
from ...evidence.grammar import REDIS
from ...units import MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, positive, whole_mib

BASE = 12 * MIB
# maxclients, by default.
CLIENTS = 10_000
FORKING = Fraction(1, 2)
PLAIN = Fraction(3, 4)
POLICIES = (
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
)


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters."""
    return {"persistence": reader.flag("persistence", True), "policy": reader.choice("policy", "noeviction", POLICIES)}


def needs(room: Room) -> int:
    """Return the bytes in which a maxmemory of a few MiB, or the author's, remains; the author knows how much changes while it forks."""
    written = room.author("maxmemory", REDIS.bytes)
    return max(32 * MIB, int((written + BASE) / PLAIN) + 1) if written else 32 * MIB


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    maxmemory = max(1, (int(room.limit * share(room)) - BASE) // MIB)
    policy = str(room.params["policy"])
    why = "a fork for RDB or AOF can double what is used" if share(room) == FORKING else "nothing forks without persistence"
    return Tuning(
        settings={"maxmemory": f"{maxmemory}mb", "maxmemory-policy": policy},
        explain={
            "maxmemory": (
                f"{float(share(room)):g} x {whole_mib(room.limit)} MiB - {BASE // MIB} MiB of base = {maxmemory} MiB: {why} "
                "(Redis documentation, administration)"
            ),
            "maxmemory-policy": "as written" if policy != "noeviction" else "sessions and queues must not vanish (BullMQ needs noeviction)",
        },
        offers=room.author("maxclients", positive) or CLIENTS,
    )


def share(room: Room) -> Fraction:
    """Return how much of the limit data may take: less where x-budget or the author lets Redis write to the disk."""
    if room.written.get("appendonly", "no").strip("'\"") == "yes":
        return FORKING
    saves = room.written.get("save")
    forks = bool(saves.strip(" '\"")) if saves is not None else bool(room.params["persistence"])
    return FORKING if forks else PLAIN


def arguments(name: str, value: str) -> tuple[str, ...]:
    """Hand a setting over as a directive on the command line."""
    return (f"--{name}", value)


def spell(name: str) -> str:
    """Return a directive in the case that Redis's documentation has."""
    return name.lstrip("-").lower()


TUNER = Tuner(
    name="redis",
    fills=True,
    keys=("persistence", "policy"),
    knows=frozenset({"maxmemory", "maxmemory-policy", "maxclients", "save", "appendonly"}),
    read=read,
    needs=needs,
    derive=derive,
    spell=spell,
    arguments=arguments,
    default_command=("redis-server",),
)
