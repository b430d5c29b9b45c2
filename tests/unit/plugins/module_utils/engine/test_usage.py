# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The counters of a control group on both versions, and what two reads tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.cgroup import Group
from ansible_collections.ziggie.stack.plugins.module_utils.engine.usage import Use, memory_events, rates, usage

V2 = {
    "memory.current": "3000",
    "memory.stat": "anon 1\ninactive_file 1000\n",
    "memory.peak": "4000",
    "memory.events": "low 0\nhigh 0\nmax 7\noom 1\noom_kill 2\n",
    "pids.current": "5",
    "cpu.stat": "usage_usec 9000000\nnr_periods 40\nnr_throttled 10\nthrottled_usec 77\n",
    "io.stat": "8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=1 wbytes=2\n",
    "memory.pressure": "some avg10=0.00 avg60=12.50 avg300=0.00 total=1\nfull avg10=0.00 avg60=1.00 avg300=0.00 total=1\n",
}
V1 = {
    "memory/memory.usage_in_bytes": "3000",
    "memory/memory.stat": "total_inactive_file 1000\n",
    "memory/memory.max_usage_in_bytes": "4000",
    "memory/memory.failcnt": "7",
    "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    "memory/cgroup.procs": "41\n40\n",
    "pids/pids.current": "5",
    "cpuacct/cpuacct.usage": "9000000000",
    "cpu/cpu.stat": "nr_periods 40\nnr_throttled 10\nthrottled_time 77000\n",
    "blkio/blkio.throttle.io_service_bytes": "8:0 Read 11\n8:0 Write 22\n8:0 Total 33\nTotal 33\n",
}
COMMON = {
    "memory": 3000,
    "working_set": 2000,
    "memory_peak": 4000,
    "memory_at_limit": 7,
    "oom_kills": 2,
    "pids": 5,
    "cpu_used": 9_000_000,
    "cpu_periods": 40,
    "cpu_throttled_periods": 10,
    "cpu_throttled": 77,
}


def group(place: Path, lines: str, files: dict[str, str], under: str) -> Group:
    (place / "proc/9").mkdir(parents=True)
    (place / "proc/9/cgroup").write_text(lines, encoding="ascii")
    for name, text in files.items():
        controller, _slash, file = name.rpartition("/")
        path = place / "cgroup" / controller / under / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    found = Group.of(9, proc=place / "proc", cgroups=place / "cgroup")
    assert found is not None
    return found


def test_version_2(tmp_path: Path) -> None:
    found = usage(group(tmp_path, "0::/docker/x\n", V2, "docker/x"))
    assert found == {**COMMON, "read": 11, "written": 22, "pressure": {"memory": 0.125}}


def test_version_1(tmp_path: Path) -> None:
    lines = "5:memory:/docker/x\n4:pids:/docker/x\n3:cpu,cpuacct:/docker/x\n2:blkio:/docker/x\n"
    found = group(tmp_path, lines, V1, "docker/x")
    assert usage(found) == {**COMMON, "read": 11, "written": 22}
    assert found.processes() == [40, 41]


def test_memory_events(tmp_path: Path) -> None:
    second = group(tmp_path / "2", "0::/docker/x\n", V2, "docker/x")
    assert memory_events(second) == {"high": 0, "max": 7, "oom": 1, "oom_kill": 2}
    first = group(tmp_path / "1", "5:memory:/docker/x\n", V1, "docker/x")
    assert memory_events(first) == {"max": 7, "oom_kill": 2}
    assert memory_events(group(tmp_path / "0", "5:memory:/docker/x\n", {}, "docker/x")) == {}


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    assert usage(group(tmp_path, "0::/docker/x\n", {"pids.current": "5"}, "docker/x")) == {"pids": 5}
    assert Group.of(1, proc=tmp_path / "none", cgroups=tmp_path) is None


@pytest.mark.parametrize(
    ("before", "after", "seconds", "age", "wanted"),
    [
        (
            {"cpu_used": 0},
            {"cpu_used": 500_000, "cpu_periods": 8, "cpu_throttled_periods": 2},
            1,
            5,
            {"cpu": 500, "cpu_average": 100, "throttled_share": 0.25},
        ),
        ({}, {"cpu_used": 500_000}, 1, 5, {}),
        ({"cpu_used": 1}, {"cpu_used": 1, "cpu_periods": 0, "cpu_throttled_periods": 0}, 0, 0, {"throttled_share": 0.0}),
    ],
)
def test_rates(before: dict[str, int], after: dict[str, int], seconds: float, age: float, wanted: dict[str, float]) -> None:
    assert rates(before, after, seconds, age) == wanted


def test_use_is_read_twice(tmp_path: Path) -> None:
    (tmp_path / "proc/9").mkdir(parents=True)
    (tmp_path / "proc/9/cgroup").write_text("0::/x\n", encoding="ascii")
    (tmp_path / "x").mkdir()
    (tmp_path / "x/cpu.stat").write_text("usage_usec 1000000\n", encoding="ascii")
    times = iter((200.0, 200.0, 201.0))
    waited: list[float] = []
    use = Use(
        [{"Id": "c1", "State": {"Pid": 9, "StartedAt": "1970-01-01T00:01:40Z"}}],
        clock=lambda: next(times),
        proc=tmp_path / "proc",
        cgroups=tmp_path,
    )
    (tmp_path / "x/cpu.stat").write_text("usage_usec 1500000\n", encoding="ascii")
    assert use.read(pause=waited.append) == {"c1": {"cpu_used": 1_500_000, "cpu": 500, "cpu_average": 15}}
    assert waited == [0.5]
