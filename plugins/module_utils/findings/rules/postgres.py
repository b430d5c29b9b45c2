# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL's settings."""

from __future__ import annotations

from collections.abc import Iterator

from ...compose.values import dig, parsed, sequence, text, whole
from ...evidence.grammar import postgres
from ...units import KIB, MIB, mib
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("PostgreSQL")

_PAGE = 8 * KIB
_SIZES = {
    "shared_buffers": _PAGE,
    "effective_cache_size": _PAGE,
    "temp_buffers": _PAGE,
    "wal_buffers": _PAGE,
    "work_mem": KIB,
    "maintenance_work_mem": KIB,
    "autovacuum_work_mem": KIB,
    "logical_decoding_work_mem": KIB,
    "max_stack_depth": KIB,
    "temp_file_limit": KIB,
    "max_wal_size": MIB,
    "min_wal_size": MIB,
}
_HASH_MULTIPLIER = 2
_AUTOVACUUM_WORKERS = 3
_DEFAULTS = {"shared_buffers": 128 * MIB, "work_mem": 4 * MIB, "maintenance_work_mem": 64 * MIB}
_DEFAULT_CONNECTIONS = 100


@BOOK.service(
    "ZB210",
    "error",
    "A size that PostgreSQL refuses",
    why="Its units are B, kB, MB, GB and TB, in exactly this case. With any other the server ends at its start, and the container restarts for ever.",
    fix="write 2304MB or 2.25GB",
    source="PostgreSQL documentation, parameter names and values; measured",
)
def _refused_size(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.kind != "postgres":
        return
    for name, base in _SIZES.items():
        written = service.setting(name)
        if written is None or written == "-1" or "$" in written:
            continue
        try:
            postgres(base).bytes(written.strip("'\""))
        except ValueError as error:
            yield Hit(at="command", message=f"{name}: {error}")


def _is_tuned(service: Service) -> bool:
    """Tell whether a budget derived its memory settings from its limit."""
    return "work_mem" in sequence(dig(service.data, "x-budget", "tuning", "tuned"))


@BOOK.service(
    "ZB211",
    "warning",
    "Queries that may take more memory than there is",
    why="Each connection may use work_mem for every sort, and twice of it for a hash; with the buffers and autovacuum that is what the limit must hold.",
    fix="lower work_mem or max_connections, or let x-budget.tuning derive both from the limit",
    source="PostgreSQL documentation, work_mem and hash_mem_multiplier",
)
def _worst_case(service: Service, _stack: Stack) -> Iterator[Hit]:
    told = any(service.setting(name) for name in (*_DEFAULTS, "max_connections"))
    if service.facts.kind != "postgres" or not service.memory or not told or _is_tuned(service):
        return
    sizes = {name: _size(service, name, default) for name, default in _DEFAULTS.items()}
    connections = whole(service.setting("max_connections")) or _DEFAULT_CONNECTIONS
    queries = connections * sizes["work_mem"] * _HASH_MULTIPLIER
    worst = sizes["shared_buffers"] + queries + _AUTOVACUUM_WORKERS * sizes["maintenance_work_mem"]
    if worst > service.memory:
        yield Hit(
            at="command",
            message=(
                f"{mib(sizes['shared_buffers'])} of buffers, {connections} connections with {_HASH_MULTIPLIER} x {mib(sizes['work_mem'])} and "
                f"{_AUTOVACUUM_WORKERS} x {mib(sizes['maintenance_work_mem'])} of autovacuum are {mib(worst)} at worst, above the limit {mib(service.memory)}"
            ),
        )


@BOOK.service(
    "ZB212",
    "info",
    "Connections in place of a pool",
    why="A connection is a process of 5 to 10 MiB; hundreds of them are slower than a few dozen behind a pooler.",
    fix="put PgBouncer before it and keep max_connections near 100",
    source="PostgreSQL documentation, max_connections; PgBouncer documentation",
)
def _many_connections(service: Service, stack: Stack) -> Iterator[Hit]:
    connections = whole(service.setting("max_connections")) or 0
    if service.facts.kind == "postgres" and connections > 200 and not any(stack.of_kind("pgbouncer")):
        yield Hit(at="command", message=f"{connections} connections and no pooler")


@BOOK.service(
    "ZB213",
    "info",
    "Passwords hashed with MD5",
    why="PgBouncer's image asks clients for MD5 by default; PostgreSQL stores SCRAM since 14 and is dropping MD5.",
    fix="set AUTH_TYPE=scram-sha-256",
    source="PgBouncer documentation, auth_type",
)
def _md5(service: Service, _stack: Stack) -> Iterator[Hit]:
    kind = text(service.environment.get("AUTH_TYPE", "")).lower()
    own = service.mount_over("/etc/pgbouncer/pgbouncer.ini") is not None
    if service.facts.kind == "pgbouncer" and not own and kind in ("", "md5", "plain", "trust", "any"):
        yield Hit(at="environment.AUTH_TYPE", message=f"{kind or 'md5, its default,'} is weak")


def _size(service: Service, name: str, default: int) -> int:
    written = service.setting(name)
    read = parsed(lambda value: postgres(_SIZES[name]).bytes(text(value)), written)
    return default if read is None else read
