# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came up is watched for a while, and whoever falls sick is told as soon as it does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.replace import Update
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.watch import watch
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import Container
from ansible_collections.ziggie.stack.tests.unit import engine as fake
from ansible_collections.ziggie.stack.tests.unit.samples import released

FOREVER = 3600.0


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Iterator[fake.Engine]:
    with fake.running(tmp_path) as engine:
        engine.add("a", "running", "healthy")
        engine.add("b", "running", "healthy")
        yield engine


def seen(engine: fake.Engine, *names: str) -> list[Container]:
    return [Container.of(engine.containers[name], kernel=False) for name in names]


def watched(engine: fake.Engine, seconds: float, *names: str, **services: Any) -> list[str]:
    since = seen(engine, *names or ("a", "b"))
    wanted = {name: released(name, **services) for name in ("a", "b")}
    return [container.service for container in watch(engine.path, "ziggie", since, wanted, seconds)]


def soon(engine: fake.Engine, do: Callable[[], None]) -> None:
    """Do something when somebody listens."""
    listen = engine.listeners

    class Listened(list[Any]):
        def append(self, one: Any) -> None:
            super().append(one)
            do()

    engine.listeners = Listened(listen)


def test_what_stays_well_is_watched_to_the_end(engine: fake.Engine) -> None:
    begun = time.monotonic()
    assert watched(engine, 0.2) == []
    assert time.monotonic() - begun >= 0.2


def test_a_service_is_watched_for_as_long_as_its_author_wants(engine: fake.Engine) -> None:
    begun = time.monotonic()
    assert watched(engine, FOREVER, update=Update(watch=0.2)) == []
    assert 0.2 <= time.monotonic() - begun < 10
    soon(engine, lambda: engine.become("b", "exited", code=3))
    assert watched(engine, 0, update=Update(watch=5.0)) == ["b"]
    assert watched(engine, FOREVER, update=Update(watch=0.0)) == []


def test_what_falls_sick_after_its_time_does_not_count_while_another_is_watched(engine: fake.Engine) -> None:
    wanted = {"a": released("a"), "b": released("b", update=Update(watch=0.1))}
    since, timer = seen(engine, "a", "b"), threading.Timer(1.0, lambda: engine.become("b", "exited", code=3))
    timer.start()
    assert watch(engine.path, "ziggie", since, wanted, 1.6) == []
    timer.join()


def test_nothing_to_watch_takes_no_time_and_no_engine(tmp_path: Path) -> None:
    assert watch(str(tmp_path / "none"), "ziggie", [], {}, FOREVER) == []


@pytest.mark.parametrize(
    "sick",
    [
        ("exited", "none", 1, 0),
        ("exited", "none", 0, 0),
        ("running", "unhealthy", 0, 0),
        ("running", "healthy", 0, 1),
        ("restarting", "none", 1, 1),
    ],
    ids=["exits", "ends well, but is no job", "unhealthy", "restarted and healthy again", "restarting"],
)
def test_whoever_falls_sick_ends_the_watch(engine: fake.Engine, sick: tuple[str, str, int, int]) -> None:
    soon(engine, lambda: engine.become("b", *sick))
    assert watched(engine, FOREVER) == ["b"]


def test_a_kill_at_the_limit_is_sickness_though_it_goes_on(engine: fake.Engine) -> None:
    def kill() -> None:
        engine.containers["b"]["State"]["OOMKilled"] = True
        engine.become("b", "running", "healthy")

    soon(engine, kill)
    assert watched(engine, FOREVER) == ["b"]


def test_a_container_that_is_gone_is_sick(engine: fake.Engine) -> None:
    since = seen(engine, "a")
    del engine.containers["a"]
    [gone] = watch(engine.path, "ziggie", since, {"a": released("a")}, FOREVER)
    assert gone.state == "removed"


def test_whoever_is_sick_already_is_told_at_once(engine: fake.Engine) -> None:
    engine.become("a", "exited", "none", 1)
    assert watched(engine, FOREVER) == ["a"]


def test_an_event_that_never_came_is_made_up_for_in_the_end(engine: fake.Engine) -> None:
    engine.silent = True
    asked: list[float] = []

    def clock() -> float:
        # The second time it was looked at once.
        if asked:
            engine.become("b", "running", "healthy", restarts=1)
        asked.append(0.0)
        return 0.0

    since = seen(engine, "a", "b")
    [sick] = watch(engine.path, "ziggie", since, {"a": released("a"), "b": released("b")}, 0.2, clock=clock)
    assert sick.service == "b"


def test_a_job_may_end_and_what_is_not_watched_may_die(engine: fake.Engine) -> None:
    soon(engine, lambda: engine.become("a", "exited", "none", 0))
    assert watched(engine, 0.2, "a", ends=True) == []
    soon(engine, lambda: engine.become("b", "exited", "none", 9))
    engine.become("a", "running", "healthy")
    assert watched(engine, 0.2, "a") == []


def test_an_engine_that_goes_away_is_told(engine: fake.Engine) -> None:
    soon(engine, lambda: engine.listeners[-1].put(b""))
    with pytest.raises(EngineError, match="went away"):
        watched(engine, FOREVER)
