# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks of what was looked at. What is missing is unknown, never a pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..engine.live import title
from . import answers, budget, databases, host, inside, load, slices, state, wear
from .check import Check, unknown

# The report's targets, in seconds and shares, and ours where it has none.
TARGETS: Mapping[str, float] = {
    "api_p95": 0.5,
    "api_p99": 1.0,
    "query": 0.05,
    "cache": 0.001,
    "model_cold": 30,
    "model_warm": 5,
    "restart_api": 10,
    "restart_database": 20,
    "restart_other": 60,
    "throttled_share": 0.25,
    "connection_share": 0.8,
    "hit_ratio": 0.9,
    "disk_free_share": 0.1,
    "clock": 5,
}


def evaluate(
    live: Mapping[str, Any],
    measured: Mapping[str, Any],
    targets: Mapping[str, float] | None = None,
    *,
    clock: tuple[float, float],
    missing: Iterable[str] = (),
) -> list[Check]:
    """Judge what `stack_info` and `measure` returned; an answer without containers is one that failed, with its `msg`.

    `measured` maps each part that was measured to its figures, `missing` says why others were not.
    """
    targets = {**TARGETS, **(targets or {})}
    if "containers" not in live:
        return [unknown("compliance.engine", sentence=str(live.get("msg") or "the stack could not be looked at"))]
    if not live["changes"]["services"]:
        return [
            unknown(
                "compliance.release",
                sentence="no release lies on the host"
                + (
                    f", yet {len(live['containers'])} containers of the project run; somebody else deployed them"
                    if live["containers"]
                    else ""
                )
                + f"; {state.REDEPLOY}",
            )
        ]
    live = {**live, "containers": _titled(live["containers"])}
    return [
        *_compliance(live, targets, clock),
        *_measured(live, measured, targets),
        *(unknown("measured", sentence=sentence) for sentence in missing),
    ]


def _titled(containers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give each container the name that its checks bear."""
    containers = list(containers)
    counts = Counter(container["service"] for container in containers)
    return [
        {**container, "subject": title(container["service"], container["number"], counts[container["service"]])} for container in containers
    ]


def _compliance(live: Mapping[str, Any], targets: Mapping[str, float], clock: tuple[float, float]) -> Iterator[Check]:
    yield from state.checks(live)
    yield from budget.checks(live)
    yield from slices.checks(live)
    yield from inside.checks(live)
    yield from wear.checks(live, targets)
    yield from host.checks(live, targets, clock)


def _measured(live: Mapping[str, Any], measured: Mapping[str, Any], targets: Mapping[str, float]) -> Iterator[Check]:
    judges: Mapping[str, Callable[[Any], Iterator[Check]]] = {
        "probes": answers.probes,
        "logins": answers.logins,
        "exporters": answers.exporters,
        "figures": lambda found: databases.figures(found, targets),
        "load": lambda found: databases.load(found, targets),
        "api": lambda found: load.api(found, targets),
        "ollama": lambda found: load.models(found, targets),
        "restart": lambda found: load.restarts(found, live["budget"], targets),
    }
    for part, found in measured.items():
        yield from judges[part](found)
