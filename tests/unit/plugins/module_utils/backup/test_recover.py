# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lost stack comes back to a bare host, and to no other; killed at any point, the next run goes on. The whole is seen in the lab."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.backup import fill, history
from ansible_collections.ziggie.stack.plugins.module_utils.backup import recover as subject
from ansible_collections.ziggie.stack.plugins.module_utils.backup.history import Chosen, Kept, NoBackupError
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError, Manifest, Part, Setup
from ansible_collections.ziggie.stack.plugins.module_utils.backup.restic import Restic
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import Release
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Repository, Retention, Source

RUN = "20261130T020000Z"
TREE = {"secrets/a": "1", "stack/release.json": "{}", "stack/secrets/a": "1", "releases/x": "old"}


class Stacks(Engine):
    """An engine with some containers and volumes, or none at all."""

    def __init__(self, containers: int = 0, volumes: tuple[Mapping[str, Any], ...] = (), *, absent: bool = False) -> None:
        self.asked: Mapping[str, Any] = {"/volumes": {"Volumes": volumes}, "/containers/json": [{"Id": "x"}] * containers}
        self.absent = absent

    def get(self, resource: str, **_query: Any) -> Any:
        if self.absent:
            raise EngineError("the engine does not answer")
        return self.asked[resource]


class Tree(Restic):
    """A repository with the stack's directory."""

    def restore_directory(self, _snapshot: str, target: Path) -> None:
        for path, text in TREE.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_text(text, encoding="utf-8")


@pytest.fixture(name="setup")
def _setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    monkeypatch.setattr(subject, "NOTE", tmp_path / "state/recovering.json")
    monkeypatch.setattr(subject, "DEFAULT_SOCKET", str(tmp_path / "no.sock"))
    monkeypatch.setattr(fill, "NOTE", tmp_path / "state/filling")
    monkeypatch.setattr(atomic.Ownership, "apply", lambda *_: None)
    monkeypatch.setattr(history, "record", lambda *_: None)
    (tmp_path / "own/stack").mkdir(parents=True)
    sources = tuple(Source(service=name, volume=name, engine="files") for name in ("a", "b", "c"))
    return Setup(
        project="shop",
        directory=str(tmp_path / "own"),
        repositories=(Repository(url="/srv"),),
        retention=Retention(),
        sources=sources,
        memory=1,
        slices=False,
        drill_memory=1,
    )


def volume(place: Path, *names: str) -> Mapping[str, Any]:
    place.mkdir()
    for name in names:
        (place / name).touch()
    return {"Name": "shop_data", "Mountpoint": str(place), "Options": None}


def test_a_bare_host_is_taken_with_an_engine_and_without(setup: Setup, tmp_path: Path) -> None:
    assert subject.check(setup, Stacks(volumes=(volume(tmp_path / "empty"),)), "") == []
    assert subject.check(setup, Stacks(absent=True), "") == []


def test_an_engine_that_does_not_answer_is_not_taken_for_none(setup: Setup, tmp_path: Path) -> None:
    (tmp_path / "no.sock").touch()
    with pytest.raises(EngineError):
        subject.check(setup, Stacks(absent=True), "")


@pytest.mark.parametrize("what", ["secrets", "release", "containers", "data"])
def test_a_host_that_has_a_stack_is_refused(setup: Setup, tmp_path: Path, what: str) -> None:
    engine = Stacks()
    if what == "secrets":
        (tmp_path / "own/secrets").mkdir()
        (tmp_path / "own/secrets/a").touch()
    elif what == "release":
        (tmp_path / "own/stack/release.json").touch()
    else:
        engine = Stacks(2) if what == "containers" else Stacks(volumes=(volume(tmp_path / "full", "x"),))
    with pytest.raises(BackupError, match=rf"this host has a stack: .*{what}.* use ziggie\.stack\.restore"):
        subject.check(setup, engine, "")


