# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed before any of its effects, an exchange of data and container is finished or undone by whoever comes next, who may be killed as well."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.backup import switch
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError, Setup
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.compose import alone
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Retention

OLD, NEW = "postgres:17", "postgres:18"
KILLED = 9
SETUP = Setup(project="shop", directory="", repositories=(), retention=Retention(), sources=(), memory=1, drill_memory=1, slices=False)


class Containers(Engine):
    """An engine whose containers outlive the process that makes them."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def containers(self, _project: str, _services: Any = None) -> list[dict[str, Any]]:
        return [{"Id": image, "Name": image, "Config": {"Image": image}} for image in self.images()]

    def images(self) -> list[str]:
        return list(json.loads(self.file.read_text(encoding="utf-8")))

    def set(self, images: list[str]) -> None:
        self.file.write_text(json.dumps(images), encoding="utf-8")

    def post(self, _resource: str, _body: Any = None) -> Any:
        return None

    def delete(self, resource: str) -> Any:
        self.set([image for image in self.images() if f"/{image}?" not in resource])


class World:
    """A data directory, the new one beside it, and a container of the old image."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "stack").mkdir()
        self.engine = Containers(path / "containers")
        self.engine.set([OLD])
        for name, version in (("data", "17"), ("data.upgrading", "18")):
            (path / name).mkdir()
            (path / name / "PG_VERSION").write_text(version, encoding="utf-8")

    def note(self) -> switch.Note:
        named = [self.path / name for name in ("data", "data.upgrading", "data.before-1")]
        return switch.Note.of(replace(SETUP, directory=str(self.path)), "db", NEW, *named)

    def upgrade(self) -> None:
        with switch.switched(self.engine, self.note()):
            # As Compose does: the new container is there before the old one goes.
            effect(lambda: self.engine.set([OLD, NEW]))
            effect(lambda: self.engine.set([NEW]))

    def fail(self) -> None:
        with switch.switched(self.engine, self.note()):
            self.engine.set([OLD, NEW])
            raise OSError("Compose cannot")

    def serves(self) -> tuple[list[str], str]:
        return self.engine.images(), (self.path / "data/PG_VERSION").read_text(encoding="utf-8")


left = -1


def effect(act: Callable[[], Any]) -> Any:
    """Do something that others see, or be killed before it."""
    global left  # noqa: PLW0603 (one count for all effects of a process)
    if left == 0:
        os._exit(KILLED)
    left -= 1
    return act()


def killed(before: int, act: Callable[[], Any]) -> bool:
    """Tell whether a process that does something was killed before so many effects."""
    global left  # noqa: PLW0603
    child = os.fork()
    if not child:
        left = before
        try:
            act()
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED)
    return code == KILLED


@pytest.fixture(name="effects", params=["in one step", "in two steps"])
def _effects(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Count what changes the disk, on a file system that exchanges directories and on one that does not."""
    monkeypatch.setattr(switch, "NOTE", tmp_path / "note/switch.json")
    for name in ("rename", "unlink"):
        real = getattr(Path, name)
        monkeypatch.setattr(Path, name, lambda path, *more, real=real, **named: effect(lambda: real(path, *more, **named)))
    remove = shutil.rmtree
    monkeypatch.setattr(shutil, "rmtree", lambda path, **named: effect(lambda: remove(path, **named)))
    library = ctypes.CDLL(None, use_errno=True)

    class Library:
        """The C library, which exchanges, or says that the file system cannot."""

        def renameat2(self, *words: Any) -> int:
            return int(effect(lambda: library.renameat2(*words))) if request.param == "in one step" else -1

    monkeypatch.setattr(ctypes, "CDLL", lambda *_words, **_named: Library())


@pytest.mark.usefixtures("effects")
def test_old_or_new_is_served_after_any_kill(tmp_path: Path) -> None:
    seen = set()
    for first in range(100):
        for second in range(100):
            world = World(fresh(tmp_path, f"{first}-{second}"))
            was_killed = killed(first, world.upgrade)
            again = was_killed and killed(second, partial(switch.settle, world.engine))
            switch.settle(world.engine)
            assert world.serves() in (([OLD], "17"), ([NEW], "18")), f"killed before effect {first}, and then {second}"
            # Nothing of the new data is left where the old ones are served, and the old data stay where the new are.
            assert {one.name for one in world.path.iterdir() if one.is_dir() and one.name != "stack"} == (
                {"data"} if world.serves()[1] == "17" else {"data", "data.before-1"}
            )
            assert not switch.NOTE.exists()
            seen.add(world.serves()[1])
            if not again:
                break
        if not was_killed:
            break
    assert (was_killed, seen) == (False, {"17", "18"})


@pytest.mark.usefixtures("effects")
def test_what_fails_is_as_before(tmp_path: Path) -> None:
    world = World(fresh(tmp_path, "failed"))
    with pytest.raises(OSError, match="Compose"):
        world.fail()
    assert world.serves() == ([OLD], "17")
    assert sorted(one.name for one in world.path.iterdir() if one.is_dir()) == ["data", "stack"]


def fresh(path: Path, name: str) -> Path:
    found = path / name
    found.mkdir()
    return found


def test_who_comes_next_waits_for_the_compose_that_a_killed_run_has_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switch, "NOTE", tmp_path / "note/switch.json")
    monkeypatch.setattr(switch, "_COMPOSE", 0.0)
    world = World(fresh(tmp_path, "busy"))
    assert killed(1, world.upgrade)
    with alone(world.path / "stack", 0.0), pytest.raises(BackupError, match="an earlier run still makes containers"):
        switch.settle(world.engine)
    assert switch.settle(world.engine) == "db has its old data again"
