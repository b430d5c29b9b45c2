# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The power goes, without a word. What was promised before is there after."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import Any

from machine import ROOT, ask, disk, inspect, power, unhealthy, until

_PSQL = "docker exec --interactive --user postgres ziggie-postgres-1 psql --quiet --no-align --tuples-only --username postgres"
_INSERTS = f"yes 'INSERT INTO acknowledged DEFAULT VALUES RETURNING number;' | {_PSQL}"


def test_the_stack_comes_back_healthy_with_every_acknowledged_row(
    figure: Callable[[str, object, object], None], budget: dict[str, Any]
) -> None:
    ask(f"{_PSQL} --command 'CREATE TABLE acknowledged (number serial PRIMARY KEY)'")
    before = {name: container["Id"] for name, container in inspect().items()}
    last = 0
    with subprocess.Popen([ROOT / "tools/vps", "ssh", _INSERTS], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as client:
        for line in client.stdout or ():
            last = int(line)
            if last >= 100:
                break
        power("cut")
        # What was on its way had been acknowledged, too.
        last = max([last, *(int(line) for line in client.stdout or () if line.endswith("\n"))])
    assert last >= 100
    began = time.monotonic()
    power("on")
    expected = {name for name, service in budget["services"].items() if service["enabled"]}
    until(lambda: set(inspect()) == expected and not unhealthy(), 900, "the stack is healthy after a power cut")
    figure("healthy after a power cut", "", f"{time.monotonic() - began:.0f} s")
    rows, most = ask(f"{_PSQL} --command 'SELECT count(*), max(number) FROM acknowledged'").split("|")
    figure("rows acknowledged before the cut, and there after", "", f"{last}, {rows}")
    assert int(rows) >= last
    assert int(most) >= last
    assert {name: container["Id"] for name, container in inspect().items()} == before


def test_the_disk_is_the_same_and_mounted_by_itself() -> None:
    found = disk()
    assert found["source"] == "/dev/nvme0n1"
    assert ask("cat /mnt/nvme/ziggie/marker") == found["uuid"]


def test_slices_and_scheduler_are_back(budget: dict[str, Any]) -> None:
    assert int(ask("cat /sys/fs/cgroup/ziggie.slice/memory.max")) == budget["pool"]["memory"] - budget["margin"]["memory"]
    assert "[bfq]" in ask("cat /sys/block/nvme0n1/queue/scheduler")
    assert int(ask("cat /sys/fs/cgroup/ziggie.slice/ziggie-critical.slice/memory.low")) > 0
