# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each engine stores and compares, apart from the servers themselves, which are real in the lab."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.backup.engines import files, postgres, redis
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError, Part, Table

RDB = b"REDIS0012" + b"k" * 90 + b"\xff" + b"checksum"
MARK = b"0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
@pytest.mark.parametrize("stream", [RDB, RDB + MARK], ids=["of a known length", "with a mark at its end"])
def test_a_snapshot_is_stored_without_the_mark_that_ends_the_stream(stream: bytes, size: int) -> None:
    chunks = (stream[start : start + size] for start in range(0, len(stream), size))
    assert b"".join(redis.unmarked(chunks)) == RDB


@pytest.mark.parametrize("stream", [RDB[:-4], RDB[:-4] + MARK, RDB[:20], b""])
def test_a_snapshot_that_breaks_off_is_not_stored(stream: bytes) -> None:
    with pytest.raises(BackupError, match="breaks off"):
        list(redis.unmarked(iter([stream])))


def test_a_server_with_an_append_only_file_gets_the_snapshot_as_its_base(tmp_path: Path) -> None:
    facts = {"appendonly": "yes", "appenddirname": "aof", "appendfilename": "a.aof", "dbfilename": "d.rdb"}
    redis.lay_out(tmp_path, [Part(name="dump.rdb", size=3, facts=facts)], {"dump.rdb": iter([b"a", b"bc"])})
    assert (tmp_path / "aof/a.aof.1.base.rdb").read_bytes() == b"abc"
    assert (tmp_path / "aof/a.aof.manifest").read_text(encoding="ascii") == "file a.aof.1.base.rdb seq 1 type b\n"


def test_the_superuser_that_a_server_has_already_is_not_made_again() -> None:
    script = b"CREATE ROLE app;\nALTER ROLE app;\nCREATE ROLE postgres;\nALTER ROLE postgres WITH SUPERUSER;\n"
    assert b"".join(postgres.without_role(iter([script[:20], script[20:]]), "postgres")) == script.replace(b"CREATE ROLE postgres;\n", b"")


PART = Part(name="a", size=1, tables={"public.t": Table(rows=2, hash="7")}, facts={"database": "shop"})


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"public.t": Table(rows=2, hash="7")}, ""),
        ({"public.t": Table(rows=2)}, ""),
        ({"public.t": Table(rows=1, hash="7")}, "shop: the table public.t has 1 rows after the restore, the backup 2"),
        ({"public.t": Table(rows=2, hash="8")}, "shop: the table public.t has 2 rows after the restore, the backup 2, and other values"),
        ({}, "shop: the table public.t is missing after the restore"),
        ({"public.t": Table(rows=2, hash="7"), "public.u": Table(rows=0)}, "shop: the table public.u is not in the backup"),
    ],
)
def test_a_restored_database_is_compared_row_by_row(found: dict[str, Table], said: str) -> None:
    with pytest.raises(BackupError) if said else contextlib.nullcontext() as caught:
        postgres.compare(PART, found)
    assert said == (str(caught.value) if caught else "")


@dataclass
class Recorded:
    """A job whose directories are looked at instead of stored."""

    directory: Path
    stored: dict[str, dict[str, bytes]] = field(default_factory=dict)
    excluded: Sequence[str] = ()

    def store_directory(self, name: str, directory: Path, exclude: Sequence[str] = ()) -> int:
        self.excluded = exclude or self.excluded
        found = [path for path in directory.rglob("*") if path.is_file() and str(path) not in exclude]
        self.stored[name] = {str(path.relative_to(directory)): path.read_bytes() for path in found}
        return 1


def test_a_database_in_use_is_copied_whole_and_the_files_beside_it_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_STAGING", str(tmp_path / "staging"))
    data = tmp_path / "data"
    (data / "sub").mkdir(parents=True)
    (data / "note").write_bytes(b"SQLite is not in here")
    job: Any = Recorded(data)
    with contextlib.closing(sqlite3.connect(data / "sub/app.db", isolation_level=None)) as live:
        live.execute("PRAGMA journal_mode = WAL")
        live.execute("CREATE TABLE t (v)")
        live.executemany("INSERT INTO t VALUES (?)", [(number,) for number in range(500)])
        # What is committed lies in the write-ahead log alone.
        assert (data / "sub/app.db-wal").stat().st_size > 0
        files.take_sqlite(job)
    assert set(job.stored[files.TREE]) == {"note"}
    (tmp_path / "copy.db").write_bytes(job.stored[files.DATABASES]["sub/app.db"])
    with contextlib.closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM t").fetchone() == (500,)


def test_a_damaged_database_is_found(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "app.db", isolation_level=None)) as made:
        made.execute("CREATE TABLE t (v)")
        made.executemany("INSERT INTO t VALUES (?)", [("x" * 500,) for _row in range(200)])
    files.check_sqlite(tmp_path)
    content = bytearray((tmp_path / "app.db").read_bytes())
    content[8192:16384] = b"\x7f" * 8192
    (tmp_path / "app.db").write_bytes(content)
    with pytest.raises((BackupError, sqlite3.DatabaseError)):
        files.check_sqlite(tmp_path)
