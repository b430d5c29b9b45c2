# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL: shared buffers, memory of queries, connections.

At worst every session at work and every parallel worker hashes with work_mem x hash_mem_multiplier (2), every autovacuum worker and
one maintenance command are at work, and each backend has its own overhead. Units are B, kB, MB, GB and TB, in exactly this case.

Where x-budget counts the connections, all of them are at work. Any other number of them, of the author or PostgreSQL's own, is a
bound: of those that it allows, as many work at once as cores can serve, 2 x cores (PostgreSQL wiki, Number Of Database Connections),
and the rest is at rest. So work_mem stays at PostgreSQL's default where all would share less, as long as those at work have it (pgtune
goes no lower either).

Connections that an author wrote stay. Where the limit is short of them, what autovacuum, maintenance and shared_buffers have beyond
PostgreSQL's own defaults gives way, and then work_mem, down to the least that PostgreSQL takes: a sort that spills is slow, a refused
connection is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

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
DEFAULT_BUFFERS = 128 * MIB
# maintenance_work_mem, which an autovacuum worker takes as well.
DEFAULT_MAINTENANCE = 64 * MIB
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


# In 64ths of a byte: shared_buffers, maintenance, all autovacuum workers.
Parts: TypeAlias = tuple[int, int, int]


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

    def shared(self, parts: Parts) -> int:
        """Return shared_buffers."""
        return parts[0] // (64 * MIB) * MIB if self.buffers is None else self.buffers

    def maintained(self, parts: Parts) -> int:
        """Return maintenance_work_mem."""
        takers = 1 + self.autovacuum_workers if self.inherits else 1
        return max(MIB, parts[1] // (64 * takers * MIB) * MIB) if self.maintenance is None else self.maintenance

    def vacuumed(self, parts: Parts) -> int:
        """Return what an autovacuum worker takes."""
        if self.inherits:
            return self.maintained(parts)
        return max(MIB, parts[2] // (64 * self.autovacuum_workers * MIB) * MIB) if self.autovacuum is None else self.autovacuum

    @property
    def backend(self) -> int:
        """Return what each backend takes beside its sorts."""
        return BACKEND if self.counted else IDLE_BACKEND

    @property
    def least_work(self) -> int:
        """Return the least work_mem that connections may force."""
        return LEAST_WORK_MEM if self.counted else SMALLEST_WORK_MEM

    @property
    def _fixed(self) -> int:
        return BASE + self.autovacuum_workers * BACKEND + 1

    def _wanted(self, limit: int) -> Parts:
        """Return what each part is to have where memory is not short."""
        workers, maintenance = self.autovacuum_workers, self.maintenance
        buffers = 16 * limit if self.buffers is None else 64 * self.buffers
        if self.inherits:
            takers = 1 + workers
            each = max(takers * 64 * MIB, min(4 * limit, takers * 128 * GIB)) if maintenance is None else takers * 64 * maintenance
            return buffers, each, 0
        autovacuum = (
            max(min(3 * limit, 64 * workers * GIB), workers * 64 * MIB) if self.autovacuum is None else 64 * workers * self.autovacuum
        )
        return buffers, 4 * min(32 * GIB, max(16 * MIB, limit)) if maintenance is None else 64 * maintenance, autovacuum

    def parts(self, limit: int) -> Parts:
        """Return what each part has beside the author's connections."""
        wanted = self._wanted(limit)
        if self.connections is None:
            return wanted
        workers = self.autovacuum_workers
        takers = 1 + workers if self.inherits else 1
        least = (
            min(wanted[0], 64 * DEFAULT_BUFFERS) if self.buffers is None else wanted[0],
            min(wanted[1], 64 * takers * DEFAULT_MAINTENANCE) if self.maintenance is None else wanted[1],
            min(wanted[2], 64 * workers * DEFAULT_MAINTENANCE) if self.autovacuum is None else wanted[2],
        )
        left = 64 * (limit - self._fixed - self.taken(self.connections, self.work or DEFAULT_WORK_MEM)) - sum(least)
        parts = []
        for part, enough in zip(wanted, least, strict=True):
            more = min(part - enough, max(0, left))
            parts.append(enough + more)
            left -= more
        return parts[0], parts[1], parts[2]

    def spare(self, limit: int, parts: Parts) -> int:
        """Return what connections may share, from shares that are not rounded, so that it never shrinks when the limit grows."""
        return (64 * (limit - self._fixed) - sum(parts)) // 64

    def taken(self, connections: int, work: int) -> int:
        """Return what connections and parallel workers take with a work_mem."""
        return (connections + self.parallel) * self.backend + (
            self._hashing(connections) * work * self.multiplier.numerator // self.multiplier.denominator
        )

    def _hashing(self, connections: int) -> int:
        """Return how many backends sort and hash at once."""
        return (connections if self.counted and self.work is None else min(connections, 2 * self.cores)) + self.parallel

    def held(self, spare: int) -> int:
        """Return the connections that what is spare holds with the least work_mem, or the author's."""
        if self.work is None and self.counted:
            parts, each = self.multiplier.denominator, self.multiplier.numerator * self.least_work
            return max(0, spare * parts // (self.backend * parts + each) - self.parallel)
        work = (2 * self.cores + self.parallel) * (self.work or self.least_work) * self.multiplier.numerator // self.multiplier.denominator
        return max(0, (spare - work) // self.backend - self.parallel)

    def work_for(self, spare: int, connections: int) -> int:
        """Return the work_mem that is left for each of these connections and the parallel workers, or PostgreSQL's default for those at work."""
        backends = connections + self.parallel
        left = (spare - backends * self.backend) * self.multiplier.denominator if self.multiplier else 0
        each, at_work = (left // ((self.multiplier.numerator or 1) * part) for part in (backends, self._hashing(connections)))
        return max(self.least_work, max(each, min(DEFAULT_WORK_MEM, at_work)) // KIB * KIB)


def needs(room: Room) -> int:
    """Return the bytes in which the author's sizes and connections work, or the fewest connections and those that others open."""
    figures = _figures(room)
    asked = _asked(room)
    # A server whose author sized it has more than ten connections.
    wanted = asked if room.written else min(max(LEAST_CONNECTIONS, room.clients + RESERVED), asked)
    taken = figures.taken(wanted, figures.work or figures.least_work)

    def fits(limit: int) -> bool:
        spare = figures.spare(limit, figures.parts(limit))
        return taken <= spare and (figures.connections or figures.held(spare)) >= wanted

    return smallest(fits, 64 * MIB, 8 * MIB)


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    figures, limit, asked = _figures(room), room.limit, _asked(room)
    parts = figures.parts(limit)
    spare = figures.spare(limit, parts)
    connections = figures.connections or min(asked, figures.held(spare))
    buffers, maintenance, autovacuum = figures.shared(parts), figures.maintained(parts), figures.vacuumed(parts)
    parallel, workers, multiplier = figures.parallel, figures.autovacuum_workers, figures.multiplier
    work = figures.work or (figures.work_for(spare, connections) if connections == asked else figures.least_work)
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
        "shared_buffers": f"a quarter of the limit of {whole_mib(limit)} MiB, in whole MB (pgtune)"
        + ("" if buffers == limit // 4 // MIB * MIB else f", less what {connections} connections need of it"),
        "effective_cache_size": "three quarters of the limit; a hint to the planner that allocates nothing (pgtune)",
        "work_mem": (
            f"what is left when {size(buffers)} of buffers, {BASE // MIB} MiB of base, {workers} x {size(autovacuum)} of autovacuum, "
            f"{size(maintenance)} of maintenance and {figures.backend // MIB} MiB for each of {backends} are taken from the limit, divided by their number "
            f"and by hash_mem_multiplier {factor} (PostgreSQL documentation, work_mem); no less than its default of {size(DEFAULT_WORK_MEM)} where those "
            "that work at once have it"
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
    elif figures.work is None and work < DEFAULT_WORK_MEM and not figures.counted:
        whose = "as its author wrote" if figures.connections else "PostgreSQL's default"
        shrunk = (
            f"a limit of {whole_mib(limit)} MiB leaves each of {connections} connections, {whose}, {size(work)} of work_mem, "
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
