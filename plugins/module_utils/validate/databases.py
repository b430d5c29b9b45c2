# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the databases have connections to spare, their caches hit, and they are fast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .check import Check, judged, passed, unknown

# Fewer reads than these say nothing of a cache.
LEAST_READS = 10_000


def figures(measured: Mapping[str, Any], targets: Mapping[str, float]) -> Iterator[Check]:
    """Judge what the databases count."""
    for service, found in measured.items():
        if found["error"]:
            yield unknown("databases.figures", service, sentence=found["error"])
        else:
            yield from {"postgres": _postgres, "redis": _redis, "mongodb": _mongodb}[found["engine"]](service, found, targets)


def load(measured: Mapping[str, Any], targets: Mapping[str, float]) -> Iterator[Check]:
    """Judge the latencies under load."""
    for service, found in measured.items():
        name, target = ("databases.query", targets["query"]) if found["engine"] == "postgres" else ("databases.cache", targets["cache"])
        if found["error"]:
            yield unknown(name, service, sentence=found["error"])
            continue
        more = f"{found['per_second']:.0f} a second" if "per_second" in found else f"worst {found['worst']:g} ms"
        yield judged(
            name,
            service,
            well=found["latency"] <= target * 1000,
            figure=f"{found['latency']:.2f} ms, {more}",
            sentence=f"{found['latency']:.2f} ms in the mean, {target * 1000:g} ms are allowed",
        )


def _connections(service: str, used: int, usable: int, targets: Mapping[str, float]) -> Check:
    most = usable * targets["connection_share"]
    return judged(
        "databases.connections",
        service,
        well=used <= most,
        figure=f"{used} of {usable}",
        sentence=f"{used} connections of {usable} that clients can have; {targets['connection_share']:.0%} are the most that leaves room",
    )


def _ratio(service: str, hits: int, misses: int, targets: Mapping[str, float]) -> Check:
    if hits + misses < LEAST_READS:
        return unknown("databases.hits", service, sentence=f"{hits + misses} reads since its start are too few to say")
    ratio = hits / (hits + misses)
    return judged(
        "databases.hits",
        service,
        well=ratio >= targets["hit_ratio"],
        figure=f"{ratio:.1%}",
        sentence=f"{ratio:.1%} of its reads come from memory, {targets['hit_ratio']:.0%} should; its data has outgrown its memory",
    )


def _postgres(service: str, found: Mapping[str, Any], targets: Mapping[str, float]) -> Iterator[Check]:
    yield _connections(service, found["connections"], found["usable"], targets)
    yield _ratio(service, found["hits"], found["reads"], targets)


def _redis(service: str, found: Mapping[str, Any], targets: Mapping[str, float]) -> Iterator[Check]:
    yield _connections(service, found["connected_clients"], found["maxclients"], targets)
    yield judged(
        "databases.refused",
        service,
        well=not found["rejected_connections"],
        figure=f"{found['rejected_connections']} refused",
        sentence=f"{found['rejected_connections']} connections were refused since its start",
    )


def _mongodb(service: str, found: Mapping[str, Any], targets: Mapping[str, float]) -> Iterator[Check]:
    yield _connections(service, found["connections"], found["connections"] + found["available"], targets)
    if found["ping"] != 1:
        yield judged("databases.ping", service, well=False, figure="", sentence="it does not answer a ping")
    else:
        yield passed("databases.ping", service, figure=f"{found['operations']} operations since its start")
