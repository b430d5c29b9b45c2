# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Back up, list, drill and restore; runs by itself on the host, as the release's `bin/backup`."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..engine.client import Engine
from ..host import atomic
from ..host.lock import PATH, Holder, Lock, LockError
from ..host.run_log import PATH as LOG
from ..host.run_log import RunLog
from ..typed import dump, load
from . import drill, history, recover, restore, switch, take, upgrade
from .fill import remove_unfinished
from .model import FILE, BackupError, Setup
from .restic import Restic
from .scratch import remove_left
from .stopped import resume

GUARD = Path("/run/ziggie-backup.lock")


def main(arguments: Sequence[str]) -> int:
    """Do what is asked, write what came of it as JSON, and return an exit code."""
    given = _arguments(arguments)
    try:
        setup = load(Setup, json.loads((Path(given.directory) / FILE).read_bytes()))
        answer = _VERBS[given.verb](setup, Engine(timeout=60.0), given)
    except (*take.FAILURES, LockError) as error:
        why = atomic.why(error) if isinstance(error, OSError) else str(error)
        sys.stdout.write(json.dumps({"failures": [why or type(error).__name__]}) + "\n")
        sys.stderr.write(f"{why}\n")
        return 1
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stderr.writelines(f"{failure}\n" for failure in answer.get("failures", ()))
    return 1 if answer.get("failures") else 0


def _run(setup: Setup, engine: Engine, given: argparse.Namespace) -> dict[str, Any]:
    _key(setup, engine, given)
    with _guarded(setup, engine, given.wait):
        outcome = take.run(setup, engine)
    lines = [f"{one.volume}: {one.size >> 10} KiB in {one.seconds:.1f} s, as run {one.run}" for one in outcome.manifests]
    return {**dump(outcome), "stored": [*lines, *outcome.kept]}


def _drill(setup: Setup, engine: Engine, given: argparse.Namespace) -> dict[str, Any]:
    with _guarded(setup, engine, given.wait):
        outcome = drill.drill(setup, engine, given.service)
    lines = [f"{one.volume}: run {one.run} came back in {one.seconds:.1f} s, {one.rows} rows as stored" for one in outcome.drilled]
    return {**dump(outcome), "lines": lines}


def _list(setup: Setup, _engine: Engine, _given: argparse.Namespace) -> dict[str, Any]:
    found = []
    for repository in setup.repositories:
        restic = Restic(repository, Path(setup.key), setup.project)
        kept = history.gather(restic.snapshots())
        found += [{"repository": restic.shown, "run": one.run, "volume": one.volume, "state": one.state} for one in kept]
    return {"backups": found}


def _plan(setup: Setup, engine: Engine, given: argparse.Namespace) -> dict[str, Any]:
    now = time.time()
    volumes = restore.plan(setup, engine, given.service, given.run)
    return {
        "volumes": [dump(one) for one in volumes],
        "plan": [line for one in volumes for line in one.sentences(now)],
        "failures": [f"{one.volume}: {problem}" for one in volumes for problem in one.problems],
    }


def _restore(setup: Setup, engine: Engine, given: argparse.Namespace) -> dict[str, Any]:
    with _locked(given), _guarded(setup, engine):
        restored = restore.restore(setup, engine, given.service, given.run)
    lines = [f"{one['volume']}: as of run {one['run']}, in {one['seconds']} s; the old data lie in {one['old']}" for one in restored]
    lines += [f"{one['volume']}: this is the copy in another repository, since {one['damaged']}" for one in restored if one["damaged"]]
    return {"restored": restored, "lines": lines}


def _recover(setup: Setup, engine: Engine, given: argparse.Namespace) -> dict[str, Any]:
    with _locked(given), _guarded(setup, engine):
        return {"lines": recover.bring_data(setup, engine, given.run)}


def _remove_old(setup: Setup, engine: Engine, given: argparse.Namespace) -> dict[str, Any]:
    with _locked(given), _guarded(setup, engine):
        return {"removed": restore.remove_old(setup, engine, given.service)}


