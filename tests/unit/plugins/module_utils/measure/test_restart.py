# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts: how long a service is away, and what is said when it stays away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.measure import restart
from ansible_collections.ziggie.stack.plugins.module_utils.measure.scene import Scene

Scenes = Callable[..., Scene]


class Stub(Engine):
    def __init__(self, health: str, *, refuses: bool = False) -> None:
        self.health, self.refuses = health, refuses
        self.ordered: list[str] = []

    def post(self, resource: str, body: Any = None) -> Any:
        assert body is None
        if self.refuses:
            raise EngineError("the engine refused POST")
        self.ordered.append(resource)

    def get(self, resource: str, **_query: Any) -> Any:
        self.ordered.append(resource)
        return {
            "Id": "c1",
            "Name": "/ziggie-it-1",
            "Image": "sha256:1",
            "State": {"Status": "running", "Pid": 0, "Health": {"Status": self.health, "Log": [{"Output": "no"}]}},
            "Config": {"Image": "it:1", "Labels": {"com.docker.compose.service": "it"}},
            "HostConfig": {},
        }

    def close(self) -> None:
        pass


def ticks() -> Iterator[float]:
    yield from (0.0, 4.5)


def measured(scene: Scene, engine: Stub) -> dict[str, Any]:
    clock = ticks()
    return dict(restart.measure(scene, clock=lambda: next(clock), connect=lambda *_given: engine)["it"])


def test_back_after_so_many_seconds(scene: Scenes) -> None:
    engine = Stub("healthy")
    assert measured(scene("redis"), engine) == {"seconds": 4.5, "recovered": True, "said": "no", "error": ""}
    assert engine.ordered[0] == "/containers/c1/restart"


class Asking:
    """Asks nobody, and says that one of two failed."""

    def __init__(self, url: str) -> None:
        self.url, self.asked, self.failed, self.slowest = url, 2, {"status 502": 1}, 0.5

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, *_what: object) -> None:
        pass


def rolled(scene: Scene, doors: dict[str, str]) -> dict[str, Any]:
    clock = iter((0.0, 1.0, 2.0, 4.0))
    paused: list[float] = []
    found = restart.measure(
        scene,
        doors=doors,
        clock=lambda: next(clock),
        pause=paused.append,
        connect=lambda *_given: Stub("healthy"),
        call=Asking,  # type: ignore[arg-type]
    )
    assert paused == [restart.SETTLED] * sum("asked" in answer for answer in found.values())
    return dict(found)


def test_one_container_after_the_other_while_somebody_asks(scene: Scenes) -> None:
    found = rolled(scene("python", several=True), {"it": "http://127.0.0.1/it"})
    assert list(found) == ["it/1", "it/2"]
    assert {(answer["asked"], answer["failed"]["status 502"]) for answer in found.values()} == {(2, 1)}


@pytest.mark.parametrize(("several", "doors"), [(False, {"it": "http://127.0.0.1/it"}), (True, {"other": "http://127.0.0.1/"}), (True, {})])
def test_nobody_asks_where_nobody_else_could_answer(scene: Scenes, several: bool, doors: dict[str, str]) -> None:
    assert [answer for answer in rolled(scene("python", several=several), doors).values() if "asked" in answer] == []


def test_only_what_was_named_is_restarted(scene: Scenes) -> None:
    engine = Stub("healthy")
    assert restart.measure(scene("redis"), connect=lambda *_given: engine, only=["other"]) == {}
    assert engine.ordered == []


def test_a_service_that_stays_sick(scene: Scenes) -> None:
    assert measured(scene("redis"), Stub("unhealthy"))["recovered"] is False


def test_a_refusal_is_a_sentence(scene: Scenes) -> None:
    assert measured(scene("redis"), Stub("healthy", refuses=True)) == {"error": "the engine refused POST"}
