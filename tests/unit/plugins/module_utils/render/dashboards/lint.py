# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Grafana's published schema and its dashboard-linter ask of a dashboard, as functions that return sentences about what breaks them.

The keys are those of the JSON schemas in grafana/grafana-foundation-sdk (`jsonschema/`), of the objects that our dashboards have; the rules have the names
and the meaning that they have in grafana/dashboard-linter (`docs/rules/`, `lint/`). Left out are

- `template-job-rule`, `template-instance-rule`, `target-job-rule` and `target-instance-rule`: one host is watched, and the label by which its metrics and
  its logs are told apart is `service`, not `job` and `instance`; the linter's own documentation asks for such an exception;
- `target-promql-rule`, `template-label-promql-rule` and `target-logql-rule`: `tests/integration/monitoring/test_dashboards.py` lets promtool parse the queries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Board = Mapping[str, Any]

# By object: the keys that it must have, and those that it may have besides.
DASHBOARD = (
    "schemaVersion templating annotations",
    "uid title description tags timezone editable graphTooltip time timepicker refresh version panels links preload liveNow weekStart",
)
PANEL = (
    "type",
    "id title description transparent datasource gridPos links repeat repeatDirection maxPerRow maxDataPoints interval targets options fieldConfig",
)
ROW = ("type collapsed id panels", "title datasource gridPos repeat")
VARIABLE = (
    "type name",
    "label hide skipUrlSync description query datasource current multi allowCustomValue options refresh sort includeAll allValue regex definition",
)
ANNOTATION = (
    "name enable iconColor",
    "datasource hide filter target type builtIn placement expr textFormat titleFormat tagKeys step useValueForTime mappings",
)
LINK = ("title type icon tooltip tags asDropdown targetBlank includeVars keepTime", "url placement")
PLACE = ("h w x y", "static")
FIELDS = ("", "displayName description unit decimals min max mappings thresholds color links noValue custom fieldMinMax")
LEGEND = ("displayMode placement showLegend calcs", "sortBy sortDesc width")
TOOLTIP = ("mode sort", "maxWidth maxHeight hideZeros")
REDUCED = "reduceOptions orientation"
OPTIONS = {
    "timeseries": ("legend tooltip", "timezone orientation"),
    "stat": (f"{REDUCED} graphMode colorMode justifyMode textMode wideLayout showPercentChange percentChangeColorMode", "text"),
    "gauge": (f"{REDUCED} showThresholdLabels showThresholdMarkers sizing minVizWidth minVizHeight", "text"),
    "bargauge": (f"{REDUCED} displayMode valueMode namePlacement showUnfilled sizing minVizWidth minVizHeight maxVizHeight legend", "text"),
    "state-timeline": ("showValue rowHeight legend tooltip", "mergeValues alignValue timezone perPage"),
    "logs": (
        "showLabels showCommonLabels showTime showLogContextToggle wrapLogMessage prettifyLogMessage enableLogDetails sortOrder dedupStrategy",
        "enableInfiniteScrolling showControls fontSize",
    ),
}
TARGETS = {
    "prometheus": ("expr", "refId datasource instant range legendFormat interval editorMode format exemplar hide"),
    "loki": ("expr", "refId datasource queryType editorMode legendFormat maxLines step hide direction"),
}

# Of the units that the linter knows, those that fit what is measured here.
UNITS = {"none", "short", "percentunit", "bytes", "Bps", "s", "ops", "cps", "reqps"}
# The kinds of panels that the linter looks at; and those that draw a query.
LINTED = {"stat", "timeseries", "gauge"}
DRAWN = {*LINTED, "bargauge", "state-timeline", "logs"}

_RATE = re.compile(r"\b(?:rate|irate)\(([^()]*\{[^{}]*\}|[\w:]+)\[([^\]]+)\]")
_COUNTER = re.compile(r"\b\w+_total\b")
_COUNTED = re.compile(r"\b(?:rate|irate|increase)\((\w+_total)\b(?:\{[^{}]*\})?\[")


def panels(board: Board) -> Iterator[Mapping[str, Any]]:
    """Yield every panel, those of collapsed rows too, and the rows themselves."""
    for panel in board["panels"]:
        yield panel
        yield from panel.get("panels", [])


def drawn(board: Board) -> Iterator[Mapping[str, Any]]:
    """Yield every panel that is not a row."""
    return (panel for panel in panels(board) if panel["type"] != "row")


def targets(board: Board) -> Iterator[Mapping[str, Any]]:
    """Yield every query of a panel."""
    return (target for panel in drawn(board) for target in panel["targets"])


