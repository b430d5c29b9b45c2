# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drill counts only where all came back as it was stored, and leaves nothing behind; the servers themselves are real in the lab."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.backup import drill as subject
from ansible_collections.ziggie.stack.plugins.module_utils.backup import fill, history
from ansible_collections.ziggie.stack.plugins.module_utils.backup.history import Chosen, Kept
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError, Manifest, Part, Setup
from ansible_collections.ziggie.stack.plugins.module_utils.backup.restic import Restic, Snapshot
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic, backup_status
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Repository, Retention, Source
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump

RUN = "20261130T020000Z"


class Repositories(Restic):
    """A repository in memory: what it holds by snapshot, and what is stored into it."""

    held: ClassVar[Mapping[str, bytes]] = {}
    stored: ClassVar[list[tuple[str, str]]] = []

    def snapshots(self) -> list[Snapshot]:
        return [
            Snapshot(id=name, tags={"run": RUN, "volume": volume, "part": part})
            for name in self.held
            for volume, _, part in [name.partition("/")]
        ]

    def read(self, snapshot: str, _name: str) -> Iterator[bytes]:
        yield self.held[snapshot]

    def restore_directory(self, snapshot: str, target: Path) -> None:
        (target / "file").write_bytes(self.held[snapshot])

    def store(self, _name: str, producer: Any, tags: Mapping[str, str]) -> tuple[int, str]:
        list(producer)
        self.stored.append((tags["volume"], tags["part"]))
        return 0, ""

    def unlock(self) -> None:
        pass


def manifest(volume: str, engine: str, part: Part) -> bytes:
    made = Manifest(
        run=RUN, service=volume, volume=volume, engine=engine, image="", release="", taken=5.0, seconds=1.0, format="", parts=(part,)
    )
    return json.dumps(dump(made)).encode()


