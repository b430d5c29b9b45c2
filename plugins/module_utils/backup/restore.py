# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a service's data back: into a directory of its own, compared with the backup, and only then in place of the old one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..engine.client import Engine, EngineError
from ..engine.execute import ExecutionError
from ..host import atomic
from ..host.backup_status import DRILLED
from ..host.root import Root
from ..host.stored import content
from ..images.name import ImageName
from ..settings.repositories import Source
from . import history
from .engines import postgres
from .fill import Parts, beside, fill
from .history import Chosen, Kept
from .model import BackupError, Setup, UnreadableError
from .place import container_of, directory_of, users_of
from .stopped import stopped

VERB = "restore"
_RESTORING = ".restoring"
BEFORE = ".before-"
# The name that a directory has between the two steps of an exchange in two.
MOVING = ".moving"
_AT_FDCWD, _EXCHANGE = -100, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """What a restore does to one volume: from which backup, what is lost, which containers are stopped meanwhile, and what speaks against it.

    `rows_now` is `None` where they were not counted.
    """

    volume: str
    directory: str
    run: str
    taken: float
    size: int
    rows: int
    need: int
    free: int
    stops: tuple[str, ...]
    problems: tuple[str, ...]
    rows_now: int | None = None

    def sentences(self, now: float) -> list[str]:
        """Return the plan as lines for a person."""
        minutes = round((now - self.taken) / 60)
        lost = (
            "unknown, since the server does not answer"
            if self.rows_now is None
            else f"{max(self.rows_now - self.rows, 0)} rows more than the backup has"
        )
        at = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(self.taken))
        return [
            f"{self.volume} comes back from run {self.run} of {at}; everything written in the {minutes} minutes since then is lost"
            + (f" ({lost})" if self.rows or self.rows_now is None else ""),
            f"stopped meanwhile: {', '.join(self.stops) or 'none'}",
            f"the old data stay beside {self.directory} until -e restore_remove_old=true; {self.need >> 20} MiB are needed, {self.free >> 20} MiB are free",
        ]


def plan(setup: Setup, engine: Engine, service: str, wanted: str) -> list[Volume]:
    """Return what a restore would do, volume by volume. Nothing is touched."""
    seen: dict[str, list[Kept]] = {}
    found = [(source, history.choose(setup, source, wanted, seen)) for source in setup.of(service)]
    # Counting reads every table, which only who reads the plan waits for.
    return [replace(plan_volume(setup, engine, *one), rows_now=_rows(setup, engine, one[0])) for one in found]


def restore(setup: Setup, engine: Engine, service: str, wanted: str) -> list[dict[str, Any]]:
    """Bring the data of a service back. Killed at any point, the old data or the new ones are in place, and what was stopped is noted."""
    seen: dict[str, list[Kept]] = {}
    found = [(source, history.choose(setup, source, wanted, seen)) for source in setup.of(service)]
    plans = [plan_volume(setup, engine, *one) for one in found]
    if problems := [f"{one.volume}: {problem}" for one in plans for problem in one.problems]:
        raise BackupError("; ".join(problems))
    answer = []
    for source, chosen in found:
        began = time.monotonic()
        users = _users(setup, engine, source)
        with stopped(engine, users):
            old, used, damaged = replace_data(setup, engine, source, chosen)
        seconds = round(time.monotonic() - began, 1)
        healthy(engine, users)
        with contextlib.suppress(BackupError):
            history.record(used, DRILLED, seconds, VERB)
        manifest = used.manifest
        answer.append(
            {"volume": source.volume, "run": manifest.run, "old": str(old), "seconds": seconds, "taken": manifest.taken, "damaged": damaged}
        )
    return answer


def remove_old(setup: Setup, engine: Engine, service: str) -> list[str]:
    """Remove what restores have left beside the volumes of a service, and return the directories."""
    removed = []
    for source in setup.of(service):
        directory = directory_of(engine, source.volume)
        for path in sorted(directory.parent.glob(f"{directory.name}{BEFORE}*")):
            shutil.rmtree(path)
            removed.append(str(path))
    return removed


