# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MySQL and MariaDB: the InnoDB buffer pool, and memory of temporary tables.

Neither reads its cgroup: without settings the buffer pool is 128 MB whatever the limit is, and temporary tables may take more than the
container has. InnoDB takes about a tenth more than the pool for its control structures, and rounds the pool up to whole chunks of
128 MB for each instance (MySQL reference manual, 17.8.3.1). At worst every connection has its thread and network buffers, and
2 x cores of them sort, join and hold temporary tables at once; connections stay, and temporary tables give way before them.

MySQL keeps temporary tables of all sessions together in temptable_max_ram (TempTable engine), MariaDB those of each session in
tmp_table_size. max_heap_table_size is left alone: it also bounds tables that applications made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...compose.reader import Reader
from ...evidence.grammar import MYSQL as MYSQL_SIZE
from ...units import GIB, KIB, MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, ceil_cores, positive, whole_mib

CHUNK = 128 * MIB
LEAST_POOL = 32 * MIB
DEFAULT_POOL = 128 * MIB
MOST_INSTANCES = 8
DEFAULT_CONNECTIONS = 151
# A connection at rest: the part of its stack that is in use, its session and its network buffer; 80 KiB are measured in MariaDB.
CONNECTION = 256 * KIB

POOL = "innodb_buffer_pool_size"
INSTANCES = "innodb_buffer_pool_instances"
CONNECTIONS = "max_connections"
PERFORMANCE_SCHEMA = "performance_schema"
PAGE_CACHE = "aria_pagecache_buffer_size"
LEAST_PAGE_CACHE = 8 * MIB
DEFAULT_PAGE_CACHE = 128 * MIB
LOG_BUFFER = "innodb_log_buffer_size"
KEY_BUFFER = "key_buffer_size"
_OFF = frozenset({"0", "off", "false", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Program:
    """What differs: sizes in bytes. `working` are the buffers of a session at work, with their defaults.

    `temporary` is the setting of temporary tables, of all sessions together where `shared`; it goes from `smallest` to `largest`,
    which is the server's default.
    """

    name: str
    base: int
    schema: int
    working: Mapping[str, int]
    temporary: str
    shared: bool
    smallest: int
    largest: int
    instances: bool

    def sessions(self, room: Room) -> int:
        """Return how many sessions are at work at once."""
        return min(_connections(room), 2 * ceil_cores(room.cpus))

    def holders(self, room: Room) -> int:
        """Return how many times the memory of temporary tables is taken."""
        return 1 if self.shared else self.sessions(room)

    def pages(self, room: Room) -> int:
        """Return what Aria caches, which holds the temporary tables that do not fit in memory: a sixteenth of the limit."""
        if self.shared:
            return 0
        return room.author(PAGE_CACHE, MYSQL_SIZE.bytes) or max(LEAST_PAGE_CACHE, min(DEFAULT_PAGE_CACHE, room.limit // 16))

    def fixed(self, room: Room) -> int:
        """Return what the server takes beside the pool and temporary tables."""
        on = room.written.get(PERFORMANCE_SCHEMA, "on" if self.shared else "off").strip().lower() not in _OFF
        session = sum(_size(room, name) or default for name, default in self.working.items())
        # TempTable gives each thread that uses it a block of 1 MiB.
        session += MIB if self.shared else 0
        buffers = max(0, (_size(room, LOG_BUFFER) or 0) - 16 * MIB) + max(0, (_size(room, KEY_BUFFER) or 0) - 8 * MIB)
        return (
            self.base
            + (self.schema if on else 0)
            + buffers
            + self.pages(room)
            + _connections(room) * CONNECTION
            + self.sessions(room) * session
        )

    def needs(self, room: Room) -> int:
        """Return the bytes of the server with its connections, a small pool and small temporary tables, or the author's."""
        room = replace(room, limit=0)
        pool = room.author(POOL, MYSQL_SIZE.bytes)
        temporary = room.author(self.temporary, MYSQL_SIZE.bytes)
        tables = self.holders(room) * (temporary or self.smallest)
        least = self.fixed(room) + _taken(_whole(pool, room) if pool else LEAST_POOL) + tables + MIB
        if self.shared or PAGE_CACHE in room.written:
            return least
        return max(least, -(-(least - LEAST_PAGE_CACHE) * 16 // 15))

    def derive(self, room: Room) -> Tuning:
        """Derive the settings."""
        limit, written = room.limit, room.author(POOL, MYSQL_SIZE.bytes)
        kept = _taken(_whole(written, room)) if written else _taken(DEFAULT_POOL)
        spare = limit - self.fixed(room) - 1
        wanted = min(self.largest, limit // 8) if self.shared else self.holders(room) * self.largest
        temporary = room.author(self.temporary, MYSQL_SIZE.bytes)
        tables = temporary or max(self.smallest, min(wanted, spare - kept) // self.holders(room) // KIB * KIB)
        rest = min((spare - max(self.holders(room) * tables, 0 if temporary else min(wanted, spare - kept))) * 10 // 11, limit * 7 // 10)
        pool, instances = _pool(rest, room)
        connections = _connections(room)
        settings = {POOL: size(pool), self.temporary: size(tables)}
        explain = {
            POOL: (
                f"what {whole_mib(self.fixed(room))} MiB for the server, {connections} connections and {self.sessions(room)} of them at work, and "
                f"{whole_mib(self.holders(room) * tables)} MiB of temporary tables leave of {whole_mib(limit)} MiB, less a tenth for control "
                "structures, at most 70%, in whole chunks of 128 MB (MySQL reference manual, innodb_buffer_pool_size)"
            ),
            self.temporary: (
                f"an eighth of the limit, at most the default of {self.largest // MIB} MiB (MySQL reference manual, TempTable)"
                if self.shared
                else f"for each of {self.sessions(room)} sessions at work, at most the default of {self.largest // MIB} MiB (MariaDB documentation)"
            ),
        }
        if not self.shared:
            settings[PAGE_CACHE] = size(self.pages(room) // MIB * MIB)
            explain[PAGE_CACHE] = "a sixteenth of the limit, at most the default of 128 MiB (MariaDB documentation, Aria system variables)"
        if self.instances and POOL not in room.written:
            settings[INSTANCES] = str(instances)
            explain[INSTANCES] = "one for each GiB of the pool, at most 8; the pool is rounded up to a chunk for each of them"
        if room.number("max_connections"):
            settings[CONNECTIONS] = str(connections)
            explain[CONNECTIONS] = "as written in x-budget.tuning"
        shrunk = ""
        if written is None and pool < DEFAULT_POOL:
            shrunk = f"a limit of {whole_mib(limit)} MiB leaves a buffer pool of {whole_mib(pool)} MiB, less than the default of 128 MiB"
        elif temporary is None and not self.shared and tables < self.largest:
            shrunk = (
                f"a limit of {whole_mib(limit)} MiB leaves {tables // KIB} KiB of {self.temporary} to each of {self.sessions(room)} sessions at work, "
                f"less than the default of {self.largest // MIB} MiB"
            )
        return Tuning(settings=settings, explain=explain, shrunk=shrunk, offers=connections)


MYSQL = _Program(
    name="mysql",
    base=200 * MIB,
    schema=180 * MIB,
    working={
        "sort_buffer_size": 256 * KIB,
        "join_buffer_size": 256 * KIB,
        "read_buffer_size": 128 * KIB,
        "read_rnd_buffer_size": 256 * KIB,
        "thread_stack": MIB,
    },
    temporary="temptable_max_ram",
    shared=True,
    smallest=16 * MIB,
    largest=GIB,
    instances=True,
)
MARIADB = _Program(
    name="mariadb",
    base=120 * MIB,
    schema=100 * MIB,
    working={
        "sort_buffer_size": 2 * MIB,
        "join_buffer_size": 256 * KIB,
        "read_buffer_size": 128 * KIB,
        "read_rnd_buffer_size": 256 * KIB,
        "thread_stack": 292 * KIB,
    },
    temporary="tmp_table_size",
    shared=False,
    smallest=MIB,
    largest=16 * MIB,
    instances=False,
)


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; `max_connections` 0 leaves the server's default."""
    return {"max_connections": reader.count("max_connections", 0, 10, 100_000)}


def make(program: _Program) -> Tuner:
    """Return the tuner of one of the two servers."""
    return Tuner(
        name=program.name,
        fills=True,
        keys=("max_connections",),
        knows=frozenset(
            {POOL, INSTANCES, CONNECTIONS, PERFORMANCE_SCHEMA, LOG_BUFFER, KEY_BUFFER, PAGE_CACHE, program.temporary, *program.working}
        ),
        read=read,
        needs=program.needs,
        derive=program.derive,
        spell=spell,
        arguments=arguments,
    )


def size(value: int) -> str:
    """Return bytes in the servers' grammar, rounded down to K."""
    return f"{value // MIB}M" if value % MIB == 0 and value else f"{value // KIB}K"


def arguments(name: str, value: str) -> tuple[str, ...]:
    """Hand a setting over as an option; a server that is too old to know one may start without it."""
    loose = "loose-" if name in (INSTANCES, MYSQL.temporary) else ""
    return (f"--{loose}{name.replace('_', '-')}={value}",)


def spell(name: str) -> str:
    """Return a variable's name; options have dashes, and may be loose."""
    return name.lstrip("-").replace("-", "_").lower().removeprefix("loose_")


def _size(room: Room, name: str) -> int | None:
    return room.author(name, MYSQL_SIZE.bytes)


def _connections(room: Room) -> int:
    return room.author(CONNECTIONS, positive) or room.number("max_connections") or DEFAULT_CONNECTIONS


def _taken(pool: int) -> int:
    """Return what a pool takes with its control structures."""
    return pool * 11 // 10 + 1


def _whole(pool: int, room: Room) -> int:
    """Return what the server makes of a pool: whole chunks for each instance, of which there is one below 1 GiB."""
    if pool < CHUNK:
        return pool
    instances = (room.author(INSTANCES, positive) or MOST_INSTANCES) if pool >= GIB else 1
    return -(-pool // (CHUNK * instances)) * CHUNK * instances


def _pool(rest: int, room: Room) -> tuple[int, int]:
    """Return the pool and its instances, in whole chunks for each of them."""
    instances = room.author(INSTANCES, positive) or max(1, min(MOST_INSTANCES, rest // GIB))
    pool = rest // (CHUNK * instances) * CHUNK * instances
    if pool < GIB:
        unit = CHUNK if rest >= CHUNK else MIB
        pool, instances = max(LEAST_POOL, min(rest, GIB - 1) // unit * unit), 1
    return pool, instances


TUNERS = (make(MYSQL), make(MARIADB))
