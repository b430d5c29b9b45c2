# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a lost stack back to a bare host: its directory with secrets and releases first, then the data, before anything is started."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..deploy.compose import MakeError, command, make
from ..deploy.release import Release, ReleaseError
from ..engine.client import DEFAULT_SOCKET, Engine, EngineError
from ..host import atomic
from ..host.backup_status import DRILLED
from ..host.root import Root
from ..host.stored import content
from ..settings.repositories import Source
from ..typed import dump, load
from . import history
from .fill import Parts, beside
from .history import Kept, NoBackupError
from .model import BackupError, Setup
from .restore import plan_volume, replace_data

VERB = "recover"
# What of a lost stack is there again. Its file tells a host where a recovery was begun from one that has a stack.
NOTE = Path("/var/lib/ziggie-backup/recovering.json")
_ENDING = ".recovering"
_SECRETS = "secrets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Which stack comes back, whether the places of its data were seen to be empty, and which volumes are there again."""

    directory: str
    empty: bool
    volumes: tuple[str, ...]


def check(setup: Setup, engine: Engine, _wanted: str) -> list[str]:
    """Raise `BackupError` on a host that has this stack, or data of it, unless a recovery of it was begun here."""
    # Until all data are back, a recovery starts nothing.
    begun = _progress(setup) is not None
    if found := [*_running(setup, engine)] if begun else [*_own(setup), *_held(setup, engine)]:
        raise BackupError(
            f"this host has a stack: {', '.join(found)}. A recovery is for a host that has lost all of it: to bring the data of one service back, use "
            "ziggie.stack.restore; where a recovery brought the data back and the deployment failed, ziggie.stack.site goes on"
        )
    return []


def bring_directory(setup: Setup, engine: Engine, wanted: str) -> list[str]:
    """Put the stack's directory back, with its secrets and releases, and return what was done, a sentence a line."""
    check(setup, engine, wanted)
    directory = Path(setup.directory)
    if (directory / _SECRETS).exists():
        return [f"{directory} is back already"]
    if not Path(setup.key).exists():
        raise BackupError(f"there is no {setup.key}, and without the key no backup can be read; name its copy with stack_backup.key_escrow")
    source = setup.everything[-1]
    chosen = history.choose(setup, source, wanted)
    began = time.monotonic()
    _note(_progress(setup) or Progress(directory=setup.directory, empty=False, volumes=()))
    with beside(directory, _ENDING) as new:
        Parts(chosen).directories(new)
        # Secrets come last: where they are, the others are, too.
        for entry in sorted(new.iterdir(), key=lambda path: path.name == _SECRETS):
            place = directory / entry.name
            if not place.exists() or (place.is_dir() and not any(place.iterdir())):
                entry.rename(place)
        atomic.sync_directory(directory)
    with contextlib.suppress(BackupError):
        history.record(chosen, DRILLED, round(time.monotonic() - began, 2), VERB)
    return [f"{directory}: secrets and releases as of run {chosen.kept.run}"]


def bring_data(setup: Setup, engine: Engine, wanted: str) -> list[str]:
    """Put the data of every source back and return what was done, a sentence a line. Nothing is started; what is there already stays."""
    progress = _progress(setup)
    if progress is None:
        raise BackupError("no recovery was begun on this host; run ansible-playbook ziggie.stack.recover")
    if not progress.empty:
        _expect_empty(setup)
        progress = replace(progress, empty=True)
        _note(progress)
    _make(setup, engine)
    lines: list[str] = []
    seen: dict[str, list[Kept]] = {}
    for source in (one for one in setup.sources if one.volume not in progress.volumes):
        lines.append(_bring(setup, engine, source, wanted, seen))
        progress = replace(progress, volumes=(*progress.volumes, source.volume))
        _note(progress)
    NOTE.unlink()
    return lines


