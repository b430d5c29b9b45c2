# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container uses, and what its limits have done to it since it was started, from its cgroup files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .cgroup import CGROUPS, PROC, Group
from .container import seconds

MICROSECONDS = 1_000_000

# The shortest time, in seconds, over which a share of the processor means something.
SHORTEST = 0.5

Figures = dict[str, Any]


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

    def read(self, pause: Callable[[float], None] = time.sleep) -> dict[str, Figures]:
        """Return by container id the figures of `usage` and of `rates`; wait until the two reads are far enough apart."""
        pause(max(0.0, SHORTEST - (self._clock() - self._at)))
        now = self._clock()
        found = {}
        for key, group in self._groups.items():
            after = usage(group)
            found[key] = {**after, **rates(self._before[key], after, now - self._at, now - self._started[key])}
        return found


def usage(group: Group) -> Figures:
    """Read the counters of a group; a figure whose file cannot be read is left out.

    Bytes: `memory` (with page cache), `working_set` (without what the kernel may drop), `memory_peak`, `read`, `written`. Counts:
    `memory_at_limit`, `oom_kills`, `pids`, `cpu_periods`, `cpu_throttled_periods`. Microseconds: `cpu_used`, `cpu_throttled`.
    `pressure` holds, where the kernel has PSI, the share of the last minute in which some task waited for `cpu`, `memory`, `io`.
    """
    found = _v1(group) if group.version == 1 else _v2(group)
    return {name: value for name, value in found.items() if value is not None}


def sampled(group: Group) -> Figures:
    """Read the few figures that change from sample to sample: `working_set`, `pids` and `cpu_used`, in the units of `usage`."""
    if group.version == 2:
        memory, cache = _number(group.read("memory", "memory.current")), group.table("memory", "memory.stat").get("inactive_file")
        used = group.table("cpu", "cpu.stat").get("usage_usec")
    else:
        memory = _number(group.read("memory", "memory.usage_in_bytes"))
        cache = group.table("memory", "memory.stat").get("total_inactive_file")
        spent = _number(group.read("cpuacct", "cpuacct.usage"))
        used = None if spent is None else spent // 1000
    found = {"working_set": _without(memory, cache), "pids": _number(group.read("pids", "pids.current")), "cpu_used": used}
    return {name: value for name, value in found.items() if value is not None}


def memory_events(group: Group) -> dict[str, int]:
    """Read how often a group met `memory.high` and `max`, was at its end (`oom`), and lost a process (`oom_kill`).

    Version 1 knows `max` and `oom_kill` only. Source: Documentation/admin-guide/cgroup-v2.rst, memory.events.
    """
    if group.version == 2:
        told = group.table("memory", "memory.events")
        return {event: told[event] for event in ("high", "max", "oom", "oom_kill") if event in told}
    found = {
        "max": _number(group.read("memory", "memory.failcnt")),
        "oom_kill": group.table("memory", "memory.oom_control").get("oom_kill"),
    }
    return {event: count for event, count in found.items() if count is not None}


def refaulted(group: Group) -> int | None:
    """Read how many bytes of files a group had dropped from memory and soon needed again, since it was made.

    Source: Documentation/admin-guide/cgroup-v2.rst, memory.stat, workingset_refault_file.
    """
    name = "workingset_refault_file" if group.version == 2 else "total_workingset_refault_file"
    pages = group.table("memory", "memory.stat").get(name)
    return None if pages is None else pages * os.sysconf("SC_PAGE_SIZE")


def rates(before: Mapping[str, Any], after: Mapping[str, Any], apart: float, age: float) -> Figures:
    """Return what two reads tell: `cpu` (millicores now), `cpu_average` (since the start), `throttled_share` of all periods so far."""
    found: Figures = {}
    if "cpu_used" in before and "cpu_used" in after:
        if apart > 0:
            found["cpu"] = round((after["cpu_used"] - before["cpu_used"]) * 1000 / (apart * MICROSECONDS))
        if age > 0:
            found["cpu_average"] = round(after["cpu_used"] * 1000 / (age * MICROSECONDS))
    if "cpu_periods" in after and "cpu_throttled_periods" in after:
        found["throttled_share"] = round(after["cpu_throttled_periods"] / after["cpu_periods"], 4) if after["cpu_periods"] else 0.0
    return found


def _v2(group: Group) -> Figures:
    memory = _number(group.read("memory", "memory.current"))
    cpu = group.table("cpu", "cpu.stat")
    events = memory_events(group)
    pressure = {kind: share for kind in ("cpu", "memory", "io") if (share := _pressure(group.read(kind, f"{kind}.pressure"))) is not None}
    return {
        "memory": memory,
        "working_set": _without(memory, group.table("memory", "memory.stat").get("inactive_file")),
        "memory_peak": _number(group.read("memory", "memory.peak")),
        "memory_at_limit": events.get("max"),
        "oom_kills": events.get("oom_kill"),
        "pids": _number(group.read("pids", "pids.current")),
        "cpu_used": cpu.get("usage_usec"),
        "cpu_periods": cpu.get("nr_periods"),
        "cpu_throttled_periods": cpu.get("nr_throttled"),
        "cpu_throttled": cpu.get("throttled_usec"),
        **_io_v2(group.read("io", "io.stat")),
        "pressure": pressure or None,
    }


def _v1(group: Group) -> Figures:
    memory = _number(group.read("memory", "memory.usage_in_bytes"))
    cpu = group.table("cpu", "cpu.stat")
    used = _number(group.read("cpuacct", "cpuacct.usage"))
    throttled = cpu.get("throttled_time")
    events = memory_events(group)
    return {
        "memory": memory,
        "working_set": _without(memory, group.table("memory", "memory.stat").get("total_inactive_file")),
        "memory_peak": _number(group.read("memory", "memory.max_usage_in_bytes")),
        "memory_at_limit": events.get("max"),
        "oom_kills": events.get("oom_kill"),
        "pids": _number(group.read("pids", "pids.current")),
        "cpu_used": None if used is None else used // 1000,
        "cpu_periods": cpu.get("nr_periods"),
        "cpu_throttled_periods": cpu.get("nr_throttled"),
        "cpu_throttled": None if throttled is None else throttled // 1000,
        **_io_v1(group.read("blkio", "blkio.throttle.io_service_bytes")),
    }


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _without(memory: int | None, droppable: int | None) -> int | None:
    return None if memory is None or droppable is None else max(0, memory - droppable)


def _pressure(text: str) -> float | None:
    for line in text.splitlines():
        kind, *figures = line.split()
        if kind == "some":
            return float(dict(figure.split("=") for figure in figures)["avg60"]) / 100
    return None


def _io_v2(text: str) -> Figures:
    totals = {"rbytes": 0, "wbytes": 0}
    for word in text.split():
        name, equals, value = word.partition("=")
        if equals and name in totals:
            totals[name] += int(value)
    return {"read": totals["rbytes"], "written": totals["wbytes"]} if text else {}


def _io_v1(text: str) -> Figures:
    totals = {"Read": 0, "Write": 0}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and words[1] in totals:
            totals[words[1]] += int(words[2])
    return {"read": totals["Read"], "written": totals["Write"]} if text else {}
