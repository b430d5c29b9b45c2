# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data sources that dashboards ask, each by a variable: a dashboard works where they have other names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A kind of data source, and the name of the one that the monitoring role provisions."""

    kind: str
    name: str

    def to_dict(self) -> dict[str, str]:
        """Return the reference to it, by its variable."""
        return {"type": self.kind, "uid": f"${{{self.kind}_datasource}}"}

    def variable(self) -> dict[str, Any]:
        """Return the variable. Its name and label are those that dashboard-linter's `template-datasource-rule` asks for."""
        return {
            "name": f"{self.kind}_datasource",
            "label": f"{self.kind.capitalize()} data source",
            "type": "datasource",
            "query": self.kind,
            "current": {"text": self.name, "value": self.kind},
            "hide": 0,
            "includeAll": False,
            "multi": False,
            "options": [],
            "refresh": 1,
            "regex": "",
        }


PROMETHEUS = Source(kind="prometheus", name="Prometheus")
LOKI = Source(kind="loki", name="Loki")
