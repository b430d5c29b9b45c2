# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits as the kernel's files say, on both versions; unknown is not zero."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.cgroup import Group, Protection
from ansible_collections.ziggie.stack.plugins.module_utils.limits import KernelLimits

V1 = "12:memory:/docker/abc\n6:cpuset:/docker/abc\n4:cpu,cpuacct:/docker/abc\n3:pids:/docker/abc\n1:name=systemd:/docker/abc\n0::/system.slice\n"
V2 = "0::/system.slice/docker-abc.scope\n"


def read(root: Path, groups: str, files: dict[str, str]) -> dict[str, int | str]:
    for name, text in {"proc/7/cgroup": groups, **{f"cgroup/{name}": text for name, text in files.items()}}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    group = Group.of(7, proc=root / "proc", cgroups=root / "cgroup")
    assert group
    return KernelLimits.read(group.version, group.read).to_dict()


def v1(prefix: str = "docker/abc") -> dict[str, str]:
    return {
        f"memory/{prefix}/memory.limit_in_bytes": "268435456\n",
        f"pids/{prefix}/pids.max": "100\n",
        f"cpu/{prefix}/cpu.shares": "512\n",
        f"cpu/{prefix}/cpu.cfs_quota_us": "50000\n",
        f"cpu/{prefix}/cpu.cfs_period_us": "100000\n",
    }


HELD = {"memory": 268435456, "pids": 100, "cpu_shares": 512, "cpu_quota": 500}


def test_v1(tmp_path: Path) -> None:
    assert read(tmp_path, V1, v1()) == HELD


def test_v1_named_from_outside_the_hosts_own_tree(tmp_path: Path) -> None:
    outer = V1.replace("/docker/abc", "/docker/host/docker/abc")
    assert read(tmp_path, outer, v1()) == HELD


def test_v1_without_limits(tmp_path: Path) -> None:
    files = {
        "memory/docker/abc/memory.limit_in_bytes": "9223372036854771712\n",
        "pids/docker/abc/pids.max": "max\n",
        "cpu/docker/abc/cpu.shares": "1024\n",
        "cpu/docker/abc/cpu.cfs_quota_us": "-1\n",
        "cpu/docker/abc/cpu.cfs_period_us": "100000\n",
    }
    assert read(tmp_path, V1, files) == {"memory": 0, "pids": 0, "cpu_shares": 1024, "cpu_quota": 0}


@pytest.mark.parametrize(
    ("quota", "expected"), [("50000 100000", 500), ("max 100000", 0), ("5000 100000", 50), ("150000 100000", 1500), ("33300 100000", 333)]
)
def test_v2(tmp_path: Path, quota: str, expected: int) -> None:
    scope = "system.slice/docker-abc.scope"
    files = {f"{scope}/memory.max": "268435456\n", f"{scope}/pids.max": "100\n", f"{scope}/cpu.weight": "20\n", f"{scope}/cpu.max": quota}
    assert read(tmp_path, V2, files) == {"memory": 268435456, "pids": 100, "cpu_weight": 20, "cpu_quota": expected}


def test_v2_without_limits(tmp_path: Path) -> None:
    scope = "system.slice/docker-abc.scope"
    assert read(tmp_path, V2, {f"{scope}/memory.max": "max\n", f"{scope}/pids.max": "max\n"}) == {"memory": 0, "pids": 0}


@pytest.mark.parametrize(
    ("groups", "file"), [(V1, "cpuset/docker/abc/cpuset.cpus"), (V2, "system.slice/docker-abc.scope/cpuset.cpus.effective")]
)
def test_the_cores_in_force(tmp_path: Path, groups: str, file: str) -> None:
    assert read(tmp_path, groups, {file: "0-1,3\n"}) == {"cpuset": "0-1,3"}


@pytest.mark.parametrize("groups", [V1, V2])
def test_what_cannot_be_read_is_left_out(tmp_path: Path, groups: str) -> None:
    assert read(tmp_path, groups, {}) == {}


def test_a_process_that_is_gone(tmp_path: Path) -> None:
    assert Group.of(7, proc=tmp_path / "proc", cgroups=tmp_path) is None


SCOPE = "ziggie.slice/ziggie-critical.slice/docker-1.scope"


def machine(root: Path, lows: dict[str, str], groups: str = f"0::/{SCOPE}\n") -> dict[str, Path]:
    proc, cgroups = root / "proc", root / "cgroup"
    (proc / "7").mkdir(parents=True)
    (proc / "7/cgroup").write_text(groups, encoding="ascii")
    for group, low in lows.items():
        (cgroups / group).mkdir(parents=True, exist_ok=True)
        (cgroups / group / "memory.low").write_text(low, encoding="ascii")
    return {"proc": proc, "cgroups": cgroups}


SLICES = {"ziggie.slice": "300\n", "ziggie.slice/ziggie-critical.slice": "200\n"}


def test_the_least_of_all_groups_counts(tmp_path: Path) -> None:
    where = machine(tmp_path, {**SLICES, SCOPE: "100\n"})
    assert Protection.of(7, **where) == Protection(low=100, effective=100, by="docker-1.scope")


def test_a_parent_that_protects_less_is_named(tmp_path: Path) -> None:
    where = machine(tmp_path, {**SLICES, "ziggie.slice": "0\n", SCOPE: "max\n"})
    assert Protection.of(7, **where) == Protection(low=(1 << 63) - 1, effective=0, by="ziggie.slice")


def test_without_a_process_or_on_version_1_nothing_is_told(tmp_path: Path) -> None:
    where = machine(tmp_path, {}, "3:memory:/docker/1\n")
    assert [Protection.of(pid, **where) for pid in (7, 0, 8)] == [None] * 3
