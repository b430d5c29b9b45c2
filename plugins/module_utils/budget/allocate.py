# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share memory and CPUs.

Memory is shared by weighted max-min fairness between floor and request, one quantum at a time. Think of every service's way from
floor to request as steps: the first leads to the next whole MiB, each further one is a MiB, the last ends at the request. A
step's key is the level at which it ends, (end - floor) / weight. Steps are taken in the order of (key, priority, name) until the
first one does not fit in what is left.

Where every request is met and memory is left, it is shared once more in the same way among the claims without a ceiling, from their
requests on: no memory lies idle while somebody's need is not known.

What follows from this order is what makes the result trustworthy: more memory takes a longer prefix of the same list, so it gives
nobody less; a larger weight moves a service's steps forward and no other step before them, so it gives that service no less;
and the first step that does not fit leaves less than one step over. `fill` finds that prefix without walking it, in O(n log n).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..units import MIB

QUANTUM = MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a service wants of the memory. `rank` orders equals, lower first; `count` is how many containers it has.

    A claim that is not `bounded` may get more than its request, once all requests are met.
    """

    name: str
    floor: int
    request: int
    weight: Fraction = Fraction(1)
    rank: int = 0
    count: int = 1
    bounded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """The limits, and the level in bytes per unit of weight that the shared remainder reached.

    `surplus` is the level that was reached beyond the requests, 0 where not all of them are met or every claim has a ceiling.
    """

    limits: dict[str, int]
    level: Fraction
    unallocated: int
    surplus: Fraction = Fraction(0)


def fill(claims: Iterable[Claim], available: int) -> Fill:
    """Give every claim its floor and share the rest. The floors must fit."""
    listed = list(claims)
    filled = _fill(listed, available)
    unbounded = [claim for claim in listed if not claim.bounded and claim.count]
    if not unbounded or not filled.unallocated or any(filled.limits[claim.name] < claim.request for claim in listed if claim.count):
        return filled
    room = filled.unallocated + sum(claim.request * claim.count for claim in unbounded)
    more = _fill([replace(claim, floor=claim.request, request=max(room, claim.request)) for claim in unbounded], room)
    return Fill(limits=filled.limits | more.limits, level=filled.level, unallocated=more.unallocated, surplus=more.level)


def _fill(claims: Iterable[Claim], available: int) -> Fill:
    ordered = sorted(claims, key=lambda claim: (claim.rank, claim.name))
    rest = available - sum(claim.floor * claim.count for claim in ordered)
    if rest < 0:
        raise ValueError(f"the floors are {-rest} bytes above what is available")
    scale = math.lcm(*(claim.weight.denominator for claim in ordered))
    weights = [int(claim.weight * scale) for claim in ordered]
    common = math.lcm(*weights)
    strides = [common // weight for weight in weights]
    level = _level(ordered, weights, strides, common, rest)
    limits = [_reached(claim, weight, level) for claim, weight in zip(ordered, weights, strict=True)]
    rest -= sum((limit - claim.floor) * claim.count for claim, limit in zip(ordered, limits, strict=True))
    steps = [
        (strides[index] * (_next(claim, limits[index]) - claim.floor), index)
        for index, claim in enumerate(ordered)
        if limits[index] < claim.request
    ]
    heapq.heapify(steps)
    while steps:
        _unused, index = steps[0]
        claim, end = ordered[index], _next(ordered[index], limits[index])
        cost = (end - limits[index]) * claim.count
        if cost > rest:
            break
        rest -= cost
        limits[index] = end
        if end < claim.request:
            heapq.heapreplace(steps, (strides[index] * (_next(claim, end) - claim.floor), index))
        else:
            heapq.heappop(steps)
    return Fill(
        limits={claim.name: limit for claim, limit in zip(ordered, limits, strict=True)},
        level=level * scale,
        unallocated=rest,
    )


def scale_down(wanted: Sequence[int], available: int) -> list[int]:
    """Return figures in the same proportions, rounded down, whose sum is not above what is available."""
    total = sum(wanted)
    return list(wanted) if total <= available else [figure * available // total for figure in wanted]


def cpu_shares(reservation: int, weight: Fraction) -> int:
    """Return the kernel's CPU weight, in Docker's unit, of a reservation in millicores and a priority's weight."""
    return max(2, min(262_144, 1024 * reservation * weight.numerator // (1000 * weight.denominator)))


def _level(claims: Sequence[Claim], weights: Sequence[int], strides: Sequence[int], common: int, rest: int) -> Fraction:
    """Return the level at which the way of all claims, without rounding, costs just what is left."""
    ways = sorted(
        ((claim.request - claim.floor) * stride, weight * claim.count, (claim.request - claim.floor) * claim.count)
        for claim, weight, stride in zip(claims, weights, strides, strict=True)
        if claim.count
    )
    open_weight = sum(weight for _unused, weight, _unused in ways)
    for top, weight, cost in ways:
        if top * open_weight > rest * common:
            return Fraction(rest, open_weight)
        rest -= cost
        open_weight -= weight
    return Fraction(ways[-1][0], common) if ways else Fraction(0)


def _reached(claim: Claim, weight: int, level: Fraction) -> int:
    """Return the end of the last step that ends at or below a level."""
    if not claim.count:
        return claim.request
    reached = claim.floor + level.numerator * weight // level.denominator
    return claim.request if reached >= claim.request else max(claim.floor, reached // QUANTUM * QUANTUM)


def _next(claim: Claim, limit: int) -> int:
    return min(claim.request, (limit // QUANTUM + 1) * QUANTUM)
