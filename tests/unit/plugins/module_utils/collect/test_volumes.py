# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What volumes take of the disk: in turn, never for long, and never silently nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget, VolumeShare
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.collect import volumes
from ansible_collections.ziggie.stack.plugins.module_utils.collect.exposition import text, values

SIZES = {
    "loki": {"loki_data": 1000, "loki_wal": 2000},
    "runner": {"runner_data": 3000},
    "redis": {"redis_data": 4000, "elsewhere": 5},
}


def budget() -> Budget:
    """Return a Budget with these volumes, in which the runner is off."""
    services = {name: {"image": "it:1", "x-budget": {"requires": ["token"]} if name == "runner" else {}} for name in SIZES}
    solved = solve({"services": services}, {"memory": "8g", "cpus": 4}, {})
    place = {"storage_class": "hot", "path": "", "owner": 0, "group": 0, "mode": "0700"}
    storage = {name: {volume: VolumeShare(**place, size=size) for volume, size in SIZES[name].items()} for name in SIZES}
    return replace(solved, services={name: replace(share, storage=storage[name]) for name, share in solved.services.items()})


BUDGET = budget()


@pytest.fixture(name="places")
def _places(tmp_path: Path) -> dict[str, str]:
    for name in ("loki_data", "loki_wal", "redis_data", "runner_data"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep/file").write_bytes(b"x" * 10_000)
    return {name: str(tmp_path / name) for name in ("loki_data", "loki_wal", "redis_data", "runner_data")}


def look(places: dict[str, str], before: str, now: float, clock: Any = lambda: 0.0) -> tuple[str, list[str]]:
    problems: list[str] = []
    return text(volumes.families(places, BUDGET, before, now, clock, problems)), problems


def of(written: str, name: str) -> dict[str, float]:
    return values(written, name, "volume")


def test_all_are_measured_at_first(places: dict[str, str]) -> None:
    written, problems = look(places, "", 1000)
    assert problems == []
    assert of(written, volumes.SIZE) == {"loki_data": 1000, "loki_wal": 2000, "redis_data": 4000}
    used = of(written, volumes.USED)
    blocks = {
        name: sum(os.lstat(path).st_blocks * 512 for path in Path(place).rglob("*"))
        for name, place in places.items()
        if name != "runner_data"
    }
    assert used == blocks
    assert all(size >= 10_000 for size in used.values())
    assert of(written, volumes.MEASURED) == dict.fromkeys(used, 1000)
    assert 'ziggie_volume_used_bytes{service="redis",volume="redis_data"}' in written


def test_then_one_in_a_run_and_only_when_it_is_old(places: dict[str, str]) -> None:
    first, _problems = look(places, "", 1000)
    early, _problems = look(places, first, 1000 + volumes.AGAIN)
    assert of(early, volumes.MEASURED) == of(first, volumes.MEASURED)
    (Path(places["loki_data"]) / "more").write_bytes(b"x" * 50_000)
    (Path(places["redis_data"]) / "more").write_bytes(b"x" * 50_000)
    second, _problems = look(places, early, 2000)
    assert of(second, volumes.MEASURED) == {"loki_data": 2000, "loki_wal": 1000, "redis_data": 1000}
    assert of(second, volumes.USED)["loki_data"] > of(first, volumes.USED)["loki_data"]
    assert of(second, volumes.USED)["redis_data"] == of(first, volumes.USED)["redis_data"]
    third, _problems = look(places, look(places, second, 2030)[0], 2060)
    assert of(third, volumes.MEASURED) == {"loki_data": 2000, "loki_wal": 2030, "redis_data": 2060}


def test_one_that_cannot_be_measured_is_named_until_it_can(places: dict[str, str]) -> None:
    gone = {**places, "loki_wal": places["loki_wal"] + "/gone"}
    written, problems = look(gone, "", 1000)
    assert set(of(written, volumes.USED)) == {"loki_data", "redis_data"}
    assert [problem.split(":")[0] for problem in problems] == [f"loki_wal in {gone['loki_wal']} cannot be measured"]
    again, problems = look(gone, written, 1030)
    assert problems == [f"loki_wal in {gone['loki_wal']} cannot be measured: it could not when it was its turn"]
    assert set(of(again, volumes.USED)) == {"loki_data", "redis_data"}


def test_nobody_waits_for_a_volume_without_end(places: dict[str, str]) -> None:
    moments = iter(range(0, 1000, 3))
    written, problems = look(places, "", 1000, lambda: float(next(moments)))
    assert len(problems) == 3
    assert "more than 5 s" in problems[0]
    assert of(written, volumes.USED) == {}
    assert set(of(written, volumes.MEASURED)) == {"loki_data", "loki_wal", "redis_data"}
