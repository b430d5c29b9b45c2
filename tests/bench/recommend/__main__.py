# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the rule for memory with VPA's, KRR's and Autopilot's on generated and on recorded series, as curves of slack against breaches.

.venv/bin/python -m ansible_collections.ziggie.stack.tests.bench.recommend --help
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ansible_collections.ziggie.stack.tests.bench.recommend.rules import RULES, Choose
from ansible_collections.ziggie.stack.tests.bench.recommend.series import PER_DAY, Recorded, generate

MARGINS = (0.0, 0.05, 0.1, 0.15, 0.25, 0.4, 0.7, 1.0)
# Days that a rule learns from before it is judged.
LEARN = 14
# A recording that is shorter than so many days is cut into as many, and its table says so.
RECORDED_DAYS = 28
RECORDED = Path(__file__).with_name("recorded.json")
_CHANGED = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Means over service-days: `slack` is (limit - 95th percentile of the day) / limit, `breaches` the share of days above the limit,
    `above` by how much of the limit then, `changes` the share of days whose limit differs by more than 5 % from the day before."""

    rule: str
    margin: float
    slack: float
    breaches: float
    above: float
    changes: float


def score(name: str, choose: Choose, margin: float, histories: Iterable[Sequence[int]], per_day: int = PER_DAY) -> Score:
    slack = above = 0.0
    days_judged = breaches = changes = 0
    for history in histories:
        days = [history[start : start + per_day] for start in range(0, len(history) - per_day + 1, per_day)]
        limits = [0] * LEARN
        for today in range(LEARN, len(days)):
            limit = choose(days[:today], limits, margin)
            peak, high = max(days[today]), sorted(days[today])[per_day * 95 // 100]
            days_judged += 1
            slack += (limit - min(high, limit)) / limit
            if peak > limit:
                breaches += 1
                above += peak / limit - 1
            if limits[-1] and abs(limit - limits[-1]) > _CHANGED * limits[-1]:
                changes += 1
            limits.append(limit)
    return Score(
        rule=name,
        margin=margin,
        slack=slack / days_judged,
        breaches=breaches / days_judged,
        above=above / breaches if breaches else 0.0,
        changes=changes / days_judged,
    )


def table(scores: Iterable[Score]) -> Iterator[str]:
    yield f"{'rule':<20}  {'margin':>6}  {'slack':>5}  {'days above':>10}  {'by':>5}  {'changes':>7}"
    for one in scores:
        yield f"{one.rule:<20}  {one.margin:>5.0%}  {one.slack:>6.2f}  {one.breaches:>10.2%}  {one.above:>5.0%}  {one.changes:>7.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=6, help="histories of each shape")
    parser.add_argument("--days", type=int, default=56)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--recorded", type=Path, default=RECORDED, help="series that `record` made")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    shapes = generate(arguments.each, arguments.days, arguments.seed)
    everything = [history for histories in shapes.values() for history in histories]
    curves = [score(name, choose, margin, everything) for name, choose in RULES.items() for margin in MARGINS]
    by_shape = {shape: [score(name, choose, 0.15, histories) for name, choose in RULES.items()] for shape, histories in shapes.items()}
    recorded = Recorded.read(arguments.recorded)
    per_day = recorded.per_day(RECORDED_DAYS)
    real = [score(name, choose, margin, recorded.services.values(), per_day) for name, choose in RULES.items() for margin in MARGINS]
    if arguments.json:
        tables = {"curves": curves, "recorded": real, "shapes": by_shape}
        print(json.dumps(tables, default=asdict))
        return
    print(f"generated: {len(everything)} services, {arguments.days - LEARN} days each, one limit a day\n")
    print("\n".join(table(curves)))
    print(f"\nrecorded: {len(recorded.services)} services; {recorded.how}")
    print(f"{per_day} points, which are {per_day * recorded.seconds} seconds, stand for a day\n")
    print("\n".join(table(real)))
    print("\ndays above the limit / slack by shape, at a margin of 15 %")
    print(f"{'':<14}" + "".join(f"{name:>21}" for name in RULES))
    for shape, scores in by_shape.items():
        print(f"{shape:<14}" + "".join(f"{one.breaches:>13.2%} / {one.slack:.2f} " for one in scores))


if __name__ == "__main__":
    main()
