# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching samples at its interval, sees restarts and new containers, and survives an engine that goes away."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.root import Root
from ansible_collections.ziggie.stack.plugins.module_utils.observe.model import Window
from ansible_collections.ziggie.stack.plugins.module_utils.observe.watch import Watch, spread
from hypothesis import given
from hypothesis import strategies as st

from .world import MIB, World, world


class Time:
    """A clock that only waiting moves; at some moments something happens."""

    def __init__(self, host: World) -> None:
        self.now, self.host, self.waits = 1000.0, host, 0
        self.then: dict[int, object] = {}

    def clock(self) -> float:
        return self.now

    def pause(self, span: float) -> None:
        self.now += span
        self.waits += 1
        happens = self.then.pop(self.waits, None)
        if callable(happens):
            happens()


def watched(host: World, time: Time, length: float, interval: float) -> dict[str, Window]:
    watch = Watch(host.socket, list(host.engine.containers.values()), Root(str(host.root)), timeout=1.0)
    return watch.run(length, interval, clock=time.clock, pause=time.pause)


def test_the_highest_use_is_kept(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        identifier = host.add("one", use=10)
        time = Time(host)
        time.then = {
            3: lambda: host.write(f"sys/fs/cgroup/docker/{identifier}/memory.current", f"{77 * MIB}"),
            4: lambda: host.write(f"sys/fs/cgroup/docker/{identifier}/memory.current", f"{20 * MIB}"),
        }
        window = watched(host, time, 50.0, 5.0)[identifier]
    assert window.working_set is not None
    assert (window.samples, window.seconds, window.restarted) == (10, 50.0, False)
    assert (window.working_set.p50, window.working_set.most) == (20 * MIB, 77 * MIB)


def test_a_restart_and_a_new_container_are_seen(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        old = host.add("one")
        time = Time(host)
        added: list[str] = []

        def restart() -> None:
            host.engine.containers[old]["State"]["Pid"] = 900
            host.process(900, "one", 10, 0, old)
            added.append(host.add("two"))

        time.then = {5: restart}
        windows = watched(host, time, 180.0, 10.0)
    assert windows[old].restarted
    assert not windows[added[0]].restarted
    assert 0 < windows[added[0]].samples < windows[old].samples == 18


def test_an_engine_that_goes_away_does_not_end_it(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        identifier = host.add("one")
        time = Time(host)
        time.then = {2: lambda: setattr(host.engine, "deaf", True)}
        watch = Watch(host.socket, list(host.engine.containers.values()), Root(str(host.root)), timeout=0.1)
        windows = watch.run(130.0, 10.0, clock=time.clock, pause=time.pause)
    assert windows[identifier].samples == 13


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=200))
def test_percentiles_are_samples_and_in_order(samples: list[int]) -> None:
    found = spread(samples)
    assert found is not None
    assert {found.p50, found.p95, found.most} <= set(samples)
    assert found.p50 <= found.p95 <= found.most == max(samples)
    assert sum(sample <= found.p95 for sample in samples) >= 0.95 * len(samples)


def test_nothing_has_no_percentile() -> None:
    assert spread([]) is None


def test_cpu_is_the_difference_between_samples(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        identifier = host.add("one")
        time, used = Time(host), [1_000_000]

        def work(span: float) -> None:
            time.now += span
            used[0] += 2_500_000
            host.write(f"sys/fs/cgroup/docker/{identifier}/cpu.stat", f"usage_usec {used[0]}\n")

        watch = Watch(host.socket, list(host.engine.containers.values()), Root(str(host.root)), timeout=1.0)
        window = watch.run(50.0, 5.0, clock=time.clock, pause=work)[identifier]
    assert window.cpu is not None
    assert window.cpu.most == pytest.approx(500)
