# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sample containers at an interval, cheaply: three or four small files of each, and one question to the engine a minute."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..engine.cgroup import Group
from ..engine.client import Engine, EngineError
from ..engine.usage import sampled
from ..host.root import Root
from .model import Spread, Window

# How often the engine is asked what was started or removed meanwhile.
_RELIST = 60.0
_MICROSECONDS = 1_000_000

Inspected = Mapping[str, Any]


@dataclass(slots=True)
class _Series:
    # Eight bytes a sample: a day of thirty containers is 12 MB.
    working_set: array[int] = field(default_factory=lambda: array("q"))
    cpu: array[int] = field(default_factory=lambda: array("q"))
    pids: array[int] = field(default_factory=lambda: array("q"))
    samples: int = 0
    restarted: bool = False
    last: tuple[float, int] | None = None


class Watch:
    """Samples what runs; `inspected` are the containers of the last look at the engine."""

    def __init__(self, socket: str, inspected: Iterable[Inspected], tree: Root, *, timeout: float) -> None:
        self._socket, self._timeout, self._tree = socket, timeout, tree
        self._series: dict[str, _Series] = {}
        self._groups: dict[str, tuple[int, Group]] = {}
        self.inspected: list[Inspected] = []
        self._take(inspected)

    def run(
        self, length: float, interval: float, *, clock: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep
    ) -> dict[str, Window]:
        """Sample for `length` seconds every `interval`, and return by container id what was seen."""
        begun = listed = clock()
        count = 0
        while (now := clock()) - begun < length:
            if now - listed >= _RELIST:
                self._relist()
                listed = now
            for identifier, (_pid, group) in self._groups.items():
                self._sample(identifier, group, clock())
            count += 1
            # A fixed grid, so that what a sample costs does not add up.
            pause(max(0.0, begun + count * interval - clock()))
        self._relist()
        span = max(0.0, clock() - begun)
        return {
            identifier: Window(
                samples=series.samples,
                seconds=round(span, 3),
                restarted=series.restarted,
                working_set=spread(series.working_set),
                cpu=spread(series.cpu),
                pids=spread(series.pids),
            )
            for identifier, series in self._series.items()
            if series.samples
        }

    def _sample(self, identifier: str, group: Group, now: float) -> None:
        series, figures = self._series[identifier], sampled(group)
        if "working_set" not in figures:
            # Stopped meanwhile.
            series.last = None
            return
        series.samples += 1
        series.working_set.append(figures["working_set"])
        if "pids" in figures:
            series.pids.append(figures["pids"])
        used = figures.get("cpu_used")
        if used is not None:
            if series.last is not None and now > series.last[0] and used >= series.last[1]:
                series.cpu.append(round((used - series.last[1]) * 1000 / ((now - series.last[0]) * _MICROSECONDS)))
            series.last = (now, used)

    def _relist(self) -> None:
        """Ask the engine what there is now; where it does not answer, go on with what was known."""
        engine = Engine(self._socket, self._timeout)
        found: list[Inspected] = []
        try:
            for entry in engine.get("/containers/json", all="true"):
                try:
                    found.append(engine.get(f"/containers/{entry['Id']}/json"))
                except EngineError as error:
                    if error.status != 404:
                        raise
        except EngineError:
            return
        finally:
            engine.close()
        self._take(sorted(found, key=lambda container: str(container["Name"])))

    def _take(self, inspected: Iterable[Inspected]) -> None:
        self.inspected = list(inspected)
        groups = {}
        for container in self.inspected:
            identifier, pid = str(container["Id"]), int(container["State"].get("Pid") or 0)
            series = self._series.setdefault(identifier, _Series())
            known = self._groups.get(identifier)
            if known and known[0] == pid:
                groups[identifier] = known
                continue
            group = group_of(container, self._tree)
            if group:
                # A new first process is a new start: its counters begin at zero.
                series.restarted, series.last = series.restarted or bool(series.samples), None
                groups[identifier] = (pid, group)
        self._groups = groups


def group_of(container: Inspected, tree: Root) -> Group | None:
    """Return the cgroup of a container as the engine describes it, `None` where it does not run or cannot be seen."""
    pid = int(container["State"].get("Pid") or 0)
    return Group.of(pid, within=str(container["Id"]), proc=tree.path("/proc"), cgroups=tree.path("/sys/fs/cgroup")) if pid else None


def spread(samples: Iterable[int]) -> Spread | None:
    """Return median, 95th percentile and maximum by nearest rank; nothing of nothing."""
    ordered = sorted(samples)
    if not ordered:
        return None
    return Spread(p50=_rank(ordered, 50), p95=_rank(ordered, 95), most=ordered[-1])


def _rank(ordered: list[int], percent: int) -> int:
    return ordered[-(-len(ordered) * percent // 100) - 1]
