# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the runs say: percentiles of each, and of each arm the median over its rounds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PERCENTILES = (50, 95, 99)
# What is promised, as multiples of the quiet arm, and how much of the work that they did without limits the hogs keep.
VALID, P95, P99, WORK = 10.0, 1.2, 2.0, 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One arm over all rounds: latencies in milliseconds, CPU in cores."""

    arm: str
    rounds: int
    latency: Mapping[int, float]
    spread: Mapping[int, tuple[float, float]]
    requests: int
    failed: Mapping[str, int]
    killed: Mapping[str, int]
    innocent: Mapping[str, int]
    hog_cpu: float
    service_cpu: float
    engine_cpu: float
    throttled: int
    throttled_hogs: int


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that so many percent of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)] if ordered else 0.0


def summarise(arm: str, runs: Iterable[Mapping[str, Any]], services: Iterable[str]) -> Figures:
    """Put the runs of one arm together."""
    runs, services = list(runs), set(services)
    each = {share: [percentile(run["load"]["latencies"], share) for run in runs] for share in PERCENTILES}
    return Figures(
        arm=arm,
        rounds=len(runs),
        latency={share: statistics.median(values) for share, values in each.items()},
        spread={share: (min(values), max(values)) for share, values in each.items()},
        requests=sum(run["load"]["requests"] for run in runs),
        failed=_sum(run["load"]["failed"] for run in runs),
        killed=_sum(_killed(run["hogs"], run["died"], run["hogs"]) for run in runs),
        innocent=_sum(_killed(run["services"], run["died"], services) for run in runs),
        hog_cpu=statistics.median(run["hog_cpu"] for run in runs),
        service_cpu=statistics.median(run["service_cpu"] for run in runs),
        engine_cpu=statistics.median(run["engine_cpu"] for run in runs),
        throttled=sum(figures["cpu_throttled_periods"] for run in runs for figures in run["services"].values()),
        throttled_hogs=sum(figures["cpu_throttled_periods"] for run in runs for figures in run["hogs"].values()),
    )


def _killed(counted: Mapping[str, Mapping[str, Any]], died: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    """Return the kills of each service: those that the kernel counts in it, or the containers that went with them."""
    found = {name: max(died.get(name, 0), counted.get(name, {}).get("oom_kills", 0)) for name in names}
    return {name: count for name, count in found.items() if count}


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for count in counts:
        for name, figure in count.items():
            total[name] = total.get(name, 0) + figure
    return dict(sorted(total.items()))


def verdicts(found: Mapping[str, Figures], memory: Mapping[str, Figures]) -> list[tuple[str, str, bool]]:
    """Return each promise with what was measured and whether it was kept."""
    quiet, busy, plain, ours = (found[arm] for arm in ("quiet", "busy", "plain", "ours"))
    ratio = {arm: {share: figures.latency[share] / quiet.latency[share] for share in PERCENTILES} for arm, figures in found.items()}
    work = ours.hog_cpu / plain.hog_cpu if plain.hog_cpu else 0.0
    had = plain.hog_cpu + plain.engine_cpu - quiet.engine_cpu
    with_engine = (ours.hog_cpu + ours.engine_cpu - quiet.engine_cpu) / had if had > 0 else 0.0
    against = {share: ours.latency[share] / busy.latency[share] for share in PERCENTILES}
    innocent = sum((*ours.innocent.values(), *(memory["ours"].innocent.values() if "ours" in memory else ())))
    failed = sum((*ours.failed.values(), *(memory["ours"].failed.values() if "ours" in memory else ())))
    runs = ours.rounds + (memory["ours"].rounds if "ours" in memory else 0)
    return [
        (
            f"without limits P99 is at least {VALID:g} x quiet, else the test shows nothing",
            f"{ratio['plain'][99]:.1f} x",
            ratio["plain"][99] >= VALID,
        ),
        (f"with the budget P95 is at most {P95:g} x quiet", f"{ratio['ours'][95]:.2f} x", ratio["ours"][95] <= P95),
        (f"with the budget P99 is at most {P99:g} x quiet", f"{ratio['ours'][99]:.2f} x", ratio["ours"][99] <= P99),
        (f"the same against the busy machine: P95 at most {P95:g} x", f"{against[95]:.2f} x", against[95] <= P95),
        (f"the same against the busy machine: P99 at most {P99:g} x", f"{against[99]:.2f} x", against[99] <= P99),
        (f"the hogs keep at least {WORK:.0%} of the CPU that they had", f"{work:.0%}", work >= WORK),
        (f"the hogs, with what the engine does for them, keep at least {WORK:.0%}", f"{with_engine:.0%}", with_engine >= WORK),
        (f"with the budget nobody innocent is killed, in {runs} runs", f"{innocent}", innocent == 0),
        ("with the budget no request fails", f"{failed}", failed == 0),
        ("with the budget the critical tier is never throttled", f"{ours.throttled} periods", ours.throttled == 0),
    ]
