# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time, bytes and peak memory of backup, drill and restore of a PostgreSQL server, beside a dump and a restore by hand, on servers that are made for it.

.venv/bin/python -m ansible_collections.ziggie.stack.tests.bench.backup --help
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.ziggie.stack.tests.integration.backup import rough

_MIB = 1 << 20
# What a row takes on the disk: two hashes, which compress by half, and what PostgreSQL adds.
_ROW = 101
_MEASURE = f"{rough.PLACE}/measure.py"
_DUMP = f"{rough.DISK}/by-hand.dump"
_HAND = f"docker exec {rough.PROJECT}-postgres-1 pg_dump -U postgres -h 127.0.0.1 -Fc postgres | cat > {_DUMP}"
_BACK = f"docker exec -i {rough.PROJECT}-postgres-1 sh -c 'createdb -U postgres -h 127.0.0.1 back && pg_restore -U postgres -h 127.0.0.1 -d back' < {_DUMP}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One step: its seconds, the bytes that it added to the repository or wrote, and the most memory that its processes had at once, both in bytes."""

    title: str
    seconds: float
    moved: int
    peak: int

    def line(self) -> str:
        """Return a line of the table."""
        peak = f"{self.peak / _MIB:.0f} MiB" if self.peak else "-"
        moved = f"{self.moved / _MIB:.1f} MiB" if self.moved else "-"
        return f"{self.title:<34}{self.seconds:>9.1f} s{moved:>14}{peak:>12}"


def main() -> None:
    """Make the servers, measure, print, and remove them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100, help="MiB of data in PostgreSQL (default 100)")
    size = parser.parse_args().size
    try:
        rough.make(disk=f"{8 * size + 400}m")
        rough.put(_MEASURE, Path(__file__).with_name("measure.py").read_bytes())
        rows = size * _MIB // _ROW
        rough.sql(f"CREATE TABLE filled AS SELECT i, md5(i::text) || ' ' || md5((-i)::text) AS text FROM generate_series(1, {rows}) i")
        rough.sql("CHECKPOINT")
        database = int(rough.sql("SELECT pg_database_size(current_database())"))
        rough.setup("postgres", drill_memory=256 << 20)
        print(f"PostgreSQL {rough.image('postgres')}, {database / _MIB:.0f} MiB, {rows} rows in the largest table\n", flush=True)
        print(f"{'':<34}{'time':>11}{'bytes':>14}{'peak':>12}", flush=True)
        for title, words in (
            ("backup, the first", "run"),
            ("backup, nothing changed since", "run"),
            ("drill", "drill postgres"),
            ("restore", "restore postgres"),
        ):
            print(_ours(title, words).line(), flush=True)
            rough.answers()
        print(_by_hand("by hand: pg_dump -Fc | cat > file", _HAND).line(), flush=True)
        print(_by_hand("by hand: createdb, pg_restore", _BACK).line(), flush=True)
        print(
            "\nbytes: what the repository grew by, or the file by hand. peak: resident memory of the program and of restic at once, read every 50 ms;"
            "\nthe containers have limits of their own. The steps compare rows and values of each table, which those by hand do not."
        )
    finally:
        rough.remove()


def _ours(title: str, words: str) -> Measured:
    before = _repository()
    said = json.loads(rough.ask(f"python3 {_MEASURE} {rough.PROGRAM} {words}").splitlines()[-1])
    if said["failures"]:
        raise SystemExit(f"{words}: {'; '.join(said['failures'])}")
    return Measured(title=title, seconds=said["seconds"], moved=_repository() - before, peak=said["peak"])


def _by_hand(title: str, command: str) -> Measured:
    began = time.monotonic()
    rough.ask(command)
    seconds = time.monotonic() - began
    moved = int(rough.ask(f"stat -c %s {_DUMP}")) if command == _HAND else 0
    return Measured(title=title, seconds=seconds, moved=moved, peak=0)


def _repository() -> int:
    return int(rough.ask(f"du -sb {rough.REPOSITORY}").split()[0])


if __name__ == "__main__":
    main()
