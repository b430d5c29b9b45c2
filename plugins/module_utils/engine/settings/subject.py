# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe is, and what it may ask of one container."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cgroup import CGROUPS, PROC, Group
from ..client import Engine, EngineError
from ..container import seconds as seconds_of
from ..execute import ExecutionError, execute, shell
from ..processes import Process, look, main

SECONDS = 5


class UnknownError(Exception):
    """A program does not say what its settings are; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One running container. Asking changes nothing in it."""

    container: str
    pid: int
    address: str = ""
    started: float = 0.0
    engine: Callable[[float], Engine]
    proc: Path = PROC
    cgroups: Path = CGROUPS
    seconds: int = SECONDS

    def run(self, script: str) -> str:
        """Run a shell script in the container and return what it says."""
        return self.execute(shell(script, self.seconds))

    def execute(self, command: Sequence[str]) -> str:
        """Run a command in the container and return what it says."""
        engine = self.engine(self.seconds + 2.0)
        try:
            return execute(engine, self.container, command, self.seconds)
        except (EngineError, ExecutionError) as error:
            raise UnknownError(str(error)) from error
        finally:
            engine.close()

    def processes(self) -> Sequence[Process]:
        """Return the container's processes as the kernel shows them."""
        group = Group.of(self.pid, proc=self.proc, cgroups=self.cgroups)
        found = look(group.processes(), proc=self.proc) if group else []
        if not found:
            raise UnknownError("its processes cannot be read")
        return found

    def program(self) -> Process:
        """Return the container's program, without an init before it."""
        found = main(self.processes(), self.pid)
        if found is None:
            raise UnknownError("its first process cannot be read")
        return found

    def fetch(self, port: int, path: str, body: Any = None) -> Any:
        """Ask the container's own address over HTTP for JSON; with a body, it is posted."""
        connection = http.client.HTTPConnection(self.address, port, timeout=self.seconds)
        try:
            if body is None:
                connection.request("GET", path)
            else:
                connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != http.client.OK:
                raise UnknownError(f"port {port} answers {answer.status} to {path}")
            return json.loads(text)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise UnknownError(f"port {port} does not answer {path}: {error}") from error
        finally:
            connection.close()

    def read(self, path: str) -> str:
        """Read a file as the container sees it; one that is newer than the container is not what its program has read."""
        place = self.proc / str(self.pid) / "root" / path.lstrip("/")
        try:
            if place.stat().st_mtime > self.started:
                raise UnknownError(f"{path} was changed after the program had read it")
            return place.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise UnknownError(f"{path} cannot be read: {error.strerror}") from error


def of(container: Mapping[str, Any], socket: str, *, seconds: int = SECONDS, proc: Path = PROC, cgroups: Path = CGROUPS) -> Subject:
    """Make the subject of a running container from the engine's inspect answer."""
    networks = (container.get("NetworkSettings") or {}).get("Networks") or {}
    addresses = [network["IPAddress"] for network in networks.values() if network.get("IPAddress")]
    return Subject(
        container=str(container["Id"]),
        pid=int(container["State"]["Pid"]),
        address=addresses[0] if addresses else "127.0.0.1",
        started=seconds_of(container["State"].get("StartedAt", "")),
        engine=lambda timeout: Engine(socket, timeout=timeout),
        proc=proc,
        cgroups=cgroups,
        seconds=seconds,
    )


def as_written(_name: str, value: str) -> str:
    """Take a value as it stands."""
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One tuner's probe.

    `ask` returns the settings that the running program has, by the names that the Budget uses, and raises `UnknownError` where it
    does not say. `normal` brings a value into one form, so that what is written in the program's unit grammar and what the
    program answers can be compared; it raises `ValueError` for anything else.
    """

    tuner: str
    ask: Callable[[Subject], Mapping[str, str]]
    normal: Callable[[str, str], object] = as_written
