# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of containers that run and that the engine does not know of, as an engine leaves them that was killed while it started a container.

containerd goes on with such a task. Started again, the engine kills the task, takes its end for the end of the new one, and starts the container again and
again (exit code 137); removed, the task stays for good, and a second server may open its data. Seen with Docker 26.1.5 and containerd 1.7.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .cgroup import PROC
from .client import Engine, EngineError
from .processes import words

# The program that holds a container's processes for containerd; when it dies, containerd ends them and removes what they left.
_SHIM = "containerd-shim"
_NOT_RUNNING = ("created", "exited", "restarting", "dead")
_PATIENCE = 10.0


def end_unknown_tasks(
    engine: Engine,
    containers: Iterable[str],
    *,
    proc: Path = PROC,
    kill: Callable[[int, int], None] = os.kill,
    pause: Callable[[float], None] = time.sleep,
) -> list[str]:
    """End what runs of these containers, by id, though the engine says that they do not run; return their ids.

    Raises `EngineError` where it may not end them or they do not end.
    """
    asked = set(containers)
    unknown = _unknown(engine, asked, proc) if asked else {}
    if unknown:
        # A container that ended a moment ago still has its shim.
        pause(0.5)
        unknown = _unknown(engine, set(unknown), proc)
    if unknown:
        for container in unknown:
            _keep_from_restarting(engine, container)
        unknown = _unknown(engine, set(unknown), proc)
    for container, pid in unknown.items():
        try:
            kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        except PermissionError:
            raise EngineError(
                f"processes of the container {container[:12]} run and the engine does not know of them; end them as root: kill -9 {pid}"
            ) from None
    _wait(unknown, proc, pause)
    return sorted(unknown)


def _unknown(engine: Engine, containers: set[str], proc: Path) -> dict[str, int]:
    """Return the process that holds a container's, of those that do not run, by the container's id."""
    return {container: pid for container, pid in _shims(proc).items() if container in containers and not _runs(engine, container)}


def _keep_from_restarting(engine: Engine, container: str) -> None:
    try:
        engine.post(f"/containers/{container}/stop?t=0")
    except EngineError as error:
        # Between two restarts there is nothing to stop, and no restart follows either.
        if not error.status:
            raise


def _wait(ended: dict[str, int], proc: Path, pause: Callable[[float], None]) -> None:
    waited = 0.0
    while ended and ended.items() & _shims(proc).items():
        if waited >= _PATIENCE:
            raise EngineError(f"processes of {len(ended)} containers that the engine does not know of do not end")
        pause(0.1)
        waited += 0.1
    if ended:
        # containerd removes what they left, and the engine hears of it.
        pause(0.5)


def _runs(engine: Engine, container: str) -> bool:
    try:
        return engine.get(f"/containers/{container}/json")["State"]["Status"] not in _NOT_RUNNING
    except EngineError as error:
        if error.status != 404:
            raise
        return True


def _shims(proc: Path) -> dict[str, int]:
    """Return the process that holds each container's, by the container's id."""
    found = {}
    for place in proc.glob("[0-9]*"):
        try:
            command = words(place / "cmdline")
        except OSError:
            continue
        if command and command[0].rpartition("/")[2].startswith(_SHIM) and "-id" in command[:-1]:
            found[command[command.index("-id") + 1]] = int(place.name)
    return found
