# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host notes of its backups: by state, and never an older one in place of a newer."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host import backup_status as subject
from ansible_collections.ziggie.stack.plugins.module_utils.host.backup_status import (
    DRILLED,
    PENDING,
    STORED,
    Failed,
    Reached,
    Status,
)
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump, load


def backup(taken: float, at: float = 0.0) -> Reached:
    return Reached(run=f"r{taken:g}", taken=taken, at=at or taken + 1, seconds=2.5, size=10, format="postgres/17")


def test_the_newest_backup_of_each_state_is_known() -> None:
    status = Status().noted("data", "db", STORED, backup(100), "run").noted("data", "db", DRILLED, backup(100, 300), "drill")
    status = status.noted("data", "db", STORED, backup(200), "run").noted("data", "db", DRILLED, backup(50), "restore")
    volume = status.of("db")["data"]
    assert {state: one.run for state, one in volume.states.items()} == {STORED: "r200", DRILLED: "r100"}
    assert status.of("other") == {}


def test_what_a_clock_noted_that_was_ahead_is_neither_young_nor_in_the_way_of_the_next_backup() -> None:
    ahead = Status().noted("data", "db", STORED, backup(9_000_000), "run")
    assert ahead.volumes["data"].age(STORED, 1000.0) is None
    after = ahead.noted("data", "db", STORED, backup(1000), "run")
    assert (after.volumes["data"].states[STORED].taken, after.volumes["data"].age(STORED, 1500.0)) == (1000, 500.0)


def test_a_clock_that_is_set_back_by_a_little_makes_nothing_unknown() -> None:
    status = Status().noted("data", "db", STORED, backup(1010), "run")
    assert status.volumes["data"].age(STORED, 1000.0) == 0.0


def test_a_backup_is_pending_until_it_is_stored() -> None:
    begun = Status().noted("data", "db", PENDING, backup(100), "run")
    assert set(begun.volumes["data"].states) == {PENDING}
    assert set(begun.noted("data", "db", STORED, backup(100), "run").volumes["data"].states) == {STORED}


def test_a_failure_stays_until_the_same_verb_succeeds() -> None:
    failed = Failed(verb="drill", at=1.0, why="OOM-killed")
    status = Status().noted("data", "db", STORED, backup(100), "run").fallen("data", "db", failed)
    again = status.noted("data", "db", PENDING, backup(200), "run").noted("data", "db", STORED, backup(200), "run")
    assert again.volumes["data"].failed == failed
    assert again.noted("data", "db", DRILLED, backup(200), "drill").volumes["data"].failed is None


def test_what_was_noted_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "STATUS", tmp_path / "below/status.json")
    monkeypatch.setattr(subject.atomic.Ownership, "apply", lambda *_: None)
    assert subject.read() == Status()
    status = (
        Status(pruned={"/srv": 1.0})
        .noted("data", "db", STORED, backup(100), "run")
        .fallen("data", "db", Failed(verb="run", at=1.0, why="x"))
    )
    subject.change(lambda _: status)
    assert subject.read() == status == load(Status, dump(status))
    subject.STATUS.write_text('{"volumes": {"data": {"stored": 1}}}', encoding="utf-8")
    assert subject.read() == Status()
