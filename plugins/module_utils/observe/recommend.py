# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory a service needs, from its history: the highest peak of fourteen days and 15 %, up at once, down slowly.

docs/recommend.md compares this rule with those of VPA, KRR and Autopilot, as curves of slack against breaches. What one peak or kill asks
for is budget/observed.py's. A database fills the memory that it has, so it is judged by what it lacks: evictions, files that it reads again,
its hit rate. "Unknown" below 100 samples or 3 hours is KRR's; pressure close to the limit as a sign that it is too low is VPA's newer detector.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..budget.observed import ROOM_PERCENT, Observed, after_kill, with_room
from ..units import MIB

_DAY = 86_400
_HOUR = 3_600
# How far ahead of the host's clock a point may be.
_AHEAD = _HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What was seen of a service up to one moment: the highest working set of any of its containers (bytes), in so many samples.

    `limit` is its memory limit then, 0 for none; `kills` are the OOM kills since the point before; `stalled` is the share of time in which
    tasks waited for memory. `missed` is the share of reads that a database's own cache did not answer, `None` where that is unknown; `evicted`
    tells that it dropped keys for want of room, `refaulted` are the bytes of files that were dropped from memory and soon needed again.
    """

    at: float
    use: int
    samples: int = 1
    limit: int = 0
    kills: int = 0
    stalled: float = 0.0
    missed: float | None = None
    evicted: bool = False
    refaulted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The rule's figures; shares in percent, spans in days.

    `window` counts days that have data, so that a host that was off for weeks forgets nothing.
    """

    window: int = 14
    quiet: int = 7
    step: int = 10
    stalled: float = 0.1
    near: int = 90
    missed: float = 0.05
    least_samples: int = 100
    least_hours: float = 3.0


