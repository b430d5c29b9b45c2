# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of the logs."""

from __future__ import annotations

from ..monitored import Monitored
from . import runs
from .board import Board, Choice
from .panel import Panel, Query
from .row import Row
from .source import LOKI

PICKED = '{service=~"$service",tier=~"$tier"}'
WRONG = "(?i)(error|fatal|panic|exception|out of memory)"


def board(monitored: Monitored) -> Board | None:
    """Return the dashboard, `None` where no logs are shipped."""
    if not runs.are_shipped(monitored):
        return None
    return Board(
        name="logs",
        title="logs",
        choices=[
            Choice(name="tier", label="Tier", values="tier", source=LOKI),
            Choice(name="service", label="Service", values="service", source=LOKI),
        ],
        rows=[
            Row(title="Number of lines", panels=[_lines("Log lines", ""), _lines("Error lines", f" |~ `{WRONG}`")]),
            Row(title="Runs", panels=[runs.panel()]),
            Row(
                title="Lines",
                panels=[
                    _logs("Errors", f"{PICKED} |~ `{WRONG}`", 10, "Lines with a word that errors have."),
                    _logs("All logs", PICKED, 14, "Of the services that are picked."),
                ],
            ),
        ],
    )


def _lines(title: str, matching: str) -> Panel:
    return Panel(
        title=title,
        kind="timeseries",
        unit="none",
        source=LOKI,
        stacked=True,
        description="Lines per interval of the graph, by service.",
        queries=[Query(expr=f"sum by (service) (count_over_time({PICKED}{matching} [$__auto]))", legend="{{service}}")],
    )


def _logs(title: str, expr: str, height: int, description: str) -> Panel:
    return Panel(title=title, kind="logs", source=LOKI, width=24, height=height, description=description, queries=[Query(expr=expr)])
