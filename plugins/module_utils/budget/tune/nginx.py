# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx: workers for the CPUs that it has, connections for its memory, files for its connections.

`worker_processes auto` counts the host's cores. A proxied request takes two connections and two files. Each connection may hold
its proxy buffers (8 x 4 KiB by default), a header buffer and a TLS session.
"""

from __future__ import annotations

from ..model import Tuning, Value
from ..reader import Reader
from ..units import KIB, MIB
from .engine import Engine, Room, ceil_cores, whole_mib

BASE = 8 * MIB
WORKER = 8 * MIB
CONNECTION = 64 * KIB
LEAST_CONNECTIONS = 128
SPARE_FILES = 64


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters."""
    return {"worker_connections": reader.count("worker_connections", 1024, LEAST_CONNECTIONS, 1_000_000)}


def least(room: Room) -> int:
    """Return the memory of every worker with a few connections."""
    return BASE + ceil_cores(room.cpus) * (WORKER + LEAST_CONNECTIONS * CONNECTION) + MIB


def tune(room: Room) -> Tuning:
    """Derive the settings."""
    workers, asked = ceil_cores(room.cpus), room.number("worker_connections")
    by_memory = (room.limit - 1 - BASE - workers * WORKER) // (workers * CONNECTION)
    connections = max(LEAST_CONNECTIONS, min(asked, by_memory))
    return Tuning(
        engine="nginx",
        settings={
            "worker_processes": str(workers),
            "worker_connections": str(connections),
            "worker_rlimit_nofile": str(2 * connections + SPARE_FILES),
        },
        explain={
            "worker_processes": f"{room.cpus} millicores, rounded up; auto would count the host's cores (nginx documentation)",
            "worker_connections": (
                f"{asked} are asked for; {CONNECTION // KIB} KiB each in {whole_mib(room.limit)} MiB less {BASE // MIB} MiB of base and "
                f"{WORKER // MIB} MiB for each of {workers} workers"
            ),
            "worker_rlimit_nofile": f"two files for each connection and {SPARE_FILES} for logs and listeners",
        },
        shrunk=f"a limit of {whole_mib(room.limit)} MiB holds {connections} connections a worker, not {asked}"
        if connections < asked
        else "",
        files=2 * connections + SPARE_FILES,
    )


ENGINE = Engine(name="nginx", keys=("worker_connections",), read=read, least=least, tune=tune)