def schema(board: Board) -> Iterator[str]:
    """Yield what the published schema refuses."""
    yield from _keys("dashboard", board, DASHBOARD)
    for variable in board["templating"]["list"]:
        yield from _keys(f"variable {variable.get('name')}", variable, VARIABLE)
    for annotation in board["annotations"]["list"]:
        yield from _keys(f"annotation {annotation.get('name')}", annotation, ANNOTATION)
    for link in board["links"]:
        yield from _keys("link", link, LINK)
    for panel in panels(board):
        where = f"panel {panel.get('title')}"
        yield from _keys(where, panel, ROW if panel["type"] == "row" else PANEL)
        yield from _keys(where, panel["gridPos"], PLACE)
        if panel["type"] != "row":
            yield from _drawing(where, panel)


def _drawing(where: str, panel: Mapping[str, Any]) -> Iterator[str]:
    yield from _keys(where, panel["fieldConfig"]["defaults"], FIELDS)
    # Of the list of alerts there is no published schema.
    if panel["type"] != "alertlist":
        options = panel["options"]
        yield from _keys(where, options, OPTIONS[panel["type"]])
        for key, allowed in (("legend", LEGEND), ("tooltip", TOOLTIP)):
            if key in options:
                yield from _keys(f"{where}, {key}", options[key], allowed)
    for target in panel["targets"]:
        yield from _keys(f"{where}, query {target.get('refId')}", target, TARGETS[target["datasource"]["type"]])


def _keys(where: str, given: Mapping[str, Any], allowed: tuple[str, str]) -> Iterator[str]:
    required, optional = (set(words.split()) for words in allowed)
    yield from (f"{where} lacks {key}" for key in sorted(required - {*given}))
    yield from (f"{where} has {key}" for key in sorted({*given} - required - optional))


def _template_datasource(board: Board) -> Iterator[str]:
    found = [variable for variable in board["templating"]["list"] if variable["type"] == "datasource"]
    if not found:
        yield "no data source is a variable"
    for variable in found:
        kind = variable["query"]
        if (variable["name"], variable["label"]) != (f"{kind}_datasource", f"{kind.title()} data source"):
            yield f"{variable['name']}, {variable['label']}"


def _panel_datasource(board: Board) -> Iterator[str]:
    known = {f"${{{variable['name']}}}" for variable in board["templating"]["list"] if variable["type"] == "datasource"}
    asking = [*drawn(board), *targets(board), *board["annotations"]["list"]]
    asking += [variable for variable in board["templating"]["list"] if variable["type"] == "query"]
    return (f"{one['datasource']['uid']}" for one in asking if one["datasource"]["uid"] not in known)


def _on_time_change(board: Board) -> Iterator[str]:
    return (variable["name"] for variable in board["templating"]["list"] if variable["type"] == "query" and variable["refresh"] != 2)


def _title_description(board: Board) -> Iterator[str]:
    return (str(panel["title"]) for panel in drawn(board) if not panel["title"] or not panel["description"])


def _units(board: Board) -> Iterator[str]:
    for panel in drawn(board):
        defaults = panel["fieldConfig"]["defaults"]
        if panel["type"] in DRAWN - {"logs"} and "mappings" not in defaults and defaults.get("unit") not in UNITS:
            yield panel["title"]


def _no_targets(board: Board) -> Iterator[str]:
    return (panel["title"] for panel in drawn(board) if panel["type"] in DRAWN and not panel["targets"])


def _rate_interval(board: Board) -> Iterator[str]:
    return (target["expr"] for target in targets(board) for _of, span in _RATE.findall(target["expr"]) if span != "$__rate_interval")


def _logql_auto(board: Board) -> Iterator[str]:
    for target in targets(board):
        if target["datasource"]["type"] == "loki" and set(re.findall(r"\[([^\]]+)\]", target["expr"])) - {"$__auto"}:
            yield target["expr"]


def _counters(board: Board) -> Iterator[str]:
    for target in targets(board):
        if len(_COUNTER.findall(target["expr"])) != len(_COUNTED.findall(target["expr"])):
            yield target["expr"]


def _uneditable(board: Board) -> Iterator[str]:
    if board["editable"]:
        yield board["title"]


RULES: dict[str, Callable[[Board], Iterator[str]]] = {
    "template-datasource-rule": _template_datasource,
    "template-on-time-change-reload-rule": _on_time_change,
    "panel-datasource-rule": _panel_datasource,
    "panel-title-description-rule": _title_description,
    "panel-units-rule": _units,
    "panel-no-targets-rule": _no_targets,
    "target-rate-interval-rule": _rate_interval,
    "target-logql-auto-rule": _logql_auto,
    "target-counter-agg-rule": _counters,
    "uneditable-dashboard": _uneditable,
}