def _upgrade_plan(setup: Setup, engine: Engine, given: argparse.Namespace) -> dict[str, Any]:
    with _guarded(setup, engine):
        found = upgrade.plan(setup, engine, upgrade.Wish.of(setup, given.service, given.to, given.definition))
    return {"plan": found.sentences(), "problems": list(found.problems)}


def _upgrade(setup: Setup, engine: Engine, given: argparse.Namespace) -> dict[str, Any]:
    with _locked(given), _guarded(setup, engine):
        one = upgrade.upgrade(setup, engine, upgrade.Wish.of(setup, given.service, given.to, given.definition))
    line = f"{one['volume']}: {one['before']} is {one['to']} now, {one['rows']} rows compared, in {one['seconds']} s; the old data lie in {one['old']}"
    return {"upgraded": one, "lines": [line]}


def _resume(setup: Setup, engine: Engine, _given: argparse.Namespace) -> dict[str, Any]:
    """Undo what a killed run has left, unless another one works now, whose containers these may be."""
    with contextlib.suppress(BackupError), _guarded(setup, engine):
        pass
    return {}


def _settle(setup: Setup, engine: Engine) -> None:
    """Finish or undo what a killed run has left: its throw-away containers, an upgrade's exchange, the containers that it has stopped."""
    remove_left(engine, setup.project)
    remove_unfinished()
    switch.settle(engine)
    upgrade.clear()
    resume(engine)


def _key(setup: Setup, _engine: Engine, _given: argparse.Namespace) -> dict[str, Any]:
    """Make the repositories' key, once."""
    path = Path(setup.key)
    if not path.exists():
        atomic.write(path, f"{secrets.token_urlsafe(32)}\n".encode(), atomic.Ownership(uid=0, gid=0, mode=0o600))
    return {}


_VERBS = {
    "run": _run,
    "list": _list,
    "drill": _drill,
    "plan": _plan,
    "restore": _restore,
    "recover": _recover,
    "remove-old": _remove_old,
    "upgrade-plan": _upgrade_plan,
    "upgrade": _upgrade,
    "resume": _resume,
    "key": _key,
}


@contextlib.contextmanager
def _guarded(setup: Setup, engine: Engine, wait: float = 0.0) -> Iterator[None]:
    """Be the only run that backs up, drills or restores. The kernel ends this lock with the process, however it ends."""
    handle = os.open(GUARD, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _lock(handle, time.monotonic() + wait)
        _settle(setup, engine)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise BackupError(
                    "another backup, drill or restore works on this host; wait for it: systemctl status 'ziggie-backup*' ziggie-drill"
                ) from error
        time.sleep(1.0)


@contextlib.contextmanager
def _locked(given: argparse.Namespace) -> Iterator[None]:
    """Hold the host's lock, unless the run that started this one holds it."""
    if given.locked:
        yield
        return
    with Lock(Path(PATH), log=RunLog(Path(LOG))).held(Holder.of({"holder": None, "verb": given.verb})) as work:
        yield
        work.failed = False


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="backup", description="Back up, list, drill and restore the data of a stack.")
    parser.add_argument("verb", choices=sorted(_VERBS))
    parser.add_argument("service", nargs="?", default="", help="the service to restore or to drill")
    parser.add_argument(
        "--directory", default=str(Path(sys.argv[0]).resolve().parents[1]), help="the project directory; that of this program"
    )
    parser.add_argument("--run", default="", help="the newest backup at or before this run, such as 20261130T023000Z")
    parser.add_argument("--wait", type=float, default=0.0, help="how many seconds to wait for another backup, drill or restore")
    parser.add_argument("--to", default="", help="the version to upgrade to")
    parser.add_argument("--definition", default="", help="the file of the Compose definition with its image, as JSON")
    parser.add_argument("--locked", action="store_true", help="the host's lock is held already")
    return parser.parse_args(arguments)
