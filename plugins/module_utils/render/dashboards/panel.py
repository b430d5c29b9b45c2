# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grafana panels as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PROMETHEUS = {"type": "prometheus", "uid": "prometheus"}
LOKI = {"type": "loki", "uid": "loki"}

WIDTH = 24
REFERENCES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query and what its series are called. `instant` asks for now only."""

    expr: str
    legend: str = ""
    instant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel. `lines` are series drawn as thin dashed lines rather than as data; `steps` colour a value."""

    title: str
    kind: str
    queries: Sequence[Query]
    width: int = 12
    height: int = 8
    unit: str = "short"
    description: str = ""
    steps: Sequence[tuple[str, float | None]] = ()
    maximum: float | None = None
    lines: Sequence[str] = ()
    stacked: bool = False
    source: Mapping[str, str] = field(default_factory=lambda: PROMETHEUS)

    def to_dict(self, number: int, x: int, y: int) -> dict[str, Any]:
        """Return the panel as Grafana reads it."""
        return {
            "id": number,
            "title": self.title,
            "type": self.kind,
            "description": self.description,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "datasource": dict(self.source),
            "fieldConfig": {"defaults": self._defaults(), "overrides": [_dashed(name) for name in self.lines]},
            "options": _OPTIONS[self.kind],
            "targets": [self._target(reference, query) for reference, query in zip(REFERENCES, self.queries, strict=False)],
        }

    def _target(self, reference: str, query: Query) -> dict[str, Any]:
        target: dict[str, Any] = {"refId": reference, "expr": query.expr, "datasource": dict(self.source)}
        if self.source is LOKI:
            target["queryType"] = "range"
            target["editorMode"] = "code"
        else:
            target["instant"] = query.instant
            target["range"] = not query.instant
        if query.legend:
            target["legendFormat"] = query.legend
        return target

    def _defaults(self) -> dict[str, Any]:
        defaults: dict[str, Any] = {"unit": self.unit, "min": 0}
        if self.maximum is not None:
            defaults["max"] = self.maximum
        if self.steps:
            defaults["thresholds"] = {"mode": "absolute", "steps": [{"color": color, "value": value} for color, value in self.steps]}
        if self.kind == "timeseries":
            custom: dict[str, Any] = {"lineWidth": 1, "fillOpacity": 60 if self.stacked else 0, "showPoints": "never"}
            if self.stacked:
                custom["stacking"] = {"mode": "normal", "group": "A"}
            if self.steps:
                custom["thresholdsStyle"] = {"mode": "dashed"}
            defaults["custom"] = custom
        return defaults


def place(panels: Sequence[Panel]) -> list[dict[str, Any]]:
    """Return panels laid out row by row, left to right, numbered in that order."""
    placed, x, y, row = [], 0, 0, 0
    for number, panel in enumerate(panels, start=1):
        if x + panel.width > WIDTH:
            x, y, row = 0, y + row, 0
        placed.append(panel.to_dict(number, x, y))
        x += panel.width
        row = max(row, panel.height)
    return placed


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
