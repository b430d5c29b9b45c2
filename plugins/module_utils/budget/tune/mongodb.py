# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MongoDB: an explicit WiredTiger cache, and connections that have memory and threads.

The cache is MongoDB's own default, max(50% of (limit - 1 GB), 0.25 GB), stated so that it does not depend on what mongod takes
for the machine's memory. A GB is 1024 MiB. Each connection is a thread with a stack of 1 MiB.
"""

from __future__ import annotations

from ..model import Tuning, Value
from ..reader import Reader
from ..units import GIB, MIB
from .engine import Engine, Room, whole_mib

BASE = 160 * MIB
STACK = MIB
THREADS = 100
LEAST_CONNECTIONS = 16


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters."""
    return {"max_connections": reader.count("max_connections", 100, LEAST_CONNECTIONS, 1_000_000)}


def least(room: Room) -> int:
    """Return the memory of the smallest cache and of the connections that other services open, at least a few."""
    return GIB // 4 + BASE + 2 * max(LEAST_CONNECTIONS, min(room.clients, room.number("max_connections"))) * STACK


def tune(room: Room) -> Tuning:
    """Derive the settings."""
    asked = room.number("max_connections")
    hundredths = max(25, (room.limit - GIB) * 50 // GIB)
    cache = f"{hundredths // 100}.{hundredths % 100:02d}"
    spare = (room.limit - GIB // 4 - BASE) // 2 // STACK
    threads = max(LEAST_CONNECTIONS, room.pids - THREADS) if room.pids else asked
    connections = max(LEAST_CONNECTIONS, min(asked, spare, threads))
    shrunk = ""
    if connections < asked:
        holder = f"pids {room.pids}" if threads < spare else f"a limit of {whole_mib(room.limit)} MiB"
        shrunk = f"{holder} holds {connections} connections, each a thread with its stack, not {asked}"
    return Tuning(
        engine="mongodb",
        settings={"wiredTigerCacheSizeGB": cache, "maxConns": str(connections)},
        arguments=("--wiredTigerCacheSizeGB", cache, "--maxConns", str(connections)),
        explain={
            "wiredTigerCacheSizeGB": (
                f"max(0.25, 0.5 x ({whole_mib(room.limit)} MiB - 1024 MiB)) = {cache} GB, rounded down (MongoDB manual, storage.wiredTiger)"
            ),
            "maxConns": (
                f"{asked} are asked for; each is a thread with a stack of 1 MiB in half of what the least cache and {BASE // MIB} MiB leave, "
                f"and one of {room.pids or 'unlimited'} pids less {THREADS}"
            ),
        },
        shrunk=shrunk,
        offers=connections,
        files=connections,
    )


ENGINE = Engine(name="mongodb", keys=("max_connections",), read=read, least=least, tune=tune, default_command=("mongod",))
