# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that does not come up, or falls sick soon after, is kept for a look at it, and the whole stack goes back to the last that did."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..engine.client import Engine, EngineError
from ..engine.container import Container, is_of
from ..engine.logs import secrets_in
from ..tiers import TIERS
from ..typed import dump_fields
from . import archive as room
from . import released_files
from .apply import apply
from .archive import Archive, ArchiveError, Kept
from .changes import NONE, Changes, ServiceChange, compare
from .compose import MakeError
from .failures import DIRECTORY, Failure, Failures, gather
from .hooks import FAILED, ROLLED_BACK, Hooks
from .look import ApplyError, Done, Look, Target
from .release import Release, ReleasedService, ReleaseError
from .remove import RemoveError, remove

OnFailure = Literal["rollback", "stop"]

_ANSWER = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What became of a release that failed: its id, where it is kept, the release that the stack went back to, and whether that one is whole.

    `release` is empty where nothing was taken back. `budget` is the Budget of the release that lies there now, empty where nothing was taken back.
    """

    failed: str
    kept_in: str
    release: str = ""
    whole: bool = False
    budget: Mapping[str, Any] = field(default_factory=dict)

    def names(self) -> dict[str, list[str]]:
        """Return what the host's log says of it."""
        return {"failed_release": [self.failed], "back_on_release": [self.release] if self.release else []}

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return dump_fields(self)


def carry_out(
    target: Target,
    tiers: Iterable[str],
    *,
    changes: Changes | None,
    on_failure: OnFailure | None,
    watch: float | None,
    check: bool,
    describe: bool,
    look: Look | None = None,
    hooks: Hooks | None = None,
) -> tuple[Done, Recovery | None]:
    """Bring up what differs (see `apply`); a failure is kept, and with `rollback` the stack goes back to the last release that came up.

    The hooks after the deploy run once all is healthy and was watched, or else when it is known what became of the release; none runs on the way back.
    What became of it is told after the reason, in `problems`. Without `on_failure` a failure is told and nothing else. Raises as `apply` does.
    """
    begun, tiers, hooks = time.time(), list(tiers), hooks or Hooks()
    try:
        done = apply(target, tiers, changes=changes, look=look, check=check, describe=describe, watch=watch, hooks=hooks)
    except ApplyError as error:
        if on_failure is None or check or not _can_be_helped(error):
            hooks.fail(FAILED)
            error.done.hooks = hooks.names
            raise
        done = error.done
        done.problems = [str(error)]
    if not done.problems:
        done.problems = hooks.succeed(tiers)
    recovery = None
    if done.problems and on_failure is not None and not check:
        recovery = _recover(target, done, changes, on_failure, begun, describe=describe)
    if done.problems:
        done.problems += hooks.fail(ROLLED_BACK if recovery and recovery.whole else FAILED)
    done.hooks = hooks.names
    return done, recovery


def _recover(target: Target, done: Done, changes: Changes | None, on_failure: OnFailure, begun: float, *, describe: bool) -> Recovery:
    touched = {*done.started, *done.created, *done.recreated, *done.reloaded}
    if changes is not None:
        touched |= {name for tier in changes.tiers.values() for name in tier.renewed}
    return _Failed(target, done, touched, begun).recover(on_failure, describe=describe)


def _can_be_helped(error: ApplyError) -> bool:
    """Tell whether going back may help: not where the engine is gone, or where another run is at work."""
    cause = error.__cause__
    return not (isinstance(cause, EngineError) and not cause.status) and not (isinstance(cause, MakeError) and cause.busy)


