# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory as it lies there, and the SQLite databases in it by SQLite's own backup."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..job import Job
from ..model import BackupError, Part

TREE = "tree"
DATABASES = "databases"
_MAGIC = b"SQLite format 3\0"
_BESIDE = ("", "-wal", "-shm", "-journal")
_STAGING = "/var/lib/ziggie-backup"


def take(job: Job) -> list[Part]:
    """Store a directory."""
    return [Part(name=TREE, size=job.store_directory(TREE, job.directory), facts=_owner(job.directory))]


def take_sqlite(job: Job) -> list[Part]:
    """Store a directory, its databases as copies that are consistent while somebody writes."""
    Path(_STAGING).mkdir(mode=0o700, parents=True, exist_ok=True)
    found = sorted(_databases(job.directory))
    need, free = sum(path.stat().st_size for path in found), shutil.disk_usage(_STAGING).free
    if need > free:
        raise BackupError(f"{_STAGING} has {free >> 20} MiB free, the copies of {job.source.service}'s databases take {need >> 20} MiB")
    with tempfile.TemporaryDirectory(dir=_STAGING) as staging:
        for path in found:
            _copy(path, Path(staging) / path.relative_to(job.directory))
        exclude = [str(job.directory / f"{path.relative_to(job.directory)}{end}") for path in found for end in _BESIDE]
        tree = Part(name=TREE, size=job.store_directory(TREE, job.directory, exclude), facts=_owner(job.directory))
        return [tree, Part(name=DATABASES, size=job.store_directory(DATABASES, Path(staging)), facts={"count": str(len(found))})]


def check_sqlite(directory: Path) -> None:
    """Raise `BackupError` where a restored database is damaged."""
    for path in _databases(directory):
        try:
            with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as database:
                said = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.Error as error:
            said = str(error)
        if said != "ok":
            raise BackupError(f"the restored database {path} is damaged: {said}")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    owner = source.stat()
    live = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=60)
    with contextlib.closing(live), contextlib.closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
    os.chown(target, owner.st_uid, owner.st_gid)
    target.chmod(owner.st_mode & 0o7777)
    # What SQLite makes beside a database that nobody has open must stay the service's.
    for end in _BESIDE[1:]:
        with contextlib.suppress(OSError):
            os.chown(f"{source}{end}", owner.st_uid, owner.st_gid)


def _databases(directory: Path) -> Iterator[Path]:
    for parent, _directories, names in os.walk(directory):
        for name in names:
            path = Path(parent) / name
            with contextlib.suppress(OSError):
                if path.is_file() and not path.is_symlink() and path.stat().st_size >= len(_MAGIC):
                    with path.open("rb") as file:
                        if file.read(len(_MAGIC)) == _MAGIC:
                            yield path


def _owner(directory: Path) -> dict[str, str]:
    status = directory.stat()
    return {"uid": str(status.st_uid), "gid": str(status.st_gid), "mode": f"{status.st_mode & 0o7777:04o}"}
