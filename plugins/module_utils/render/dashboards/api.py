# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of the API: how much it is asked, how fast it answers, how often it fails."""

from __future__ import annotations

from ..monitored import Monitored
from .board import Board, Choice
from .panel import Panel, Query
from .row import Row

COUNT = "http_request_duration_seconds_count"
BUCKET = "http_request_duration_seconds_bucket"
JOBS = ("ziggie-api", "mcp-gateway")
PICKED = '{job=~"$job"}'
FAILED = '{job=~"$job",status=~"5.."}'
TARGETS = (("transparent", None), ("orange", 0.5), ("red", 1.0))


def board(monitored: Monitored) -> Board | None:
    """Return the dashboard, `None` where no service counts its requests."""
    if not any(monitored.runs("prometheus", job) for job in JOBS):
        return None
    rows = [Row(title="$job", panels=_service(), repeat="job")]
    if monitored.runs("nginx", "nginx-exporter"):
        rows.append(Row(title="nginx", panels=_nginx()))
    return Board(name="api", title="API", choices=[Choice(name="job", label="Job", values=f"{COUNT}, job")], rows=rows)


def _service() -> list[Panel]:
    return [
        Panel(
            title="$job: latency",
            kind="timeseries",
            unit="s",
            height=9,
            steps=TARGETS,
            description="The target is a P95 below 500 ms; above 1 s, consider scaling. Health checks are in it, the alerts leave them out.",
            queries=[
                Query(
                    expr=f"histogram_quantile({share / 100:g}, sum by (le) (rate({BUCKET}{PICKED}[$__rate_interval])))",
                    legend=f"P{share}",
                )
                for share in (50, 95, 99)
            ],
        ),
        Panel(
            title="$job: latency by route, P95",
            kind="timeseries",
            unit="s",
            height=9,
            steps=TARGETS,
            description="The slowest routes are the ones to look at first.",
            queries=[
                Query(expr=f"histogram_quantile(0.95, sum by (le, route) (rate({BUCKET}{PICKED}[$__rate_interval])))", legend="{{route}}")
            ],
        ),
        Panel(
            title="$job: requests",
            kind="timeseries",
            unit="reqps",
            description="Requests answered, by status.",
            queries=[Query(expr=f"sum by (status) (rate({COUNT}{PICKED}[$__rate_interval]))", legend="{{status}}")],
            stacked=True,
        ),
        Panel(
            title="$job: errors",
            kind="timeseries",
            unit="percentunit",
            maximum=1,
            description="Share of responses with a status of 500 or above. APIErrorsHigh fires above 5%.",
            queries=[
                Query(
                    expr=f"(sum(rate({COUNT}{FAILED}[$__rate_interval])) or vector(0)) / (sum(rate({COUNT}{PICKED}[$__rate_interval])) > 0)",
                    legend="errors",
                )
            ],
        ),
    ]


def _nginx() -> list[Panel]:
    return [
        Panel(
            title="nginx: requests",
            kind="timeseries",
            unit="reqps",
            description="Requests that nginx took, of all routes.",
            queries=[Query(expr="sum(rate(nginx_http_requests_total[$__rate_interval]))", legend="requests")],
        ),
        Panel(
            title="nginx: connections",
            kind="timeseries",
            description="Open connections; waiting ones are kept alive and idle.",
            queries=[Query(expr=f"sum(nginx_connections_{state})", legend=state) for state in ("active", "reading", "writing", "waiting")],
        ),
    ]
