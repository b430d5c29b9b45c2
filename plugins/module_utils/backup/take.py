# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Back everything up: each source on its own, so that one that fails takes none of the others with it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ..engine.client import Engine, EngineError
from ..engine.execute import ExecutionError
from ..host import backup_status as status
from ..host.lock import PATH, Holder, Lock
from ..host.root import Root
from ..host.run_log import PATH as LOG
from ..host.run_log import RunLog
from ..host.stored import content
from ..settings.repositories import OWN, Source
from . import history
from .engines import files, postgres, redis
from .job import Job
from .model import HOST, BackupError, Manifest, Part, Setup
from .place import container_of, directory_of, users_of
from .remote import RefusedError
from .restic import Restic
from .stopped import stopped

VERB = "run"
WEEK = 7 * 86400
_TAKE = {"postgres": postgres.take, "redis": redis.take, "sqlite": files.take_sqlite, "files": files.take, "files_stopped": files.take}
FAILURES = (BackupError, ExecutionError, EngineError, OSError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run has stored, and why the rest was not, a sentence each. `kept` says where retention was left to the server, and what to do there."""

    run: str
    manifests: tuple[Manifest, ...]
    failures: tuple[str, ...]
    kept: tuple[str, ...] = ()


def run(setup: Setup, engine: Engine) -> Outcome:
    """Back up every source to the first repository that takes it, copy to the others, and let go what retention does not keep."""
    name = datetime.now(tz=UTC).strftime("%Y%m%dT%H%M%SZ")
    repositories, failures = _prepared(setup)
    if not repositories:
        for source in setup.everything:
            fell(setup, source, VERB, BackupError("; ".join(failures)))
        return Outcome(run=name, manifests=(), failures=tuple(failures))
    first, *others = repositories
    manifests: list[Manifest] = []
    fallen: list[str] = []
    for source in setup.everything:
        begun = status.Reached(run=name, taken=time.time(), at=time.time())
        _note(setup, source, status.PENDING, begun)
        try:
            manifests.append(_source(setup, source, engine, first, name))
            _note(setup, source, status.STORED, manifests[-1].reached(time.time(), manifests[-1].seconds))
        except FAILURES as error:
            fell(setup, source, VERB, error)
            fallen.append(f"{source.service}: {error}")
    failures += fallen
    if fallen:
        # A restic that is stopped while it takes its lock leaves it.
        with suppress(BackupError):
            first.unlock()
    for other in others:
        try:
            first.copy_to(other, [snapshot.id for snapshot in first.snapshots() if snapshot.tags.get("run") == name])
        except BackupError as error:
            failures.append(str(error))
    kept: list[str] = []
    for repository in repositories:
        try:
            kept += _tidy(setup, repository, name)
        except BackupError as error:
            failures.append(str(error))
    if behind := [failure for failure in failures if failure not in fallen]:
        # What is not at every place that was asked for is told of as the host's own.
        fell(setup, OWN, VERB, BackupError("; ".join(behind)))
    return Outcome(run=name, manifests=tuple(manifests), failures=tuple(failures), kept=tuple(kept))


def _prepared(setup: Setup) -> tuple[list[Restic], list[str]]:
    """Return the repositories that can be written to, and why the others cannot."""
    repositories, failures = [], []
    for repository in setup.repositories:
        restic = Restic(repository, Path(setup.key), setup.project)
        try:
            restic.prepare()
            repositories.append(restic)
        except BackupError as error:
            failures.append(str(error))
    return repositories, failures


def _source(setup: Setup, source: Source, engine: Engine, restic: Restic, run_name: str) -> Manifest:
    began, started = time.time(), time.monotonic()
    tags = {"run": run_name, "service": source.service, "volume": source.volume}
    directory = Path(setup.directory) if source.service == HOST else directory_of(engine, source.volume)
    inspected = {} if source.service == HOST else container_of(engine, setup.project, source)
    job = Job(source=source, inspected=inspected, directory=directory, engine=engine, restic=restic, tags=tags)
    if source.service == HOST:
        parts = [Part(name=files.TREE, size=job.store_directory(files.TREE, directory, [setup.key]))]
    elif source.engine == "files_stopped":
        with _alone(), stopped(engine, users_of(engine, source.volume)):
            parts = files.take(job)
    else:
        parts = _TAKE[source.engine](job)
    manifest = Manifest(
        run=run_name,
        service=source.service,
        volume=source.volume,
        engine=source.engine,
        image=str(inspected["Config"]["Image"]) if inspected else "",
        release=release_of(setup),
        taken=began,
        seconds=round(time.monotonic() - started, 2),
        format=", ".join(sorted(set(content(Root(), str(directory)).formats.values()))),
        parts=tuple(parts),
    )
    history.write(restic, manifest, tags)
    return manifest


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the host's lock while a container is stopped: a deployment would start it again."""
    with Lock(Path(PATH), wait=600.0, log=RunLog(Path(LOG))).held(Holder.of({"holder": None, "verb": "backup"})) as work:
        yield
        work.failed = False


def release_of(setup: Setup) -> str:
    """Return what tells one release from another."""
    try:
        return hashlib.sha256((Path(setup.directory) / "stack/release.json").read_bytes()).hexdigest()[:12]
    except OSError:
        return ""


def _tidy(setup: Setup, repository: Restic, run_name: str) -> list[str]:
    """Remove what retention does not keep; where the server takes nothing back, return a sentence that says who has to."""
    outdated = history.outdated(history.gather(repository.snapshots()), setup.retention, run_name)
    gone = [snapshot for kept in outdated for snapshot in kept.snapshots]
    # A clock that was wrong may have noted a time that is yet to come.
    due = abs(time.time() - status.read().pruned.get(repository.shown, 0.0)) > WEEK
    try:
        repository.forget(gone, prune=due)
    except RefusedError as error:
        command = f"restic -r DIRECTORY forget --prune --group-by host --host {setup.project} --keep-within {setup.retention.days}d"
        return [
            f"{error} (append-only): {len(outdated)} backups that retention does not keep stay there; on its machine, with the key: {command}"
        ]
    if gone and due:
        status.change(lambda known: replace(known, pruned={**known.pruned, repository.shown: time.time()}))
    return []


def _note(setup: Setup, source: Source, state: str, found: status.Reached) -> None:
    status.change(lambda known: known.noted(status.key(source.volume, setup.project), source.service, state, found, VERB))


def fell(setup: Setup, source: Source, verb: str, error: Exception) -> None:
    """Note that a backup or a drill of a source has failed."""
    failed = status.Failed(verb=verb, at=time.time(), why=str(error))
    status.change(lambda known: known.fallen(status.key(source.volume, setup.project), source.service, failed))
