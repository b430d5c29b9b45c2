# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis: maxmemory below the room that a fork needs.

While an RDB or AOF rewrite runs, pages that change are copied, at worst all of them (Redis documentation, administration).
`mb` is 1024 x 1024 bytes in its grammar.
"""

from __future__ import annotations

from fractions import Fraction

from ..model import Tuning, Value
from ..reader import Reader
from ..units import MIB
from .engine import Engine, Room, whole_mib

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


def least(_room: Room) -> int:
    """Return the memory in which a maxmemory of a few MiB remains."""
    return 32 * MIB


def tune(room: Room) -> Tuning:
    """Derive the settings."""
    share = FORKING if room.params["persistence"] else PLAIN
    maxmemory = max(1, (int(room.limit * share) - BASE) // MIB)
    policy = str(room.params["policy"])
    why = "a fork for RDB or AOF can double what is used" if share == FORKING else "nothing forks without persistence"
    return Tuning(
        engine="redis",
        settings={"maxmemory": f"{maxmemory}mb", "maxmemory-policy": policy},
        arguments=("--maxmemory", f"{maxmemory}mb", "--maxmemory-policy", policy),
        explain={
            "maxmemory": (
                f"{float(share):g} x {whole_mib(room.limit)} MiB - {BASE // MIB} MiB of base = {maxmemory} MiB: {why} (Redis documentation, administration)"
            ),
            "maxmemory-policy": "as written" if policy != "noeviction" else "sessions and queues must not vanish (BullMQ needs noeviction)",
        },
        offers=CLIENTS,
    )


ENGINE = Engine(name="redis", keys=("persistence", "policy"), read=read, least=least, tune=tune, default_command=("redis-server",))
