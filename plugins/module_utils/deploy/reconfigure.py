# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A changed configuration is checked by the program that runs, read again by it, and proved to be taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..budget.reload import Reload
from ..engine.client import Engine, EngineError
from ..engine.container import Container
from ..engine.execute import ExecutionError, execute
from ..engine.logs import last_lines, lines_of, secrets_in
from . import released_files
from .release import ReleasedService

# How many seconds longer than a command the engine is waited for, and how many lie between two looks.
_PATIENCE, _PAUSE = 5.0, 0.3
# What a sentence shows of what a program said.
_LINES, _WIDEST = 8, 300
# A probe of which nothing says how long it may take: Docker's own default.
_PROBE_TIMEOUT = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconfigure:
    """Has containers read the configuration of a project directory again."""

    socket: str
    directory: Path
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def refusal(self, container: Container, service: ReleasedService) -> str:
        """Return why the program of a container refuses the configuration that lies there, in its own words; empty where it does not."""
        if service.reload is None or not service.reload.check or container.state != "running":
            return ""
        said = self._run(container, service.reload.check, service.reload.timeout)
        return _told(f"{container.service} refuses its new configuration; nothing was reloaded, and it goes on with the old one", said)

    def reload(self, container: Container, service: ReleasedService, there: Iterable[str]) -> str:
        """Have a container read its configuration again, and wait until its program took it and is well; return why not, empty where it did.

        `there` are the ids of all containers.
        """
        how = service.reload
        if how is None:
            return ""
        # A clock that was set back must not have it read again and again.
        at = max(time.time(), released_files.newest(container.service, service, self.directory))
        said = self._order(container, how) or self._settled(container, how)
        if said:
            return _told(f"{container.service} did not take its new configuration", [*said, *self._log(container)])
        try:
            released_files.Reads.read(self.directory).note(self.directory, container, at, there)
        except OSError as error:
            return f"{container.service} took its new configuration, which could not be noted: {error.strerror} at {error.filename}."
        return ""

    def _order(self, container: Container, how: Reload) -> list[str]:
        if how.command:
            return self._run(container, how.command, how.timeout)
        engine = Engine(self.socket, how.timeout + _PATIENCE)
        try:
            engine.post(f"/containers/{container.id}/kill?signal=SIG{how.signal}")
        finally:
            engine.close()
        return []

    def _settled(self, container: Container, how: Reload) -> list[str]:
        """Ask until the program took it and its own probe succeeds; return what was said last where that never comes."""
        deadline = self.clock() + how.timeout
        probe, seconds = self._probe(container)
        while True:
            said = self._run(container, how.verify, how.timeout) or self._run(container, probe, seconds)
            if not said or self.clock() >= deadline:
                return said
            self.pause(_PAUSE)

    def _probe(self, container: Container) -> tuple[list[str], int]:
        """Return the command that the engine asks for a container's health, and for how many seconds; none where there is none."""
        engine = Engine(self.socket)
        try:
            inspected: Mapping[str, Any] = engine.get(f"/containers/{container.id}/json")
        finally:
            engine.close()
        written = inspected["Config"].get("Healthcheck") or {}
        kind, *words = written.get("Test") or ["NONE"]
        seconds = int(written.get("Timeout") or 0) // 1_000_000_000 or _PROBE_TIMEOUT
        return {"CMD": words, "CMD-SHELL": ["/bin/sh", "-c", *words]}.get(kind, []), seconds

    def _run(self, container: Container, command: Sequence[str], seconds: int) -> list[str]:
        """Return what a command said where it failed, nothing where it ended well or there is none."""
        if not command:
            return []
        engine = Engine(self.socket, seconds + _PATIENCE)
        try:
            execute(engine, container.id, command, seconds)
        except ExecutionError as error:
            return lines_of(error.said, _LINES, self._secrets()) or [str(error)]
        finally:
            engine.close()
        return []

    def _log(self, container: Container) -> list[str]:
        engine = Engine(self.socket)
        try:
            lines = last_lines(engine, container.id, _LINES, self._secrets())
        except EngineError:
            lines = []
        finally:
            engine.close()
        return ["the last lines of its log:", *lines] if lines else []

    def _secrets(self) -> list[str]:
        return secrets_in(self.directory.parent / "secrets")


def _told(sentence: str, said: Sequence[str]) -> str:
    return "\n".join([f"{sentence}:", *(f"    {line[:_WIDEST]}" for line in said)]) if said else ""
