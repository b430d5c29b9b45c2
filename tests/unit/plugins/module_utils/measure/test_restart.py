# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts: how long a service is away, and what is said when it stays away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

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


def test_a_service_that_stays_sick(scene: Scenes) -> None:
    assert measured(scene("redis"), Stub("unhealthy"))["recovered"] is False


def test_a_refusal_is_a_sentence(scene: Scenes) -> None:
    assert measured(scene("redis"), Stub("healthy", refuses=True)) == {"error": "the engine refused POST"}
