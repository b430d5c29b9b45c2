# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases that failed, kept on the host with all that tells why: their files, logs, exit codes, probes and events."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..engine.client import Engine, EngineError
from ..engine.container import service as service_of
from ..engine.logs import last_lines
from ..host import atomic
from ..typed import OPTIONAL, dump_fields, load
from .archive import digest, digests, is_time

DIRECTORY = "failed"
FILE = "failure.json"
MOST = 5

_FILES, _LOGS = "release", "logs"
_LINES = 500
_EVENTS = ("die", "oom", "kill", "health_status: unhealthy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """One run of a container's probe: when it ended as the engine writes it, its exit code, what it printed."""

    end: str
    exit_code: int
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What a container was like when its release failed."""

    service: str
    name: str
    image: str
    state: str
    exit_code: int
    oom_killed: bool
    restarts: int
    started: str
    finished: str
    error: str
    health: str
    probes: tuple[Probed, ...]

    @classmethod
    def of(cls, inspected: Mapping[str, Any]) -> Remains:
        """Return what is worth keeping of an engine's inspect answer."""
        state = inspected["State"]
        health = state.get("Health") or {}
        return cls(
            service=service_of(inspected),
            name=str(inspected["Name"]).lstrip("/"),
            image=str(inspected["Config"]["Image"]),
            state=str(state["Status"]),
            exit_code=int(state.get("ExitCode") or 0),
            oom_killed=bool(state.get("OOMKilled")),
            restarts=int(inspected.get("RestartCount") or 0),
            started=str(state.get("StartedAt") or ""),
            finished=str(state.get("FinishedAt") or ""),
            error=str(state.get("Error") or ""),
            health=str(health.get("Status") or "none"),
            probes=tuple(
                Probed(end=str(one.get("End") or ""), exit_code=int(one.get("ExitCode") or 0), output=str(one.get("Output") or ""))
                for one in health.get("Log") or ()
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that the engine says of a container: when (seconds since 1970), what, and the exit code where it ended."""

    at: float
    service: str
    what: str
    exit_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A release that did not come up, when, and why in sentences; `files` are its files' SHA-256 by path, `back_on` the release that runs instead."""

    release: str
    at: float
    why: tuple[str, ...]
    files: Mapping[str, str]
    containers: tuple[Remains, ...] = ()
    events: tuple[Event, ...] = ()
    back_on: str = field(default="", metadata=OPTIONAL)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return dump_fields(self)

    def told(self) -> str:
        """Say in one sentence when it failed and why."""
        when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(self.at))
        reasons = [one.splitlines()[0].partition("; the last lines of its log")[0].rstrip(".") for one in self.why]
        back = f"; the stack went back to release {self.back_on}" if self.back_on else ""
        return f"this very release failed on {when}: {' '.join(f'{reason}.' for reason in reasons[:3]).rstrip('.')}{back}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the engine still knows of the containers of a release that failed: `logs` by container."""

    containers: tuple[Remains, ...] = ()
    events: tuple[Event, ...] = ()
    logs: Mapping[str, list[str]] = field(default_factory=dict)


def gather(engine: Engine, project: str, services: Collection[str], since: float, secrets: Iterable[str]) -> Evidence:
    """Look at the containers of these services, and at all that are not up, before they are replaced; what cannot be seen is left out."""
    try:
        inspected = [one for one in engine.containers(project) if service_of(one) in services or not _is_up(one)]
        events = engine.events(since, time.time(), type=["container"], label=[f"com.docker.compose.project={project}"])
    except EngineError:
        return Evidence()
    hidden = list(secrets)
    return Evidence(
        containers=tuple(Remains.of(one) for one in inspected),
        events=tuple(_event(one) for one in events if str(one.get("Action", "")).startswith(_EVENTS)),
        logs={str(one["Name"]).lstrip("/"): last_lines(engine, str(one["Id"]), _LINES, hidden) for one in inspected},
    )


def _is_up(inspected: Mapping[str, Any]) -> bool:
    state = inspected["State"]
    return state["Status"] == "running" and (state.get("Health") or {}).get("Status", "none") in ("healthy", "none")


def _event(said: Mapping[str, Any]) -> Event:
    attributes = (said.get("Actor") or {}).get("Attributes") or {}
    return Event(
        at=int(said.get("timeNano") or 0) / 1e9,
        service=str(attributes.get("com.docker.compose.service", "")),
        what=str(said["Action"]),
        exit_code=str(attributes.get("exitCode", "")),
    )


class Failures:
    """The failed releases below a directory, the newest few."""

    def __init__(self, directory: Path, most: int = MOST) -> None:
        self.directory = directory
        self._most = most
        # A log may say more than everybody is to know.
        self._ownership = atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o600)

    def keep(self, found: Mapping[str, bytes], why: Iterable[str], evidence: Evidence, now: float) -> Failure:
        """Keep a release's files with what tells why it failed, in place of an earlier failure of the same release."""
        files = digests(found)
        failure = Failure(
            release=digest(found), at=now, why=tuple(why), files=files, containers=evidence.containers, events=evidence.events
        )
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self.directory.glob(".*.*"):
            shutil.rmtree(left, ignore_errors=True)
        making = Path(tempfile.mkdtemp(dir=self.directory, prefix=f".{failure.release}."))
        contents = {f"{_FILES}/{path}": content for path, content in found.items()}
        contents |= {f"{_LOGS}/{name}.log": "".join(f"{line}\n" for line in lines).encode() for name, lines in evidence.logs.items()}
        for path, content in {**contents, FILE: _text(failure)}.items():
            (making / path).parent.mkdir(parents=True, exist_ok=True)
            atomic.write(making / path, content, self._ownership)
        shutil.rmtree(self.path(failure), ignore_errors=True)
        making.rename(self.path(failure))
        for old in self.kept()[self._most :]:
            shutil.rmtree(self.path(old), ignore_errors=True)
        return failure

    def amend(self, failure: Failure) -> None:
        """Write what has become known of a failure that is kept."""
        atomic.write(self.path(failure) / FILE, _text(failure), self._ownership)

    def path(self, failure: Failure) -> Path:
        """Return the directory of a failure."""
        return self.directory / failure.release

    def kept(self) -> list[Failure]:
        """Return what is kept, the newest first; what cannot be read is as if it were not there."""
        found = []
        for path in self.directory.glob(f"[!.]*/{FILE}"):
            with contextlib.suppress(OSError, ValueError, RecursionError):
                failure = load(Failure, json.loads(atomic.read(path) or b""))
                if failure.release == path.parent.name and is_time(failure.at):
                    found.append(failure)
        return sorted(found, key=lambda failure: (-failure.at, failure.release))

    def of(self, files: Mapping[str, str]) -> Failure | None:
        """Return the failure of a release that has just these files, SHA-256 by path."""
        return next((failure for failure in self.kept() if dict(failure.files) == dict(files)), None)


def _text(failure: Failure) -> bytes:
    return (json.dumps(failure.to_dict(), indent=1) + "\n").encode()
