# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks of what was looked at. What is missing is unknown, never a pass, and what a proof rests on fails while it is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from . import answers, budget, databases, host, inside, load, slices, state, wear
from .check import FAIL, PASS, UNKNOWN, Check, unknown
from .live import Live

Unknown = Literal["explained", "fail", "allow"]

# What every proof rests on. Of anything else that is unknown the sentence says what the host, or the program, does not tell.
_GROUND = frozenset({"compliance.engine", "compliance.release", "compliance.budget", "measured"})

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
    try:
        seen = Live.of(live, measured.get("slices", {}))
    except ValueError as error:
        return [unknown("compliance.engine", sentence=f"the host's answer cannot be read: {error}")]
    return [
        *_compliance(seen, targets, clock),
        *_measured(seen, measured, targets),
        *(unknown("measured", sentence=sentence) for sentence in missing),
    ]


def settled(checks: Iterable[Check], rule: Unknown = "explained") -> list[Check]:
    """Return checks with those unknown ones failed that `rule` lets no run end well with.

    `explained`: what a proof rests on (`_GROUND`), and everything where nothing passed. `fail`: each. `allow`: none.
    """
    listed = list(checks)
    nothing = not any(check.outcome == PASS for check in listed)
    return [
        replace(check, outcome=FAIL)
        if check.outcome == UNKNOWN and (rule == "fail" or (rule == "explained" and (nothing or check.name in _GROUND)))
        else check
        for check in listed
    ]


def _compliance(live: Live, targets: Mapping[str, float], clock: tuple[float, float]) -> Iterator[Check]:
    yield from state.checks(live)
    yield from budget.checks(live)
    yield from inside.checks(live)
    yield from wear.checks(live, targets)
    yield from host.checks(live, targets, clock)


def _measured(live: Live, measured: Mapping[str, Any], targets: Mapping[str, float]) -> Iterator[Check]:
    judges: Mapping[str, Callable[[Any], Iterator[Check]]] = {
        "slices": lambda _found: slices.checks(live),
        "settings": answers.settings,
        "probes": answers.probes,
        "logins": answers.logins,
        "exporters": answers.exporters,
        "figures": lambda found: databases.figures(found, targets),
        "load": lambda found: databases.load(found, targets),
        "api": lambda found: load.api(found, targets),
        "ollama": lambda found: load.models(found, targets),
        "restart": lambda found: load.restarts(found, live.budget, targets),
    }
    for part, found in measured.items():
        yield from judges[part](found)
