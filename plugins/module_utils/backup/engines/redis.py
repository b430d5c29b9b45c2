# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis: a snapshot that the server sends as it would to a replica, and how a server with an append-only file is made to load it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ...engine.duplex import Duplex, output
from ...engine.execute import ExecutionError
from ...settings.repositories import Source
from ..job import Job, checked
from ..model import BackupError, Part
from ..scratch import Scratch

_LOGIN = (
    'if [ -n "$0" ]; then REDISCLI_AUTH="$(cat "$0")"; export REDISCLI_AUTH; '
    'elif [ -n "${REDIS_PASSWORD:-}" ]; then REDISCLI_AUTH="$REDIS_PASSWORD"; export REDISCLI_AUTH; fi; exec redis-cli --no-auth-warning "$@"'
)
_DUMP = "dump.rdb"
# A snapshot ends with a byte 255 and eight of a checksum; the mark after it has 40.
_END, _MARK = 9, 40
_LAST = _END + _MARK
# A server that only loads its data writes none at its end. On a full disk it would refuse to end until it is killed.
UNSAVED = ("--save", "")
_KEYS = re.compile(r"^db\d+:keys=(\d+),expires=(\d+)", re.MULTILINE)


def program(source: Source, *words: str) -> list[str]:
    """Return the command that asks the server."""
    return ["sh", "-c", _LOGIN, source.password_file, *words]


def take(job: Job) -> list[Part]:
    """Store a snapshot of all databases."""
    facts = {name: _setting(job, name) for name in ("appendonly", "appenddirname", "appendfilename", "dbfilename")}
    before = keys(job.container, job.source)
    with Duplex(job.container, program(job.source, "--rdb", "-")) as duplex:
        duplex.close_input()
        size, digest = job.store(_DUMP, unmarked(checked(duplex, b"REDIS", _DUMP)))
    after = keys(job.container, job.source)
    # The snapshot is of a moment between the two; keys that expire are not promised.
    facts["least_keys"] = str(min(lasting for _all, lasting in (before, after)))
    return [Part(name=_DUMP, size=size, sha256=digest, facts=facts)]


def keys(container: str, source: Source) -> tuple[int, int]:
    """Return how many keys a server has, and how many of them do not expire."""
    found = [
        (int(match[1]), int(match[2])) for match in _KEYS.finditer(output(container, program(source, "INFO", "keyspace")).replace("\r", ""))
    ]
    return sum(count for count, _expires in found), sum(count - expires for count, expires in found)


def answers(container: str, source: Source) -> None:
    """Raise `ExecutionError` where the server does not answer, or still loads its data."""
    if (said := output(container, program(source, "PING")).strip()) != "PONG":
        raise ExecutionError(said)


def lay_out(directory: Path, parts: Sequence[Part], read: Mapping[str, Iterator[bytes]]) -> None:
    """Write the files that the server loads at its start: with an append-only file it ignores a snapshot that lies beside it."""
    part = parts[0]
    if part.facts.get("appendonly") == "yes" and part.facts.get("appenddirname"):
        below, name = directory / part.facts["appenddirname"], part.facts["appendfilename"]
        below.mkdir(mode=0o700)
        _write(below / f"{name}.1.base.rdb", read[part.name])
        (below / f"{name}.manifest").write_text(f"file {name}.1.base.rdb seq 1 type b\n", encoding="ascii")
    elif part.facts.get("appendonly") == "yes":
        raise BackupError("a server before Redis 7 with an append-only file cannot load a snapshot; set appendonly no for the first start")
    else:
        _write(directory / (part.facts.get("dbfilename") or _DUMP), read[part.name])


def compare(scratch: Scratch, source: Source, parts: Sequence[Part]) -> None:
    """Raise `BackupError` where a server that has loaded the snapshot lacks keys."""
    least, (found, _lasting) = int(parts[0].facts["least_keys"]), keys(scratch.container, source)
    if found < least:
        raise BackupError(f"the restored server has {found} keys, the backup at least {least}")


def unmarked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Cut off the mark by which the server ends a stream: redis-cli cuts it off files only. Raise where the snapshot does not end as one does."""
    held = b""
    for chunk in chunks:
        held += chunk
        yield held[:-_LAST]
        held = held[-_LAST:]
    if held[-_END : 1 - _END] == b"\xff":
        yield held
    elif held[-_LAST : 1 - _LAST] == b"\xff" and re.fullmatch(rb"[0-9a-f]+", held[-_MARK:]):
        yield held[:-_MARK]
    else:
        raise BackupError(f"{_DUMP} breaks off before its end")


def _setting(job: Job, name: str) -> str:
    lines = output(job.container, program(job.source, "CONFIG", "GET", name)).splitlines()
    return lines[1].strip() if len(lines) > 1 else ""


def _write(path: Path, chunks: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        with contextlib.suppress(OSError):
            os.fsync(file.fileno())
