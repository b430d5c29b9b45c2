# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard to begin with: what is wrong now, what was wrong lately, and what was done to the stack."""

from __future__ import annotations

from ..monitored import Monitored
from . import backups, budget, host, runs
from .board import Board
from .panel import Panel, Query, State, stat
from .row import Row

# Watchdog always fires, and its severity says so.
ALERTS = 'ALERTS{{alertstate="{state}",severity!="none"}}'
STATES = (State(value=1, text="pending", color="orange"), State(value=2, text="firing", color="red"))


def board(monitored: Monitored) -> Board | None:
    """Return the dashboard, `None` where nothing is measured."""
    if not monitored.runs("prometheus"):
        return None
    return Board(
        name="overview",
        title="overview",
        rows=[
            Row(title="Now", panels=_now(monitored)),
            Row(title="Host", panels=host.gauges() if monitored.runs("node-exporter") else []),
            Row(title="Alerts", panels=_alerts()),
            Row(title="Probes", panels=_probes(monitored)),
            Row(title="Backups", panels=backups.worst() if backups.board(monitored) else []),
            Row(title="Runs", panels=[runs.panel()] if runs.are_shipped(monitored) else []),
        ],
    )


def _now(monitored: Monitored) -> list[Panel]:
    firing, pending = (f"count({ALERTS.format(state=state)}) or vector(0)" for state in ("firing", "pending"))
    panels = [
        _count("Alerts firing", firing, "red", "Each is in the list below, with a link to its page of the runbook."),
        _count("Alerts pending", pending, "orange", "Their condition holds, not yet for as long as they wait."),
    ]
    if monitored.runs("cadvisor"):
        down = 'count(service:budget:info unless on (service) container_last_seen{name!=""}) or vector(0)'
        panels += [
            _count("Services down", down, "red", "Services of the budget without a container: ServiceDown."),
            budget.pool_used(monitored, 6),
        ]
    return panels


def _alerts() -> list[Panel]:
    expr = " or ".join(f"max by (alertname, service) ({ALERTS.format(state=state.text)} * {state.value})" for state in STATES)
    return [
        Panel(
            title="Alerts",
            kind="alertlist",
            height=10,
            description="Alerts that fire or are pending, the most important first.",
        ),
        Panel(
            title="Alerts over time",
            kind="state-timeline",
            height=10,
            states=STATES,
            description="No data means that there was no alert.",
            queries=[Query(expr=expr, legend="{{alertname}} {{service}}")],
        ),
    ]


def _probes(monitored: Monitored) -> list[Panel]:
    targets = Panel(
        title="Scrape targets",
        kind="state-timeline",
        width=24,
        height=10,
        states=(State(value=1, text="up", color="green"), State(value=0, text="down", color="red")),
        description="Whether Prometheus gets metrics of each program: TargetDown.",
        queries=[Query(expr="min by (job) (up)", legend="{{job}}")],
    )
    return [budget.health(), targets] if monitored.has_live_state else [targets]


def _count(title: str, expr: str, color: str, description: str) -> Panel:
    return stat(title, expr, description, unit="none", steps=(("green", None), (color, 1)), height=6)
