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
from ansible_collections.ziggie.stack.plugins.module_utils.render.dashboards import databases, runs
from ansible_collections.ziggie.stack.plugins.module_utils.render.monitored import Monitored
from ansible_collections.ziggie.stack.plugins.module_utils.render.monitoring import dashboards
from ansible_collections.ziggie.stack.plugins.module_utils.render.scrape import TARGETS
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import alert_groups
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.dashboards.lint import drawn, panels, targets

ROOT = Path(__file__).parents[6]
NAMES = ["api", "backups", "budget", "databases", "host", "logs", "overview"]


@pytest.mark.parametrize("name", NAMES)
def test_ids_references_and_places_are_right(monitored: Monitored, name: str) -> None:
    board = dashboards(monitored)[name]
    assert board["uid"] == f"ziggie-{name}"
    assert len(board["uid"]) <= 40
    numbers = [panel["id"] for panel in panels(board)]
    assert numbers == [*range(1, len(numbers) + 1)]
    for panel in drawn(board):
        references = [target["refId"] for target in panel["targets"]]
        assert len(references) == len(set(references))
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    for one, other in combinations([panel["gridPos"] for panel in board["panels"]], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


def test_all_are_there_and_titles_differ(monitored: Monitored) -> None:
    made = dashboards(monitored)
    assert sorted(made) == NAMES
    for board in made.values():
        titles = [panel["title"] for panel in drawn(board)]
        assert len(titles) == len(set(titles))


def test_each_panel_is_in_a_row(monitored: Monitored) -> None:
    for board in dashboards(monitored).values():
        assert board["panels"][0]["type"] == "row"
        # Grafana takes the panels of a collapsed row from the row, and what follows an open one as its own.
        assert [panel["title"] for panel in board["panels"] if bool(panel.get("panels")) != panel.get("collapsed", False)] == []


def test_each_service_has_a_panel_of_its_own(monitored: Monitored) -> None:
    board = dashboards(monitored)["budget"]
    repeated = [panel for panel in drawn(board) if "repeat" in panel]
    assert [panel["repeat"] for panel in repeated] == ["service"]
    assert all("$service" in text for text in (repeated[0]["title"], *(target["expr"] for target in repeated[0]["targets"])))
    choice = next(variable for variable in board["templating"]["list"] if variable["name"] == "service")
    assert (choice["type"], choice["includeAll"], choice["multi"]) == ("query", True, True)
    # The variable's values are the labels of this series, which the rules make for every service.
    assert choice["query"] == 'label_values(service:budget:info{tier=~"$tier"}, service)'
    made = [rule for group in alerts.document(monitored, alert_groups())["groups"] for rule in group["rules"] if "record" in rule]
    assert {rule["labels"]["service"] for rule in made if rule["record"] == "service:budget:info"} == {*monitored.services}
    assert {word for target in targets(board) for word in _records(target["expr"])} <= {rule["record"] for rule in made}


def test_nothing_lies_beside_a_repeated_panel(monitored: Monitored) -> None:
    """Grafana draws the copies over the whole width."""
    for board in dashboards(monitored).values():
        for panel in drawn(board):
            lines = [other["gridPos"]["y"] for other in drawn(board)]
            assert "repeat" not in panel or lines.count(panel["gridPos"]["y"]) == 1, panel["title"]


def test_a_variable_that_is_asked_for_exists(monitored: Monitored) -> None:
    for name, board in dashboards(monitored).items():
        known = {variable["name"] for variable in board["templating"]["list"]}
        asked = set(re.findall(r"\$\{?(\w+)", json.dumps(board))) - {"__rate_interval", "__auto", "__all"}
        asked |= {panel["repeat"] for panel in panels(board) if "repeat" in panel}
        assert asked == known, name


def test_the_size_does_not_grow_with_the_stack(monitored: Monitored) -> None:
    def size(services: dict[str, Any]) -> int:
        return len(json.dumps(dashboards(replace(monitored, budget=replace(monitored.budget, services=services)))["budget"]["panels"]))

    few = dict(list(monitored.budget.services.items()))
    many = few | {f"copy-{number}": few["flowise"] for number in range(50)}
    assert size(many) == size(few)


def test_a_rate_spans_two_samples_of_a_slow_job(monitored: Monitored) -> None:
    slow = {target.describes[0]: target.interval for target in TARGETS if target.describes and int(target.interval[:-1]) > 15}
    seen = 0
    for board in dashboards(monitored).values():
        for target in targets(board):
            for metrics, interval in slow.items():
                if "$__rate_interval" in target["expr"] and re.search(rf"\b{metrics}", target["expr"]):
                    assert target["interval"] == interval, target["expr"]
                    seen += 1
    assert seen > 0


def test_deployments_are_marked_on_every_dashboard(monitored: Monitored, switch_off: Any) -> None:
    for board in dashboards(monitored).values():
        marks = {mark["name"]: mark for mark in board["annotations"]["list"]}
        assert marks["Deployments"]["expr"].startswith('{job="runs"} | json | event="ended"')
        assert (marks["Deployments"]["enable"], marks["Container starts"]["enable"]) == (True, False)
    for board in dashboards(switch_off(monitored, "loki")).values():
        marks = {mark["name"]: mark for mark in board["annotations"]["list"]}
        assert {name: mark["enable"] for name, mark in marks.items()} == {"Container starts": True}
        assert marks["Container starts"]["useValueForTime"]
        assert "loki" not in json.dumps(board)
    assert dashboards(switch_off(monitored, "loki", "node-exporter"))["api"]["annotations"] == {"list": []}


def test_what_is_marked_as_a_deployment_is_a_playbook_that_deploys() -> None:
    for name in runs.DEPLOYING:
        assert (ROOT / "playbooks" / f"{name}.yml").is_file(), name


def test_the_states_of_a_timeline_have_names_and_colors(monitored: Monitored) -> None:
    shown = {
        panel["title"]: panel for board in dashboards(monitored).values() for panel in drawn(board) if panel["type"] == "state-timeline"
    }
    assert set(shown) == {"Health checks", "Scrape targets", "Alerts over time"}
    for panel in shown.values():
        (mapping,) = panel["fieldConfig"]["defaults"]["mappings"]
        assert [state for state in mapping["options"].values() if not state["text"] or not state["color"]] == []
    assert set(shown["Health checks"]["fieldConfig"]["defaults"]["mappings"][0]["options"]) == {"0", "1"}


def test_the_overview_lists_alerts_that_fire_and_are_pending(monitored: Monitored) -> None:
    lists = [panel for panel in drawn(dashboards(monitored)["overview"]) if panel["type"] == "alertlist"]
    assert len(lists) == 1
    shown = {state for state, wanted in lists[0]["options"]["stateFilter"].items() if wanted}
    assert shown == {"firing", "pending", "recovering", "error"}
    always = [
        rule for group in alerts.document(monitored, alert_groups())["groups"] for rule in group["rules"] if rule.get("alert") == "Watchdog"
    ]
    assert lists[0]["options"]["alertInstanceLabelFilter"] == f'{{severity!="{always[0]["labels"]["severity"]}"}}'


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
    assert "mongodb" not in json.dumps(dashboards(switch_off(monitored, "mongodb"))["databases"])
    assert dashboards(switch_off(monitored, "prometheus", "loki")) == {}
    overview = dashboards(switch_off(monitored, "cadvisor", "node-exporter", "loki"))["overview"]
    assert [panel["title"] for panel in overview["panels"] if panel["type"] == "row"] == ["Now", "Alerts", "Probes"]


def test_a_host_that_cannot_look_is_asked_for_nothing(monitored: Monitored) -> None:
    assert "ziggie_service_" in json.dumps(dashboards(monitored))
    blind = Monitored(budget=monitored.budget, compose=monitored.compose, settings=monitored.settings, live_state=False)
    assert "ziggie_service_" not in json.dumps(dashboards(blind))


def test_lines_are_the_tuned_figures(monitored: Monitored) -> None:
    board = databases.board(monitored)
    assert board is not None
    queries = [query.expr for row in board.rows for panel in row.panels for query in panel.queries]
    assert f"vector({monitored.tuned('postgres', 'max_connections')})" in queries
    assert f"vector({monitored.tuned('mongodb', 'maxConns')})" in queries


def _records(expr: str) -> set[str]:
    separators = str.maketrans("(){}[],+-*/ ", " " * 12)
    return {word for word in expr.translate(separators).split() if word.startswith("service:")}


def test_the_runbook_names_panels_that_exist(monitored: Monitored) -> None:
    titles = {
        board["title"].removeprefix("Ziggie: "): {panel["title"] for panel in drawn(board)} for board in dashboards(monitored).values()
    }
    named = re.findall(r"\*([^*\n]+)\* on the \*(\w+)\* dashboard", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"))
    assert len(named) > 3
    assert [(title, name) for title, name in named if not any(title in panel for panel in titles[name])] == []
