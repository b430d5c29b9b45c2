# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MongoDB: an explicit WiredTiger cache, and connections that have memory and threads.

The cache is MongoDB's own default, max(50% of (limit - 1 GB), 0.25 GB), stated so that it does not depend on what mongod takes
for the machine's memory. A GB is 1024 MiB. Each connection is a thread with a stack of 1 MiB. mongod takes tens of thousands of
connections by default, and one driver opens a hundred, so they are bounded only where its author asks for a number or bounds its pids.
"""

from __future__ import annotations

from ...compose.reader import Reader
from ...units import GIB, MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, number, positive, whole_mib

BASE = 160 * MIB
STACK = MIB
THREADS = 100
LEAST_CONNECTIONS = 16

SPELLINGS = {
    "storage.wiredTiger.engineConfig.cacheSizeGB": "wiredTigerCacheSizeGB",
    "storage.wiredTiger.engineConfig.cacheSizePct": "wiredTigerCacheSizePct",
    "net.maxIncomingConnections": "maxConns",
}


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; `max_connections` 0 leaves mongod's own bound."""
    return {"max_connections": reader.count("max_connections", 0, LEAST_CONNECTIONS, 1_000_000)}


def needs(room: Room) -> int:
    """Return the bytes of the cache and of the connections that other services open, at least a few."""
    cache, share = _cache(room), room.author("wiredTigerCacheSizePct", number)
    wanted = min(room.clients, _asked(room) or room.clients)
    fixed = (cache or GIB // 4) + BASE + 2 * max(LEAST_CONNECTIONS, wanted) * STACK
    if share is None or not 0 < share <= 80:
        return fixed
    return max(fixed, int((fixed - GIB // 4) / (1 - share / 100)) + 1)


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    written, asked = _cache(room), _asked(room)
    hundredths = max(25, (room.limit - GIB) * 50 // GIB)
    cache = f"{hundredths // 100}.{hundredths % 100:02d}"
    settings, explain, shrunk = {}, {}, ""
    if room.author("wiredTigerCacheSizePct", number) is None:
        settings["wiredTigerCacheSizeGB"] = cache
        explain["wiredTigerCacheSizeGB"] = (
            f"max(0.25, 0.5 x ({whole_mib(room.limit)} MiB - 1024 MiB)) = {cache} GB, rounded down (MongoDB manual, storage.wiredTiger)"
        )
    spare = (room.limit - (written or GIB // 4) - BASE) // 2 // STACK
    threads = max(LEAST_CONNECTIONS, room.pids - THREADS) if room.pids and (asked or room.pids_stated) else None
    bounds = [bound for bound in (asked or None, spare if asked else None, threads) if bound is not None]
    connections = max(LEAST_CONNECTIONS, min(bounds)) if bounds else None
    if "maxConns" in room.written:
        connections = asked
    elif connections is not None:
        settings["maxConns"] = str(connections)
        explain["maxConns"] = (
            f"{asked} are asked for; each is a thread with a stack of 1 MiB in half of what the least cache and {BASE // MIB} MiB leave, "
            f"and one of {room.pids or 'unlimited'} pids less {THREADS}"
            if asked
            else f"each is a thread, and {room.pids} pids less {THREADS} are left for them (MongoDB manual, net.maxIncomingConnections)"
        )
        if asked and connections < asked:
            holder = f"pids {room.pids}" if threads is not None and threads < spare else f"a limit of {whole_mib(room.limit)} MiB"
            shrunk = f"{holder} holds {connections} connections, each a thread with its stack, not {asked}"
    return Tuning(settings=settings, explain=explain, shrunk=shrunk, offers=connections, files=connections or 0)


def _cache(room: Room) -> int | None:
    """Return the bytes of the author's cache."""
    written = room.author("wiredTigerCacheSizeGB", number)
    return None if written is None else int(written * GIB)


def _asked(room: Room) -> int:
    """Return the connections that the author or x-budget asks for, 0 where neither does."""
    return room.author("maxConns", positive) or room.number("max_connections")


def arguments(name: str, value: str) -> tuple[str, ...]:
    """Hand a setting over as an option of mongod."""
    return (f"--{name}", value)


def spell(name: str) -> str:
    """Return the option of mongod for a key of its configuration file."""
    return SPELLINGS.get(name, name.lstrip("-"))


TUNER = Tuner(
    name="mongodb",
    fills=True,
    keys=("max_connections",),
    knows=frozenset({"wiredTigerCacheSizeGB", "wiredTigerCacheSizePct", "maxConns"}),
    read=read,
    needs=needs,
    derive=derive,
    spell=spell,
    arguments=arguments,
    default_command=("mongod",),
)
