# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kept releases: which one is chosen, and that none is half there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy import archive as room
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.archive import Archive, ArchiveError, contents, services
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import Release
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic
from ansible_collections.ziggie.stack.tests.unit.samples import released

Write = Callable[..., str]


@pytest.fixture(name="archive")
def _archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "releases", tmp_path / "stack")


@pytest.fixture(name="write")
def _write(archive: Archive) -> Write:
    """Lay a release into the project directory, as a run does, and return its id."""

    def write(word: str, *, volumes: dict[str, str] | None = None, extra: str = "") -> str:
        config = archive.project / "config" / "redis"
        config.mkdir(parents=True, exist_ok=True)
        (archive.project / "secrets").mkdir(exist_ok=True)
        (archive.project / "secrets" / "password").write_text("hidden")
        (archive.project / "compose.yml").write_text(f"name: {word}\n")
        release = Release(services={word: released(word)}, volumes=volumes or {})
        (archive.project / "release.json").write_text(json.dumps(release.to_dict()))
        (archive.project / "budget.json").write_text("{}")
        (config / "redis.conf").write_text(word)
        (config / "extra.conf").unlink(missing_ok=True)
        if extra:
            (config / "extra.conf").write_text(extra)
        return archive.identifier()

    return write


def test_an_empty_host_has_no_release(archive: Archive) -> None:
    assert (archive.identifier(), archive.kept(), archive.is_kept()) == ("", [], False)
    with pytest.raises(ArchiveError, match="no release is kept"):
        archive.choose()
    with pytest.raises(ArchiveError, match="no release in"):
        archive.keep(1.0, 10)


def test_a_file_that_was_damaged_after_its_release_came_up_is_named(archive: Archive, write: Write) -> None:
    write("one")
    assert archive.changed() is None
    archive.keep(10.0, 10)
    assert archive.changed() == []
    (archive.project / "compose.yml").write_text("garbage")
    (archive.project / "config/redis/redis.conf").unlink()
    assert archive.changed() == ["compose.yml", "config/redis/redis.conf"]


def test_a_release_is_kept_whole_and_without_its_secrets(archive: Archive, write: Write) -> None:
    name = write("one", extra="more")
    assert not archive.is_kept()
    assert archive.keep(10.0, 10) == name
    assert archive.is_kept()
    kept = archive.directory / name
    assert contents(kept) == contents(archive.project)
    assert "hidden" not in "".join(path.read_text() for path in archive.directory.rglob("*") if path.is_file())


def test_what_lies_there_but_is_not_the_last_one_kept_is_not_kept(archive: Archive, write: Write) -> None:
    write("one")
    archive.keep(10.0, 10)
    write("two")
    archive.keep(20.0, 10)
    write("one")
    assert not archive.is_kept()


def test_without_a_wish_the_one_before_what_lies_there_is_chosen(archive: Archive, write: Write) -> None:
    one = write("one")
    archive.keep(10.0, 10)
    with pytest.raises(ArchiveError, match="none before it"):
        archive.choose()
    two = write("two")
    archive.keep(20.0, 10)
    write("three")
    archive.keep(30.0, 10)
    assert archive.choose().identifier == two
    assert archive.choose(one[:6]).identifier == one


def test_a_release_that_never_came_up_goes_back_to_the_last_that_did(archive: Archive, write: Write) -> None:
    write("one")
    archive.keep(10.0, 10)
    two = write("two")
    archive.keep(20.0, 10)
    write("broken")
    assert archive.choose().identifier == two


def test_going_back_twice_is_going_forward(archive: Archive, write: Write) -> None:
    one = write("one")
    archive.keep(10.0, 10)
    two = write("two")
    archive.keep(20.0, 10)
    archive.restore(archive.read(archive.choose()))
    archive.keep(30.0, 10)
    assert archive.identifier() == one
    assert archive.choose().identifier == two


@pytest.mark.parametrize("wish", ["zzz", ""])
def test_a_wish_that_fits_not_just_one_is_refused(archive: Archive, write: Write, wish: str) -> None:
    name = write("one")
    archive.keep(10.0, 10)
    if wish:
        with pytest.raises(ArchiveError, match=f"begin with 'zzz'; kept are {name}"):
            archive.choose(wish)
    else:
        (archive.directory / f"{name[:4]}aaaaaaaa").mkdir()
        (archive.directory / f"{name[:4]}aaaaaaaa" / "deployed_at").write_text("5")
        with pytest.raises(ArchiveError, match="2 of the kept releases"):
            archive.choose(name[:4])


def test_a_restore_brings_back_every_byte_and_leaves_secrets_alone(archive: Archive, write: Write) -> None:
    write("one")
    archive.keep(10.0, 10)
    before = contents(archive.project)
    write("two", extra="new in two")
    archive.keep(20.0, 10)
    wanted = archive.read(archive.choose())
    assert archive.differing(wanted) == ["compose.yml", "config/redis/extra.conf", "config/redis/redis.conf", "release.json"]
    archive.restore(wanted)
    assert contents(archive.project) == before
    assert services(wanted) == {"one": released("one").to_dict()}
    assert (archive.project / "secrets" / "password").read_text() == "hidden"


