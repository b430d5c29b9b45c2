# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL: shared buffers, memory of queries, connections.

At worst every connection and parallel worker hashes with work_mem x hash_mem_multiplier (2), every autovacuum worker and one
maintenance command are at work, and each backend has its own overhead. Units are B, kB, MB, GB and TB, in exactly this case.

Where memory is short, work_mem gives way before connections do: a sort that spills is slow, a refused connection is an error. A
work_mem that the author wrote counts for as many sessions as can work at once, 2 x cores (PostgreSQL wiki, Number Of Database
Connections), and for every parallel worker: its author chose it knowing what runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ...compose.reader import Reader
from ...evidence.grammar import postgres
from ...units import GIB, KIB, MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, ceil_cores, count, number, positive, smallest, whole_mib

BASE = 48 * MIB
# 1.3 MiB private under pgbench is measured; the caches of a larger schema take more.
BACKEND = 4 * MIB
IDLE_BACKEND = 2 * MIB
HASH_MULTIPLIER = 2
AUTOVACUUM_WORKERS = 3
LEAST_WORK_MEM = 512 * KIB
# PostgreSQL's own least and default.
SMALLEST_WORK_MEM = 64 * KIB
DEFAULT_WORK_MEM = 4 * MIB
DEFAULT_CONNECTIONS = 100
LEAST_CONNECTIONS = 10
# superuser_reserved_connections, by default.
RESERVED = 3
# max_parallel_workers, by default, and max_worker_processes, which bounds it.
MOST_PARALLEL = 8
BLOCK = 8 * KIB