def plan_volume(setup: Setup, engine: Engine, source: Source, chosen: Chosen) -> Volume:
    """Return what a restore would do to one volume, without a look at its rows."""
    manifest = chosen.manifest
    directory = directory_of(engine, source.volume)
    inspected = container_of(engine, setup.project, source)
    need = manifest.need
    free = shutil.disk_usage(directory).free
    problems = []
    if need > free:
        problems.append(f"the data take {need >> 20} MiB, {free >> 20} MiB are free beside {directory}; make room first")
    if os.path.ismount(directory):
        problems.append(f"{directory} is a mount point, so nothing can take its place; keep the data in a directory below it")
    if manifest.engine == "postgres" and (wrong := _newer_format(directory, manifest.format)):
        problems.append(wrong)
    elif older(str(inspected["Config"]["Image"]), manifest.image):
        problems.append(f"the backup is of {manifest.image}, which is newer than {inspected['Config']['Image']}; deploy that version first")
    return Volume(
        volume=source.volume,
        directory=str(directory),
        run=manifest.run,
        taken=manifest.taken,
        size=manifest.size,
        rows=manifest.rows,
        need=need,
        free=free,
        stops=tuple(sorted(str(one["Name"]).lstrip("/") for one in users_of(engine, source.volume))),
        problems=tuple(problems),
    )


def _newer_format(directory: Path, stored: str) -> str:
    """Return why data of a backup are too new for the server whose data lie there; what the data say counts, whatever the images are called."""
    there = ", ".join(sorted(set(content(Root(), str(directory)).formats.values())))
    if stored.isdigit() and there.isdigit() and int(stored) > int(there):
        return f"the backup is of version {stored}, the data in {directory} are of version {there}; deploy version {stored} first"
    return ""


def _users(setup: Setup, engine: Engine, source: Source) -> list[Mapping[str, Any]]:
    """Return the containers that are to run after a restore: those that do now, and the service's own, which may have died of its data."""
    found = users_of(engine, source.volume)
    own = container_of(engine, setup.project, source)
    return found if own["Id"] in [one["Id"] for one in found] else [*found, own]


def _rows(setup: Setup, engine: Engine, source: Source) -> int | None:
    """Return how many rows the server has now; nothing where it does not answer."""
    if source.engine != "postgres":
        return 0
    try:
        return postgres.rows(str(container_of(engine, setup.project, source)["Id"]))
    except (BackupError, ExecutionError, EngineError, ValueError):
        return None


def replace_data(setup: Setup, engine: Engine, source: Source, chosen: Chosen) -> tuple[Path, Chosen, str]:
    """Put the data of a backup in place of a volume's, which nobody writes to; from a copy where its repository cannot give them back.

    Return where the old ones are, the backup that was read, and what is wrong with the one that was chosen, empty where nothing is.
    """
    try:
        return _replaced(setup, engine, source, chosen), chosen, ""
    except UnreadableError as error:
        for copy in history.copies(setup, source, chosen):
            with contextlib.suppress(UnreadableError):
                return _replaced(setup, engine, source, copy), copy, str(error)
        raise


def _replaced(setup: Setup, engine: Engine, source: Source, chosen: Chosen) -> Path:
    directory = directory_of(engine, source.volume)
    with beside(directory, _RESTORING) as new:
        fill(setup, engine, source, Parts(chosen), chosen, new)
        os.sync()
        # The new directory takes the old one's future name first: after a kill in between, nothing removes the old data for a half of the new.
        old = directory.with_name(f"{directory.name}{BEFORE}{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
        new.rename(old)
    exchange(old, directory)
    atomic.sync_directory(directory.parent)
    return old


def older(image: str, than: str) -> bool:
    """Tell whether the major version of an image is below that of another."""
    own, other = ImageName.parse(image).version(), ImageName.parse(than).version()
    return bool(own and other and own[0] < other[0])


def exchange(one: Path, other: Path) -> None:
    """Exchange two directories in one step; where the file system cannot, in two."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) == 0:
        return
    aside = other.with_name(f"{other.name}{MOVING}")
    other.rename(aside)
    try:
        one.rename(other)
    except OSError:
        aside.rename(other)
        raise
    aside.rename(one)


def healthy(engine: Engine, containers: Sequence[Mapping[str, Any]]) -> None:
    """Wait until containers are healthy. Raises `BackupError` where one is not in time."""
    deadline = time.monotonic() + 180
    for one in containers:
        name = str(one["Name"]).lstrip("/")
        while True:
            state = engine.get(f"/containers/{one['Id']}/json")["State"]
            if state["Running"] and (state.get("Health") or {}).get("Status", "healthy") == "healthy":
                break
            if time.monotonic() > deadline:
                raise BackupError(f"{name} is not healthy after the restore; look at its log. Its old data lie beside the new ones")
            with contextlib.suppress(InterruptedError):
                time.sleep(0.5)
