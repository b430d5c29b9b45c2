# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest backup is found, and what is none is not taken for one; what the host notes of its own becomes series."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.collect.backups import families, newest
from ansible_collections.ziggie.stack.plugins.module_utils.collect.exposition import text
from ansible_collections.ziggie.stack.plugins.module_utils.host import backup_status
from ansible_collections.ziggie.stack.plugins.module_utils.host.backup_status import DRILLED, STORED, Failed, Reached, Status
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Repository, Source
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump

DATA = Source(service="db", volume="shop_data", engine="postgres", recovery_time=600)


def _file(path: Path, when: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (when, when))


def test_the_newest_file_counts(tmp_path: Path) -> None:
    _file(tmp_path / "a.dump", 100)
    _file(tmp_path / "daily/b.dump", 300)
    _file(tmp_path / "weekly/deep/c.dump", 200)
    assert newest(tmp_path) == 300
    assert newest(tmp_path / "a.dump") == 100


def test_what_is_not_finished_does_not_count(tmp_path: Path) -> None:
    _file(tmp_path / "a.dump", 100)
    for name in ("b.dump.tmp", "c.dump.part", "d.partial", ".e.dump", ".hidden/f.dump"):
        _file(tmp_path / name, 900)
    assert newest(tmp_path) == 100


def test_no_file_is_never(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert newest(tmp_path) == 0
    assert newest(tmp_path / "gone") == 0


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory of a stack that is backed up to a repository beside it, and to one elsewhere."""
    monkeypatch.setattr(backup_status, "STATUS", tmp_path / "status.json")
    (tmp_path / "repository/locks").mkdir(parents=True)
    repositories = [Repository(url=str(tmp_path / "repository")), Repository(url="rest:https://me:secret@elsewhere/")]
    (tmp_path / "stack/bin").mkdir(parents=True)
    (tmp_path / "stack/bin/backup").touch()
    setup = tmp_path / "stack/backup.json"
    setup.write_text(json.dumps({"sources": dump([DATA]), "repositories": dump(repositories), "project": "shop"}))
    os.utime(setup, (50, 50))
    return tmp_path / "stack"


def _note(*states: tuple[str, float, float], failed: Failed | None = None) -> None:
    noted = Status()
    for state, taken, took in states:
        noted = noted.noted("shop_data", "db", state, Reached(run="r", taken=taken, at=taken, seconds=took, size=7), "run")
    noted = noted.noted("gone", "db", STORED, Reached(run="r", taken=1, at=1), "run")
    if failed:
        noted = noted.fallen("shop_data", "db", failed)
    backup_status.STATUS.write_text(json.dumps(dump(noted)))


def _told(stack: Path) -> tuple[list[str], list[str]]:
    problems: list[str] = []
    return [line for line in text(families(stack, problems)).splitlines() if not line.startswith("#")], problems


def test_what_the_host_notes_of_a_backup_becomes_series(stack: Path) -> None:
    _note((STORED, 100, 3), (DRILLED, 90, 42.5), failed=Failed(verb="drill", at=110, why="it is full"))
    os.utime(stack.parent / "repository/locks", (1, 1))
    (stack.parent / "repository/locks/a").touch()
    os.utime(stack.parent / "repository/locks/a", (70, 70))
    told, problems = _told(stack)
    data = 'service="db",volume="shop_data"'
    assert {
        f"ziggie_backup_configured_timestamp_seconds{{{data}}} 50.0",
        f'ziggie_backup_state_timestamp_seconds{{{data},state="stored"}} 100.0',
        f'ziggie_backup_state_timestamp_seconds{{{data},state="drilled"}} 90.0',
        f"ziggie_backup_size_bytes{{{data}}} 7",
        f"ziggie_backup_duration_seconds{{{data}}} 3.0",
        f"ziggie_backup_drill_seconds{{{data}}} 42.5",
        f"ziggie_backup_recovery_point_seconds{{{data}}} 93600",
        f"ziggie_backup_recovery_time_seconds{{{data}}} 600",
        f'ziggie_backup_failed{{{data},verb="drill"}} 1',
        f'ziggie_backup_failed{{{data},verb="backup"}} 0',
        f'ziggie_backup_repository_lock_timestamp_seconds{{repository="{stack.parent}/repository"}} 70.0',
    } <= set(told)
    assert problems == []
    # Only what is backed up now, and no word of a repository whose address may hold a password.
    assert not [line for line in told if "gone" in line or "secret" in line]
    assert [line for line in told if line.startswith("ziggie_backup_repository_free_bytes{")]


def test_of_a_repository_that_the_host_does_not_see_nothing_is_guessed(stack: Path) -> None:
    told, _problems = _told(stack)
    assert {line for line in told if "repository_seen" in line} == {
        f'ziggie_backup_repository_seen{{repository="{stack.parent}/repository"}} 1',
        'ziggie_backup_repository_seen{repository="rest (1)"} 0',
    }
    assert not [line for line in told if "rest (1)" in line and "repository_seen" not in line]


def test_a_backup_of_the_future_is_not_told_of_as_young(stack: Path) -> None:
    _note((STORED, 4_000_000_000, 3))
    assert not [line for line in _told(stack)[0] if "state_timestamp" in line]


def test_a_stack_that_was_never_backed_up_has_the_day_since_when(stack: Path) -> None:
    (stack.parent / "repository/locks").rmdir()
    told, problems = _told(stack)
    names = {line.partition("{")[0].removeprefix("ziggie_backup_") for line in told}
    assert names == {"configured_timestamp_seconds", "recovery_point_seconds", "recovery_time_seconds", "failed", "repository_seen"}
    assert [line for line in told if 'volume="@host"' in line]
    assert problems == []


def test_two_stacks_on_a_host_have_a_directory_of_their_own_each(stack: Path) -> None:
    noted = Status()
    for project, taken in (("shop", 100), ("other", 200)):
        noted = noted.noted(backup_status.key("@host", project), "host", STORED, Reached(run="r", taken=taken, at=taken), "run")
    backup_status.STATUS.write_text(json.dumps(dump(noted)))
    told, _problems = _told(stack)
    assert [line for line in told if "@host" in line and "state" in line] == [
        'ziggie_backup_state_timestamp_seconds{service="host",volume="@host",state="stored"} 100.0'
    ]


def test_a_repository_that_is_gone_is_a_problem(stack: Path) -> None:
    _note((STORED, 100, 3))
    (stack.parent / "repository/locks").rmdir()
    assert _told(stack)[1] == [f"the repository {stack.parent}/repository cannot be read: No such file or directory"]


def test_a_stack_that_is_not_backed_up_any_more_has_no_series(stack: Path) -> None:
    (stack / "bin/backup").unlink()
    assert _told(stack) == ([], [])


def test_a_setup_that_cannot_be_read_is_a_problem(stack: Path) -> None:
    (stack / "backup.json").write_text("{}")
    told, [problem] = _told(stack)
    assert told == []
    assert problem.startswith("what is backed up (")
