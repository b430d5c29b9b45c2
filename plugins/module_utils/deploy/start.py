# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start services in the order of their dependencies, as many at once as can be, until all are up or one has failed."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeAlias

from ..engine.client import Engine, EngineError
from ..engine.container import Container
from ..engine.events import Watch
from .health import has_failed
from .release import ReleasedService
from .start_order import OVER, RUNNING, STARTING, UP, WAITING, Order

# A start costs the engine about a third of a second of processor, and waits for little else.
WORKERS = min(max(os.cpu_count() or 2, 2), 8)
# Starting, and even an answer, may take the engine a while on a busy host; a look makes up for an event that never came.
START_TIMEOUT = 120.0
LOOK_AGAIN = 2.0

# A container of which an event came, `None` when the engine is gone, or of a start the service, the container and why it was refused.
Heard: TypeAlias = "str | tuple[str, str, str] | None"

Start = Callable[[Engine, str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The services that were started, those that are not up, and by service why the engine refused to start it; `up` tells since when one is."""

    started: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    underway: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    up: dict[str, float] = field(default_factory=dict, compare=False)
    in_time: bool = True


def bring_up(
    socket: str,
    project: str,
    services: Mapping[str, ReleasedService],
    *,
    timeout: float,
    start: Start,
    ends: Collection[str] = (),
    leave: Collection[str] = (),
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Start what does not run of these services of a release, and wait until each is up.

    `start` starts a container: it is given an engine, the service and the container's id. Of `ends`, jobs, each is waited for to its end, and the
    containers of `leave` are nobody's concern. Raises `EngineError` when the engine goes away.
    """
    heard: queue.Queue[Heard] = queue.Queue()
    watch = Watch(socket, project, heard.put, timeout=START_TIMEOUT)
    engine = Engine(socket, START_TIMEOUT)
    crew = _Crew(socket, start, heard.put)
    try:
        return _Turn(engine, project, services, crew, ends, leave).run(heard, clock() + timeout, clock)
    finally:
        crew.end()
        watch.close()
        engine.close()


class _Crew:
    """Starts containers in threads, each with a connection of its own, and says of each that it is done or why it is not."""

    def __init__(self, socket: str, start: Start, say: Callable[[Heard], None]) -> None:
        self._socket, self._start, self._say = socket, start, say
        self._local = threading.local()
        self._engines: list[Engine] = []
        self._pool = ThreadPoolExecutor(WORKERS)

    def begin(self, service: str, container: str) -> None:
        self._pool.submit(self._do, service, container)

    def end(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for engine in self._engines:
            engine.close()

    def _do(self, service: str, container: str) -> None:
        if not hasattr(self._local, "engine"):
            self._local.engine = Engine(self._socket, START_TIMEOUT)
            self._engines.append(self._local.engine)
        try:
            self._start(self._local.engine, service, container)
            self._say((service, container, ""))
        except EngineError as error:
            self._say((service, container, error.said))


class _Turn:
    """One go: what the containers are like, and what is done about it."""

    def __init__(
        self,
        engine: Engine,
        project: str,
        services: Mapping[str, ReleasedService],
        crew: _Crew,
        ends: Collection[str],
        leave: Collection[str],
    ) -> None:
        self._engine, self._project, self._services, self._crew, self._leave = engine, project, services, crew, leave
        self._order = Order({name: services[name].after for name in services}, ends)
        self._containers: dict[str, Container] = {}
        self._started: set[str] = set()
        self._begun: set[str] = set()
        self._refused: dict[str, str] = {}
        self._failed: set[str] = set()
        self._up: dict[str, float] = {}

    def run(self, heard: queue.Queue[Heard], deadline: float, clock: Callable[[], float]) -> Outcome:
        self._look()
        while True:
            self._begin()
            if self._refused or self._failed or not self._order.missing():
                return self._outcome()
            left = deadline - clock()
            if left <= 0:
                return self._outcome(in_time=False)
            try:
                said = heard.get(timeout=min(left, LOOK_AGAIN))
            except queue.Empty:
                self._look()
                continue
            if said is None:
                raise EngineError("the engine went away while containers were starting")
            if isinstance(said, tuple):
                name, said, refusal = said
                self._started.add(name)
                if refusal:
                    self._refused[name] = refusal
            self._look_at(said)

    def _begin(self) -> None:
        for name in self._order.ready():
            mine = [key for key, container in self._containers.items() if container.service == name]
            if not mine:
                self._refused[name] = "it has no container"
            for key in mine:
                if self._containers[key].state != "running":
                    self._begun.add(name)
                    self._crew.begin(name, key)

    def _look(self) -> None:
        self._containers = {}
        for inspected in self._engine.containers(self._project, self._services):
            if inspected["Id"] not in self._leave:
                self._containers[str(inspected["Id"])] = Container.of(inspected, kernel=False)
        self._see(self._services)

    def _look_at(self, identifier: str) -> None:
        if identifier not in self._containers:
            return
        try:
            self._containers[identifier] = Container.of(self._engine.get(f"/containers/{identifier}/json"), kernel=False)
        except EngineError as error:
            if error.status != 404:
                raise
            self._look()
        else:
            self._see([self._containers[identifier].service])

    def _see(self, names: Iterable[str]) -> None:
        for name in names:
            mine = [container for container in self._containers.values() if container.service == name]
            if not mine or name not in self._services:
                continue
            stage = min(self._stage(name, container) for container in mine)
            self._order.see(name, stage)
            if stage >= UP:
                self._up.setdefault(name, time.time())
            if any(self._has_failed(name, container) for container in mine):
                self._failed.add(name)

    def _stage(self, name: str, container: Container) -> int:
        if self._services[name].is_done(container):
            return OVER
        if container.state in ("created", "exited", "dead"):
            return WAITING
        if container.is_up:
            return UP
        return RUNNING if container.state == "running" else STARTING

    def _has_failed(self, name: str, container: Container) -> bool:
        # What has ended before we started it is what we are here for.
        ended = container.state in ("exited", "dead")
        return has_failed(container) and not self._services[name].is_done(container) and (not ended or name in self._started)

    def _outcome(self, *, in_time: bool = True) -> Outcome:
        sick = sorted(self._failed - set(self._refused))
        return Outcome(
            started=sorted(self._begun),
            missing=self._order.missing(),
            underway=sick if self._refused or sick else self._order.underway(),
            refused=self._refused,
            up=self._up,
            in_time=in_time,
        )
