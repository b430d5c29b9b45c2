# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel enforces on a process, from its cgroup files, on both versions.

Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/{memory,cpusets,pids}.rst of the kernel.
"""

from __future__ import annotations

from pathlib import Path

# cgroup v1 writes "no limit" as the largest multiple of the page size below 2^63.
_UNLIMITED_V1 = 1 << 62


def limits(pid: int, *, proc: Path, cgroups: Path) -> dict[str, int]:
    """Read the limits on a process.

    Returns `memory` (bytes, 0 = none), `pids` (0 = none), `cpu_quota` (millicores, 0 = none), and on cgroup v1
    `cpu_shares`, on v2 `cpu_weight`. A figure whose file cannot be read is left out: unknown is not zero.
    """
    try:
        lines = (proc / str(pid) / "cgroup").read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    paths = {}
    for line in lines:
        _number, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            paths[controller] = path.lstrip("/")
    if "memory" in paths:
        return _limits_v1(paths, cgroups)
    return _limits_v2(cgroups / paths.get("", ""))


def _limits_v2(directory: Path) -> dict[str, int]:
    found = {}
    for name, file in (("memory", "memory.max"), ("pids", "pids.max"), ("cpu_weight", "cpu.weight")):
        text = _read(directory / file)
        if text:
            found[name] = 0 if text == "max" else int(text)
    quota = _read(directory / "cpu.max").split()
    if quota:
        found["cpu_quota"] = 0 if quota[0] == "max" else int(quota[0]) * 1000 // int(quota[1])
    return found


def _limits_v1(paths: dict[str, str], cgroups: Path) -> dict[str, int]:
    found = {}
    memory = _read(_file_v1(cgroups, "memory", paths, "memory.limit_in_bytes"))
    if memory:
        found["memory"] = 0 if int(memory) >= _UNLIMITED_V1 else int(memory)
    pids = _read(_file_v1(cgroups, "pids", paths, "pids.max"))
    if pids:
        found["pids"] = 0 if pids == "max" else int(pids)
    shares = _read(_file_v1(cgroups, "cpu", paths, "cpu.shares"))
    if shares:
        found["cpu_shares"] = int(shares)
    quota = _read(_file_v1(cgroups, "cpu", paths, "cpu.cfs_quota_us"))
    period = _read(_file_v1(cgroups, "cpu", paths, "cpu.cfs_period_us"))
    if quota and period:
        found["cpu_quota"] = max(int(quota), 0) * 1000 // int(period)
    return found


def _file_v1(cgroups: Path, controller: str, paths: dict[str, str], file: str) -> Path:
    """Find a controller's file, also where a host inside a container names paths from outside its own tree."""
    root = cgroups / controller
    path = paths.get(controller, "")
    direct = root / path / file
    if direct.exists():
        return direct
    # /proc/PID/cgroup may start at an ancestor that this mount does not show.
    parts = Path(path).parts
    for start in range(1, len(parts)):
        candidate = root.joinpath(*parts[start:]) / file
        if candidate.exists():
            return candidate
    return direct


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
