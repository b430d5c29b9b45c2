# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx: workers for the cores that it can use, connections for its memory, files for its connections.

`worker_processes auto` counts the host's cores, whatever a quota leaves of them. A proxied request takes two connections and two
files. Each connection may hold its proxy buffers (8 x 4 KiB by default), a header buffer and a TLS session. There are as many workers
as cores where the memory holds them with a few connections each; only then does each get more connections.
"""

from __future__ import annotations

from ...compose.reader import Reader
from ...units import KIB, MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, ceil_cores, positive, whole_mib

BASE = 8 * MIB
WORKER = 8 * MIB
CONNECTION = 64 * KIB
LEAST_CONNECTIONS = 128
SPARE_FILES = 64
# What an idle worker of the author's takes, and what it allocates in advance for each connection: its record and two events.
IDLE_WORKER = 2 * MIB
IDLE_CONNECTION = 512


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters."""
    return {"worker_connections": reader.count("worker_connections", 1024, LEAST_CONNECTIONS, 1_000_000)}


def needs(room: Room) -> int:
    """Return the bytes of one worker with a few connections, or of the author's workers."""
    workers, connections = _workers(room), room.author("worker_connections", positive)
    if workers is None:
        workers = 1
    if connections is not None:
        return BASE + workers * (WORKER if workers == 1 else IDLE_WORKER) + workers * connections * IDLE_CONNECTION + MIB
    return BASE + workers * (WORKER + LEAST_CONNECTIONS * CONNECTION) + MIB


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    cores, written, asked = ceil_cores(room.cpus), _workers(room), room.number("worker_connections")
    spare = room.limit - 1 - BASE
    kept = room.author("worker_connections", positive)
    each = WORKER + (LEAST_CONNECTIONS * CONNECTION if kept is None else kept * IDLE_CONNECTION)
    workers = written or max(1, min(cores, spare // each))
    held = (spare - workers * WORKER) // (workers * CONNECTION)
    connections = kept or (max(LEAST_CONNECTIONS, min(asked, held)) if written or workers == cores else LEAST_CONNECTIONS)
    return Tuning(
        settings={
            "worker_processes": str(workers),
            "worker_connections": str(connections),
            "worker_rlimit_nofile": str(2 * connections + SPARE_FILES),
        },
        explain={
            "worker_processes": f"{room.cpus} millicores, rounded up; auto would count the host's cores (nginx documentation)"
            if workers == cores
            else f"a limit of {whole_mib(room.limit)} MiB holds no more with {LEAST_CONNECTIONS} connections each; there are {cores} cores",
            "worker_connections": (
                f"{asked} are asked for; {CONNECTION // KIB} KiB each in {whole_mib(room.limit)} MiB less {BASE // MIB} MiB of base and "
                f"{WORKER // MIB} MiB for each of {workers} workers"
            ),
            "worker_rlimit_nofile": f"two files for each connection and {SPARE_FILES} for logs and listeners",
        },
        shrunk=f"a limit of {whole_mib(room.limit)} MiB holds {connections} connections a worker, not {asked}"
        if kept is None and connections < asked
        else "",
        files=room.author("worker_rlimit_nofile", positive) or 2 * connections + SPARE_FILES,
    )


def _workers(room: Room) -> int | None:
    """Return the author's workers; `auto` is one for each core."""
    return room.author("worker_processes", lambda text: ceil_cores(room.cpus) if text.strip() == "auto" else positive(text))


TUNER = Tuner(
    name="nginx",
    keys=("worker_connections",),
    knows=frozenset({"worker_processes", "worker_connections", "worker_rlimit_nofile"}),
    read=read,
    needs=needs,
    derive=derive,
)
