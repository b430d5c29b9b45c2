# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of the logs."""

from __future__ import annotations

from ..watched import Watched
from .board import Board, Choice
from .panel import LOKI, Panel, Query

SHIPPERS = ("alloy", "promtail")
PICKED = '{service=~"$service",tier=~"$tier"}'
WRONG = "(?i)(error|fatal|panic|exception|out of memory)"


def board(watched: Watched) -> Board | None:
    """Return the dashboard, None where no logs are shipped."""
    if not watched.runs("loki") or not any(watched.runs(shipper) for shipper in SHIPPERS):
        return None
    return Board(
        name="logs",
        title="logs",
        choices=[
            Choice(name="tier", label="Tier", values="tier", of_logs=True),
            Choice(name="service", label="Service", values="service", of_logs=True),
        ],
        panels=[
            Panel(
                title="Lines",
                kind="timeseries",
                source=LOKI,
                stacked=True,
                queries=[Query(expr=f"sum by (service) (count_over_time({PICKED} [$__auto]))", legend="{{service}}")],
            ),
            Panel(
                title="Lines that speak of errors",
                kind="timeseries",
                source=LOKI,
                stacked=True,
                queries=[Query(expr=f"sum by (service) (count_over_time({PICKED} |~ `{WRONG}` [$__auto]))", legend="{{service}}")],
            ),
            Panel(
                title="Errors",
                kind="logs",
                source=LOKI,
                width=24,
                height=10,
                queries=[Query(expr=f"{PICKED} |~ `{WRONG}`")],
            ),
            Panel(title="All", kind="logs", source=LOKI, width=24, height=14, queries=[Query(expr=PICKED)]),
        ],
    )
