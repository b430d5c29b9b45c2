# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The databases' own figures, at rest and under load."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.measure import figures, load
from ansible_collections.ziggie.stack.plugins.module_utils.measure.scene import Scene

Scenes = Callable[..., Scene]

INFO = "# Clients\r\nconnected_clients:4\r\nmaxclients:100\r\nused_memory:9\r\nrejected_connections:0\r\nrole:master\r\n"


@pytest.mark.parametrize(
    ("engine", "said", "wanted"),
    [
        (
            "postgres",
            'SET\n{"connections": 4, "usable": 97, "hits": 1, "reads": 2}',
            {"connections": 4, "usable": 97, "hits": 1, "reads": 2},
        ),
        ("redis", INFO, {"connected_clients": 4, "maxclients": 100, "used_memory": 9, "rejected_connections": 0}),
        ("mongodb", '{"ping": 1, "operations": 7}', {"ping": 1, "operations": 7}),
    ],
)
def test_what_a_database_counts(scene: Scenes, engine: str, said: str, wanted: dict[str, int]) -> None:
    assert figures.measure(scene(engine, said)) == {"it": {"engine": engine, "error": "", **wanted}}


@pytest.mark.parametrize(
    ("engine", "said", "words"),
    [
        ("postgres", "", "no answer"),
        ("postgres", "psql: error", "cannot be read"),
        ("redis", "NOAUTH Authentication required.", "redis-cli says NOAUTH"),
        ("mongodb", "MongoServerError", "cannot be read"),
    ],
)
def test_no_figures_is_a_sentence(scene: Scenes, engine: str, said: str, words: str) -> None:
    assert words in figures.measure(scene(engine, said))["it"]["error"]


def test_pgbench(scene: Scenes) -> None:
    said = "latency average = 2.555 ms\ninitial connection time = 9 ms\ntps = 1565.80 (without initial connection time)\n"
    assert load.measure(scene("postgres", said))["it"] == {"engine": "postgres", "error": "", "latency": 2.555, "per_second": 1565.8}


def test_redis_latency(scene: Scenes) -> None:
    assert load.measure(scene("redis", "0 3 0.48 180"))["it"] == {
        "engine": "redis",
        "error": "",
        "latency": 0.48,
        "worst": 3.0,
        "samples": 180,
    }


@pytest.mark.parametrize(
    ("engine", "said", "words"),
    [("postgres", "pgbench: fatal", "no figures"), ("redis", "NOAUTH required", "NOAUTH"), ("redis", "0 0 0 0", "no answer to a ping")],
)
def test_no_load_is_a_sentence(scene: Scenes, engine: str, said: str, words: str) -> None:
    assert words in load.measure(scene(engine, said))["it"]["error"]


def test_only_databases_are_asked(scene: Scenes) -> None:
    assert figures.measure(scene("nginx", INFO)) == load.measure(scene("nginx", INFO)) == {}
