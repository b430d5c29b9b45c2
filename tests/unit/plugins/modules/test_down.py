# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What left the stack is stopped and removed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.tests.unit import engine as fake

Run = Callable[..., dict[str, Any]]


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Iterator[fake.Engine]:
    with fake.running(tmp_path) as engine:
        for name in ("a", "old", "older"):
            engine.add(name, "running")
        yield engine


def test_what_left_is_stopped_and_removed(run: Run, engine: fake.Engine) -> None:
    done = run("down", services=["old", "older", "never there"], socket=engine.path)
    assert (done["changed"], done["removed"]) == (True, ["ziggie-old-1", "ziggie-older-1"])
    assert sorted(engine.stopped) == ["old", "older"]
    assert list(engine.containers) == ["a"]


def test_check_mode_removes_nothing(run: Run, engine: fake.Engine) -> None:
    done = run("down", services=["old"], socket=engine.path, check=True)
    assert (done["changed"], done["removed"], done["diff"]["before"]) == (True, ["ziggie-old-1"], "ziggie-old-1\n")
    assert len(engine.containers) == 3
    assert engine.stopped == []


def test_nothing_to_do_is_no_change(run: Run, engine: fake.Engine) -> None:
    assert run("down", services=["gone"], socket=engine.path)["changed"] is False


def test_no_engine_is_one_sentence(run: Run, tmp_path: Path) -> None:
    done = run("down", services=["old"], socket=str(tmp_path / "none"))
    assert done["msg"].startswith("Cannot remove services: the engine at")