class Place(Engine):
    """An engine whose volumes are directories below one."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def get(self, resource: str, **_query: Any) -> Any:
        return {"Driver": "local", "Mountpoint": str(self.place / resource.rpartition("/")[2])}


@pytest.fixture(name="drilled")
def _drilled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, bytes]], subject.Outcome]:
    """Drill volumes a and b with what a repository holds of them."""
    monkeypatch.setattr(history, "Restic", Repositories)
    monkeypatch.setattr(subject, "Restic", Repositories)
    monkeypatch.setattr(backup_status, "STATUS", tmp_path / "state/status.json")
    monkeypatch.setattr(fill, "NOTE", tmp_path / "state/filling")
    monkeypatch.setattr(atomic.Ownership, "apply", lambda *_: None)
    monkeypatch.setattr(Repositories, "stored", [])
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: type("Usage", (), {"total": 100 << 30, "free": 50 << 30}))
    sources = tuple(Source(service=name, volume=name, engine="files") for name in ("a", "b"))
    setup = Setup(
        project="shop",
        directory=str(tmp_path / "own"),
        repositories=(Repository(url="/srv"),),
        retention=Retention(),
        sources=sources,
        memory=1,
        slices=False,
        drill_memory=1,
    )
    for name in ("a", "b", "own"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "live").touch()

    def run(held: Mapping[str, bytes]) -> subject.Outcome:
        monkeypatch.setattr(Repositories, "held", held)
        return subject.drill(setup, Place(tmp_path), "")

    return run


def tree(volume: str, content: bytes, size: int, engine: str = "files") -> dict[str, bytes]:
    facts = {"uid": str(Path.home().stat().st_uid), "gid": str(Path.home().stat().st_gid), "mode": "0755"}
    made = manifest(volume, engine, Part(name="tree", size=size, facts=facts))
    return {f"{volume}/tree": content, f"{volume}/{history.MANIFEST}": made}


def test_a_backup_that_comes_back_is_drilled_and_one_that_does_not_takes_none_with_it(
    drilled: Callable[[Mapping[str, bytes]], subject.Outcome], tmp_path: Path
) -> None:
    outcome = drilled({**tree("a", b"12345", 6), **tree("b", b"123", 3), **tree("@host", b"1", 1)})
    assert [one.volume for one in outcome.drilled] == ["b", "@host"]
    assert outcome.failures == ("a: a has 5 bytes after the restore, the backup 6",)
    assert Repositories.stored == [("b", "drilled"), ("@host", "drilled")]
    noted = backup_status.read().volumes
    assert {name: sorted(volume.states) for name, volume in noted.items()} == {
        "a": [],
        "b": ["drilled", "verified"],
        "shop@host": ["drilled", "verified"],
    }
    assert [name for name, volume in noted.items() if volume.failed] == ["a"]
    # Neither the live data nor the disk have changed.
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        *("a", "a/live", "b", "b/live", "own", "own/live", "state", "state/status.json")
    ]


def test_a_backup_that_is_whole_and_does_not_come_back_is_verified_only(
    drilled: Callable[[Mapping[str, bytes]], subject.Outcome],
) -> None:
    damaged = b"SQLite format 3\0" + b"x" * 200
    outcome = drilled({**tree("a", damaged, len(damaged), "sqlite"), **tree("b", b"123", 3), **tree("@host", b"1", 1)})
    assert [one.volume for one in outcome.drilled] == ["b", "@host"]
    assert sorted(backup_status.read().volumes["a"].states) == ["verified"]
    assert "is damaged" in outcome.failures[0]


def test_a_source_without_a_backup_is_a_failure(drilled: Callable[[Mapping[str, bytes]], subject.Outcome]) -> None:
    outcome = drilled({**tree("b", b"123", 3), **tree("@host", b"1", 1)})
    assert outcome.failures == ("a: /srv has no backup of a",)


def test_a_disk_that_has_no_room_is_left_alone(
    drilled: Callable[[Mapping[str, bytes]], subject.Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: type("Usage", (), {"total": 100 << 30, "free": 6 << 30}))
    outcome = drilled({**tree("a", b"1", 2 << 30), **tree("b", b"123", 3), **tree("@host", b"1", 1)})
    assert [one.volume for one in outcome.drilled] == ["b", "@host"]
    assert outcome.failures[0].startswith("a: a drill takes 2252 MiB in")


def test_a_dump_that_is_not_what_was_stored_is_refused_at_its_end() -> None:
    right = Part(name="x.dump", size=3, sha256=hashlib.sha256(b"abc").hexdigest())
    for content, whole in ((b"abc", True), (b"abd", False)):
        restic = Repositories(Repository(url="/srv"), Path("/key"), "shop")
        Repositories.held = {"s": content}
        made = Manifest(
            run=RUN, service="a", volume="a", engine="postgres", image="", release="", taken=0.0, seconds=0.0, format="", parts=(right,)
        )
        parts = fill.Parts(Chosen(restic=restic, kept=Kept(RUN, "a", "m", {"x.dump": "s"}), manifest=made))
        assert not parts.verified
        if whole:
            assert b"".join(parts.stream(right)) == b"abc"
        else:
            with pytest.raises(BackupError, match=r"x\.dump of run .* is not what was stored"):
                list(parts.stream(right))
        assert parts.verified == whole


def test_what_a_killed_run_was_filling_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "NOTE", tmp_path / "filling")
    (tmp_path / "data.drilling/below").mkdir(parents=True)
    (tmp_path / "filling").write_text(str(tmp_path / "data.drilling"), encoding="utf-8")
    fill.remove_unfinished()
    fill.remove_unfinished()
    assert list(tmp_path.iterdir()) == []


def test_a_host_without_the_memory_is_left_alone() -> None:
    subject._memory(512 << 20, lambda: "MemTotal: 1 kB\nMemAvailable:     600000 kB\n")
    with pytest.raises(
        BackupError, match=r"may use 512 MiB of memory, and the host has 488 MiB available; lower stack_backup\.drill\.memory"
    ):
        subject._memory(512 << 20, lambda: "MemAvailable: 500000 kB\n")
