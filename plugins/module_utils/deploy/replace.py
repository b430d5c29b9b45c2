# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the containers of a service give way to new ones: all at once, one after another, or each only once its new one is healthy."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from ..engine.container import Container
from ..typed import OPTIONAL

# `stop-first`: all that are there are replaced at once. `rolling`: one after another, each stopped first. `start-first`: each once its new one is healthy.
Manner = Literal["stop-first", "rolling", "start-first"]

# What `deploy.update_config.failure_action` says: nothing, to leave all as it is, or to go back.
FailureAction = Literal["", "pause", "rollback"]

# What that means for those who use the service.
_MANNERS = {
    "stop-first": "stopped before the new one starts",
    "rolling": "one after another, each stopped before its new one starts",
    "start-first": "each stopped only once its new one is healthy, so that no request fails",
}
_NOT_ASKED = "deploy.update_config.order is not start-first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What a definition, in its budget, lets a run do with the containers of a service.

    `asked` tells whether the author wants new containers first (`deploy.update_config.order`), `obstacles` are what keeps a new one from running beside
    an old one. `together` is why its containers cannot be replaced one after another, empty where they can, `at_once` how many are after the first, and
    `pause` for how many seconds a new one has run before an old one is stopped. `watch` is for how many seconds it is watched once it is up, `None` for as
    long as all others, and `on_failure` what the author wants where it fails. `unheeded` are wishes that no run follows.
    """

    asked: bool = field(default=False, metadata=OPTIONAL)
    obstacles: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    together: str = field(default="", metadata=OPTIONAL)
    at_once: int = field(default=1, metadata=OPTIONAL)
    pause: float = field(default=2.0, metadata=OPTIONAL)
    watch: float | None = field(default=None, metadata=OPTIONAL)
    on_failure: FailureAction = field(default="", metadata=OPTIONAL)
    unheeded: tuple[str, ...] = field(default=(), metadata=OPTIONAL)

    @property
    def start_first(self) -> bool:
        """Tell whether a new container is started before an old one is stopped."""
        return self.asked and not self.obstacles and not self.together

    @property
    def why_not(self) -> str:
        """Return why no new container is started first, empty where one is."""
        return "" if self.start_first else self.together or "; ".join(self.obstacles) or _NOT_ASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """How the containers of a service are replaced, and `why` not with the new one first; `unheeded` are the author's wishes that are not followed."""

    manner: Manner
    why: str = field(default="", metadata=OPTIONAL)
    unheeded: tuple[str, ...] = field(default=(), metadata=OPTIONAL)

    def __str__(self) -> str:
        because = f" ({self.why})" if self.why else ""
        return "; ".join((f"{self.manner}: {_MANNERS[self.manner]}{because}", *self.unheeded))

    @classmethod
    def of(cls, update: Update, containers: Collection[Container], replicas: int) -> Replacement:
        """Return how these containers are replaced, should they be."""
        return replace(cls._of(update, containers, replicas), unheeded=update.unheeded)

    @classmethod
    def _of(cls, update: Update, containers: Collection[Container], replicas: int) -> Replacement:
        unnamed = sorted({place for container in containers for place in container.unnamed})
        if not any(container.is_up for container in containers):
            return cls(manner="stop-first", why="none of its containers is up")
        if unnamed:
            return cls(manner="stop-first", why=f"its volume at {unnamed[0]} has no name, and is handed on when its container is replaced")
        if update.together or not replicas:
            return cls(manner="stop-first", why=update.why_not)
        if update.start_first:
            return cls(manner="start-first")
        several = max(len(containers), replicas) > 1
        return cls(manner="rolling" if several else "stop-first", why=update.why_not)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next thing to do: containers to `remove`, then how many to `make` and to wait for."""

    remove: tuple[str, ...]
    make: int


def next_step(old: Iterable[Container], new: Iterable[Container], replicas: int, update: Update) -> Step | None:
    """Return what comes next, `None` where nothing is left to do; all of `new` are up.

    A single new container goes first: the others are only touched once it is healthy. What serves nobody goes at once, and never all that serve.
    """
    old, new = list(old), list(new)
    idle = tuple(container.id for container in old if not container.is_up)
    if idle:
        return Step(remove=idle, make=0)
    missing = replicas - len(new)
    if missing <= 0:
        surplus = (*old, *sorted(new, key=lambda one: one.number)[replicas:])
        return Step(remove=tuple(one.id for one in surplus), make=0) if surplus else None
    there = len(old) + len(new)
    at_once = min(update.at_once, missing) if new else 1
    if not update.start_first:
        at_once = max(1, min(at_once, there - 1))
    most = replicas + at_once if update.start_first else max(replicas, there)
    stopped = sorted(old, key=lambda one: one.number)[: max(there + at_once - most, 0)]
    return Step(remove=tuple(one.id for one in stopped), make=at_once)
