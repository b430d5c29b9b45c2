# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PgBouncer: pools no larger than the server behind it, clients no more than its memory.

The pools of all (database, user) pairs together stay below the server's max_connections less those that are reserved for
superusers and exporters. Each connection takes its packet buffer, its socket buffers and, with TLS, a session.
"""

from __future__ import annotations

from ...compose.reader import Reader
from ...units import KIB, MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, count, positive, whole_mib

BASE = 12 * MIB
CONNECTION = 32 * KIB
# A client that waits (PgBouncer documentation, features).
IDLE_CONNECTION = 2 * KIB
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


def needs(room: Room) -> int:
    """Return the bytes of the program, its clients, at least a few, and as many servers, at least one for each pool."""
    written = room.author("max_client_conn", positive)
    servers = max(room.author(name, count) or 0 for name in ("default_pool_size", "max_db_connections"))
    open_clients = min(room.clients, written or room.number("max_client_conn"))
    least = BASE + 2 * max(room.number("pools") + 50, open_clients) * CONNECTION + MIB
    return least + (written or 0) * IDLE_CONNECTION + 2 * servers * CONNECTION


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    figures = [figure for figure in (room.number("max_connections"), _server(room)) if figure]
    server = min(figures, default=SERVER_DEFAULT)
    reserved, pools, asked = room.number("reserved"), room.number("pools"), room.number("max_client_conn")
    kept = room.author("max_client_conn", positive)
    held = (room.limit - BASE - (kept or 0) * IDLE_CONNECTION) // CONNECTION
    declared = room.links.get(room.peer_name, server)
    written = room.author("max_db_connections", count) or 0
    usable = written or max(1, min(server - reserved, held // 2, declared))
    pool = room.author("default_pool_size", positive) or max(1, usable // pools)
    clients = kept or max(1, min(asked, held - max(usable, pool)))
    shrunk = ""
    if pools > usable:
        shrunk = f"{usable} connections are too few for {pools} pools"
    elif kept is None and clients < asked:
        shrunk = f"a limit of {whole_mib(room.limit)} MiB holds {clients} clients, not {asked}"
    return Tuning(
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


def _server(room: Room) -> int:
    """Return the connections that the server of this stack takes, 0 where it does not say."""
    try:
        return count(room.peer.get("max_connections", "0"))
    except ValueError:
        return 0


def spell(name: str) -> str:
    """Return a key of the configuration file, without its section, for the image's variable of that name."""
    return name.removeprefix("pgbouncer.").removeprefix("PGBOUNCER_").lower()


TUNER = Tuner(
    name="pgbouncer",
    keys=("max_connections", "reserved", "pools", "max_client_conn"),
    knows=frozenset({"default_pool_size", "max_db_connections", "max_client_conn"}),
    read=read,
    needs=needs,
    derive=derive,
    spell=spell,
    peer="postgres",
)
