# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of Prometheus, Alertmanager and Grafana, generated from the Budget: scrape jobs, alerts, receivers, dashboards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..budget.model import Budget
from . import alerts, scrape
from .alertmanager import configuration
from .alertmanager.settings import Settings
from .dashboards import api, backups, budget, databases, host, logs, overview
from .dashboards.annotation import marks
from .monitored import Monitored

_BOARDS = (overview.board, api.board, backups.board, budget.board, databases.board, host.board, logs.board)


def documents(
    of: Budget, compose: Mapping[str, Any], settings: Settings, *, groups: Iterable[alerts.Group], live_state: bool = True
) -> dict[str, dict[str, Any]]:
    """Return documents as plain data, by path relative to the project directory; the path's suffix names the format.

    `groups` are the alerts, `live_state` tells whether the host can write the live state of its services (`render.host.Capabilities`). Raises
    `ValueError` for an alert with a figure that no Budget has.
    """
    monitored = Monitored(budget=of, compose=compose, settings=settings, live_state=live_state)
    made: dict[str, dict[str, Any]] = {}
    if monitored.runs("prometheus"):
        made["config/prometheus/prometheus.yml"] = scrape.document(monitored)
        made["config/prometheus/alerts.yml"] = alerts.document(monitored, groups)
    if monitored.runs("alertmanager"):
        made["config/alertmanager/alertmanager.yml"] = configuration.document(settings.receivers, settings.heartbeat)
    if monitored.runs("grafana"):
        made |= {f"config/grafana/dashboards/{name}.json": board for name, board in dashboards(monitored).items()}
    return made


def dashboards(monitored: Monitored) -> dict[str, dict[str, Any]]:
    """Return the dashboards that have something to show, by name."""
    boards = [make(monitored) for make in _BOARDS]
    annotations = marks(monitored)
    return {board.name: board.to_dict(annotations) for board in boards if board is not None and not board.is_empty}
