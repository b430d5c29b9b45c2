# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove that backups come back: the newest of each source is restored beside the running service, compared, timed and removed again."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..engine.client import Engine
from ..host.backup_status import DRILLED, VERIFIED
from ..settings.repositories import Source
from ..units import MIB
from . import history
from .fill import BY_SERVER, Parts, beside, fill
from .history import Kept
from .model import HOST, BackupError, Setup
from .place import directory_of
from .restic import Restic
from .scratch import Bounds
from .take import FAILURES, fell

VERB = "drill"
_ENDING = ".drilling"
# What a drill leaves of a disk to the data that are in service there: 5 %.
_KEPT = 20
# What stays available beside a throw-away container.
_ASIDE = 64 * MIB
_MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """A backup that came back as its manifest says, and how long that took."""

    volume: str
    service: str
    run: str
    taken: float
    seconds: float
    size: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Which backups came back, and why the others did not, a sentence each."""

    drilled: tuple[Drilled, ...]
    failures: tuple[str, ...]


def drill(setup: Setup, engine: Engine, service: str) -> Outcome:
    """Drill the newest backup of each source, or of one service; each on its own, so that one that fails takes none of the others with it."""
    drilled: list[Drilled] = []
    failures: list[str] = []
    seen: dict[str, list[Kept]] = {}
    for repository in setup.repositories:
        # One that cannot be reached is told of below, where it is needed.
        with contextlib.suppress(BackupError):
            Restic(repository, Path(setup.key), setup.project).unlock()
    for source in setup.of(service) if service else setup.everything:
        try:
            drilled.append(_drill(setup, engine, source, seen))
        except FAILURES as error:
            fell(setup, source, VERB, error)
            failures.append(f"{source.volume}: {error}")
    return Outcome(drilled=tuple(drilled), failures=tuple(failures))


def _drill(setup: Setup, engine: Engine, source: Source, seen: dict[str, list[Kept]]) -> Drilled:
    chosen = history.choose(setup, source, "", seen)
    directory = Path(setup.directory) if source.service == HOST else directory_of(engine, source.volume)
    # A directory that is a mount point has its neighbours on another disk.
    _room(directory.parent, chosen.manifest.need)
    if source.engine in BY_SERVER:
        _memory(setup.drill_memory)
    parts = Parts(chosen)
    began = time.monotonic()
    try:
        with beside(directory, _ENDING) as new:
            fill(setup, engine, source, parts, chosen, new, Bounds(memory=setup.drill_memory))
            seconds = round(time.monotonic() - began, 2)
    except FAILURES:
        # What was stored is whole, and does not come back.
        if parts.verified:
            with contextlib.suppress(BackupError):
                history.record(chosen, VERIFIED, round(time.monotonic() - began, 2), VERB)
        raise
    history.record(chosen, DRILLED, seconds, VERB)
    manifest = chosen.manifest
    return Drilled(
        volume=source.volume,
        service=source.service,
        run=manifest.run,
        taken=manifest.taken,
        seconds=seconds,
        size=manifest.size,
        rows=manifest.rows,
    )


def _room(directory: Path, need: int) -> None:
    disk = shutil.disk_usage(directory)
    free = max(disk.free - disk.total // _KEPT, 0)
    if need > free:
        raise BackupError(
            f"a drill takes {need // MIB} MiB in {directory}, where {free // MIB} MiB are free above the 5 % that it leaves; make room"
        )


def _memory(need: int, read: Callable[[], str] = _MEMINFO.read_text) -> None:
    """Raise `BackupError` where the host has not the memory that a throw-away container may use."""
    words = next(line.split() for line in read().splitlines() if line.startswith("MemAvailable:"))
    available = int(words[1]) * 1024
    if available < need + _ASIDE:
        raise BackupError(
            f"a drill may use {need // MIB} MiB of memory, and the host has {available // MIB} MiB available; lower stack_backup.drill.memory"
        )
