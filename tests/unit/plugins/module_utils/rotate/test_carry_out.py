# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret is changed in server, store, files and services, or in none of them, wherever the run fails or is killed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.look import Done
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic
from ansible_collections.ziggie.stack.plugins.module_utils.host.root import Root
from ansible_collections.ziggie.stack.plugins.module_utils.host.stored import secrets as stored
from ansible_collections.ziggie.stack.plugins.module_utils.rotate import carry_out, journal
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.carry_out import Place, RotationError, rotate, settle
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.journal import Rotation, SecretFile
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.servers import ServerError

OLD, NEW = "the-old-value", "the-new-value"


class KilledError(BaseException):
    """The process ends here."""


@dataclass
class World:
    """A host with a server and two clients, each effect of which can be the last."""

    root: Path
    accepted: str = OLD
    client: str = OLD
    sick: set[str] = field(default_factory=set)
    refuses: bool = False
    open: bool = False
    down: bool = False
    effects: int = 0
    last: int = 0

    @property
    def store(self) -> Path:
        return self.root / "secrets"

    @property
    def file(self) -> Path:
        return self.root / "stack/secrets/api/password"

    def place(self) -> Place:
        return Place(
            store=self.store, files=self.root / "stack/secrets", bring_up=self.bring_up, server=self.server, sleep=lambda _seconds: None
        )

    def effect(self) -> None:
        self.effects += 1
        if self.effects == self.last:
            raise KilledError

    def server(self, _rotation: Rotation) -> World:
        return self

    def takes(self, value: str) -> bool:
        if self.down:
            raise ServerError("the server is not there")
        return self.open or value == self.accepted

    def change(self, former: str, value: str) -> None:
        self.effect()
        if self.refuses or not self.takes(former):
            raise ServerError("the server refuses")
        self.accepted = value
        self.effect()

    def bring_up(self) -> Done:
        self.effect()
        self.down = False
        self.client = self.file.read_text(encoding="utf-8")
        done = Done(recreated=["api"], problems=["api is unhealthy."] if self.client in self.sick else [])
        self.effect()
        return done

    def values(self) -> set[str]:
        return {self.accepted, self.client, (self.store / "password").read_text(), self.file.read_text()}

    def left(self) -> list[str]:
        return sorted(path.name for path in self.store.iterdir() if path.name not in ("password", ".given"))


@pytest.fixture(name="world")
def _world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    if os.getuid():
        monkeypatch.setattr(os, "chown", lambda *_arguments: None)
    world = World(tmp_path)
    for path in (world.store / "password", world.file):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(OLD)
    write = atomic.write

    def counted(*arguments: Any) -> None:
        world.effect()
        write(*arguments)
        world.effect()

    monkeypatch.setattr(atomic, "write", counted)
    return world


def rotation(method: str = "postgresql") -> Rotation:
    files = (SecretFile(path="api/password", content="@password@", uid=os.getuid(), gid=os.getgid()),)
    return Rotation(secret="password", method=method, user="app", service="db", files=files)


@pytest.mark.parametrize("method", ["postgresql", "restart"])
def test_a_secret_is_changed_everywhere_and_nothing_is_left(world: World, method: str) -> None:
    world.accepted = OLD if method == "postgresql" else NEW
    assert rotate(world.place(), rotation(method), NEW) == ["api"]
    assert (world.values(), world.left()) == ({NEW}, [])
    assert not stored(Root("/"), str(world.root / "stack"), {}).altered


def test_without_a_value_one_is_made(world: World) -> None:
    rotate(world.place(), rotation(), None)
    (value,) = world.values()
    assert len(value) == 40


@pytest.mark.parametrize("value", ["", " ", "a\r\nb", "line\n", OLD])
def test_a_value_that_cannot_be_used_changes_nothing(world: World, value: str) -> None:
    if value:
        with pytest.raises(RotationError) as error:
            rotate(world.place(), rotation(), value)
        assert error.value.whole
        assert value not in str(error.value).split() or value == " "
        assert (world.values(), world.left(), world.effects) == ({OLD}, [], 0)


@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        (lambda world: setattr(world, "refuses", True), "The server refuses."),
        (lambda world: setattr(world, "open", True), "so it asks for no password; require one"),
        (lambda world: world.sick.add(NEW), "Api is unhealthy."),
        (lambda world: setattr(world, "accepted", "another"), "The server of db does not take the value that is in use."),
    ],
)
def test_what_fails_goes_back(world: World, breaks: Callable[[World], Any], says: str) -> None:
    breaks(world)
    with pytest.raises(RotationError) as error:
        rotate(world.place(), rotation(), NEW)
    assert error.value.whole
    assert says in str(error.value)
    assert NEW not in str(error.value)
    assert (world.values() - {"another"}, world.left()) == ({OLD}, [])


def test_a_way_back_that_fails_is_told_and_tried_again(world: World) -> None:
    world.sick |= {OLD, NEW}
    with pytest.raises(
        RotationError, match=r"Going back to the old value did not succeed: Api is unhealthy\. Both values are kept"
    ) as error:
        rotate(world.place(), rotation(), NEW)
    assert not error.value.whole
    assert stored(Root("/"), str(world.root / "stack"), {}).unfinished == "password"
    world.sick.clear()
    assert settle(world.place()) == "password"
    assert (world.values(), world.left()) == ({OLD}, [])


@pytest.mark.parametrize("method", ["postgresql", "restart"])
def test_killed_at_every_effect_the_next_run_settles_it(world: World, method: str) -> None:
    place = world.place()
    rotate(place, rotation(method), NEW)
    total = world.effects
    assert total >= 14
    for last in range(1, total + 1):
        former = (world.store / "password").read_text()
        value = f"value-{last}"
        world.effects, world.last = 0, last
        with pytest.raises(KilledError):
            rotate(place, rotation(method), value)
        world.last, world.down = 0, method == "postgresql"
        settle(place)
        world.down = False
        kept = world.values() - ({world.accepted} if method == "restart" else set())
        assert kept in ({former}, {value}), last
        assert world.left() == [], last
        assert not stored(Root("/"), str(world.root / "stack"), {}).altered


def test_killed_on_the_way_back_it_is_settled_as_well(world: World) -> None:
    place = world.place()
    world.sick.add(NEW)
    with pytest.raises(RotationError):
        rotate(place, rotation(), NEW)
    total = world.effects
    for last in range(1, total + 1):
        world.effects, world.last = 0, last
        with pytest.raises((KilledError, RotationError)):
            rotate(place, rotation(), NEW)
        world.last = 0
        settle(place)
        assert (world.values(), world.left()) == ({OLD}, []), last


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"secret": 1}', '{"secret": "password", "step": "halfway"}'])
def test_a_note_that_cannot_be_read_is_told(world: World, text: str) -> None:
    (world.store / journal.FILE).write_text(text)
    with pytest.raises(RotationError, match=r"notes a rotation that was interrupted, and cannot be read"):
        settle(world.place())
    assert stored(Root("/"), str(world.root / "stack"), {}).unfinished
    assert carry_out.Place.has_server(rotation())
    assert world.values() == {OLD}
