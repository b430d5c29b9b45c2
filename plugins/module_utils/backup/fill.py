# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put a backup's data into a directory of their own and compare them with its manifest: what a drill does is what a restore does."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ..engine.client import Engine
from ..engine.duplex import output
from ..host import atomic
from ..settings.repositories import Source
from .engines import files, postgres, redis
from .history import Chosen
from .model import HOST, Part, Setup, UnreadableError
from .place import container_of, target_of
from .scratch import Bounds, Scratch

# Which directory is being filled: what a killed run has left of it is removed by the next.
NOTE = Path("/var/lib/ziggie-backup/filling")
BY_SERVER = ("postgres", "redis")


class Parts:
    """The parts of a backup as they are read; one that is not what the manifest says raises `UnreadableError` at its end."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen = chosen
        self._unread = {part.name for part in chosen.manifest.parts}

    @property
    def verified(self) -> bool:
        """Tell whether each was read to its end, and is what was stored."""
        return not self._unread

    def stream(self, part: Part) -> Iterator[bytes]:
        """Yield a dump."""
        digest = hashlib.sha256()
        for chunk in self._chosen.restic.read(self._chosen.kept.parts[part.name], part.name):
            digest.update(chunk)
            yield chunk
        if part.sha256 and digest.hexdigest() != part.sha256:
            raise UnreadableError(
                f"{part.name} of run {self._chosen.kept.run} is not what was stored: its hash is another; choose another run"
            )
        self._unread.discard(part.name)

    def directories(self, target: Path) -> None:
        """Put the stored directories into an empty one. restic checks the hash of all that it writes."""
        for snapshot in self._chosen.kept.parts.values():
            self._chosen.restic.restore_directory(snapshot, target)
        found, wanted = _size(target), self._chosen.manifest.size
        if found != wanted:
            raise UnreadableError(f"{self._chosen.manifest.volume} has {found} bytes after the restore, the backup {wanted}")
        self._unread.clear()


@contextlib.contextmanager
def beside(directory: Path, ending: str) -> Iterator[Path]:
    """Make an empty directory beside another, with its owner and mode. It is noted first, and removed unless it was moved away."""
    new = directory.with_name(f"{directory.name}{ending}")
    status = directory.stat()
    NOTE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if new.exists():
        shutil.rmtree(new)
    atomic.write(NOTE, str(new).encode(), atomic.Ownership(uid=0, gid=0, mode=0o600))
    try:
        new.mkdir(mode=0o700)
        os.chown(new, status.st_uid, status.st_gid)
        new.chmod(stat.S_IMODE(status.st_mode))
        yield new
    finally:
        remove_unfinished()


def remove_unfinished() -> None:
    """Remove the directory that was being filled."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(Path(NOTE.read_text(encoding="utf-8")), ignore_errors=True)
        NOTE.unlink()


def fill(setup: Setup, engine: Engine, source: Source, parts: Parts, chosen: Chosen, new: Path, bounds: Bounds | None = None) -> None:
    """Put a backup's data into an empty directory, and compare. Raises `BackupError` and `ExecutionError`."""
    manifest = chosen.manifest
    if manifest.engine in BY_SERVER:
        _by_server(setup, engine, source, manifest.parts, {part.name: parts.stream(part) for part in manifest.parts}, new, bounds)
        return
    parts.directories(new)
    if source.service != HOST:
        owner = manifest.parts[0].facts
        os.chown(new, int(owner["uid"]), int(owner["gid"]))
        new.chmod(int(owner["mode"], 8))
    if manifest.engine == "sqlite":
        files.check_sqlite(new)


def _by_server(
    setup: Setup,
    engine: Engine,
    source: Source,
    parts: tuple[Part, ...],
    read: Mapping[str, Iterator[bytes]],
    new: Path,
    bounds: Bounds | None,
) -> None:
    inspected: Mapping[str, Any] = container_of(engine, setup.project, source)
    words = list(redis.UNSAVED) if source.engine == "redis" else postgres.modest(bounds.memory) if bounds else []
    with ExitStack() as stack:
        if source.engine == "redis":
            redis.lay_out(new, parts, read)
            _own(new)
        made = Scratch(engine, inspected, target_of(inspected, source.volume), new, setup.project, bounds, words)
        scratch = stack.enter_context(made)
        if source.engine == "redis":
            scratch.wait(lambda: redis.answers(scratch.container, source))
            redis.compare(scratch, source, parts)
        else:
            scratch.wait(lambda: output(scratch.container, postgres.program("pg_isready", "-q", "-h", "127.0.0.1")))
            postgres.restore(scratch, parts, read)
        scratch.stop()


def _own(directory: Path) -> None:
    owner = directory.stat()
    for parent, directories, names in os.walk(directory):
        for name in (*directories, *names):
            os.chown(Path(parent) / name, owner.st_uid, owner.st_gid)


def _size(directory: Path) -> int:
    """Return the bytes of all files below a directory, each name counted, as restic counts what it stores."""
    found = 0
    for parent, _directories, names in os.walk(directory):
        for name in names:
            status = (Path(parent) / name).lstat()
            found += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return found
