# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboards: every service on them, nothing that moves between two runs, nothing that cannot be asked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.render import alerts
from ansible_collections.ziggie.stack.plugins.module_utils.render.dashboards import databases
from ansible_collections.ziggie.stack.plugins.module_utils.render.monitored import Monitored
from ansible_collections.ziggie.stack.plugins.module_utils.render.monitoring import dashboards
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import alert_groups

ROOT = Path(__file__).parents[6]
NAMES = ["api", "backups", "budget", "databases", "host", "logs"]


@pytest.mark.parametrize("name", NAMES)
def test_ids_references_and_places_are_right(monitored: Monitored, name: str) -> None:
    board = dashboards(monitored)[name]
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


def test_all_are_there_and_titles_differ(monitored: Monitored) -> None:
    made = dashboards(monitored)
    assert sorted(made) == NAMES
    for board in made.values():
        titles = [panel["title"] for panel in board["panels"]]
        assert len(titles) == len(set(titles))


def test_every_service_has_its_lines(monitored: Monitored) -> None:
    panels = {panel["title"]: panel for panel in dashboards(monitored)["budget"]["panels"]}
    recorded = {
        rule["record"] for group in alerts.document(monitored, alert_groups())["groups"] for rule in group["rules"] if "record" in rule
    }
    for name in monitored.services:
        queries = [target["expr"] for target in panels[f"{name}: memory"]["targets"]]
        assert any("budget_memory_limit" in query and f'service="{name}"' in query for query in queries)
        assert any("budget_memory_reservation" in query for query in queries)
    asked = {word for panel in panels.values() for target in panel["targets"] for word in _records(target["expr"])}
    assert asked <= recorded


def test_the_same_budget_gives_the_same_bytes(monitored: Monitored) -> None:
    again = replace(monitored, budget=replace(monitored.budget, services=dict(reversed(monitored.budget.services.items()))))
    assert json.dumps(dashboards(monitored), sort_keys=True) == json.dumps(dashboards(again), sort_keys=True)


def test_what_does_not_run_is_not_drawn(monitored: Monitored, switch_off: Any) -> None:
    assert "logs" not in dashboards(switch_off(monitored, "loki"))
    assert "databases" not in dashboards(switch_off(monitored, "postgres", "redis", "mongodb"))
    assert "budget" not in dashboards(switch_off(monitored, "cadvisor"))
    assert "host" not in dashboards(switch_off(monitored, "node-exporter"))
    assert "backups" not in dashboards(switch_off(monitored, "node-exporter"))
    assert "backups" not in dashboards(replace(monitored, budget=replace(monitored.budget, jobs=())))
    assert "api" not in dashboards(switch_off(monitored, "ziggie-api", "mcp-gateway"))
    titles = [panel["title"] for panel in dashboards(switch_off(monitored, "flowise"))["budget"]["panels"]]
    assert "flowise: memory" not in titles


def test_a_host_that_cannot_look_is_asked_for_nothing(monitored: Monitored) -> None:
    assert "ziggie_service_" in json.dumps(dashboards(monitored))
    blind = Monitored(budget=monitored.budget, compose=monitored.compose, settings=monitored.settings, live_state=False)
    assert "ziggie_service_" not in json.dumps(dashboards(blind))


def test_lines_are_the_tuned_figures(monitored: Monitored) -> None:
    board = databases.board(monitored)
    assert board is not None
    queries = [query.expr for panel in board.panels for query in panel.queries]
    assert f"vector({monitored.tuned('postgres', 'max_connections')})" in queries
    assert f"vector({monitored.tuned('mongodb', 'maxConns')})" in queries


def _records(expr: str) -> set[str]:
    separators = str.maketrans("(){}[],+-*/ ", " " * 12)
    return {word for word in expr.translate(separators).split() if word.startswith("service:")}


def test_the_runbook_names_panels_that_exist(monitored: Monitored) -> None:
    titles = {
        board["title"].removeprefix("Ziggie: "): {panel["title"] for panel in board["panels"]} for board in dashboards(monitored).values()
    }
    named = re.findall(r"\*([^*\n]+)\* on the \*(\w+)\* dashboard", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"))
    assert len(named) > 3
    assert [(title, name) for title, name in named if not any(title in panel for panel in titles[name])] == []