RULE = Rule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a service needs (bytes in whole MiB), `None` where that is unknown; `why` says it in a sentence. `days` have data.

    `thin` tells that there is too little to judge by; a need that is unknown and not thin is one that nothing asks to change.
    """

    need: int | None
    why: str
    days: int
    observed: Observed | None
    thin: bool = False


NO_DATA = Advice(need=None, why="there are no data", days=0, observed=None, thin=True)


def advise(points: Iterable[Point], now: float, rule: Rule = RULE, *, fills: bool = False) -> Advice:
    """Return what the history of one service says at a moment (seconds since 1970). The order of the points does not matter.

    `fills` is said of a program that fills the memory that it has: its use is no sign, and it needs more only where it lacks some.
    """
    usable = _usable(points, now)
    if not usable:
        return NO_DATA
    observed = _observed(usable, now)
    needs = _daily(usable, rule, fills)
    samples, span, hours = sum(point.samples for point in usable), observed.window / _HOUR, len({-(-point.at // _HOUR) for point in usable})
    if samples < rule.least_samples or min(span, hours) < rule.least_hours:
        seen = f"{samples} sample{'' if samples == 1 else 's'} over {span:.1f} h"
        if hours < rule.least_hours <= span:
            seen = f"{seen}, in {hours} of them"
        why = f"{seen}; at least {rule.least_samples} over {rule.least_hours:g} h are needed"
        return Advice(need=None, why=why, days=len(needs), observed=observed, thin=True)
    daily = [needs[day] for day in sorted(needs)]
    # What a database lacked is no longer seen once it has it, so that this is no reason to take it away again.
    level = max(daily[-rule.window :]) if fills else replay(daily, rule)
    need = -(-level // MIB) * MIB or None
    return Advice(need=need, why=_why(usable, needs, need, rule, fills), days=len(needs), observed=observed)


def replay(needs: Iterable[int], rule: Rule = RULE) -> int:
    """Return the level after days with these needs (bytes each): up at once, down by `step` percent a day after `quiet` days."""
    level, quiet, last = 0, 0, list[int]()
    for need in needs:
        last = [*last[-(rule.window - 1) :], need] if rule.window > 1 else [need]
        target = max(last)
        if target >= level:
            level, quiet = target, 0
            continue
        quiet += 1
        if quiet > rule.quiet:
            level = max(target, level * (100 - rule.step) // 100)
    return level


def _usable(points: Iterable[Point], now: float) -> list[Point]:
    """Return the points in order, one for each moment; what a jump of the clock put into the future is left out.

    Of several for one moment, as containers of one service and copies of one audit are, the highest of each figure counts.
    """
    kept: dict[float, Point] = {}
    for point in points:
        if not 0 < point.at <= now + _AHEAD or point.use < 0 or point.samples <= 0:
            continue
        other = kept.get(point.at, point)
        kept[point.at] = Point(
            at=point.at,
            use=max(point.use, other.use),
            samples=max(point.samples, other.samples),
            limit=max(point.limit, other.limit),
            kills=max(point.kills, other.kills),
            stalled=max(point.stalled, other.stalled),
            missed=max((share for share in (point.missed, other.missed) if share is not None), default=None),
            evicted=point.evicted or other.evicted,
            refaulted=max(point.refaulted, other.refaulted),
        )
    return [kept[at] for at in sorted(kept)]


def _daily(points: Iterable[Point], rule: Rule, fills: bool) -> Mapping[int, int]:
    """Return what each day that has data needed, by the day's number."""
    needs: dict[int, int] = {}
    for point in points:
        day = int(point.at // _DAY)
        needs[day] = max(needs.get(day, 0), _need(point, rule, fills))
    return needs


def _need(point: Point, rule: Rule, fills: bool) -> int:
    need = 0 if fills else with_room(point.use)
    if point.kills:
        need = max(need, after_kill(max(point.limit, point.use)))
    elif _tight(point, rule) or (fills and _lacks(point, rule)):
        need = max(need, with_room(point.limit))
    return need


def _tight(point: Point, rule: Rule) -> bool:
    """Tell whether tasks waited for memory because of the limit: far below it, they waited for something else."""
    return bool(point.limit) and point.stalled > rule.stalled and point.use * 100 >= point.limit * rule.near


def _lacks(point: Point, rule: Rule) -> bool:
    """Tell whether a database has too little memory: it drops what it needs again, and its cache does not answer nearly all reads."""
    drops = point.evicted or point.refaulted > point.limit
    return bool(point.limit) and drops and (point.missed is None or point.missed > rule.missed)


def _observed(points: list[Point], now: float) -> Observed:
    return Observed(
        peak=max(point.use for point in points),
        bound=None,
        when=min(points[-1].at, now),
        since=points[0].at,
        window=points[-1].at - points[0].at,
        samples=sum(point.samples for point in points),
        oom_kills=sum(point.kills for point in points),
        limit=max((point.limit for point in points if point.kills), default=0),
    )


def _why(points: list[Point], needs: Mapping[int, int], need: int | None, rule: Rule, fills: bool) -> str:
    """Say where a need comes from: the days that count for it, what was seen in them, and whether it is still that of earlier ones."""
    days = sorted(needs)[-rule.window :]
    recent = [point for point in points if int(point.at // _DAY) >= days[0]]
    span = (recent[-1].at - recent[0].at) / _DAY
    gaps = f" ({len(days)} with data)" if days[-1] - days[0] >= len(days) else ""
    seen = f"peak {max(point.use for point in recent) // MIB} MiB in {span:.1f} days{gaps}"
    kills = sum(point.kills for point in recent)
    signs = []
    if kills:
        signs.append(f"{kills} OOM kill{'' if kills == 1 else 's'}")
    elif any(_tight(point, rule) for point in recent):
        signs.append("it waited for memory")
    elif fills and any(_lacks(point, rule) for point in recent):
        signs.append("its cache is too small for what it reads")
    if need is None:
        return f"{seen}; it fills what it has, and nothing says that it lacks memory"
    if need - MIB >= max(needs[day] for day in days):
        signs.append("coming down from a higher one")
    return ", ".join([seen, *signs]) if signs else f"{seen} + {ROOM_PERCENT} %"
