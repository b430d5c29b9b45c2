# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel enforces on a process, from its cgroup files, on both versions."""

from __future__ import annotations

from pathlib import Path

from .group import CGROUPS, PROC, Group

# cgroup v1 writes "no limit" as the largest multiple of the page size below 2^63.
_UNLIMITED_V1 = 1 << 62


def limits(pid: int, *, proc: Path = PROC, cgroups: Path = CGROUPS) -> dict[str, int | str]:
    """Read the limits on a process.

    Returns `memory` (bytes, 0 = none), `pids` (0 = none), `cpu_quota` (millicores, 0 = none), and on cgroup v1
    `cpu_shares`, on v2 `cpu_weight`; `cpuset` is the list of cores that it may use. A figure whose file cannot be read is left out: unknown is not zero.
    """
    group = Group.of(pid, proc=proc, cgroups=cgroups)
    if group is None:
        return {}
    found: dict[str, int | str] = dict(_limits_v1(group) if group.version == 1 else _limits_v2(group))
    # v1 has the cores themselves in cpuset.cpus; v2 has there what was asked for, and beside it what is in force.
    cores = group.read("cpuset", "cpuset.cpus" if group.version == 1 else "cpuset.cpus.effective")
    return found | ({"cpuset": cores} if cores else {})


def _limits_v2(group: Group) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, controller, file in (("memory", "memory", "memory.max"), ("pids", "pids", "pids.max"), ("cpu_weight", "cpu", "cpu.weight")):
        text = group.read(controller, file)
        if text:
            found[name] = 0 if text == "max" else int(text)
    quota = group.read("cpu", "cpu.max").split()
    if quota:
        found["cpu_quota"] = 0 if quota[0] == "max" else int(quota[0]) * 1000 // int(quota[1])
    return found


def _limits_v1(group: Group) -> dict[str, int]:
    found: dict[str, int] = {}
    memory = group.read("memory", "memory.limit_in_bytes")
    if memory:
        found["memory"] = 0 if int(memory) >= _UNLIMITED_V1 else int(memory)
    pids = group.read("pids", "pids.max")
    if pids:
        found["pids"] = 0 if pids == "max" else int(pids)
    shares = group.read("cpu", "cpu.shares")
    if shares:
        found["cpu_shares"] = int(shares)
    quota = group.read("cpu", "cpu.cfs_quota_us")
    period = group.read("cpu", "cpu.cfs_period_us")
    if quota and period:
        found["cpu_quota"] = max(int(quota), 0) * 1000 // int(period)
    return found
