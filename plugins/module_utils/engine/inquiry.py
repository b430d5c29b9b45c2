# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine's list does not tell of containers: their use and their programs' settings, asked of all at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .client import Engine, EngineError
from .group import CGROUPS, PROC, Group
from .live import service
from .moment import seconds
from .settings.compare import compare
from .settings.subject import of as subject
from .usage import rates, usage

# The programs mostly wait for each other's processor; more threads than this only make them wait for longer.
WORKERS = 8
# The shortest time over which a share of the processor means something.
SHORTEST = 0.5


def settings(
    inspected: Sequence[Mapping[str, Any]], budget: Mapping[str, Any], socket: str, *, proc: Path = PROC, cgroups: Path = CGROUPS
) -> dict[str, dict[str, Any]]:
    """Ask every running program that the Budget tuned, in parallel; return by container id what `settings.compare` returns."""
    asked = {}
    for container in inspected:
        tuning = budget.get("services", {}).get(service(container), {}).get("tuning") or {}
        if tuning.get("engine") and container["State"].get("Running") and not container["State"].get("Paused"):
            asked[str(container["Id"])] = (tuning, subject(container, socket, proc=proc, cgroups=cgroups))
    with ThreadPoolExecutor(WORKERS) as pool:
        return dict(zip(asked, pool.map(lambda pair: compare(*pair), asked.values()), strict=True))


class Use:
    """Reads what every container uses: once when made, and once more when asked."""

    def __init__(
        self,
        inspected: Sequence[Mapping[str, Any]],
        *,
        clock: Callable[[], float] = time.time,
        proc: Path = PROC,
        cgroups: Path = CGROUPS,
    ) -> None:
        self._clock = clock
        self._started = {str(container["Id"]): seconds(container["State"].get("StartedAt", "")) for container in inspected}
        self._groups = {
            str(container["Id"]): group
            for container in inspected
            if container["State"].get("Pid") and (group := Group.of(container["State"]["Pid"], proc=proc, cgroups=cgroups))
        }
        self._at = clock()
        self._before = {key: usage(group) for key, group in self._groups.items()}

    def read(self, pause: Callable[[float], None] = time.sleep) -> dict[str, dict[str, Any]]:
        """Return by container id the figures of `usage` and of `rates`; wait until the two reads are far enough apart."""
        pause(max(0.0, SHORTEST - (self._clock() - self._at)))
        now = self._clock()
        found = {}
        for key, group in self._groups.items():
            after = usage(group)
            found[key] = {**after, **rates(self._before[key], after, now - self._at, now - self._started[key])}
        return found


def images(engine: Engine, inspected: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the id of the image that each reference points to now; empty where there is none any more."""
    found = {}
    for reference in sorted({str(container["Config"]["Image"]) for container in inspected}):
        try:
            found[reference] = str(engine.get(f"/images/{reference}/json")["Id"])
        except EngineError:
            found[reference] = ""
    return found
