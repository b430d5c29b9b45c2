# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New data and the container that opens them take the place of the old together: noted first, so that whoever comes after a kill finishes or undoes it."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..deploy.compose import MakeError, alone
from ..engine.client import Engine
from ..host import atomic
from ..typed import dump, load
from .model import BackupError, Setup
from .restore import MOVING, exchange

NOTE = Path("/var/lib/ziggie-backup/switch.json")
_COMPOSE = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What changes places: the data in `directory` go to `old`; the new ones are known by their inode. The new container is known by its image.

    `release` is the directory in which Compose makes containers.
    """

    project: str
    release: str
    service: str
    image: str
    directory: str
    new: str
    old: str
    inode: int

    @classmethod
    def of(cls, setup: Setup, service: str, image: str, directory: Path, new: Path, old: Path) -> Note:
        """Return the note of an exchange that has not begun."""
        return cls(
            project=setup.project,
            release=f"{setup.directory}/stack",
            service=service,
            image=image,
            directory=str(directory),
            new=str(new),
            old=str(old),
            inode=new.stat().st_ino,
        )


@contextlib.contextmanager
def switched(engine: Engine, note: Note) -> Iterator[None]:
    """Exchange the directories; the body replaces the container. Where that fails, all is as it was before."""
    NOTE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    atomic.write(NOTE, json.dumps(dump(note)).encode(), atomic.Ownership(uid=0, gid=0, mode=0o600))
    try:
        Path(note.new).rename(note.old)
        exchange(Path(note.old), Path(note.directory))
        atomic.sync_directory(Path(note.directory).parent)
        yield
    finally:
        settle(engine)


def settle(engine: Engine) -> str:
    """Finish an exchange whose container was replaced, and undo any other; return what was done, empty where there was none."""
    try:
        note = load(Note, json.loads(NOTE.read_bytes()))
    except FileNotFoundError:
        return ""
    except ValueError:
        NOTE.unlink()
        return ""
    try:
        # A killed run may have left its Compose at work, which would remove the container that is started here.
        with alone(Path(note.release), _COMPOSE):
            return _settle(engine, note)
    except MakeError as error:
        raise BackupError(str(error)) from error


def _settle(engine: Engine, note: Note) -> str:
    containers = engine.containers(note.project, [note.service])
    new = [one for one in containers if one["Config"]["Image"] == note.image]
    if new and len(new) == len(containers):
        for one in new:
            engine.post(f"/containers/{one['Id']}/start")
        NOTE.unlink()
        return f"{note.service} runs on its new data"
    for one in new:
        engine.delete(f"/containers/{one['Id']}?force=true")
    _back(note)
    NOTE.unlink()
    return f"{note.service} has its old data again"


def _back(note: Note) -> None:
    directory, old, new = Path(note.directory), Path(note.old), Path(note.new)
    moving = directory.with_name(f"{directory.name}{MOVING}")
    # Where the file system exchanges in steps, one of them may have been the last.
    if moving.exists() and not directory.exists():
        moving.rename(directory)
    elif moving.exists() and moving.stat().st_ino != note.inode:
        directory.rename(new)
        moving.rename(directory)
    if directory.stat().st_ino == note.inode:
        exchange(old, directory)
    for path in (old, new, moving):
        if path.exists() and path.stat().st_ino == note.inode:
            shutil.rmtree(path)
    atomic.sync_directory(directory.parent)
