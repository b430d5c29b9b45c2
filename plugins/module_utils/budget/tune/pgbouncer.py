# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PgBouncer: pools no larger than the server behind it, clients no more than its memory.

The pools of all (database, user) pairs together stay below the server's max_connections less those that are reserved for
superusers and exporters. Each connection takes its packet buffer, its socket buffers and, with TLS, a session.
"""

from __future__ import annotations

from ..model import Tuning, Value
from ..reader import Reader
from ..units import KIB, MIB
from .engine import Engine, Room, whole_mib

BASE = 12 * MIB
CONNECTION = 32 * KIB
SERVER_DEFAULT = 100
SPARE_FILES = 64


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; `max_connections` is the server's, 0 stands for what the server of this stack is tuned to."""
    return {
        "max_connections": reader.count("max_connections", 0, 2, 100_000),
        "reserved": reader.count("reserved", 10, 1, 10_000),
        "pools": reader.count("pools", 1, 1, 1000),
        "max_client_conn": reader.count("max_client_conn", 1000, 1, 1_000_000),
    }


def least(room: Room) -> int:
    """Return the memory of the program, its clients, at least a few, and as many servers, at least one for each pool."""
    return BASE + 2 * max(room.number("pools") + 50, min(room.clients, room.number("max_client_conn"))) * CONNECTION + MIB


def tune(room: Room) -> Tuning:
    """Derive the settings."""
    figures = [figure for figure in (room.number("max_connections"), int(room.peer.get("max_connections", 0))) if figure]
    server = min(figures, default=SERVER_DEFAULT)
    reserved, pools, asked = room.number("reserved"), room.number("pools"), room.number("max_client_conn")
    held = (room.limit - BASE) // CONNECTION
    declared = room.links.get(room.peer_name, server)
    usable = max(1, min(server - reserved, held // 2, declared))
    pool = max(1, usable // pools)
    clients = max(1, min(asked, held - usable))
    shrunk = ""
    if pools > usable:
        shrunk = f"{usable} connections are too few for {pools} pools"
    elif clients < asked:
        shrunk = f"a limit of {whole_mib(room.limit)} MiB holds {clients} clients, not {asked}"
    return Tuning(
        engine="pgbouncer",
        settings={"default_pool_size": str(pool), "max_db_connections": str(usable), "max_client_conn": str(clients)},
        explain={
            "default_pool_size": f"{usable} connections / {pools} pools (PgBouncer documentation)",
            "max_db_connections": f"{server} connections of the server - {reserved} reserved, at most half of what the memory holds"
            + (f" and the {declared} of x-budget.connections" if room.peer_name in room.links else ""),
            "max_client_conn": (
                f"{asked} are asked for; {CONNECTION // KIB} KiB each in {whole_mib(room.limit)} MiB less {BASE // MIB} MiB of base "
                f"and {usable} connections to the server"
            ),
        },
        shrunk=shrunk,
        offers=clients,
        files=clients + usable + SPARE_FILES,
    )


ENGINE = Engine(
    name="pgbouncer",
    keys=("max_connections", "reserved", "pools", "max_client_conn"),
    read=read,
    least=least,
    tune=tune,
    peer="postgres",
)
