# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts on the API's answers."""

from __future__ import annotations

from ..watched import Watched
from .rule import Rule

P95 = 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{job="ziggie-api"}[5m])))'
COUNT = "http_request_duration_seconds_count"


def rules(watched: Watched) -> list[Rule]:
    """Return the alerts on the report's latency targets, and on errors."""
    if not watched.runs("ziggie-api"):
        return []
    return [
        Rule(
            alert="APILatencyHigh",
            expr=f"{P95} > 0.5",
            wait="2m",
            severity="warning",
            summary="ziggie-api answers 95% of its requests within {{ $value | humanizeDuration }}, not within 500 ms",
            service="ziggie-api",
        ),
        Rule(
            alert="APILatencyAboveOneSecond",
            expr=f"{P95} > 1",
            wait="10m",
            severity="critical",
            summary="ziggie-api has needed more than 1 s for 5% of its requests for 10 minutes: time to scale",
            service="ziggie-api",
        ),
        Rule(
            alert="APIErrorsHigh",
            expr=(f'sum(rate({COUNT}{{job="ziggie-api",status=~"5.."}}[5m]))\n/ (sum(rate({COUNT}{{job="ziggie-api"}}[5m])) > 0) > 0.05'),
            wait="5m",
            severity="critical",
            summary="ziggie-api fails {{ $value | humanizePercentage }} of its requests",
            service="ziggie-api",
        ),
    ]
