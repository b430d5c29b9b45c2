# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL: shared buffers, memory of queries, connections.

At worst every connection and parallel worker hashes with work_mem x hash_mem_multiplier (2), every autovacuum worker and one
maintenance command are at work, and each backend has its own overhead. Units are B, kB, MB, GB and TB, in exactly this case.
"""

from __future__ import annotations

from ..model import Tuning, Value
from ..reader import Reader
from ..units import GIB, KIB, MIB
from .engine import Engine, Room, whole_mib

BASE = 48 * MIB
# 1.3 MiB private under pgbench is measured; the caches of a larger schema take more.
BACKEND = 4 * MIB
HASH_MULTIPLIER = 2
AUTOVACUUM_WORKERS = 3
LEAST_WORK_MEM = 512 * KIB
LEAST_CONNECTIONS = 10
# superuser_reserved_connections, by default.
RESERVED = 3
MOST_PARALLEL = 8


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters."""
    return {"max_connections": reader.count("max_connections", 100, LEAST_CONNECTIONS, 100_000)}


def least(room: Room) -> int:
    """Return the memory in which the fewest connections still work, and those that other services open."""
    limit, wanted = 64 * MIB, min(max(LEAST_CONNECTIONS, room.clients + RESERVED), room.number("max_connections"))
    while _connections(limit, room) < wanted:
        limit += 8 * MIB
    return limit


def tune(room: Room) -> Tuning:
    """Derive the settings."""
    limit, asked = room.limit, room.number("max_connections")
    parallel, buffers, autovacuum, maintenance = _parallel(room), _buffers(limit), _autovacuum(limit), _maintenance(limit)
    connections = min(asked, _connections(limit, room))
    work = LEAST_WORK_MEM
    if connections == asked:
        spare = _spare(limit) - (connections + parallel) * BACKEND
        work = max(work, spare // (HASH_MULTIPLIER * (connections + parallel)) // KIB * KIB)
    backends = f"{connections} connections" + (f" and {parallel} parallel workers" if parallel else "")
    settings = {
        "shared_buffers": size(buffers),
        "effective_cache_size": size(limit * 3 // 4 // MIB * MIB),
        "work_mem": size(work),
        "maintenance_work_mem": size(maintenance),
        "autovacuum_work_mem": size(autovacuum),
        "autovacuum_max_workers": str(AUTOVACUUM_WORKERS),
        "max_connections": str(connections),
        "max_parallel_workers": str(parallel),
        "max_parallel_workers_per_gather": str(parallel // 2),
        "max_parallel_maintenance_workers": str(parallel // 2),
        "hash_mem_multiplier": str(HASH_MULTIPLIER),
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
        "checkpoint_completion_target": "0.9",
        "jit": "off",
    }
    explain = {
        "shared_buffers": f"a quarter of the limit of {whole_mib(limit)} MiB, in whole MB (pgtune)",
        "effective_cache_size": "three quarters of the limit; a hint to the planner that allocates nothing (pgtune)",
        "work_mem": (
            f"what is left when {size(buffers)} of buffers, {BASE // MIB} MiB of base, {AUTOVACUUM_WORKERS} x {size(autovacuum)} of autovacuum, "
            f"{size(maintenance)} of maintenance and {BACKEND // MIB} MiB for each of {backends} are taken from the limit, divided by their number "
            f"and by hash_mem_multiplier {HASH_MULTIPLIER} (PostgreSQL documentation, work_mem)"
        ),
        "maintenance_work_mem": "a sixteenth of the limit, at most 2 GB (pgtune)",
        "autovacuum_work_mem": "a sixty-fourth of the limit, from 1 MB to 1 GB; unset, each worker would take maintenance_work_mem",
        "autovacuum_max_workers": "PostgreSQL's default, stated since the worst case counts on it",
        "max_connections": f"{asked} are asked for; each takes {BACKEND // MIB} MiB and at least {2 * LEAST_WORK_MEM // KIB} kB to work with",
        "max_parallel_workers": f"the whole cores of {room.cpus} millicores where there are at least two, at most {MOST_PARALLEL}",
        "max_parallel_workers_per_gather": "half of max_parallel_workers",
        "max_parallel_maintenance_workers": "half of max_parallel_workers",
        "hash_mem_multiplier": "PostgreSQL's default since 15, stated since the worst case counts on it",
        "random_page_cost": "random reads of a solid-state disk cost about what sequential ones do (pgtune)",
        "effective_io_concurrency": "a solid-state disk serves many requests at once (pgtune)",
        "checkpoint_completion_target": "spreads a checkpoint's writes; PostgreSQL's default since 14",
        "jit": "compiling costs more than it saves on short queries (pgtune, OLTP)",
    }
    shrunk = ""
    if connections < asked:
        shrunk = f"a limit of {whole_mib(limit)} MiB holds {connections} connections at worst, not {asked}"
    return Tuning(
        engine="postgres",
        settings=settings,
        arguments=tuple(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        explain=explain,
        shrunk=shrunk,
        offers=connections - RESERVED,
    )


def size(value: int) -> str:
    """Return bytes in PostgreSQL's grammar, rounded down to kB."""
    return f"{value // MIB}MB" if value % MIB == 0 and value else f"{value // KIB}kB"


def _buffers(limit: int) -> int:
    return limit // 4 // MIB * MIB


def _maintenance(limit: int) -> int:
    return min(2 * GIB, max(MIB, limit // 16 // MIB * MIB))


def _autovacuum(limit: int) -> int:
    return min(GIB, max(MIB, limit // 64 // MIB * MIB))


def _parallel(room: Room) -> int:
    cores = room.cpus // 1000
    return min(MOST_PARALLEL, cores) if cores > 1 else 0


def _spare(limit: int) -> int:
    """Return what connections may share, from shares that are not rounded, so that it never shrinks when the limit grows."""
    autovacuum, maintenance = min(64 * GIB, max(64 * MIB, limit)), min(32 * GIB, max(16 * MIB, limit))
    fixed = BASE + AUTOVACUUM_WORKERS * BACKEND + 1
    return (64 * (limit - fixed) - 16 * limit - AUTOVACUUM_WORKERS * autovacuum - 4 * maintenance) // 64


def _connections(limit: int, room: Room) -> int:
    return max(0, _spare(limit) // (BACKEND + HASH_MULTIPLIER * LEAST_WORK_MEM) - _parallel(room))


ENGINE = Engine(name="postgres", keys=("max_connections",), read=read, least=least, tune=tune)