class _Failed:
    """A release that lies in the project directory and failed."""

    def __init__(self, target: Target, done: Done, touched: set[str], begun: float) -> None:
        self._target, self._done, self._touched, self._begun = target, done, touched, begun
        home = target.directory.parent
        self._archive = Archive(home / "releases", target.directory)
        self._failures = Failures(home / DIRECTORY)
        self._say = done.problems.append

    def recover(self, on_failure: OnFailure, *, describe: bool) -> Recovery:
        failure = self._keep()
        # What lies here and failed may have been restored by this run, which was not killed over it.
        self._archive.forget_restore()
        recovery = Recovery(
            failed=self._archive.identifier(), kept_in=str(self._failures.path(failure)) if isinstance(failure, Failure) else ""
        )
        good = self._archive.last_good()
        if good is not None and self._has_way_back(good, on_failure):
            recovery = self._go_back(good, recovery, describe=describe)
        elif good is None:
            self._say(
                "No release has come up on this host before, so there is none to go back to: correct the cause, and run ziggie.stack.site again."
            )
        if isinstance(failure, Failure):
            self._say(f"What failed is kept in {recovery.kept_in}: its files, logs, exit codes, probes and events.")
            if recovery.whole:
                self._failures.amend(replace(failure, back_on=recovery.release))
        else:
            self._say(f"What failed could not be kept in {self._failures.directory}: {failure}.")
        return recovery

    def _keep(self) -> Failure | OSError:
        """Keep what failed, before anything is replaced; a host that has no room for it is taken back all the same."""
        try:
            secrets = secrets_in(self._target.directory.parent / "secrets")
            with self._engine() as engine:
                evidence = gather(engine, self._target.project, self._touched, self._begun, secrets)
            return self._failures.keep(room.contents(self._target.directory), self._done.problems, evidence, time.time())
        except OSError as error:
            return error

    def _engine(self) -> closing[Engine]:
        return closing(Engine(self._target.socket, _ANSWER))

    def _has_way_back(self, good: Kept, on_failure: OnFailure) -> bool:
        if good.identifier == self._archive.identifier():
            self._say(
                f"What lies on the host is release {good.title}, which had come up: going back to it would change nothing. "
                "Correct the cause, and run ziggie.stack.site again."
            )
        elif on_failure == "stop" or (paused := self._paused()):
            why = "release_on_failure is stop" if on_failure == "stop" else f"update_config.failure_action is pause of {', '.join(paused)}"
            self._say(f"Nothing was taken back, since {why}: ziggie.stack.rollback takes the stack back to release {good.title}.")
        else:
            return True
        return False

    def _paused(self) -> list[str]:
        """Return the services that failed, where their author wants each of them left as it is."""
        try:
            services = Release.needed(self._target.directory).services
        except ReleaseError:
            return []
        failed = {name for name in self._done.failed if name in services}
        return sorted(failed) if all(services[name].update.on_failure == "pause" for name in failed) else []

    def _go_back(self, good: Kept, recovery: Recovery, *, describe: bool) -> Recovery:
        """Put the last good release in place and bring it up; say what came of it."""
        try:
            wanted = self._archive.read(good)
            release = room.release_of(wanted)
            obstacles = [*self._archive.moved(wanted), *self._obstacles(good, release)]
        except (ArchiveError, EngineError, OSError) as error:
            obstacles = [str(error).rstrip(".")]
        if obstacles:
            self._say(f"The stack was not taken back to release {good.title} by itself:")
            self._done.problems += [f"{obstacle}." for obstacle in obstacles]
            return recovery
        recovery = replace(recovery, release=good.identifier, budget=room.budget(wanted))
        try:
            self._archive.restore(wanted)
            self._remove_orphans(release)
            back = apply(self._target, TIERS, describe=describe)
        except (ApplyError, RemoveError, ReleaseError, OSError) as error:
            self._tell_state(good, release, [f"{str(error).rstrip('.')}."])
            return recovery
        self._add(back)
        if back.problems:
            self._tell_state(good, release, back.problems)
            return recovery
        self._archive.forget_restore()
        self._say(f"The stack is back on release {good.title}, and healthy.")
        return replace(recovery, whole=True)

    def _obstacles(self, good: Kept, release: Release) -> Iterator[str]:
        """Say of each service why it cannot be taken back blindly."""
        try:
            failed = Release.read(self._target.directory) or Release()
        except ReleaseError:
            # What cannot be read has started nothing.
            failed = Release()
        with self._engine() as engine:
            containers = [Container.of(one, kernel=False) for one in engine.containers(self._target.project)]
        for name, before in sorted(release.services.items()):
            for path in before.secrets:
                if not (self._target.directory / path).exists():
                    yield (
                        f"{name}: its secret {path} is no part of the release that failed, and was removed: "
                        "run ziggie.stack.site with the inventory of before"
                    )
            after = failed.services.get(name)
            ran = any(one.service == name and not is_of(one.image, before.image) and one.started for one in containers)
            if after is not None and ran and _moves_data(before, after):
                yield _how_to_restore(name, before, after, good)

    def _remove_orphans(self, release: Release) -> None:
        try:
            with self._engine() as engine:
                listed = {service for _identifier, service in engine.listed(self._target.project)}
        except EngineError as error:
            raise RemoveError(f"Cannot look at the stack: {error}.") from error
        orphans = sorted(listed - set(release.services))
        if orphans:
            remove(self._target.socket, self._target.project, orphans)

    def _add(self, back: Done) -> None:
        done = self._done
        for name, names in {**back.names(), "commands": back.commands}.items():
            getattr(done, name).extend(names)
        done.before += back.before
        done.after += back.after
        done.containers, done.live_state_silent = back.containers, back.live_state_silent

    def _tell_state(self, good: Kept, release: Release, problems: list[str]) -> None:
        """Say why the way back failed, and what each service is like now."""
        self._say(f"Going back to release {good.title} failed, too:")
        self._done.problems += problems
        try:
            with self._engine() as engine:
                containers = [Container.of(one) for one in engine.containers(self._target.project)]
        except EngineError as error:
            self._say(
                f"Its files lie on the host, and what runs is not known ({error}): once the engine answers, ziggie.stack.deploy brings it up."
            )
            return
        stale = released_files.stale(release.services, containers, self._target.directory)
        unread = released_files.unread(release.services, containers, self._target.directory)
        states = compare(release.services, containers, stale=stale, unread=unread).services
        self._done.problems += [_state(name, states[name], good) for name in sorted(states)]
        self._say("The files of that release lie on the host: correct the cause, and ziggie.stack.deploy brings up what is missing.")


def _moves_data(before: ReleasedService, after: ReleasedService) -> bool:
    """Tell whether a service of the failed release may have left its data in a format that the good one cannot read."""
    if before.data is None or after.data is None:
        # One of the two is of a version that is not known, unless it is no database at all.
        return (before.data or after.data) is not None and before.image != after.image
    return (before.data.program, before.data.version) != (after.data.program, after.data.version)


def _how_to_restore(name: str, before: ReleasedService, after: ReleasedService, good: Kept) -> str:
    old, new = before.data or before.image, after.data or after.image
    places = ", ".join(next(data.places for data in (after.data, before.data) if data))
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(good.at))
    return (
        f"{name}: {new} has run on the data of {old} in {places}, and may have moved them to a format that {old} cannot read: "
        f"docker compose stop {name}, restore {places} from a backup made since {since}, then "
        f"ansible-playbook ziggie.stack.rollback -e rollback_release={good.identifier}; or correct the cause and go on with ziggie.stack.site"
    )


def _state(name: str, change: ServiceChange, good: Kept) -> str:
    if change.action == NONE:
        return f"{name}: as in release {good.identifier}, and up."
    differing = "; ".join(f"{one.key} is {one.live} instead of {one.desired}" for one in change.differences[:3])
    return f"{name}: not as in release {good.identifier}: {differing}."
