# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of the logs."""

from __future__ import annotations

from ..monitored import Monitored
from .board import Board, Choice
from .panel import LOKI, Panel, Query

SHIPPERS = ("alloy", "promtail")
PICKED = '{service=~"$service",tier=~"$tier"}'
# What runs did to the host, as `host.run_log` writes it.
RUNS = (
    '{job="runs"} | json '
    '| line_format "{{.verb}} by {{.user}}@{{.machine}} {{.event}} {{.outcome}}'
    '{{if .plan}} plan {{.plan}}{{end}}{{if .release}} release {{.release}}{{end}}{{if .why}}: {{.why}}{{end}}"'
)
WRONG = "(?i)(error|fatal|panic|exception|out of memory)"


def board(monitored: Monitored) -> Board | None:
    """Return the dashboard, `None` where no logs are shipped."""
    if not monitored.runs("loki") or not any(monitored.runs(shipper) for shipper in SHIPPERS):
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
                title="Log lines",
                kind="timeseries",
                source=LOKI,
                stacked=True,
                queries=[Query(expr=f"sum by (service) (count_over_time({PICKED} [$__auto]))", legend="{{service}}")],
            ),
            Panel(
                title="Error lines",
                kind="timeseries",
                source=LOKI,
                stacked=True,
                queries=[Query(expr=f"sum by (service) (count_over_time({PICKED} |~ `{WRONG}` [$__auto]))", legend="{{service}}")],
            ),
            Panel(title="Runs on this host", kind="logs", source=LOKI, width=24, height=6, queries=[Query(expr=RUNS)]),
            Panel(
                title="Errors",
                kind="logs",
                source=LOKI,
                width=24,
                height=10,
                queries=[Query(expr=f"{PICKED} |~ `{WRONG}`")],
            ),
            Panel(title="All logs", kind="logs", source=LOKI, width=24, height=14, queries=[Query(expr=PICKED)]),
        ],
    )
