# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what is so of a stack's services now into a file that node-exporter passes on.

Runs by itself on the host, as the release's `bin/live-state`, with the project directory as its one argument.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..budget.model import Budget
from ..deploy.release import FILE, LiveState, Release, ReleaseError
from ..engine.cgroup import CGROUPS, PROC
from ..engine.client import Engine, EngineError
from ..typed import load
from . import backups, certificates, services, volumes
from .exposition import Family, text, values

TIMESTAMP = "ziggie_live_state_timestamp_seconds"
DURATION = "ziggie_live_state_duration_seconds"
CPU = "ziggie_live_state_cpu_seconds"
PROBLEMS = "ziggie_live_state_problems"
BACKUP = "ziggie_backup_last_success_timestamp_seconds"
CERTIFICATE = "ziggie_certificate_not_after_timestamp_seconds"


def collect(
    directory: Path,
    engine: Engine,
    before: str,
    *,
    clock: Callable[[], float] = time.time,
    proc: Path = PROC,
    cgroups: Path = CGROUPS,
) -> tuple[str, list[str]]:
    """Return the file's text and what could not be read, as sentences; `before` is the text of the last run.

    Raises `EngineError` where the engine does not answer, `ReleaseError` where the release cannot be read.
    """
    began = clock()
    release, state = _release(directory)
    inspected = engine.containers(state.project)
    kills = _kills(engine, state.project, before, began)
    problems: list[str] = []
    budget = _budget(directory / "budget.json", problems)
    found = services.families(inspected, release.services, budget, kills, proc=proc, cgroups=cgroups)
    found.extend(volumes.families(release.volumes, budget, before, began, time.monotonic, problems))
    found.append(_certificates(inspected, problems))
    found.append(_backups(state.backups, problems))
    found.extend(backups.families(directory, problems))
    own = [
        Family(name=TIMESTAMP, kind="gauge", help="When the services were looked at, in seconds since 1970.", samples=[({}, began)]),
        Family(name=DURATION, kind="gauge", help="How long the look took.", samples=[({}, round(clock() - began, 4))]),
        Family(name=CPU, kind="gauge", help="What the program has taken of a processor.", samples=[({}, round(time.process_time(), 4))]),
        Family(
            name=PROBLEMS, kind="gauge", help="How many certificates, backups and volumes could not be read.", samples=[({}, len(problems))]
        ),
    ]
    return text([*found, *own]), problems


def main(arguments: list[str]) -> int:
    """Write the file anew and return an exit code; where that cannot be done the old file stays, and its age tells."""
    try:
        directory = Path(arguments[0])
        file = Path(_release(directory)[1].file)
        engine = Engine(timeout=15.0)
        written, problems = collect(directory, engine, file.read_text(encoding="utf-8") if file.exists() else "")
        _replace(file, written)
    except (EngineError, ReleaseError, OSError, ValueError, IndexError) as error:
        sys.stderr.write(f"The live state was not written: {error or type(error).__name__}\n")
        return 1
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 0


def _release(directory: Path) -> tuple[Release, LiveState]:
    release = Release.needed(directory)
    if release.live_state is None:
        raise ReleaseError(f"{directory / FILE} has no live_state; run the site playbook again")
    return release, release.live_state


def _budget(path: Path, problems: list[str]) -> Budget | None:
    try:
        return load(Budget, json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        problems.append(f"the Budget {path} cannot be read: {error}")
        return None


def _kills(engine: Engine, project: str, before: str, now: float) -> dict[str, float]:
    """Return by service how often the engine was told of a kill: as of the last run, and since then."""
    counted = values(before, services.KILLS, "service")
    since = values(before, TIMESTAMP).get("")
    if since is not None and since < now:
        filters = {"type": ["container"], "event": ["oom"], "label": [f"com.docker.compose.project={project}"]}
        for event in engine.events(since, now, **filters):
            name = ((event.get("Actor") or {}).get("Attributes") or {}).get("com.docker.compose.service", "")
            counted[name] = counted.get(name, 0) + 1
    return counted


def _certificates(inspected: list[dict[str, Any]], problems: list[str]) -> Family:
    family = Family(name=CERTIFICATE, kind="gauge", help="Until when a certificate is valid, in seconds since 1970.")
    for name, file, path in certificates.found(inspected):
        try:
            family.add(certificates.not_after(path.read_text(encoding="ascii")), service=name, file=file)
        except (OSError, ValueError) as error:
            problems.append(f"{name}'s certificate {path} cannot be read: {error}")
    return family


def _backups(places: Mapping[str, str], problems: list[str]) -> Family:
    family = Family(name=BACKUP, kind="gauge", help="When the newest backup was written, in seconds since 1970, 0 for never.")
    for name, place in sorted(places.items()):
        try:
            family.add(backups.newest(Path(place)), service=name)
        except OSError as error:
            # A backup that cannot be seen does not count.
            family.add(0, service=name)
            problems.append(f"{name}'s backups in {place} cannot be read: {error}")
    return family


def _replace(file: Path, content: str) -> None:
    """Put the file in place by rename; it lies in memory, so nothing has to reach a disk."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.write_text(content, encoding="utf-8")
    temporary.chmod(0o644)
    temporary.replace(file)
