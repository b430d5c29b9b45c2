# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers that came up are watched for a while: one that falls sick soon after was never well."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ..engine.client import Engine, EngineError
from ..engine.container import Container
from ..engine.events import Watch
from .release import ReleasedService

_TIMEOUT = 60.0
_LATE = 0.5


def seconds_of(service: ReleasedService, seconds: float) -> float:
    """Return for how many seconds a service is watched where others are for so many."""
    return seconds if service.update.watch is None else service.update.watch


def watch(
    socket: str,
    project: str,
    since: Iterable[Container],
    services: Mapping[str, ReleasedService],
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> list[Container]:
    """Watch containers, as they were when they came up, for so many seconds, or as many as their service wants.

    Returns those that fell sick, as soon as one has. Raises `EngineError` when the engine goes away.
    """
    begun = clock()
    before = {container.id: container for container in since if seconds_of(services[container.service], seconds) > 0}
    if not before:
        return []
    until = {key: begun + seconds_of(services[container.service], seconds) for key, container in before.items()}
    heard: queue.Queue[str | None] = queue.Queue()
    events = Watch(socket, project, heard.put, timeout=_TIMEOUT)
    engine = Engine(socket, _TIMEOUT)

    def look(identifiers: Iterable[str]) -> list[Container]:
        # What is looked at as its time ends still counts.
        due = [identifier for identifier in identifiers if identifier in before and clock() <= until[identifier] + _LATE]
        now = [_now(engine, before[identifier]) for identifier in due]
        return [container for container in now if _is_sick(container, before[container.id], services[container.service])]

    try:
        sick = look(before)
        while not sick and (coming := [at for at in until.values() if at > clock()]):
            try:
                said = heard.get(timeout=max(0.0, min(coming) - clock()))
            except queue.Empty:
                # An event may have got lost.
                sick = look(before)
                continue
            if said is None:
                raise EngineError("the engine went away while its containers were watched")
            sick = look([said])
        return sick
    finally:
        events.close()
        engine.close()


def _now(engine: Engine, before: Container) -> Container:
    try:
        return Container.of(engine.get(f"/containers/{before.id}/json"), kernel=False)
    except EngineError as error:
        if error.status != 404:
            raise
        return replace(before, state="removed")


def _is_sick(now: Container, before: Container, service: ReleasedService) -> bool:
    if service.is_done(now):
        return False
    started_again = (now.restarts, now.started) != (before.restarts, before.started)
    return not now.is_up or started_again or (now.oom_killed and not before.oom_killed)
