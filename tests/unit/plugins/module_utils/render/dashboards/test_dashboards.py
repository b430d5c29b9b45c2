# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboards: every service on them, nothing that moves between two runs, nothing that cannot be asked."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.render.alerts import document as alerts
from ansible_collections.ziggie.stack.plugins.module_utils.render.dashboards import databases
from ansible_collections.ziggie.stack.plugins.module_utils.render.dashboards import document as dashboards
from ansible_collections.ziggie.stack.plugins.module_utils.render.watched import Watched

NAMES = ["api", "budget", "databases", "host", "logs"]


@pytest.mark.parametrize("name", NAMES)
def test_ids_references_and_places_are_right(watched: Watched, name: str) -> None:
    board = dashboards.documents(watched)[name]
    assert board["uid"] == f"ziggie-{name}"
    assert len(board["uid"]) <= 40
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        references = [target["refId"] for target in panel["targets"]]
        assert references
        assert len(references) == len(set(references))
        assert {target["datasource"]["uid"] for target in panel["targets"]} <= {"prometheus", "loki"}
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    for one, other in combinations([panel["gridPos"] for panel in board["panels"]], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


def test_all_five_are_there_and_titles_differ(watched: Watched) -> None:
    made = dashboards.documents(watched)
    assert sorted(made) == NAMES
    for board in made.values():
        titles = [panel["title"] for panel in board["panels"]]
        assert len(titles) == len(set(titles))


def test_every_service_has_its_lines(watched: Watched) -> None:
    panels = {panel["title"]: panel for panel in dashboards.documents(watched)["budget"]["panels"]}
    recorded = {rule["record"] for group in alerts.document(watched)["groups"] for rule in group["rules"] if "record" in rule}
    for name in watched.services:
        queries = [target["expr"] for target in panels[f"{name}: memory"]["targets"]]
        assert any("budget_memory_limit" in query and f'service="{name}"' in query for query in queries)
        assert any("budget_memory_reservation" in query for query in queries)
    asked = {word for panel in panels.values() for target in panel["targets"] for word in _records(target["expr"])}
    assert asked <= recorded


def test_the_same_budget_gives_the_same_bytes(watched: Watched) -> None:
    services = dict(reversed(watched.budget["services"].items()))
    again = Watched(budget={**watched.budget, "services": services}, compose=watched.compose, settings=watched.settings)
    assert json.dumps(dashboards.documents(watched), sort_keys=True) == json.dumps(dashboards.documents(again), sort_keys=True)


def test_what_does_not_run_is_not_drawn(watched: Watched, switch_off: Any) -> None:
    assert "logs" not in dashboards.documents(switch_off(watched, "loki"))
    assert "databases" not in dashboards.documents(switch_off(watched, "postgres", "redis", "mongodb"))
    assert "budget" not in dashboards.documents(switch_off(watched, "cadvisor"))
    assert "host" not in dashboards.documents(switch_off(watched, "node-exporter"))
    assert "api" not in dashboards.documents(switch_off(watched, "ziggie-api", "mcp-gateway"))
    titles = [panel["title"] for panel in dashboards.documents(switch_off(watched, "flowise"))["budget"]["panels"]]
    assert "flowise: memory" not in titles


def test_a_host_that_cannot_look_is_asked_for_nothing(watched: Watched) -> None:
    assert "ziggie_service_" in json.dumps(dashboards.documents(watched))
    blind = Watched(budget=watched.budget, compose=watched.compose, settings=watched.settings, live_state=False)
    assert "ziggie_service_" not in json.dumps(dashboards.documents(blind))


def test_lines_are_the_tuned_figures(watched: Watched) -> None:
    board = databases.board(watched)
    assert board is not None
    queries = [query.expr for panel in board.panels for query in panel.queries]
    settings = watched.budget["services"]
    assert f"vector({settings['postgres']['tuning']['settings']['max_connections']})" in queries
    assert f"vector({settings['mongodb']['tuning']['settings']['maxConns']})" in queries


def _records(expr: str) -> set[str]:
    separators = str.maketrans("(){}[],+-*/ ", " " * 12)
    return {word for word in expr.translate(separators).split() if word.startswith("service:")}
