# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How old backups are: from what lies where others write them, and from what the host notes of its own."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..host import backup_status
from ..host.backup_status import DRILLED, STORED, Status, Volume
from ..settings.repositories import OWN, Repository, Source
from ..typed import load
from .exposition import Family

# What a file is called while it is being written.
UNFINISHED = (".tmp", ".part", ".partial")
# What tells the program on the host what to back up, and the program, which goes where nothing is backed up any more.
SETUP, PROGRAM = "backup.json", "bin/backup"
_PREFIX = "ziggie_backup_"
# What the host calls a run, and what a person does.
_VERBS = {"run": "backup", "drill": "drill"}


def newest(place: Path) -> float:
    """Return when the newest file at or below a path was written, in seconds since 1970; 0 where there is none.

    Hidden files and directories, and files that are `UNFINISHED`, are no backups. Raises `OSError` where the path cannot be read.
    """
    if not place.is_dir():
        return place.stat().st_mtime if place.exists() else 0.0
    latest = 0.0
    for entry in os.scandir(place):
        if entry.name.startswith(".") or entry.name.endswith(UNFINISHED):
            continue
        if entry.is_dir(follow_symlinks=False):
            latest = max(latest, newest(Path(entry.path)))
        elif entry.is_file():
            latest = max(latest, entry.stat().st_mtime)
    return latest


def families(directory: Path, problems: list[str]) -> Iterator[Family]:
    """Yield what is known of the stack's own backups, by volume and by repository; nothing where the stack is not backed up."""
    setup = directory / SETUP
    if not setup.exists() or not (directory / PROGRAM).exists():
        return
    try:
        written = load(dict[str, Any], json.loads(setup.read_bytes()))
        sources = (*load(tuple[Source, ...], written["sources"], "sources"), OWN)
        repositories = load(tuple[Repository, ...], written["repositories"], "repositories")
        project, configured = load(str, written["project"], "project"), setup.stat().st_mtime
    except (OSError, ValueError, KeyError) as error:
        problems.append(f"what is backed up ({setup}) cannot be read: {error}")
        return
    status = backup_status.read()
    yield from _volumes(sources, status, project, configured)
    yield from _repositories(repositories, status, problems)


def _volumes(sources: Iterable[Source], status: Status, project: str, configured: float) -> Iterator[Family]:
    since = Family(name=f"{_PREFIX}configured_timestamp_seconds", kind="gauge", help="When backups of the volume were configured last.")
    states = Family(
        name=f"{_PREFIX}state_timestamp_seconds",
        kind="gauge",
        help="Of when the data of the newest backup in a state are, in seconds since 1970.",
    )
    sizes = Family(name=f"{_PREFIX}size_bytes", kind="gauge", help="The size of the newest backup before compression.")
    durations = Family(name=f"{_PREFIX}duration_seconds", kind="gauge", help="How long the newest backup took.")
    drills = Family(name=f"{_PREFIX}drill_seconds", kind="gauge", help="How long the data took to come back in the last drill.")
    points = Family(name=f"{_PREFIX}recovery_point_seconds", kind="gauge", help="How old the newest backup may be.")
    times = Family(
        name=f"{_PREFIX}recovery_time_seconds", kind="gauge", help="How long the data may take to come back, where that is promised."
    )
    failed = Family(name=f"{_PREFIX}failed", kind="gauge", help="Whether the last backup or drill failed.")
    for source in sources:
        labels = {"service": source.service, "volume": source.volume}
        known = status.volumes.get(backup_status.key(source.volume, project)) or Volume(service=source.service)
        since.add(configured, **labels)
        points.add(source.recovery_point, **labels)
        if source.recovery_time:
            times.add(source.recovery_time, **labels)
        for state, reached in sorted(known.states.items()):
            # What a clock noted that was ahead would be young for as long as that.
            if known.age(state, time.time()) is not None:
                states.add(reached.taken, **labels, state=state)
        if stored := known.states.get(STORED):
            sizes.add(stored.size, **labels)
            durations.add(stored.seconds, **labels)
        if drilled := known.states.get(DRILLED):
            drills.add(drilled.seconds, **labels)
        for verb, name in _VERBS.items():
            failed.add(int(known.failed is not None and known.failed.verb == verb), **labels, verb=name)
    yield from (since, states, sizes, durations, drills, points, times, failed)


def _repositories(repositories: Iterable[Repository], status: Status, problems: list[str]) -> Iterator[Family]:
    """Yield the room of the repositories that are directories of the host, and the age of their locks. What others have only their servers know."""
    free = Family(name=f"{_PREFIX}repository_free_bytes", kind="gauge", help="What is free where a repository lies.")
    size = Family(name=f"{_PREFIX}repository_size_bytes", kind="gauge", help="The size of the file system where a repository lies.")
    locks = Family(
        name=f"{_PREFIX}repository_lock_timestamp_seconds",
        kind="gauge",
        help="When the oldest lock of a repository was set, in seconds since 1970.",
    )
    seen = Family(
        name=f"{_PREFIX}repository_seen",
        kind="gauge",
        help="Whether the host sees the room and the locks of a repository; 0 where only its server does, or where it cannot be read.",
    )
    stored = any(STORED in volume.states for volume in status.volumes.values())
    for position, repository in enumerate(repositories):
        url = repository.url
        if not url.startswith("/"):
            # An address may hold a password: its place in stack_backup.repositories names it.
            seen.add(0, repository=f"{url.partition(':')[0]} ({position})")
            continue
        try:
            room = os.statvfs(url)
            set_at = [entry.stat().st_mtime for entry in os.scandir(f"{url}/locks")]
        except OSError as error:
            # Before the first backup there is none yet.
            if stored:
                problems.append(f"the repository {url} cannot be read: {error.strerror}")
                seen.add(0, repository=url)
            continue
        seen.add(1, repository=url)
        free.add(room.f_bavail * room.f_frsize, repository=url)
        size.add(room.f_blocks * room.f_frsize, repository=url)
        if set_at:
            locks.add(min(set_at), repository=url)
    yield from (seen, free, size, locks)
