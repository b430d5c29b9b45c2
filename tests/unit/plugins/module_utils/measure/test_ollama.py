# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models: Ollama's own durations, and a memory that is afterwards as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.settings.subject import UnknownError
from ansible_collections.ziggie.stack.plugins.module_utils.measure import ollama
from ansible_collections.ziggie.stack.plugins.module_utils.measure.scene import Scene

Scenes = Callable[..., Scene]


class Server:
    """Holds a large and a small model, and remembers what it was ordered."""

    def __init__(self, *, loaded: bool) -> None:
        self.loaded = loaded
        self.ordered: list[tuple[str, Any]] = []

    def __call__(self, _port: int, path: str, body: Any = None) -> Any:
        if path == "/api/tags":
            return {"models": [{"name": "large", "size": 9}, {"name": "small", "size": 1}]}
        if path == "/api/ps":
            return {"models": [{"name": "small"}] if self.loaded else []}
        self.ordered.append((body["model"], body["keep_alive"]))
        cold = len(self.ordered) == 2
        return {"load_duration": 12_000_000_000 if cold else 1_000_000, "prompt_eval_duration": 0, "eval_duration": 500_000_000}


@pytest.mark.parametrize(("loaded", "last"), [(False, 0), (True, "60s")])
def test_cold_and_warm(scene: Scenes, loaded: bool, last: Any) -> None:
    server = Server(loaded=loaded)
    assert ollama.measure(scene("ollama", pages=server))["it"] == {"model": "small", "cold": 12.5, "warm": 0.501, "error": ""}
    assert server.ordered[0] == ("small", 0)
    assert server.ordered[-1] == ("small", last)


def refuse(_port: int, _path: str, _body: Any = None) -> Any:
    raise UnknownError("port 11434 does not answer")


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        (lambda *_given: {"models": []}, "there is no model"),
        (refuse, "does not answer"),
        (lambda *_given: {"models": [{}]}, "cannot be read"),
    ],
)
def test_no_model_is_a_sentence(scene: Scenes, pages: Callable[..., Any], words: str) -> None:
    assert words in ollama.measure(scene("ollama", pages=pages))["it"]["error"]
