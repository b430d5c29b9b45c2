# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboards keep to Grafana's schema and to its linter's rules, and each of these finds what breaks it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.render.monitored import Monitored
from ansible_collections.ziggie.stack.plugins.module_utils.render.monitoring import dashboards
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.dashboards import lint

Break = Callable[[Any], object]


def _chart(board: Any) -> Any:
    return next(panel for panel in board["panels"] if panel["type"] == "timeseries")


def _query(board: Any) -> Any:
    return _chart(board)["targets"][0]


def _ask(expr: str) -> Break:
    return lambda board: _query(board).update(expr=expr)


BROKEN: list[tuple[str, str, Break]] = [
    ("template-datasource-rule", "budget", lambda board: board["templating"]["list"][0].update(name="source")),
    ("template-datasource-rule", "budget", lambda board: board["templating"].update(list=[])),
    ("template-on-time-change-reload-rule", "budget", lambda board: board["templating"]["list"][-1].update(refresh=1)),
    ("panel-datasource-rule", "budget", lambda board: _chart(board)["datasource"].update(uid="prometheus")),
    ("panel-datasource-rule", "budget", lambda board: _query(board)["datasource"].update(uid="prometheus")),
    ("panel-datasource-rule", "budget", lambda board: board["annotations"]["list"][0]["datasource"].update(uid="loki")),
    ("panel-title-description-rule", "budget", lambda board: _chart(board).update(description="")),
    ("panel-units-rule", "budget", lambda board: _chart(board)["fieldConfig"]["defaults"].update(unit="cores")),
    ("panel-no-targets-rule", "budget", lambda board: _chart(board).update(targets=[])),
    ("target-rate-interval-rule", "budget", _ask("sum(rate(a_total[5m]))")),
    ("target-rate-interval-rule", "budget", _ask('sum(irate(a_total{service=~"$service"}[1m]))')),
    ("target-logql-auto-rule", "logs", _ask("sum(count_over_time({a=`b`} [5m]))")),
    ("target-counter-agg-rule", "budget", _ask("sum(a_total)")),
    ("target-counter-agg-rule", "budget", _ask("rate(a_total[$__rate_interval]) / a_total")),
    ("uneditable-dashboard", "budget", lambda board: board.update(editable=True)),
]

REFUSED: dict[str, Break] = {
    "dashboard lacks schemaVersion": lambda board: board.pop("schemaVersion"),
    "dashboard has rows": lambda board: board.update(rows=[]),
    "variable service has values": lambda board: board["templating"]["list"][-1].update(values=[]),
    "annotation Deployments lacks enable": lambda board: board["annotations"]["list"][0].pop("enable"),
    "link lacks icon": lambda board: board["links"][0].pop("icon"),
    "panel Pool lacks collapsed": lambda board: board["panels"][0].pop("collapsed"),
    "panel Memory, share of the limit has span": lambda board: _chart(board).update(span=6),
    "panel Memory, share of the limit lacks h": lambda board: _chart(board)["gridPos"].pop("h"),
    "panel Memory, share of the limit has decimal": lambda board: _chart(board)["fieldConfig"]["defaults"].update(decimal=1),
    "panel Memory, share of the limit has graphMode": lambda board: _chart(board)["options"].update(graphMode="area"),
    "panel Memory, share of the limit, legend lacks calcs": lambda board: _chart(board)["options"].update(
        legend={"displayMode": "list", "placement": "bottom", "showLegend": True}
    ),
    "panel Memory, share of the limit, query A has legend": lambda board: _query(board).update(legend="x"),
}


def test_the_dashboards_keep_to_the_published_schema(monitored: Monitored) -> None:
    assert [(name, told) for name, board in dashboards(monitored).items() for told in lint.schema(board)] == []


@pytest.mark.parametrize("rule", lint.RULES)
def test_the_dashboards_keep_to_each_rule_of_the_linter(monitored: Monitored, rule: str) -> None:
    assert [(name, told) for name, board in dashboards(monitored).items() for told in lint.RULES[rule](board)] == []


@pytest.mark.parametrize(("rule", "name", "harm"), BROKEN)
def test_each_rule_finds_what_breaks_it(monitored: Monitored, rule: str, name: str, harm: Break) -> None:
    board = copy.deepcopy(dashboards(monitored)[name])
    harm(board)
    assert list(lint.RULES[rule](board))


def test_every_rule_is_seen_to_fail() -> None:
    assert {rule for rule, *_case in BROKEN} == {*lint.RULES}


@pytest.mark.parametrize("told", REFUSED)
def test_the_schema_finds_what_it_does_not_know(monitored: Monitored, told: str) -> None:
    board = copy.deepcopy(dashboards(monitored)["budget"])
    REFUSED[told](board)
    assert list(lint.schema(board)) == [told]
