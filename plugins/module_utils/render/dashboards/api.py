# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of the API: how much it is asked, how fast it answers, how often it fails."""

from __future__ import annotations

from ..monitored import Monitored
from .board import Board
from .panel import Panel, Query

COUNT = "http_request_duration_seconds_count"
BUCKET = "http_request_duration_seconds_bucket"
JOBS = ("ziggie-api", "mcp-gateway")
TARGETS = (("transparent", None), ("orange", 0.5), ("red", 1.0))


def board(monitored: Monitored) -> Board | None:
    """Return the dashboard, `None` where no service counts its requests."""
    jobs = [job for job in JOBS if monitored.runs("prometheus", job)]
    if not jobs:
        return None
    panels = [panel for job in jobs for panel in _service(job)]
    if monitored.runs("nginx", "nginx-exporter"):
        panels.extend(_nginx())
    return Board(name="api", title="API", panels=panels)


def _service(job: str) -> list[Panel]:
    selected = f'{{job="{job}"}}'
    failed = f'{{job="{job}",status=~"5.."}}'
    return [
        Panel(
            title=f"{job}: latency",
            kind="timeseries",
            unit="s",
            height=9,
            steps=TARGETS,
            description="The target is a P95 below 500 ms; above 1 s, consider scaling.",
            queries=[
                Query(
                    expr=f"histogram_quantile({share / 100:g}, sum by (le) (rate({BUCKET}{selected}[$__rate_interval])))",
                    legend=f"P{share}",
                )
                for share in (50, 95, 99)
            ],
        ),
        Panel(
            title=f"{job}: latency by route, P95",
            kind="timeseries",
            unit="s",
            height=9,
            steps=TARGETS,
            queries=[
                Query(expr=f"histogram_quantile(0.95, sum by (le, route) (rate({BUCKET}{selected}[$__rate_interval])))", legend="{{route}}")
            ],
        ),
        Panel(
            title=f"{job}: requests",
            kind="timeseries",
            unit="reqps",
            queries=[Query(expr=f"sum by (status) (rate({COUNT}{selected}[$__rate_interval]))", legend="{{status}}")],
            stacked=True,
        ),
        Panel(
            title=f"{job}: errors",
            kind="timeseries",
            unit="percentunit",
            maximum=1,
            description="Share of responses with a status of 500 or above.",
            queries=[
                Query(
                    expr=f"(sum(rate({COUNT}{failed}[$__rate_interval])) or vector(0)) / (sum(rate({COUNT}{selected}[$__rate_interval])) > 0)",
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
            queries=[Query(expr="sum(rate(nginx_http_requests_total[$__rate_interval]))", legend="requests")],
        ),
        Panel(
            title="nginx: connections",
            kind="timeseries",
            queries=[Query(expr=f"sum(nginx_connections_{state})", legend=state) for state in ("active", "reading", "writing", "waiting")],
        ),
    ]