KNOWS = frozenset(
    {
        "shared_buffers",
        "effective_cache_size",
        "work_mem",
        "maintenance_work_mem",
        "autovacuum_work_mem",
        "autovacuum_max_workers",
        "max_connections",
        "max_parallel_workers",
        "max_parallel_workers_per_gather",
        "max_parallel_maintenance_workers",
        "max_worker_processes",
        "hash_mem_multiplier",
        "random_page_cost",
        "effective_io_concurrency",
        "checkpoint_completion_target",
        "jit",
    }
)


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; `max_connections` 0 stands for PostgreSQL's default."""
    return {"max_connections": reader.count("max_connections", 0, LEAST_CONNECTIONS, 100_000)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """What the author wrote, in bytes and counts, `None` where it is open; `parallel` and `multiplier` are what holds in the end.

    `counted` tells that x-budget says how many connections are at work; any other number is a bound, below which most are at rest.
    `inherits` tells that an autovacuum worker takes maintenance_work_mem, as it does where the author wrote that and nothing else.
    """

    buffers: int | None
    work: int | None
    maintenance: int | None
    autovacuum: int | None
    inherits: bool
    autovacuum_workers: int
    connections: int | None
    counted: bool
    parallel: int
    multiplier: Fraction
    cores: int

    def shared(self, limit: int) -> int:
        """Return shared_buffers."""
        return limit // 4 // MIB * MIB if self.buffers is None else self.buffers

    def maintained(self, limit: int) -> int:
        """Return maintenance_work_mem."""
        share = limit // (16 * (1 + self.autovacuum_workers) if self.inherits else 16)
        return min(2 * GIB, max(MIB, share // MIB * MIB)) if self.maintenance is None else self.maintenance

    def vacuumed(self, limit: int) -> int:
        """Return what an autovacuum worker takes."""
        if self.inherits:
            return self.maintained(limit)
        share = 3 * limit // (64 * self.autovacuum_workers)
        return min(GIB, max(MIB, share // MIB * MIB)) if self.autovacuum is None else self.autovacuum

    @property
    def backend(self) -> int:
        """Return what each backend takes beside its sorts."""
        return BACKEND if self.counted else IDLE_BACKEND

    @property
    def least_work(self) -> int:
        """Return the least work_mem that connections may force."""
        return LEAST_WORK_MEM if self.counted else SMALLEST_WORK_MEM

    def spare(self, limit: int) -> int:
        """Return what connections may share, from shares that are not rounded, so that it never shrinks when the limit grows."""
        scaled = 64 * (limit - BASE - self.autovacuum_workers * BACKEND - 1)
        scaled -= 16 * limit if self.buffers is None else 64 * self.buffers
        workers = self.autovacuum_workers
        if self.inherits:
            scaled -= 4 * limit + (1 + workers) * 64 * MIB if self.maintenance is None else (1 + workers) * 64 * self.maintenance
            return scaled // 64
        scaled -= 4 * min(32 * GIB, max(16 * MIB, limit)) if self.maintenance is None else 64 * self.maintenance
        scaled -= max(min(3 * limit, 64 * workers * GIB), workers * 64 * MIB) if self.autovacuum is None else 64 * workers * self.autovacuum
        return scaled // 64

    def taken(self, connections: int, work: int) -> int:
        """Return what connections and parallel workers take with a work_mem."""
        hashing = connections if self.work is None else min(connections, 2 * self.cores)
        return (connections + self.parallel) * self.backend + int((hashing + self.parallel) * self.multiplier * work)

    def held(self, limit: int) -> int:
        """Return the connections that a limit holds with the least work_mem, or the author's."""
        if self.work is None:
            parts, each = self.multiplier.denominator, self.multiplier.numerator * self.least_work
            return max(0, self.spare(limit) * parts // (self.backend * parts + each) - self.parallel)
        work = int((2 * self.cores + self.parallel) * self.multiplier * self.work)
        return max(0, (self.spare(limit) - work) // self.backend - self.parallel)

    def work_for(self, limit: int, connections: int) -> int:
        """Return the work_mem that is left for each of these connections and the parallel workers."""
        backends = connections + self.parallel
        left = int((self.spare(limit) - backends * self.backend) // (self.multiplier * backends)) if self.multiplier else 0
        return max(self.least_work, left // KIB * KIB)


def needs(room: Room) -> int:
    """Return the bytes in which the author's sizes and connections work, or the fewest connections and those that others open."""
    figures = _figures(room)
    asked = _asked(room)
    # A server whose author sized it has more than ten connections.
    wanted = asked if room.written else min(max(LEAST_CONNECTIONS, room.clients + RESERVED), asked)
    taken = figures.taken(wanted, figures.work or figures.least_work)

    def fits(limit: int) -> bool:
        return taken <= figures.spare(limit) and (figures.connections or figures.held(limit)) >= wanted

    return smallest(fits, 64 * MIB, 8 * MIB)


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    figures, limit, asked = _figures(room), room.limit, _asked(room)
    connections = figures.connections or min(asked, figures.held(limit))
    buffers, maintenance, autovacuum = figures.shared(limit), figures.maintained(limit), figures.vacuumed(limit)
    parallel, workers, multiplier = figures.parallel, figures.autovacuum_workers, figures.multiplier
    work = figures.work or (figures.work_for(limit, connections) if connections == asked else figures.least_work)
    factor = f"{float(multiplier):g}"
    backends = f"{connections} connections" + (f" and {parallel} parallel workers" if parallel else "")
    settings = {
        "shared_buffers": size(buffers),
        "effective_cache_size": size(max(MIB, limit * 3 // 4 // MIB * MIB)),
        "work_mem": size(work),
        "maintenance_work_mem": size(maintenance),
        "autovacuum_work_mem": size(autovacuum),
        "autovacuum_max_workers": str(workers),
        "max_connections": str(connections),
        "max_parallel_workers": str(parallel),
        "max_parallel_workers_per_gather": str(parallel // 2),
        "max_parallel_maintenance_workers": str(parallel // 2),
        "hash_mem_multiplier": factor,
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
        "checkpoint_completion_target": "0.9",
        "jit": "off",
    }
    if figures.inherits:
        del settings["autovacuum_work_mem"]
    explain = {
        "shared_buffers": f"a quarter of the limit of {whole_mib(limit)} MiB, in whole MB (pgtune)",
        "effective_cache_size": "three quarters of the limit; a hint to the planner that allocates nothing (pgtune)",
        "work_mem": (
            f"what is left when {size(buffers)} of buffers, {BASE // MIB} MiB of base, {workers} x {size(autovacuum)} of autovacuum, "
            f"{size(maintenance)} of maintenance and {figures.backend // MIB} MiB for each of {backends} are taken from the limit, divided by their number "
            f"and by hash_mem_multiplier {factor} (PostgreSQL documentation, work_mem)"
        ),
        "maintenance_work_mem": "a sixteenth of the limit, at most 2 GB (pgtune)",
        "autovacuum_work_mem": "a sixty-fourth of the limit, from 1 MB to 1 GB; unset, each worker would take maintenance_work_mem",
        "autovacuum_max_workers": "PostgreSQL's default, stated since the worst case counts on it",
        "max_connections": f"{asked} are asked for; each takes {figures.backend // MIB} MiB and at least {2 * figures.least_work // KIB} kB to work with",
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
    elif figures.work is None and work < DEFAULT_WORK_MEM and not (figures.connections or figures.counted):
        shrunk = (
            f"a limit of {whole_mib(limit)} MiB leaves each of {connections} connections, PostgreSQL's default, {size(work)} of work_mem, "
            f"less than its default of {size(DEFAULT_WORK_MEM)}"
        )
    return Tuning(settings=settings, explain=explain, shrunk=shrunk, offers=connections - RESERVED)


def size(value: int) -> str:
    """Return bytes in PostgreSQL's grammar, rounded down to kB."""
    return f"{value // MIB}MB" if value % MIB == 0 and value else f"{value // KIB}kB"


def _figures(room: Room) -> _Figures:
    unset = room.written.get("autovacuum_work_mem", "-1").strip() == "-1"
    autovacuum = None if unset else room.author("autovacuum_work_mem", postgres(KIB).bytes)
    cores = room.cpus // 1000
    written = room.author("max_parallel_workers", count)
    most = room.author("max_worker_processes", count)
    return _Figures(
        buffers=room.author("shared_buffers", postgres(BLOCK).bytes),
        work=room.author("work_mem", postgres(KIB).bytes),
        maintenance=room.author("maintenance_work_mem", postgres(KIB).bytes),
        autovacuum=autovacuum,
        inherits=unset and ("autovacuum_work_mem" in room.written or "maintenance_work_mem" in room.written),
        autovacuum_workers=room.author("autovacuum_max_workers", positive) or AUTOVACUUM_WORKERS,
        connections=room.author("max_connections", positive),
        counted="max_connections" not in room.written and bool(room.number("max_connections")),
        parallel=(min(MOST_PARALLEL, cores) if cores > 1 else 0) if written is None else min(written, most or MOST_PARALLEL),
        multiplier=room.author("hash_mem_multiplier", number) or Fraction(HASH_MULTIPLIER),
        cores=ceil_cores(room.cpus),
    )


def _asked(room: Room) -> int:
    """Return the connections that the author, x-budget or PostgreSQL's default asks for."""
    return room.author("max_connections", positive) or room.number("max_connections") or DEFAULT_CONNECTIONS


def arguments(name: str, value: str) -> tuple[str, ...]:
    """Hand a setting over as `-c name=value`."""
    return ("-c", f"{name}={value}")


def spell(name: str) -> str:
    """Return a parameter in lower case with underscores; PostgreSQL takes either case, and dashes on its command line."""
    return name.lstrip("-").lower().replace("-", "_")


TUNER = Tuner(
    name="postgres",
    fills=True,
    keys=("max_connections",),
    knows=KNOWS,
    read=read,
    needs=needs,
    derive=derive,
    spell=spell,
    arguments=arguments,
)
