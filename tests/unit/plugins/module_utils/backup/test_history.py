# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup counts once its manifest is stored, and retention never takes the last one that can be trusted."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.backup.history import Kept, gather, moment, outdated
from ansible_collections.ziggie.stack.plugins.module_utils.backup.restic import Snapshot
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Retention

NONE = Retention(daily=0, weekly=0, monthly=0)


def snapshot(run: str, part: str, volume: str = "data") -> Snapshot:
    return Snapshot(id=f"{run}/{volume}/{part}", tags={"run": run, "volume": volume, "part": part})


def backup(day: int, *more: str, month: int = 11, hour: int = 2) -> list[Snapshot]:
    run = f"2026{month:02}{day:02}T{hour:02}0000Z"
    return [snapshot(run, part) for part in ("tree", "manifest.json", *more)]


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        (["tree"], "pending"),
        (["tree", "drilled"], "pending"),
        (["tree", "manifest.json"], "stored"),
        (["tree", "manifest.json", "verified"], "verified"),
        (["tree", "manifest.json", "drilled", "verified"], "drilled"),
    ],
)
def test_a_backup_is_in_the_last_state_that_it_has_reached(parts: list[str], state: str) -> None:
    (kept,) = gather(snapshot("20261130T020000Z", part) for part in parts)
    assert kept.state == state


def test_snapshots_of_others_are_not_taken_for_ours() -> None:
    assert gather([Snapshot(id="x", tags={}), Snapshot(id="y", tags={"run": "20261130T020000Z"})]) == []


def test_a_run_of_the_future_is_older_than_those_that_a_right_clock_named() -> None:
    now = moment("20261130T020500Z").timestamp()
    found = gather([*backup(29), *backup(30), *[snapshot("20360101T020000Z", part) for part in ("tree", "manifest.json")]], now)
    assert [kept.run for kept in found] == ["20360101T020000Z", "20261129T020000Z", "20261130T020000Z"]
    # The newest stays, whatever retention says.
    assert "20261130T020000Z" not in [kept.run for kept in outdated(found, NONE, "")]


def test_a_backup_that_was_just_made_by_a_clock_that_is_behind_stays() -> None:
    behind = [snapshot("19700101T000010Z", part) for part in ("tree", "manifest.json")]
    found = gather([*backup(29), *backup(30), *behind], 20.0)
    assert [kept.run for kept in outdated(found, Retention(daily=1, weekly=0, monthly=0), "")] == ["20261129T020000Z"]


def runs(found: list[Kept]) -> list[str]:
    return [kept.run[4:11] for kept in found]


def test_days_weeks_and_months_keep_their_newest() -> None:
    found = gather([one for day in range(1, 31) for one in (*backup(day), *backup(day, hour=14))])
    gone = runs(outdated(found, Retention(daily=2, weekly=2, monthly=1), ""))
    kept = [run for run in runs(found) if run not in gone]
    # The last two days; the last Sunday ends the week before.
    assert kept == ["1129T14", "1130T14"]


def test_the_newest_and_the_newest_drilled_stay_whatever_retention_says() -> None:
    found = gather([*backup(1, "drilled"), *backup(2, "drilled"), *backup(3), *backup(4)])
    assert runs(outdated(found, NONE, "")) == ["1101T02", "1103T02"]


def test_what_never_became_a_backup_goes_unless_it_is_of_the_run_that_works() -> None:
    found = gather([*backup(1), snapshot("20261102T020000Z", "tree"), snapshot("20261103T020000Z", "tree")])
    assert runs(outdated(found, NONE, "20261103T020000Z")) == ["1102T02"]
