# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container's figures, read from its cgroup: version 1 or 2, cgroupfs or systemd driver."""

from __future__ import annotations

from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
UNLIMITED = 1 << 62


def unified() -> bool:
    return (ROOT / "cgroup.controllers").exists()


def folder(controller: str, identity: str) -> Path | None:
    base = ROOT if unified() else ROOT / controller
    for place in (base / "docker" / identity, base / "system.slice" / f"docker-{identity}.scope"):
        if place.is_dir():
            return place
    # A stack may have a parent of its own (cgroup-parent, slices).
    return next(
        (
            place
            for pattern in (f"*/docker-{identity}.scope", f"*/*/docker-{identity}.scope", f"*/{identity}")
            for place in base.glob(pattern)
        ),
        None,
    )


def number(path: Path) -> int:
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return 0
    value = int(text) if text.lstrip("-").isdigit() else 0
    return 0 if value >= UNLIMITED or value < 0 else value


def table(path: Path) -> dict[str, int]:
    try:
        rows = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
    except OSError:
        return {}
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def figures(identity: str) -> dict[str, float]:
    return _unified(identity) if unified() else _legacy(identity)


def _unified(identity: str) -> dict[str, float]:
    place = folder("", identity)
    if place is None:
        return {}
    memory, cpu, events = table(place / "memory.stat"), table(place / "cpu.stat"), table(place / "memory.events")
    usage = number(place / "memory.current")
    quota = (place / "cpu.max").read_text(encoding="ascii").split()
    return {
        "usage": usage,
        "working_set": max(0, usage - memory.get("inactive_file", 0)),
        "rss": memory.get("anon", 0),
        "cache": memory.get("file", 0),
        "limit": number(place / "memory.max"),
        "reservation": number(place / "memory.low"),
        "ooms": events.get("oom_kill", 0),
        "cpu": cpu.get("usage_usec", 0) / 1e6,
        "periods": cpu.get("nr_periods", 0),
        "throttled": cpu.get("nr_throttled", 0),
        "throttled_seconds": cpu.get("throttled_usec", 0) / 1e6,
        "quota": int(quota[0]) if quota[0].isdigit() else 0,
        "period": int(quota[1]),
        "shares": number(place / "cpu.weight"),
        "threads": number(place / "pids.current"),
        "threads_max": number(place / "pids.max"),
    }


def _legacy(identity: str) -> dict[str, float]:
    memory, cpu, account, pids = (folder(name, identity) for name in ("memory", "cpu", "cpuacct", "pids"))
    if memory is None or cpu is None:
        return {}
    stat, throttle = table(memory / "memory.stat"), table(cpu / "cpu.stat")
    usage = number(memory / "memory.usage_in_bytes")
    return {
        "usage": usage,
        "working_set": max(0, usage - stat.get("total_inactive_file", 0)),
        "rss": stat.get("total_rss", 0),
        "cache": stat.get("total_cache", 0),
        "limit": number(memory / "memory.limit_in_bytes"),
        "reservation": number(memory / "memory.soft_limit_in_bytes"),
        "ooms": table(memory / "memory.oom_control").get("oom_kill", 0),
        "cpu": number((account or cpu) / "cpuacct.usage") / 1e9,
        "periods": throttle.get("nr_periods", 0),
        "throttled": throttle.get("nr_throttled", 0),
        "throttled_seconds": throttle.get("throttled_time", 0) / 1e9,
        "quota": number(cpu / "cpu.cfs_quota_us"),
        "period": number(cpu / "cpu.cfs_period_us"),
        "shares": number(cpu / "cpu.shares"),
        "threads": number(pids / "pids.current") if pids else 0,
        "threads_max": number(pids / "pids.max") if pids else 0,
    }
