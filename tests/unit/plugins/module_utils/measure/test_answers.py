# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes, logins and exporters: what is well, what is not, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.settings.subject import UnknownError
from ansible_collections.ziggie.stack.plugins.module_utils.measure import exporters, logins, probes
from ansible_collections.ziggie.stack.plugins.module_utils.measure.scene import Scene

Scenes = Callable[..., Scene]


def probe(*test: str) -> dict[str, Any]:
    return {"Healthcheck": {"Test": list(test), "Timeout": 2_000_000_000}}


@pytest.mark.parametrize("test", [("CMD", "true"), ("CMD-SHELL", "true")])
def test_a_probe_is_run_now(scene: Scenes, test: tuple[str, ...]) -> None:
    assert probes.measure(scene("redis", "PONG", config=probe(*test))) == {"it": {"well": True, "said": ""}}
    assert probes.measure(scene("redis", config=probe(*test))) == {"it": {"well": False, "said": "no answer after 5 s"}}


@pytest.mark.parametrize("config", [{}, {"Healthcheck": None}, {"Healthcheck": {}}, probe("NONE")])
def test_no_probe_is_no_answer(scene: Scenes, config: dict[str, Any]) -> None:
    assert probes.measure(scene("redis", "PONG", config=config)) == {"it": {"well": None, "said": ""}}


@pytest.mark.parametrize("state", [{"Running": False}, {"Paused": True}])
def test_what_does_not_run_is_not_asked(scene: Scenes, state: dict[str, bool]) -> None:
    assert logins.measure(scene("redis", "default\tok", **state)) == {}


@pytest.mark.parametrize("engine", ["postgres", "redis", "mongodb"])
def test_who_is_let_in_and_who_is_not(scene: Scenes, engine: str) -> None:
    said = "noise\nziggie\tok\nn8n\tpassword authentication failed\n"
    assert logins.measure(scene(engine, said)) == {
        "it": {"refused": {"n8n": "password authentication failed"}, "tried": 2, "error": ""},
    }
    assert logins.measure(scene(engine))["it"]["error"] == "no answer after 5 s"


def page(_port: int, path: str) -> dict[str, Any]:
    if path.startswith("/api/v1/targets"):
        return {"data": {"activeTargets": [{"labels": {"job": "redis"}, "health": "down", "lastError": "EOF"}]}}
    return {"data": {"result": [{"metric": {"__name__": "pg_up", "job": "postgres"}, "value": [1, "0"]}]}}


def refuse(_port: int, _path: str) -> dict[str, Any]:
    raise UnknownError("port 9090 does not answer")


def test_what_prometheus_sees(scene: Scenes) -> None:
    assert exporters.measure(scene("prometheus", pages=page)) == {
        "targets": [{"job": "redis", "up": False, "said": "EOF"}],
        "servers": [{"metric": "pg_up", "job": "postgres", "up": False}],
        "error": "",
    }


@pytest.mark.parametrize(
    ("engine", "pages", "words"),
    [
        ("prometheus", refuse, "does not answer"),
        ("prometheus", lambda *_given: {}, "cannot be read"),
        ("redis", page, "no Prometheus runs"),
    ],
)
def test_no_answer_of_prometheus_is_a_sentence(scene: Scenes, engine: str, pages: Callable[..., Any], words: str) -> None:
    found = exporters.measure(scene(engine, pages=pages))
    assert (found["targets"], found["servers"]) == ([], [])
    assert words in found["error"]
