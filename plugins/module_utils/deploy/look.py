# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release beside what runs: where most runs end, so nothing is imported here that only a change needs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..engine.client import Engine, EngineError
from ..engine.container import Container
from . import released_files
from .changes import Changes, compare
from .release import Release

# Runs a command in the project directory, with open files that it is to inherit; returns its code and what it said.
Run = Callable[[list[str], tuple[int, ...]], tuple[int, str]]

# Kinds of change, in the order in which a run makes them.
_CHANGED = ("ended", "limited", "created", "recreated", "started", "reloaded", "hooks")
_ANSWER = 60.0
# An engine that does not say that it is there within so many seconds does not work either.
_ALIVE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a release is carried out: the project directory, the Compose project, the engine's socket, and how many seconds a tier may take."""

    directory: Path
    project: str
    socket: str
    timeout: float
    run: Run


@dataclass(slots=True, kw_only=True)
class Done:
    """What was done so far; `problems` are sentences that say why a tier did not become healthy, `containers` is `None` where nothing was looked at.

    `down` is for how many seconds services were away that got a new container, where that was seen, `failed` the services that are not healthy.
    """

    ended: list[str] = field(default_factory=list)
    limited: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    recreated: list[str] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    reloaded: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)
    down: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    before: str = ""
    after: str = ""
    containers: list[Container] | None = None
    live_state_silent: bool = False

    @property
    def changed(self) -> bool:
        """Tell whether anything was changed."""
        return any(self.names().values())

    def names(self) -> dict[str, list[str]]:
        """Return what was changed, by kind."""
        return {name: getattr(self, name) for name in _CHANGED}

    def to_dict(self) -> dict[str, Any]:
        """Return what the module answers."""
        lists = {name: getattr(self, name) for name in (*_CHANGED, "commands", "problems")}
        described = {} if self.containers is None else {"containers": [container.to_dict() for container in self.containers]}
        diff = {"before": self.before, "after": self.after}
        return {"changed": self.changed, "diff": diff, "live_state_silent": self.live_state_silent, **lists, **described}


class ApplyError(Exception):
    """A release cannot be carried out further; the text is one sentence, `done` what was done before."""

    def __init__(self, text: str, done: Done) -> None:
        super().__init__(text)
        self.done = done


class Look:
    """The release in a project directory and the containers as last seen. Raises `ApplyError` where the engine does not answer, and `ReleaseError`."""

    def __init__(self, target: Target) -> None:
        self.release = Release.needed(target.directory)
        try:
            Engine.ping(target.socket, _ALIVE)
        except EngineError as error:
            raise ApplyError(f"Cannot look at the stack: {error}.", Done()) from error
        self.engine = Engine(target.socket, _ANSWER)
        self._target = target
        self._seen: list[Container] | None = None

    def containers(self) -> list[Container]:
        """Return every container; looked at anew only where something was done since."""
        if self._seen is None:
            self._seen = [Container.of(inspected) for inspected in self.engine.containers(self._target.project)]
        return self._seen

    def forget(self) -> None:
        """Take note that something was done, so that the containers may be otherwise."""
        self._seen = None

    def compare(self) -> Changes:
        """Return what differs."""
        services, containers, directory = self.release.services, self.containers(), self._target.directory
        stale = released_files.stale(services, containers, directory)
        unread = released_files.unread(services, containers, directory)
        return compare(services, containers, stale=stale, unread=unread, released=services)

    def end(self, done: Done, *, describe: bool) -> Done:
        """Return what was done with what is so in the end: whether the live state is silent, and with `describe` the containers."""
        done.live_state_silent = released_files.silent(self.release, time.time())
        if describe:
            done.containers = self.containers()
        return done

    def close(self) -> None:
        """Give the connection back."""
        self.engine.close()


def compared(target: Target, *, describe: bool) -> tuple[Look, Changes, Done | None]:
    """Compare the release with what runs; where nothing is to be done, return with it how the run ends. Raises as `Look`, and `ApplyError`."""
    look = Look(target)
    try:
        changes = look.compare()
        if changes.busy:
            return look, changes, None
        done = look.end(Done(), describe=describe)
    except EngineError as error:
        look.close()
        raise ApplyError(f"Cannot look at the stack: {str(error).rstrip('.')}.", Done()) from error
    look.close()
    return look, changes, done