def _bring(setup: Setup, engine: Engine, source: Source, wanted: str, seen: dict[str, list[Kept]]) -> str:
    try:
        chosen = history.choose(setup, source, wanted, seen)
    except NoBackupError as error:
        return f"{source.volume} starts empty: {error}"
    began = time.monotonic()
    planned = plan_volume(setup, engine, source, chosen)
    problems = [*planned.problems, *(f"{name} writes to it; stop it first" for name in planned.stops)]
    if problems:
        raise BackupError(f"{source.volume}: {'; '.join(problems)}")
    old, used, damaged = replace_data(setup, engine, source, chosen)
    # An image may have put files into a new volume. Whatever they are, they stay beside it.
    if not any(names for _parent, _directories, names in os.walk(old)):
        shutil.rmtree(old)
    seconds = round(time.monotonic() - began, 2)
    with contextlib.suppress(BackupError):
        history.record(used, DRILLED, seconds, VERB)
    at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(chosen.manifest.taken))
    told = f"{source.volume}: as of {at}, run {chosen.kept.run}, {chosen.manifest.rows} rows, in {seconds:.1f} s"
    return f"{told}; from the copy in another repository, since {damaged}" if damaged else told


def _own(setup: Setup) -> Iterator[str]:
    directory = Path(setup.directory)
    secrets = directory / _SECRETS
    if secrets.is_dir() and any(secrets.iterdir()):
        yield f"secrets in {secrets}"
    if (directory / "stack/release.json").exists():
        yield f"a release in {directory / 'stack'}"


def _held(setup: Setup, engine: Engine) -> Iterator[str]:
    """Yield the containers and the volumes with data that the engine has of the stack; none where there is no engine."""
    filters = {"label": [f"com.docker.compose.project={setup.project}"]}
    try:
        containers = engine.listed(setup.project)
        volumes = engine.get("/volumes", filters=filters)["Volumes"] or []
    except EngineError:
        if Path(DEFAULT_SOCKET).exists():
            raise
        return
    if containers:
        yield f"{len(containers)} containers of {setup.project}"
    for volume in volumes:
        options = volume.get("Options") or {}
        directory = str(options.get("device") or volume["Mountpoint"])
        if content(Root(), directory).used:
            yield f"data in volume {volume['Name']}"


def _running(setup: Setup, engine: Engine) -> Iterator[str]:
    filters = {"label": [f"com.docker.compose.project={setup.project}"], "status": ["running", "restarting", "paused"]}
    try:
        running = engine.get("/containers/json", filters=filters)
    except EngineError:
        if Path(DEFAULT_SOCKET).exists():
            raise
        return
    if running:
        yield f"{len(running)} running containers of {setup.project}"


def _expect_empty(setup: Setup) -> None:
    """Raise `BackupError` where a directory that the release binds a volume to has data: they may be newer than the backup."""
    names = {source.volume for source in setup.sources}
    volumes = _release(setup).volumes
    bound = {
        *(volumes[name] for name in volumes if names & {name, f"{setup.project}_{name}"}),
        *(name for name in names if name.startswith("/")),
    }
    # What lies below the stack's own directory came back with it a moment ago.
    used = [place for place in sorted(bound) if not Path(place).is_relative_to(setup.directory) and content(Root(), place).used]
    if used:
        raise BackupError(
            f"there are data in {', '.join(used)}, which a recovery would replace; move them away, or keep them and deploy with ziggie.stack.site"
        )


def _make(setup: Setup, engine: Engine) -> None:
    """Make the containers of the sources, with their volumes; a throw-away container runs as one of them would."""
    release = _release(setup)
    directory = f"{setup.directory}/stack"

    def run(words: list[str]) -> tuple[int, str]:
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            command(DEFAULT_SOCKET, setup.project, directory, *words), cwd=directory, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr or done.stdout

    names = sorted({source.service for source in setup.sources})
    try:
        make(engine, run, setup.project, release.services, directory=Path(directory), create=names, recreate=(), renew=())
    except MakeError as error:
        raise BackupError(str(error)) from error


def _release(setup: Setup) -> Release:
    try:
        return Release.needed(Path(setup.directory) / "stack")
    except ReleaseError as error:
        raise BackupError(str(error)) from error


def _progress(setup: Setup) -> Progress | None:
    try:
        found = load(Progress, json.loads(NOTE.read_bytes()))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BackupError(f"{NOTE} cannot be read: {error}; remove it where no recovery was begun on this host") from error
    return found if found.directory == setup.directory else None


def _note(progress: Progress) -> None:
    NOTE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    atomic.write(NOTE, json.dumps(dump(progress), sort_keys=True).encode(), atomic.Ownership(uid=0, gid=0, mode=0o600))
