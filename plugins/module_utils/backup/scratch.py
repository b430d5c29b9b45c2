# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throw-away container of a service's own image, without network, that fills a directory of its own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ..engine.client import Engine, EngineError, frames
from ..engine.execute import ExecutionError
from ..limits import Limits
from .model import BackupError

LABEL = "ziggie.stack.scratch"
_KEPT = (
    *("Tmpfs", "ShmSize", "ReadonlyRootfs", "CapAdd", "CapDrop", "SecurityOpt", "Ulimits", "LogConfig", "CgroupParent", "Runtime"),
    *(limit.engine for limit in Limits.table() if limit.engine),
)
# What an image runs once in an empty directory; a backup brings all of that itself.
_FIRST_START = "/docker-entrypoint-initdb.d"
_READY = 180.0
_PIDS = 512
_STOP = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a container may use that runs beside the service instead of in its place: little memory, and of the processor what nobody else wants."""

    memory: int


class Scratch:
    """Runs as the inspected container does, with `directory` in place of the volume that is mounted at `target`; `words` follow its command's."""

    def __init__(
        self,
        engine: Engine,
        inspected: Mapping[str, Any],
        target: str,
        directory: Path,
        project: str,
        bounds: Bounds | None = None,
        words: Sequence[str] = (),
    ) -> None:
        self._engine = engine
        self._order = order(inspected, target, directory, project, bounds, words)
        self._limit = "stack_backup.drill.memory" if bounds else "the service's memory limit"
        self.container = ""

    def __enter__(self) -> Scratch:
        self.container = str(self._engine.post("/containers/create", self._order)["Id"])
        try:
            self._engine.post(f"/containers/{self.container}/start")
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            # A server that is killed for want of memory breaks connections off, which tells less.
            if isinstance(error, (BackupError, EngineError, ExecutionError)):
                self.check()
        finally:
            self._remove()

    def wait(self, ready: Callable[[], object]) -> None:
        """Wait until the server answers. Raises `BackupError` where it ends, or does not answer in time."""
        deadline, said = time.monotonic() + _READY, "it does not answer"
        while time.monotonic() < deadline:
            try:
                ready()
                return
            except (ExecutionError, EngineError) as error:
                said = str(error)
            self.check()
            time.sleep(0.3)
        raise BackupError(f"the throw-away container did not come up in {_READY:g} s: {said}")

    def check(self) -> None:
        """Raise `BackupError` where the container has ended by itself."""
        state = self._engine.get(f"/containers/{self.container}/json")["State"]
        if state["OOMKilled"]:
            raise BackupError(f"the throw-away container was OOM-killed: {self._limit} does not hold its data while they are restored")
        if not state["Running"]:
            stream = self._engine.read(f"/containers/{self.container}/logs?stdout=1&stderr=1&tail=3")
            log = b"".join(data for _kind, data in frames(stream)).decode(errors="replace")
            raise BackupError(f"the throw-away container ended with exit code {state['ExitCode']}: {' '.join(log.split())[-300:]}")

    def stop(self) -> None:
        """Stop the server as its image wishes, so that its data are whole on the disk. Raises `BackupError` where it does not end well."""
        self.check()
        Engine(timeout=_STOP + 30.0).post(f"/containers/{self.container}/stop?t={_STOP}")
        state = self._engine.get(f"/containers/{self.container}/json")["State"]
        if state["ExitCode"]:
            raise BackupError(f"the throw-away container did not stop cleanly (exit code {state['ExitCode']})")

    def _remove(self) -> None:
        with contextlib.suppress(EngineError):
            self._engine.delete(f"/containers/{self.container}?force=true&v=true")


def order(
    inspected: Mapping[str, Any], target: str, directory: Path, project: str, bounds: Bounds | None = None, words: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what the engine is asked to make."""
    config, host = inspected["Config"], inspected["HostConfig"]
    binds = [bind for bind in host.get("Binds") or () if _read_only(bind) and _target(bind) not in (target, _FIRST_START)]
    mounts = [
        one
        for one in host.get("Mounts") or ()
        if one.get("ReadOnly") and one["Type"] == "bind" and one["Target"] not in (target, _FIRST_START)
    ]
    # The dump brings every database but this one.
    environment = [entry for entry in config.get("Env") or () if not entry.startswith("POSTGRES_DB=")]
    command = list(config.get("Cmd") or ())
    return {
        **{key: config[key] for key in ("Entrypoint", "User", "WorkingDir", "StopSignal") if config.get(key)},
        **({"Cmd": [*command, *words]} if command else {}),
        "Image": inspected["Image"],
        "Env": [*environment, "POSTGRES_DB=postgres"],
        "Labels": {LABEL: project},
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {
            **{key: host[key] for key in _KEPT if host.get(key)},
            **(_bounded(host, bounds) if bounds else {}),
            "Binds": [*binds, f"{directory}:{target}"],
            "Mounts": mounts,
            "NetworkMode": "none",
            "RestartPolicy": {"Name": "no"},
        },
    }


def _bounded(host: Mapping[str, Any], bounds: Bounds) -> dict[str, Any]:
    """Return what differs for a container beside the service. It is outside of the stack's slices, so that it takes nothing from what they hold."""
    memory = min(host.get("Memory") or bounds.memory, bounds.memory)
    pids = host.get("PidsLimit") or _PIDS
    return {
        "Memory": memory,
        "MemorySwap": memory,
        "MemoryReservation": 0,
        "PidsLimit": min(pids, _PIDS) if pids > 0 else _PIDS,
        "CpuShares": 2,
        "CgroupParent": "",
        # Where the host itself runs short, this ends first.
        "OomScoreAdj": 1000,
    }


def remove_left(engine: Engine, project: str) -> None:
    """Remove the throw-away containers of runs that were killed."""
    for entry in engine.get("/containers/json", all="true", filters={"label": [f"{LABEL}={project}"]}):
        engine.delete(f"/containers/{entry['Id']}?force=true&v=true")


def _target(bind: str) -> str:
    return bind.split(":")[1]


def _read_only(bind: str) -> bool:
    return "ro" in bind.split(":", 2)[2:3][0].split(",") if bind.count(":") >= 2 else False
