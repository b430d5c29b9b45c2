# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of every service, from Prometheus."""

from __future__ import annotations

import json
import math
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .recommend import Point

STEP = 3600
# Each is asked for hour by hour; of several containers of a service the largest counts.
QUERIES = {
    "use": 'max by (service) (max_over_time(container_memory_working_set_bytes{name!="",service!=""}[1h]))',
    "samples": 'max by (service) (count_over_time(container_memory_working_set_bytes{name!="",service!=""}[1h]))',
    "limit": "max by (service) (max_over_time(ziggie_service_memory_limit_bytes[1h]))",
    "kills": (
        'max by (service) (increase(container_oom_events_total{name!="",service!=""}[1h]) '
        'or increase(ziggie_service_memory_events_total{event="oom_kill"}[1h]) or increase(ziggie_service_oom_notices_total[1h]))'
    ),
    "stalled": 'max by (service) (rate(container_pressure_memory_waiting_seconds_total{name!="",service!=""}[1h]))',
    # Of all reads, those that the server's own cache did not answer; without a read it is no number, and left out.
    "missed": (
        "(sum by (service) (rate(pg_stat_database_blks_read[1h])) "
        "/ sum by (service) (rate(pg_stat_database_blks_read[1h]) + rate(pg_stat_database_blks_hit[1h]))) "
        "or (sum by (service) (rate(redis_keyspace_misses_total[1h])) "
        "/ sum by (service) (rate(redis_keyspace_misses_total[1h]) + rate(redis_keyspace_hits_total[1h])))"
    ),
    "evicted": "sum by (service) (increase(redis_evicted_keys_total[1h]))",
    "refaulted": "max by (service) (increase(ziggie_service_memory_refaulted_bytes_total[1h]))",
}

# A series of one service: (seconds since 1970, value).
Series = Mapping[str, Sequence[tuple[float, float]]]
Ask = Callable[[str, float, float, int], Series]


class HistoryError(Exception):
    """Prometheus is not there or does not answer as it should; the text is one sentence."""


def of_prometheus(ask: Ask, now: float, days: int) -> dict[str, tuple[Point, ...]]:
    """Return the points of every service in the last days, one an hour. Gaps are gaps, and counters that were reset count on.

    Raises `ValueError` where there are no days to ask for.
    """
    if days < 1:
        raise ValueError(f"recommend_days: expected 1 or more, got {days}")
    end = now // STEP * STEP + STEP
    answers = {name: ask(query, end - days * 86_400, end, STEP) for name, query in QUERIES.items()}
    tables = {name: {service: dict(series) for service, series in answer.items()} for name, answer in answers.items()}

    def figure(name: str, service: str, at: float) -> float:
        return known(name, service, at) or 0.0

    def known(name: str, service: str, at: float) -> float | None:
        return tables[name].get(service, {}).get(at)

    return {
        service: tuple(
            Point(
                # What an hour saw counts at its end, the hour that is not over now.
                at=min(at, now),
                use=int(use),
                samples=max(1, int(figure("samples", service, at))),
                limit=int(figure("limit", service, at)),
                kills=math.ceil(figure("kills", service, at) - 0.01),
                stalled=figure("stalled", service, at),
                missed=known("missed", service, at),
                evicted=figure("evicted", service, at) >= 1,
                refaulted=int(figure("refaulted", service, at)),
            )
            for at, use in sorted(uses.items())
        )
        for service, uses in sorted(tables["use"].items())
    }


def http(url: str, timeout: float) -> Ask:
    """Return what asks a Prometheus server over its HTTP API. Source: Prometheus documentation, HTTP API, range queries."""

    def ask(query: str, start: float, end: float, step: int) -> Series:
        words = urllib.parse.urlencode({"query": query, "start": start, "end": end, "step": step})
        try:
            with urllib.request.build_opener().open(f"{url.rstrip('/')}/api/v1/query_range?{words}", timeout=timeout) as answer:
                document = json.load(answer)
        except urllib.error.HTTPError as error:
            raise HistoryError(f"Prometheus at {url} refuses a query with status {error.code}{_said(error)}") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise HistoryError(f"Prometheus at {url} does not answer: {reason}") from error
        return read(document, url)

    return ask


def _said(error: urllib.error.HTTPError) -> str:
    """Return Prometheus's own words for an error, where there are any."""
    try:
        words = str(json.load(error)["error"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return f": {' '.join(words.split())[:300]}"


def read(document: Any, url: str) -> dict[str, list[tuple[float, float]]]:
    """Return the series of an answer by service; values that are not numbers are left out. Raises `HistoryError`."""
    try:
        return {
            str(series["metric"].get("service", "")): [
                (float(at), value) for at, text in series["values"] if math.isfinite(value := float(text)) and value >= 0
            ]
            for series in document["data"]["result"]
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise HistoryError(f"Prometheus at {url} answers with something else than series") from error
