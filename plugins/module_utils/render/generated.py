# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration that is made from the Budget rather than written: rules, scraping, alert routes, dashboards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..budget.problems import Problems
from . import scrape
from .alerting import document as alerting
from .alerting import heartbeat
from .alerting.receivers import parse
from .alerts import document as alerts
from .dashboards import document as dashboards
from .watched import Watched


def documents(
    budget: Mapping[str, Any], compose: Mapping[str, Any], settings: Mapping[str, Any], *, live_state: bool = True
) -> dict[str, dict[str, Any]]:
    """Return documents as plain data, by path relative to the project directory. What a path ends in says how it is written.

    `live_state` tells whether the host can write its services' live state (`host.capabilities`).
    """
    watched = Watched(budget=budget, compose=compose, settings=settings, live_state=live_state)
    made: dict[str, dict[str, Any]] = {}
    if watched.runs("prometheus"):
        made["config/prometheus/prometheus.yml"] = scrape.document(watched)
        made["config/prometheus/alerts.yml"] = alerts.document(watched)
    if watched.runs("alertmanager"):
        made["config/alertmanager/alertmanager.yml"] = alerting.document(_receivers(settings), heartbeat.of(settings))
    if watched.runs("grafana"):
        for name, dashboard in dashboards.documents(watched).items():
            made[f"config/grafana/dashboards/{name}.json"] = dashboard
    return made


def _receivers(settings: Mapping[str, Any]) -> list[Any]:
    """Return the receivers. They were checked before, so what is wrong with them was said."""
    written = settings.get("receivers") or []
    names = [entry.get("secret") for entry in written if isinstance(entry, Mapping)]
    return list(parse(written, {str(name) for name in names}, Problems()))
