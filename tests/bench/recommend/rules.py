# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that are compared. Each gives for every day the limit that it would have set from the days before.

A rule sees the days so far, the limits that it set for them, and a margin as its knob. Where a day needed more than its limit, the rule learns only that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ansible_collections.ziggie.stack.plugins.module_utils.budget.observed import after_kill
from ansible_collections.ziggie.stack.plugins.module_utils.observe.recommend import replay

MIB = 1024**2
Days = Sequence[Sequence[int]]
# From the days so far, the limits that were set for them (0 for none yet), and the margin, the limit for the next day.
Choose = Callable[[Days, Sequence[int], float], int]


def ours(days: Days, limits: Sequence[int], margin: float) -> int:
    """The highest need of fourteen days, up at once, down slowly after quiet days; a breach is an OOM kill at the limit."""
    needs = []
    for day, limit in zip(days, limits, strict=True):
        peak = max(day)
        need = math.ceil(peak * (1 + margin))
        if limit and peak > limit:
            # The kernel kills at the limit: the true peak is not seen, only that it was more.
            need = after_kill(limit)
        needs.append(need)
    return replay(needs)


def fourteen_days(days: Days, limits: Sequence[int], margin: float) -> int:
    """KRR: the maximum of fourteen days and a buffer, a quarter more after an OOM kill."""
    needs = []
    for day, limit in list(zip(days, limits, strict=True))[-14:]:
        peak = max(day)
        needs.append(limit * 1.25 if limit and peak > limit else peak * (1 + margin))
    return math.ceil(max(needs))


def _decayed(days: Days, limits: Sequence[int], percent: float, half_life: float, daily: bool) -> float:
    weighted: list[tuple[float, float]] = []
    for age, (day, limit) in enumerate(zip(reversed(days), reversed(limits), strict=True)):
        weight = 0.5 ** (age / half_life)
        seen = [min(use, limit) if limit else use for use in day]
        if limit and max(day) > limit:
            seen.append(round(max(limit * 1.2, limit + 100 * MIB)))
        weighted += [(max(seen), weight)] if daily else [(use, weight) for use in seen[::6]]
    weighted.sort()
    total, part = sum(weight for _use, weight in weighted), 0.0
    for use, weight in weighted:
        part += weight
        if part >= percent * total:
            return use
    return weighted[-1][0]


def vpa(days: Days, limits: Sequence[int], margin: float) -> int:
    """VPA's target without its minimum: the 90th percentile of eight days' peaks, half-life of a day, a fifth or 100 MiB more after an OOM kill."""
    return math.ceil(_decayed(days[-8:], limits[-8:], 0.9, 1.0, daily=True) * (1 + margin))


def vpa_with_minimum(days: Days, limits: Sequence[int], margin: float) -> int:
    """VPA as it comes: never less than 250 MiB."""
    return max(250 * MIB, vpa(days, limits, margin))


def autopilot_p98(days: Days, limits: Sequence[int], margin: float) -> int:
    """Autopilot's 98th percentile with a half-life of 48 hours."""
    return math.ceil(_decayed(days[-14:], limits[-14:], 0.98, 2.0, daily=False) * (1 + margin))


def autopilot_max(days: Days, limits: Sequence[int], margin: float) -> int:
    """Autopilot's maximum, for jobs that tolerate few OOM kills: the highest peak of five days, where its half-life has left a sixth."""
    seen = [
        max(limit * 1.2, limit + 100 * MIB) if limit and max(day) > limit else max(day) for day, limit in zip(days, limits, strict=True)
    ]
    return math.ceil(max(seen[-5:]) * (1 + margin))


RULES: dict[str, Choose] = {
    "ziggie": ours,
    "KRR": fourteen_days,
    "VPA": vpa_with_minimum,
    "VPA without minimum": vpa,
    "Autopilot max": autopilot_max,
    "Autopilot p98": autopilot_p98,
}
