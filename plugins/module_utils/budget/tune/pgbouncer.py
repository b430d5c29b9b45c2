# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PgBouncer: pools no larger than the server behind it, clients no more than its memory.

The pools of all (database, user) pairs together stay below the server's max_connections less those that are reserved for
superusers and exporters. Each client takes its packet buffer, its socket buffers and, with TLS, a session.
"""

from __future__ import annotations

from ..model import Tuning, Value
from ..reader import Reader
from ..units import KIB, MIB
from .engine import Engine, Room, whole_mib

BASE = 12 * MIB
CLIENT = 32 * KIB
SERVER_DEFAULT = 100


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; `max_connections` is the server's, 0 stands for what the server of this stack is tuned to."""
    return {
        "max_connections": reader.count("max_connections", 0, 2, 100_000),
        "reserved": reader.count("reserved", 10, 1, 10_000),
        "pools": reader.count("pools", 1, 1, 1000),
        "max_client_conn": reader.count("max_client_conn", 1000, 1, 1_000_000),
    }


def least(_room: Room) -> int:
    """Return the memory of the program and a few clients."""
    return BASE + 100 * CLIENT + MIB


def tune(room: Room) -> Tuning:
    """Derive the settings."""
    figures = [figure for figure in (room.number("max_connections"), int(room.peer.get("max_connections", 0))) if figure]
    server = min(figures, default=SERVER_DEFAULT)
    reserved, pools, asked = room.number("reserved"), room.number("pools"), room.number("max_client_conn")
    usable = max(1, server - reserved)
    pool = max(1, usable // pools)
    clients = min(asked, max(1, (room.limit - BASE) // CLIENT - pool))
    return Tuning(
        engine="pgbouncer",
        settings={"default_pool_size": str(pool), "max_db_connections": str(usable), "max_client_conn": str(clients)},
        explain={
            "default_pool_size": f"({server} connections of the server - {reserved} reserved) / {pools} pools (PgBouncer documentation)",
            "max_db_connections": f"{server} connections of the server - {reserved} reserved",
            "max_client_conn": f"{asked} are asked for; {CLIENT // KIB} KiB each in {whole_mib(room.limit)} MiB less {BASE // MIB} MiB of base",
        },
        shrunk=f"a limit of {whole_mib(room.limit)} MiB holds {clients} clients, not {asked}" if clients < asked else "",
    )


ENGINE = Engine(
    name="pgbouncer",
    keys=("max_connections", "reserved", "pools", "max_client_conn"),
    read=read,
    least=least,
    tune=tune,
    peer="postgres",
)
