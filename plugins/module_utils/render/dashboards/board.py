# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Grafana dashboard as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .annotation import Annotation
from .row import Row, place
from .source import LOKI, PROMETHEUS, Source

# The schema of Grafana 12 and 13's classic dashboards.
SCHEMA = 41
ALL = {"text": ["All"], "value": ["$__all"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A variable that a viewer picks values of; `values` is a label, of certain series where it names them."""

    name: str
    label: str
    values: str
    source: Source = PROMETHEUS

    def to_dict(self) -> dict[str, Any]:
        """Return the variable as Grafana reads it."""
        return {
            "name": self.name,
            "label": self.label,
            "type": "query",
            "datasource": self.source.to_dict(),
            "query": f"label_values({self.values})",
            "refresh": 2,
            "multi": True,
            "includeAll": True,
            "allValue": ".+",
            "current": ALL,
            "sort": 1,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One dashboard. Its uid follows from its name, so links to it last."""

    name: str
    title: str
    rows: Sequence[Row]
    choices: Sequence[Choice] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing on it."""
        return not any(row.panels for row in self.rows)

    def to_dict(self, annotations: Sequence[Annotation] = ()) -> dict[str, Any]:
        """Return the dashboard as Grafana reads it, with what happened marked on it."""
        variables = [*(source.variable() for source in self._sources(annotations)), *(choice.to_dict() for choice in self.choices)]
        return {
            "uid": f"ziggie-{self.name}",
            "title": f"Ziggie: {self.title}",
            "tags": ["ziggie"],
            "schemaVersion": SCHEMA,
            "version": 1,
            "editable": False,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-6h", "to": "now"},
            "timezone": "browser",
            "annotations": {"list": [annotation.to_dict() for annotation in annotations]},
            "links": [
                {
                    "type": "dashboards",
                    "title": "Ziggie",
                    "tags": ["ziggie"],
                    "asDropdown": True,
                    "includeVars": True,
                    "keepTime": True,
                    "targetBlank": False,
                    "url": "",
                    "icon": "external link",
                    "tooltip": "",
                }
            ],
            "templating": {"list": variables},
            "panels": place(self.rows),
        }

    def _sources(self, annotations: Iterable[Annotation]) -> list[Source]:
        asked = {panel.source for row in self.rows for panel in row.panels}
        asked |= {choice.source for choice in self.choices} | {annotation.source for annotation in annotations}
        return [source for source in (PROMETHEUS, LOKI) if source in asked]
