# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backups that a repository holds: a manifest is what makes one, and records beside it are the states that it has reached."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ..host import backup_status as status
from ..host.backup_status import DRILLED, PENDING, STATES, STORED, VERIFIED
from ..settings.repositories import Retention, Source
from ..typed import dump, load
from .model import BackupError, Manifest, Setup
from .restic import Restic, Snapshot

MANIFEST = "manifest.json"
# These have records beside the manifest.
RECORDED = (VERIFIED, DRILLED)


@dataclass(slots=True)
class Kept:
    """A backup of one volume in one run: its snapshots by part, and when it reached which state."""

    run: str
    volume: str
    manifest: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)

    @property
    def stored(self) -> bool:
        """Tell whether it counts: its manifest is stored after all of its parts."""
        return bool(self.manifest)

    @property
    def state(self) -> str:
        """Return the last state that it has reached."""
        if not self.stored:
            return PENDING
        return max((STORED, *self.records), key=STATES.index)

    @property
    def snapshots(self) -> list[str]:
        """Return all of its snapshots."""
        return [*self.parts.values(), *self.records.values(), *([self.manifest] if self.manifest else [])]


class NoBackupError(BackupError):
    """Every repository could be read, and none has a backup of the volume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A backup that is to come back, and the repository that it comes from."""

    restic: Restic
    kept: Kept
    manifest: Manifest


def gather(snapshots: Iterable[Snapshot], now: float | None = None) -> list[Kept]:
    """Return the backups that snapshots make up, the oldest first; those without a manifest are pending.

    A run of the future was named by a clock that was wrong, and is older than all that were made since: it comes first.
    """
    found: dict[tuple[str, str], Kept] = {}
    for snapshot in snapshots:
        tags = snapshot.tags
        if "run" not in tags or "volume" not in tags or "part" not in tags:
            continue
        kept = found.setdefault((tags["run"], tags["volume"]), Kept(tags["run"], tags["volume"]))
        if tags["part"] == MANIFEST:
            kept.manifest = snapshot.id
        elif tags["part"] in RECORDED:
            kept.records[tags["part"]] = snapshot.id
        else:
            kept.parts[tags["part"]] = snapshot.id
    latest = (time.time() if now is None else now) + status.AHEAD
    return sorted(found.values(), key=lambda kept: (not _future(kept.run, latest), kept.run, kept.volume))


def read(restic: Restic, kept: Kept) -> Manifest:
    """Return a backup's manifest. Raises `BackupError` where it, or a part that it names, is not there."""
    try:
        manifest = load(Manifest, json.loads(b"".join(restic.read(kept.manifest, MANIFEST))))
    except ValueError as error:
        raise BackupError(f"the manifest of run {kept.run} cannot be read: {error}") from error
    missing = sorted({part.name for part in manifest.parts if part.size} - kept.parts.keys())
    if missing:
        raise BackupError(f"the backup {kept.run} of {manifest.service} lacks {', '.join(missing)}; choose another run")
    return manifest


def write(restic: Restic, manifest: Manifest, tags: Mapping[str, str]) -> None:
    """Make a backup one."""
    restic.store(MANIFEST, iter([json.dumps(dump(manifest), sort_keys=True).encode()]), {**tags, "part": MANIFEST})


def choose(setup: Setup, source: Source, wanted: str, seen: dict[str, list[Kept]] | None = None) -> Chosen:
    """Return the newest backup at or before a run that is asked for, from the first repository that has it. Raises `BackupError`.

    `seen` keeps what repositories hold between calls: each question to restic costs half a second.
    """
    said: list[str] = []
    broken = False
    seen = {} if seen is None else seen
    for repository in setup.repositories:
        restic = Restic(repository, Path(setup.key), setup.project)
        try:
            if repository.url not in seen:
                seen[repository.url] = gather(restic.snapshots())
            found = [kept for kept in seen[repository.url] if kept.stored and kept.volume == source.volume]
            if usable := [kept for kept in found if not wanted or kept.run <= wanted or kept.run.startswith(wanted)]:
                return Chosen(restic=restic, kept=usable[-1], manifest=read(restic, usable[-1]))
            said.append(f"{restic.shown} has no backup of {source.volume}{f' of {wanted} or before' if wanted else ''}")
        except BackupError as error:
            broken = True
            said.append(str(error))
    raise (BackupError if broken else NoBackupError)("; ".join(said))


def copies(setup: Setup, source: Source, chosen: Chosen) -> Iterator[Chosen]:
    """Yield the same backup from the other repositories that have it."""
    for repository in setup.repositories:
        restic = Restic(repository, Path(setup.key), setup.project)
        if restic.url == chosen.restic.url:
            continue
        # One that cannot be read has none.
        with contextlib.suppress(BackupError):
            for kept in gather(restic.snapshots()):
                if kept.stored and (kept.volume, kept.run) == (source.volume, chosen.kept.run):
                    yield Chosen(restic=restic, kept=kept, manifest=read(restic, kept))


def record(chosen: Chosen, state: str, seconds: float, verb: str) -> None:
    """Note that a backup has reached a state, beside it and on the host. A record is added, so a repository that takes nothing back holds it too."""
    kept, manifest = chosen.kept, chosen.manifest
    reached = manifest.reached(time.time(), seconds)
    content = json.dumps(dump(reached), sort_keys=True).encode()
    chosen.restic.store(state, iter([content]), {"run": kept.run, "volume": kept.volume, "part": state})

    def noted(known: status.Status) -> status.Status:
        for one in RECORDED[: RECORDED.index(state) + 1]:
            known = known.noted(status.key(kept.volume, chosen.restic.project), manifest.service, one, reached, verb)
        return known

    status.change(noted)


def outdated(found: Iterable[Kept], retention: Retention, running: str) -> list[Kept]:
    """Return the backups that may go: what retention does not keep, and what never became one.

    Of each volume, the newest backup and the newest that was drilled always stay; `running` is the run that works now.
    """
    volumes: dict[str, list[Kept]] = {}
    gone = []
    for kept in found:
        if kept.stored:
            volumes.setdefault(kept.volume, []).append(kept)
        elif kept.run != running:
            gone.append(kept)
    for backups in volumes.values():
        stay = _of_calendar(backups, retention) | {backups[-1].run} | _newest_drilled(backups)
        gone.extend(kept for kept in backups if kept.run not in stay)
    return gone


def _future(run: str, latest: float) -> bool:
    try:
        return moment(run).timestamp() > latest
    except ValueError:
        return False


def moment(run: str) -> datetime:
    """Return when a run began, by its name."""
    return datetime.strptime(run[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def _newest_drilled(backups: list[Kept]) -> set[str]:
    return set([kept.run for kept in backups if DRILLED in kept.records][-1:])


def _of_calendar(backups: list[Kept], retention: Retention) -> set[str]:
    rules: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (retention.daily, lambda at: at.date()),
        (retention.weekly, lambda at: at.isocalendar()[:2]),
        (retention.monthly, lambda at: (at.year, at.month)),
    )
    stay: set[str] = set()
    for count, period in rules:
        newest: dict[object, str] = {}
        for kept in backups:
            newest[period(moment(kept.run))] = kept.run
        stay.update(sorted(newest.values())[-count:] if count else ())
    return stay