def test_secrets_and_releases_are_back_and_a_second_run_leaves_them(setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = sum(len(text) for text in TREE.values())
    made = Manifest(
        run=RUN,
        service="host",
        volume="@host",
        engine="files",
        image="",
        release="",
        taken=0.0,
        seconds=0.0,
        format="",
        parts=(Part(name="tree", size=size),),
    )
    chosen = Chosen(restic=Tree(setup.repositories[0], Path(setup.key), "shop"), kept=Kept(RUN, "@host", "m", {"tree": "s"}), manifest=made)
    monkeypatch.setattr(history, "choose", lambda *_: chosen)
    with pytest.raises(BackupError, match="without the key no backup can be read"):
        subject.bring_directory(setup, Stacks(), "")
    Path(setup.key).touch()
    # Killed after the first entry was moved.
    (tmp_path / "own/releases").mkdir()
    assert subject.bring_directory(setup, Stacks(), "") == [f"{setup.directory}: secrets and releases as of run {RUN}"]
    assert {path: (Path(setup.directory) / path).read_text(encoding="utf-8") for path in TREE} == TREE
    assert subject.bring_directory(setup, Stacks(), "") == [f"{setup.directory} is back already"]
    # A site that was run meanwhile has started the stack.
    with pytest.raises(BackupError, match="this host has a stack: 2 running containers of shop"):
        subject.check(setup, Stacks(2), "")
    assert not (tmp_path / "own.recovering").exists()


def test_data_come_back_only_where_a_recovery_was_begun_and_their_places_are_empty(
    setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BackupError, match="no recovery was begun on this host"):
        subject.bring_data(setup, Stacks(), "")
    begun(tmp_path, setup, [])
    (tmp_path / "bound").mkdir()
    (tmp_path / "bound/newer").touch()
    released(setup, {"other": str(tmp_path / "bound")})
    monkeypatch.setattr(subject, "_make", lambda *_: None)
    monkeypatch.setattr(subject, "_bring", lambda *_: "")
    assert len(subject.bring_data(setup, Stacks(), "")) == 3
    begun(tmp_path, setup, [])
    released(setup, {"a": str(tmp_path / "bound")})
    with pytest.raises(BackupError, match=r"there are data in .*/bound, which a recovery would replace"):
        subject.bring_data(setup, Stacks(), "")


def test_a_recovery_that_was_killed_goes_on_with_what_is_not_back(setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(tmp_path, setup, ["a"])
    released(setup, {})
    monkeypatch.setattr(subject, "_make", lambda *_: None)
    brought: list[str] = []

    def bring(_setup: Setup, _engine: Engine, source: Source, *_: Any) -> str:
        if source.volume == "c" and "b" in brought and brought.count("b") == 1 and "c?" not in brought:
            brought.append("c?")
            raise BackupError("killed")
        brought.append(source.volume)
        return source.volume

    monkeypatch.setattr(subject, "_bring", bring)
    with pytest.raises(BackupError, match="killed"):
        subject.bring_data(setup, Stacks(), "")
    assert subject.bring_data(setup, Stacks(), "") == ["c"]
    assert brought == ["b", "c?", "c"]
    assert not subject.NOTE.exists()


def test_what_never_had_a_backup_starts_empty_and_the_run_says_so(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any) -> Chosen:
        raise NoBackupError("/srv has no backup of a")

    monkeypatch.setattr(history, "choose", none)
    assert subject._bring(setup, Stacks(), setup.sources[0], "", {}) == "a starts empty: /srv has no backup of a"


def begun(place: Path, setup: Setup, volumes: list[str]) -> None:
    (place / "state").mkdir(exist_ok=True)
    subject.NOTE.write_text(json.dumps({"directory": setup.directory, "empty": False, "volumes": volumes}), encoding="utf-8")


def released(setup: Setup, volumes: Mapping[str, str]) -> None:
    release = Release(services={}, volumes=volumes)
    (Path(setup.directory) / "stack/release.json").write_text(json.dumps(release.to_dict()), encoding="utf-8")
