# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is really protected of a container's memory, on folders that look like cgroup v2."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.engine.protection import protection

SCOPE = "ziggie.slice/ziggie-critical.slice/docker-1.scope"


def machine(root: Path, lows: dict[str, str], groups: str = f"0::/{SCOPE}\n") -> dict[str, Path]:
    proc, cgroups = root / "proc", root / "cgroup"
    (proc / "7").mkdir(parents=True)
    (proc / "7/cgroup").write_text(groups, encoding="ascii")
    for group, low in lows.items():
        (cgroups / group).mkdir(parents=True, exist_ok=True)
        (cgroups / group / "memory.low").write_text(low, encoding="ascii")
    return {"proc": proc, "cgroups": cgroups}


RUNNING = {"State": {"Pid": 7}}
SLICES = {"ziggie.slice": "300\n", "ziggie.slice/ziggie-critical.slice": "200\n"}


def test_the_least_of_all_groups_counts(tmp_path: Path) -> None:
    where = machine(tmp_path, {**SLICES, SCOPE: "100\n"})
    assert protection(RUNNING, **where) == {"low": 100, "effective": 100, "by": "docker-1.scope"}


def test_a_parent_that_protects_less_is_named(tmp_path: Path) -> None:
    where = machine(tmp_path, {**SLICES, "ziggie.slice": "0\n", SCOPE: "max\n"})
    assert protection(RUNNING, **where) == {"low": (1 << 63) - 1, "effective": 0, "by": "ziggie.slice"}


def test_without_a_process_or_on_version_1_nothing_is_told(tmp_path: Path) -> None:
    where = machine(tmp_path, {}, "3:memory:/docker/1\n")
    assert protection(RUNNING, **where) == {}
    assert protection({"State": {"Pid": 0}}, **where) == {}
    assert protection({"State": {"Pid": 8}}, **where) == {}