def test_the_images_of_a_release_come_back_with_it_and_are_no_part_of_its_name(archive: Archive, write: Write) -> None:
    pins = archive.project / "images.json"
    first = write("one")
    pins.write_text("old")
    archive.keep(10.0, 10)
    assert (archive.identifier(), archive.is_kept()) == (first, True)
    # A later run found out more.
    pins.write_text("older")
    assert (archive.identifier(), archive.is_kept()) == (first, False)
    assert archive.keep(11.0, 10) == first
    write("two")
    pins.write_text("new")
    archive.keep(20.0, 10)
    archive.restore(archive.read(archive.choose(first)))
    assert pins.read_text() == "older"
    assert archive.changed() == ["compose.yml", "config/redis/redis.conf", "images.json", "release.json"]


def test_a_restore_that_is_killed_is_finished_by_the_next(archive: Archive, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    one = write("one")
    archive.keep(10.0, 10)
    two = write("two", extra="new in two")
    archive.keep(20.0, 10)
    writes = []

    def killed(path: Path, content: bytes, ownership: atomic.Ownership) -> None:
        # The note, and one of the files.
        if len(writes) == 2:
            raise KeyboardInterrupt
        writes.append(path)
        original(path, content, ownership)

    original = atomic.write
    monkeypatch.setattr(room.atomic, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        archive.restore(archive.read(archive.choose(one)))
    monkeypatch.undo()
    assert archive.identifier() not in (one, two)
    # Which one it is does not have to be said again.
    assert archive.choose().identifier == one
    assert (archive.finish(), archive.identifier(), archive.finish()) == (one, one, "")
    archive.keep(30.0, 10)
    assert archive.choose().identifier == two


@pytest.mark.parametrize("note", ["", "{", "[]", '{"to": 1, "before": []}', '{"to": "ffffffffffff", "before": {}}', "[" * 100_000])
def test_a_note_of_a_restore_that_cannot_be_read_is_none(archive: Archive, write: Write, note: str) -> None:
    one = write("one")
    archive.keep(10.0, 10)
    two = write("two")
    archive.keep(20.0, 10)
    (archive.directory / ".restore").write_text(note)
    assert (archive.finish(), archive.identifier(), archive.choose().identifier) == ("", two, one)
    (archive.directory / ".restore").unlink()
    (archive.directory / ".restore").symlink_to(".restore")
    assert (archive.finish(), archive.choose().identifier) == ("", one)


def test_keeping_that_is_killed_leaves_no_half_release(archive: Archive, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("one")

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(room.atomic, "write", full)
    with pytest.raises(OSError, match="No space"):
        archive.keep(10.0, 10)
    monkeypatch.undo()
    assert (archive.kept(), list(archive.directory.iterdir())) == ([], [])
    half = archive.directory / ".abc.x1"
    half.mkdir()
    archive.keep(20.0, 10)
    assert not half.exists()
    assert len(archive.kept()) == 1


def test_what_was_changed_on_the_disk_is_not_brought_back(archive: Archive, write: Write) -> None:
    one = write("one")
    archive.keep(10.0, 10)
    write("two")
    archive.keep(20.0, 10)
    (archive.directory / one / "compose.yml").write_text("name: other\n")
    with pytest.raises(ArchiveError, match="is not what was kept"):
        archive.read(archive.choose())


def test_a_damaged_copy_is_made_again_when_its_release_is_deployed_again(archive: Archive, write: Write) -> None:
    one = write("one")
    archive.keep(10.0, 10)
    (archive.directory / one / "budget.json").unlink()
    archive.keep(20.0, 10)
    assert archive.read(archive.kept()[0]) == contents(archive.project)


def test_only_the_newest_are_kept_and_always_the_one_that_runs(archive: Archive, write: Write) -> None:
    names = []
    for turn in range(4):
        names.append(write(str(turn)))
        archive.keep(float(turn), 2)
    assert [kept.identifier for kept in archive.kept()] == [names[3], names[2]]
    write("2")
    archive.keep(1.0, 1)
    assert [kept.identifier for kept in archive.kept()] == [names[2]]


def test_a_release_whose_data_lies_elsewhere_is_named(archive: Archive, write: Write) -> None:
    write("one", volumes={"data": "/old/data", "same": "/srv/same"})
    archive.keep(10.0, 10)
    wanted = contents(archive.project)
    write("two", volumes={"data": "/new/data", "same": "/srv/same", "more": "/srv/more"})
    assert len(archive.moved(wanted)) == 1
    assert "volume data lies in /new/data, and in this release in /old/data" in archive.moved(wanted)[0]


def test_a_kept_release_that_cannot_be_read_is_refused_and_one_that_lies_there_is_replaced(archive: Archive, write: Write) -> None:
    write("one", volumes={"data": "/old/data"})
    whole = contents(archive.project)
    (archive.project / "release.json").write_text("{")
    assert archive.moved(whole) == []
    with pytest.raises(ArchiveError, match=r"release.json of the kept release cannot be read .*; choose another release"):
        archive.moved(contents(archive.project))
