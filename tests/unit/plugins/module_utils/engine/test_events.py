# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to containers is heard of, and so is the engine's end."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.engine.events import Watch
from ansible_collections.ziggie.stack.tests.unit import engine as fake


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Iterator[fake.Engine]:
    with fake.running(tmp_path) as engine:
        engine.add("a")
        yield engine


def test_each_event_is_told_by_its_container(engine: fake.Engine) -> None:
    heard: queue.Queue[str | None] = queue.Queue()
    watch = Watch(engine.path, "ziggie", heard.put)
    engine.become("a", "running")
    engine.become("a", "exited")
    assert [heard.get(timeout=5), heard.get(timeout=5)] == ["a", "a"]
    watch.close()


def test_the_engines_end_is_told(engine: fake.Engine) -> None:
    heard: queue.Queue[str | None] = queue.Queue()
    watch = Watch(engine.path, "ziggie", heard.put)
    engine.hang_up()
    assert heard.get(timeout=5) is None
    watch.close()


def test_our_own_end_is_not_told(engine: fake.Engine) -> None:
    heard: queue.Queue[str | None] = queue.Queue()
    Watch(engine.path, "ziggie", heard.put).close()
    with pytest.raises(queue.Empty):
        heard.get(timeout=0.1)


def test_no_engine_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"the engine at .*/none does not answer: .*No such file"):
        Watch(str(tmp_path / "none"), "ziggie", lambda _heard: None)
