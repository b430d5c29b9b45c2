# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recommendation reads the stack's own Prometheus, and says nothing where the history is too short."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def test_every_service_that_runs_has_a_history(play: Callable[..., Any], inspect: Any) -> None:
    played = play("recommend", variables={"recommend_format": "json"}, log="recommend.log")
    assert played.code == 0, played.text
    [written] = [line for line in played.text.splitlines() if line.startswith('{"lines"')]
    lines = {line["service"]: line for line in json.loads(written)["lines"]}
    for service in inspect():
        seen = lines[service]["advice"]["observed"]
        assert seen["samples"] > 0
        assert seen["peak"] > 0
    assert played.recap("changed") == 0


def test_without_a_prometheus_it_fails_with_a_sentence(play: Callable[..., Any]) -> None:
    played = play("recommend", variables={"recommend_url": "http://127.0.0.1:9"})
    assert played.code != 0
    assert "Prometheus at http://127.0.0.1:9 does not answer" in played.text
