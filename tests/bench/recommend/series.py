# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Histories of services: generated ones, what they need in steps of five minutes without any limit in their way, and recorded ones."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.typed import load

MIB = 1024**2
PER_DAY = 288

Shape = Callable[[random.Random, int], list[float]]


def _steady(chance: random.Random, days: int) -> list[float]:
    base = chance.uniform(20, 400)
    return [base * (1 + 0.02 * chance.gauss(0, 1)) for _step in range(days * PER_DAY)]


def _working_hours(chance: random.Random, days: int) -> list[float]:
    base, swing = chance.uniform(50, 400), chance.uniform(0.3, 1.2)
    found = []
    for step in range(days * PER_DAY):
        day, hour = step // PER_DAY, step % PER_DAY / 12
        busy = max(0.0, math.sin((hour - 7) / 12 * math.pi)) * (0.3 if day % 7 >= 5 else 1.0)
        found.append(base * (1 + swing * busy * chance.uniform(0.8, 1.1)))
    return found


def _spikes(chance: random.Random, days: int) -> list[float]:
    base = chance.uniform(30, 200)
    found = [base * (1 + 0.03 * chance.gauss(0, 1)) for _step in range(days * PER_DAY)]
    for _spike in range(max(1, days // chance.randint(3, 10))):
        start, height = chance.randrange(len(found)), chance.uniform(1.5, 4.0)
        for step in range(start, min(len(found), start + chance.randint(1, 6))):
            found[step] = base * height
    return found


def _monthly(chance: random.Random, days: int) -> list[float]:
    base, height = chance.uniform(50, 300), chance.uniform(1.5, 2.5)
    first = chance.randrange(28)
    return [
        base * (height if (step // PER_DAY - first) % 28 == 0 and step % PER_DAY < 24 else 1 + 0.03 * chance.gauss(0, 1))
        for step in range(days * PER_DAY)
    ]


def _growing(chance: random.Random, days: int) -> list[float]:
    base, rate = chance.uniform(50, 300), chance.uniform(0.003, 0.02)
    return [base * (1 + rate * step / PER_DAY) * (1 + 0.03 * chance.gauss(0, 1)) for step in range(days * PER_DAY)]


def _leaking(chance: random.Random, days: int) -> list[float]:
    base, rate, restart = chance.uniform(40, 200), chance.uniform(0.05, 0.2), chance.randint(2, 9)
    return [base * (1 + rate * (step / PER_DAY % restart)) * (1 + 0.02 * chance.gauss(0, 1)) for step in range(days * PER_DAY)]


def _released(chance: random.Random, days: int) -> list[float]:
    """Return a service whose new versions need more or less than the old ones."""
    found, base = [], chance.uniform(60, 300)
    left = 0
    for _step in range(days * PER_DAY):
        if left == 0:
            base *= chance.choice((0.6, 0.8, 1.1, 1.3, 1.5))
            base = min(max(base, 30), 1500)
            left = chance.randint(7, 25) * PER_DAY
        left -= 1
        found.append(base * (1 + 0.03 * chance.gauss(0, 1)))
    return found


SHAPES: dict[str, Shape] = {
    "steady": _steady,
    "working hours": _working_hours,
    "spikes": _spikes,
    "monthly": _monthly,
    "growing": _growing,
    "leaking": _leaking,
    "released": _released,
}


def generate(each: int, days: int, seed: int) -> dict[str, list[list[int]]]:
    """Return so many histories of each shape, in bytes; the same seed gives the same ones."""
    return {
        name: [
            [max(MIB, round(figure * MIB)) for figure in shape(random.Random(f"{seed} {name} {number}"), days)]  # not for secrets
            for number in range(each)
        ]
        for name, shape in SHAPES.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What services of a host were seen to use: how it was recorded, the seconds between two points, and by service the points in bytes."""

    how: str
    seconds: int
    services: Mapping[str, tuple[int, ...]]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, in KiB."""
        return {
            "how": self.how,
            "seconds": self.seconds,
            "kib": {name: [use // 1024 for use in uses] for name, uses in self.services.items()},
        }

    @classmethod
    def read(cls, path: Path) -> Recorded:
        """Return what `to_dict` wrote."""
        plain = json.loads(path.read_text(encoding="utf-8"))
        services = load(dict[str, tuple[int, ...]], plain["kib"])
        return cls(
            how=plain["how"],
            seconds=plain["seconds"],
            services={name: tuple(use * 1024 for use in uses) for name, uses in services.items()},
        )

    def per_day(self, days: int) -> int:
        """Return how many points count as a day: those of a real one, or where it is shorter than so many days the part that makes as many."""
        return min(86_400 // self.seconds, max(1, max(map(len, self.services.values())) // days))
