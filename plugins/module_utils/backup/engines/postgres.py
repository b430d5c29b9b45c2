# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL, by the programs of the server's own image: roles, and each database as of one exported snapshot."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...engine.duplex import Duplex, output
from ..job import Streamed, checked
from ..model import BackupError, Part, Table
from ..scratch import Scratch

_LOGIN = (
    'if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then PGPASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")"; else PGPASSWORD="${POSTGRES_PASSWORD:-}"; fi; '
    'export PGPASSWORD PGUSER="${POSTGRES_USER:-postgres}" PGCONNECT_TIMEOUT=10; exec "$@"'
)
_PSQL = ("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1")
_GLOBALS = "globals.sql"
# Databases that a new server has already.
_THERE = ("template1", "postgres")
_HASHED = 64 << 20
_SETTINGS = "SET timezone='UTC'; SET datestyle='ISO'; SET intervalstyle='postgres'; SET bytea_output='hex'; SET extra_float_digits=1;"
_TABLES = """
SELECT json_build_array(format('%I.%I', n.nspname, c.relname), pg_table_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1::text;
"""


def program(*words: str) -> list[str]:
    """Return the command that runs a program of PostgreSQL as the server's superuser."""
    return ["sh", "-c", _LOGIN, "sh", *words]


def modest(memory: int) -> list[str]:
    """Return the arguments by which a server fits into less memory than its own limit, that of a drill."""
    sizes = {"shared_buffers": memory // 4, "maintenance_work_mem": memory // 8}
    words = [f"{name}={size >> 10}kB" for name, size in sizes.items()]
    return [word for setting in (*words, "max_parallel_maintenance_workers=0", "autovacuum=off") for word in ("-c", setting)]


def take(job: Streamed) -> list[Part]:
    """Store the roles and every database."""
    part = _stored(job, _GLOBALS, program("pg_dumpall", "--globals-only"), b"--")
    return [part, *(_database(job, name) for name in databases(job.container))]


def databases(container: str) -> list[str]:
    """Return the databases of a server."""
    sql = "SELECT json_build_array(datname) FROM pg_database WHERE datallowconn ORDER BY datname;"
    said = output(container, program(*_PSQL, "-d", "postgres"), sql)
    return [str(json.loads(line)[0]) for line in said.splitlines() if line.strip()]


def rows(container: str) -> int:
    """Return how many rows all tables of a server have now."""
    found = 0
    for name in databases(container):
        with _Session(container, name) as session:
            found += sum(table.rows for table in session.tables(hashed=0).values())
    return found


def ask(container: str, database: str, sql: str) -> list[list[Any]]:
    """Return the rows of a query that selects a JSON array."""
    said = output(container, program(*_PSQL, "-d", _connection(database)), f"{sql};")
    return [json.loads(line) for line in said.splitlines() if line.strip()]


def tables(container: str, database: str) -> dict[str, Table]:
    """Return the tables of a database as they are now."""
    with _Session(container, database) as session:
        return session.tables()


def restore(scratch: Scratch, parts: Sequence[Part], read: Mapping[str, Iterator[bytes]]) -> None:
    """Fill an empty server of the same image, and compare it with what the parts say of themselves."""
    superuser = output(scratch.container, program(*_PSQL, "-d", "postgres"), "SELECT quote_ident(current_user);").strip()
    _feed(scratch.container, program(*_PSQL, "-d", "postgres", "-o", "/dev/null"), without_role(read[_GLOBALS], superuser))
    for part in parts:
        if part.name == _GLOBALS:
            continue
        database = part.facts["database"]
        words = ["pg_restore", "--exit-on-error", *(["-d", database] if database in _THERE else ["--create", "-d", "postgres"])]
        _feed(scratch.container, program(*words), read[part.name])
    for part in parts:
        if part.name != _GLOBALS:
            compare(part, tables(scratch.container, part.facts["database"]))


def compare(part: Part, found: Mapping[str, Table]) -> None:
    """Raise `BackupError` where a restored database is not what its part says."""
    for name in sorted({*part.tables, *found}):
        wanted, got = part.tables.get(name), found.get(name)
        if wanted is None or got is None:
            raise BackupError(
                f"{part.facts['database']}: the table {name} is {'not in the backup' if wanted is None else 'missing after the restore'}"
            )
        if wanted.rows != got.rows or (wanted.hash and got.hash and wanted.hash != got.hash):
            raise BackupError(
                f"{part.facts['database']}: the table {name} has {got.rows} rows after the restore, the backup {wanted.rows}"
                f"{'' if wanted.rows != got.rows else ', and other values'}"
            )


def _stored(job: Streamed, name: str, command: Sequence[str], head: bytes) -> Part:
    with Duplex(job.container, command) as duplex:
        duplex.close_input()
        size, digest = job.store(name, checked(duplex, head, name))
    return Part(name=name, size=size, sha256=digest)


def _database(job: Streamed, database: str) -> Part:
    name = f"{re.sub(r'[^A-Za-z0-9_.-]', '_', database)}-{database.encode().hex()[:12]}.dump"
    with _Session(job.container, database) as session:
        snapshot = session.exported()
        words = ["pg_dump", "--format=custom", "--compress=0", f"--snapshot={snapshot}", "--dbname", _connection(database)]
        part = _stored(job, name, program(*words), b"PGDMP")
        facts = {"database": database, "bytes": session.size()}
        return Part(name=name, size=part.size, sha256=part.sha256, tables=session.tables(), facts=facts)


def _connection(database: str) -> str:
    quoted = database.replace("\\", "\\\\").replace("'", "\\'")
    return f"dbname='{quoted}'"


def _feed(container: str, command: Sequence[str], chunks: Iterator[bytes]) -> None:
    with Duplex(container, command) as duplex:
        for chunk in chunks:
            duplex.write(chunk)
        duplex.close_input()
        duplex.end()


def without_role(chunks: Iterator[bytes], role: str) -> Iterator[bytes]:
    """Leave out the statement that makes the superuser: a server is made with one."""
    made = f"CREATE ROLE {role};"
    for line in b"".join(chunks).decode().splitlines(keepends=True):
        if line.strip() != made:
            yield line.encode()


class _Session:
    """A connection that holds one snapshot open, so that a dump and its rows are of the same moment."""

    def __init__(self, container: str, database: str) -> None:
        self._duplex = Duplex(container, program(*_PSQL, "-d", _connection(database)))
        self._lines = self._read()

    def __enter__(self) -> _Session:
        self._duplex.__enter__()
        self._say(f"{_SETTINGS} BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;")
        return self

    def __exit__(self, *raised: object) -> None:
        self._duplex.close_input()
        self._duplex.__exit__(*raised)  # type: ignore[arg-type]

    def exported(self) -> str:
        """Return the name of the snapshot, for `pg_dump`."""
        return str(self._ask("SELECT json_build_array(pg_export_snapshot());")[0][0])

    def size(self) -> str:
        """Return how many bytes the database takes on the disk."""
        return str(self._ask("SELECT json_build_array(pg_database_size(current_database()));")[0][0])

    def tables(self, hashed: int = _HASHED) -> dict[str, Table]:
        """Return every table's rows, and a hash of them where it takes no more than `hashed` bytes."""
        found = {}
        for name, size in self._ask(_TABLES):
            digest = "coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text" if size <= hashed else "''"
            rows, value = self._ask(f"SELECT json_build_array(count(*), {digest}) FROM ONLY {name} t;")[0]
            found[str(name)] = Table(rows=rows, hash=value)
        return found

    def _ask(self, sql: str) -> list[list[Any]]:
        self._say(f"{sql}\n\\echo .")
        answer: list[list[Any]] = []
        for line in self._lines:
            if line == ".":
                return answer
            if line:
                answer.append(json.loads(line))
        self._duplex.end()
        raise BackupError("psql ended before it answered")

    def _say(self, text: str) -> None:
        self._duplex.write(f"{text}\n".encode())

    def _read(self) -> Iterator[str]:
        rest = b""
        for chunk in self._duplex.chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            yield from (line.decode(errors="replace") for line in lines)
