# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grafana panels as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .source import LOKI, PROMETHEUS, Source

# Columns of Grafana's grid; a panel of less than a third of them has no room for a table beside its lines.
WIDTH = 24
_NARROW = 8
REFERENCES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query and what its series are called. `instant` asks for now only.

    `step` is how often its series get a sample, where that is not the data source's own `timeInterval`: `$__rate_interval` is four times as long.
    """

    expr: str
    legend: str = ""
    instant: bool = False
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a value means: its text and colour."""

    value: int
    text: str
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel. `lines` are series drawn as thin dashed lines rather than as data; `steps` colour a value, `states` name it.

    `repeat` is the variable of which each value gets a panel, as many beside each other as `width` leaves room for.
    """

    title: str
    kind: str
    queries: Sequence[Query] = ()
    width: int = 12
    height: int = 8
    unit: str = "short"
    description: str = ""
    steps: Sequence[tuple[str, float | None]] = ()
    maximum: float | None = None
    lines: Sequence[str] = ()
    stacked: bool = False
    states: Sequence[State] = ()
    repeat: str = ""
    source: Source = PROMETHEUS

    def to_dict(self, number: int, x: int, y: int) -> dict[str, Any]:
        """Return the panel as Grafana reads it."""
        made = {
            "id": number,
            "title": self.title,
            "type": self.kind,
            "description": self.description,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "datasource": self.source.to_dict(),
            "fieldConfig": {"defaults": self._defaults(), "overrides": [_dashed(name) for name in self.lines]},
            "options": self._options(),
            "targets": [self._target(reference, query) for reference, query in zip(REFERENCES, self.queries, strict=False)],
        }
        return made | ({"repeat": self.repeat, "repeatDirection": "h", "maxPerRow": WIDTH // self.width} if self.repeat else {})

    def _options(self) -> dict[str, Any]:
        return _OPTIONS[self.kind] | ({"legend": _BELOW} if self.kind == "timeseries" and self.width < _NARROW else {})

    def _target(self, reference: str, query: Query) -> dict[str, Any]:
        target: dict[str, Any] = {"refId": reference, "expr": query.expr, "datasource": self.source.to_dict()}
        if self.source is LOKI:
            target["queryType"] = "range"
            target["editorMode"] = "code"
        else:
            target["instant"] = query.instant
            target["range"] = not query.instant
            if query.step:
                target["interval"] = query.step
        if query.legend:
            target["legendFormat"] = query.legend
        return target

    def _defaults(self) -> dict[str, Any]:
        if not self.queries:
            return {}
        defaults: dict[str, Any] = {"unit": self.unit, "min": 0}
        if self.maximum is not None:
            defaults["max"] = self.maximum
        if self.steps:
            defaults["thresholds"] = {"mode": "absolute", "steps": [{"color": color, "value": value} for color, value in self.steps]}
        if self.states:
            options = {
                str(state.value): {"index": index, "text": state.text, "color": state.color} for index, state in enumerate(self.states)
            }
            defaults["mappings"] = [{"type": "value", "options": options}]
        if self.kind == "state-timeline":
            defaults["custom"] = {"lineWidth": 0, "fillOpacity": 70, "spanNulls": False}
        if self.kind == "timeseries":
            custom: dict[str, Any] = {"lineWidth": 1, "fillOpacity": 60 if self.stacked else 0, "showPoints": "never"}
            if self.stacked:
                custom["stacking"] = {"mode": "normal", "group": "A"}
            if self.steps:
                custom["thresholdsStyle"] = {"mode": "dashed"}
            defaults["custom"] = custom
        return defaults


def stat(title: str, expr: str, description: str, *, unit: str, steps: Sequence[tuple[str, float | None]], height: int = 5) -> Panel:
    """Return a panel with one number of now, a quarter of the width, coloured by the steps that it has reached."""
    return Panel(
        title=title,
        kind="stat",
        width=WIDTH // 4,
        height=height,
        unit=unit,
        description=description,
        steps=steps,
        queries=[Query(expr=expr, instant=True)],
    )


def _dashed(name: str) -> dict[str, Any]:
    return {
        "matcher": {"id": "byRegexp", "options": f"/{name}/"},
        "properties": [
            {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 6]}},
            {"id": "custom.fillOpacity", "value": 0},
            {"id": "custom.stacking", "value": {"mode": "none", "group": "A"}},
        ],
    }


_REDUCE = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "orientation": "auto"}
_LEGEND = {"displayMode": "table", "placement": "right", "showLegend": True, "calcs": ["lastNotNull", "max"]}
_BELOW = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}

# Every option that Grafana's schema asks for, so that it has nothing to add and a saved dashboard does not differ.
_OPTIONS: dict[str, dict[str, Any]] = {
    "timeseries": {
        "legend": _LEGEND,
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {
        **_REDUCE,
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "textMode": "auto",
        "wideLayout": True,
        "showPercentChange": False,
        "percentChangeColorMode": "standard",
    },
    "gauge": {
        **_REDUCE,
        "showThresholdLabels": False,
        "showThresholdMarkers": True,
        "sizing": "auto",
        "minVizWidth": 75,
        "minVizHeight": 75,
    },
    "bargauge": {
        **_REDUCE,
        "orientation": "horizontal",
        "displayMode": "basic",
        "valueMode": "color",
        "namePlacement": "auto",
        "showUnfilled": True,
        "sizing": "auto",
        "minVizWidth": 8,
        "minVizHeight": 16,
        "maxVizHeight": 300,
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False, "calcs": []},
    },
    "state-timeline": {
        "showValue": "never",
        "mergeValues": True,
        "alignValue": "left",
        "rowHeight": 0.9,
        "perPage": 30,
        "legend": _BELOW,
        "tooltip": {"mode": "single", "sort": "none"},
    },
    # Grafana publishes no schema of this one; these are the options that Grafana 12.3 saves. Watchdog, which always fires, is of severity none.
    "alertlist": {
        "viewMode": "list",
        "groupMode": "default",
        "groupBy": [],
        "maxItems": 30,
        "sortOrder": 3,
        "dashboardAlerts": False,
        "alertName": "",
        "alertInstanceLabelFilter": '{severity!="none"}',
        "showInactiveAlerts": False,
        "stateFilter": {"firing": True, "pending": True, "recovering": True, "noData": False, "normal": False, "error": True},
    },
    "logs": {
        "showTime": True,
        "showLabels": False,
        "showCommonLabels": False,
        "showLogContextToggle": True,
        "wrapLogMessage": True,
        "prettifyLogMessage": False,
        "enableLogDetails": True,
        "sortOrder": "Descending",
        "dedupStrategy": "none",
    },
}
