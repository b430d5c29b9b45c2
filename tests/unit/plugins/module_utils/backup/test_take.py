# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository that cannot be written to stops no backup to another one, and is noted, so that it is told of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.backup import take as subject
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError, Setup
from ansible_collections.ziggie.stack.plugins.module_utils.backup.remote import RefusedError
from ansible_collections.ziggie.stack.plugins.module_utils.backup.restic import Restic, Snapshot
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic, backup_status
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Repository, Retention


class Repositories(Restic):
    """Repositories in memory: one whose address begins with `gone` cannot be prepared, one with `full` takes no copy."""

    def prepare(self) -> None:
        if self.url.startswith("gone"):
            raise BackupError(f"{self.url} is not there")

    def unlock(self) -> None:
        pass

    def snapshots(self) -> list[Snapshot]:
        return []

    def store(self, _name: str, producer: Any, _tags: Any) -> tuple[int, str]:
        list(producer)
        return 0, ""

    def store_directory(self, _directory: Path, _tags: Any, _exclude: Sequence[str] = ()) -> int:
        return 1

    def forget(self, _snapshots: Sequence[str], *, prune: bool) -> None:
        assert prune
        if self.url.startswith("keeps"):
            raise RefusedError(f"{self.url} takes nothing back")

    def copy_to(self, other: Restic, _snapshots: Sequence[str]) -> None:
        if other.url.startswith("full"):
            raise BackupError(f"{other.url} is full")


@pytest.fixture(name="run")
def _run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., subject.Outcome]:
    """Back up the stack's own directory to repositories."""
    monkeypatch.setattr(subject, "Restic", Repositories)
    monkeypatch.setattr(backup_status, "STATUS", tmp_path / "status.json")
    monkeypatch.setattr(atomic.Ownership, "apply", lambda *_: None)

    def run(*urls: str) -> subject.Outcome:
        setup = Setup(
            project="shop",
            directory=str(tmp_path),
            repositories=tuple(Repository(url=url) for url in urls),
            retention=Retention(),
            sources=(),
            memory=1,
            slices=False,
            drill_memory=1,
        )
        return subject.run(setup, Engine())

    return run


def failed() -> str:
    found = backup_status.read().volumes["shop@host"].failed
    return found.why if found else ""


def test_a_repository_that_is_gone_stops_no_backup_to_the_next(run: Callable[..., subject.Outcome]) -> None:
    outcome = run("gone1", "b")
    assert ([one.volume for one in outcome.manifests], outcome.failures) == (["@host"], ("gone1 is not there",))
    assert failed() == "gone1 is not there"


def test_a_second_repository_that_is_full_is_noted(run: Callable[..., subject.Outcome]) -> None:
    assert run("a", "full").failures == ("full is full",)
    assert failed() == "full is full"


def test_where_none_can_be_written_to_every_volume_has_failed(run: Callable[..., subject.Outcome]) -> None:
    outcome = run("gone1", "gone2")
    assert (outcome.manifests, outcome.failures) == ((), ("gone1 is not there", "gone2 is not there"))
    assert failed() == "gone1 is not there; gone2 is not there"


def test_a_run_without_a_failure_notes_none(run: Callable[..., subject.Outcome]) -> None:
    assert run("a", "b").failures == ()
    assert failed() == ""


def test_a_repository_that_takes_nothing_back_fails_no_backup_and_who_removes_there_is_told(run: Callable[..., subject.Outcome]) -> None:
    outcome = run("a", "keeps")
    assert outcome.failures == ()
    said = (
        "keeps takes nothing back (append-only): 0 backups that retention does not keep stay there; on its machine, with the key: "
        "restic -r DIRECTORY forget --prune --group-by host --host shop --keep-within 186d"
    )
    assert outcome.kept == (said,)
    assert failed() == ""
