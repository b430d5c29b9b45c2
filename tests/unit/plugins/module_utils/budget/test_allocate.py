# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws of sharing memory, on claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.allocate import QUANTUM, Claim, Fill, cpu_shares, fill, scale_down
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB
from ansible_collections.ziggie.stack.tests.unit.effort import growth
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.strategies import FLOORS, SPARES, WEIGHTS, claims
from hypothesis import assume, given
from hypothesis import strategies as st


def floors(wanted: list[Claim]) -> int:
    return sum(claim.floor * claim.count for claim in wanted)


def by_walking(wanted: list[Claim], available: int) -> dict[str, int]:
    """Share as the rule is written, step by step."""
    steps = []
    for claim in wanted:
        end = claim.floor
        while end < claim.request:
            start, end = end, min(claim.request, (end // QUANTUM + 1) * QUANTUM)
            steps.append((Fraction(end - claim.floor) / claim.weight, claim.rank, claim.name, end, (end - start) * claim.count))
    limits = {claim.name: claim.floor if claim.count else claim.request for claim in wanted}
    counted = {claim.name for claim in wanted if claim.count}
    rest = available - floors(wanted)
    for _unused, _unused, name, end, cost in sorted(step for step in steps if step[2] in counted):
        if cost > rest:
            break
        rest -= cost
        limits[name] = end
    return limits


@given(claims(), SPARES)
def test_the_fast_way_is_the_written_rule(wanted: list[Claim], spare: int) -> None:
    available = floors(wanted) + spare
    assert fill(wanted, available).limits == by_walking(wanted, available)


@given(claims(), SPARES)
def test_law_1_limits_fit_and_lie_between_floor_and_request(wanted: list[Claim], spare: int) -> None:
    available = floors(wanted) + spare
    filled = fill(wanted, available)
    given_out = sum(filled.limits[claim.name] * claim.count for claim in wanted)
    assert given_out + filled.unallocated == available
    assert filled.unallocated >= 0
    assert all(claim.floor <= filled.limits[claim.name] <= claim.request for claim in wanted)


@given(claims(), SPARES, st.one_of(st.integers(1, 3 * MIB), SPARES))
def test_law_2_more_memory_gives_nobody_less(wanted: list[Claim], spare: int, more: int) -> None:
    available = floors(wanted) + spare
    before, after = fill(wanted, available).limits, fill(wanted, available + more).limits
    assert all(after[name] >= limit for name, limit in before.items())


@given(claims(), SPARES, st.data())
def test_law_2_a_larger_weight_gives_its_service_no_less(wanted: list[Claim], spare: int, data: st.DataObject) -> None:
    available = floors(wanted) + spare
    index = data.draw(st.integers(0, len(wanted) - 1))
    heavier = data.draw(WEIGHTS)
    assume(heavier > wanted[index].weight)
    raised = [*wanted[:index], replace(wanted[index], weight=heavier), *wanted[index + 1 :]]
    name = wanted[index].name
    assert fill(raised, available).limits[name] >= fill(wanted, available).limits[name]


@given(claims(), SPARES, st.integers(0, 2), WEIGHTS)
def test_law_2_a_larger_weight_of_a_class_gives_none_of_it_less(wanted: list[Claim], spare: int, rank: int, weight: Fraction) -> None:
    available = floors(wanted) + spare
    same = [replace(claim, weight=Fraction(1) if claim.rank == rank else claim.weight) for claim in wanted]
    heavier = [replace(claim, weight=1 + weight) if claim.rank == rank else claim for claim in same]
    before, after = fill(same, available).limits, fill(heavier, available).limits
    assert all(after[claim.name] >= before[claim.name] for claim in same if claim.rank == rank)


@given(claims(), SPARES, st.randoms(use_true_random=False))
def test_law_2_the_order_of_input_never_matters(wanted: list[Claim], spare: int, random: object) -> None:
    shuffled = list(wanted)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fill(shuffled, floors(wanted) + spare).limits == fill(wanted, floors(wanted) + spare).limits


@given(claims(most_count=1), SPARES)
def test_law_4_less_than_a_quantum_is_wasted(wanted: list[Claim], spare: int) -> None:
    filled = fill(wanted, floors(wanted) + spare)
    assert filled.unallocated < QUANTUM or all(filled.limits[claim.name] == claim.request for claim in wanted)


@given(claims(), SPARES)
def test_law_4_with_replicas_less_than_a_quantum_for_each_is_wasted(wanted: list[Claim], spare: int) -> None:
    filled = fill(wanted, floors(wanted) + spare)
    hungry = [claim for claim in wanted if filled.limits[claim.name] < claim.request]
    assert not hungry or filled.unallocated < QUANTUM * max(claim.count for claim in hungry)


@given(claims(), SPARES)
def test_limits_are_whole_mib_floors_or_requests(wanted: list[Claim], spare: int) -> None:
    filled = fill(wanted, floors(wanted) + spare)
    for claim in wanted:
        limit = filled.limits[claim.name]
        assert limit in (claim.floor, claim.request) or limit % QUANTUM == 0


@given(FLOORS, WEIGHTS, SPARES)
def test_equals_differ_by_a_quantum_at_most(floor: int, weight: Fraction, spare: int) -> None:
    wanted = [Claim(name=name, floor=floor, request=floor + GIB, weight=weight) for name in "abc"]
    limits = fill(wanted, 3 * floor + spare).limits
    assert limits["a"] >= limits["b"] >= limits["c"] >= limits["a"] - QUANTUM


def test_the_remainder_is_shared_by_weight() -> None:
    wanted = [
        Claim(name="high", floor=100 * MIB, request=GIB, weight=Fraction(4)),
        Claim(name="low", floor=100 * MIB, request=GIB, weight=Fraction(1), rank=2),
        Claim(name="small", floor=100 * MIB, request=110 * MIB, weight=Fraction(4)),
    ]
    filled = fill(wanted, 410 * MIB)
    assert {name: limit // MIB for name, limit in filled.limits.items()} == {"high": 180, "low": 120, "small": 110}
    assert filled == Fill(limits=filled.limits, level=Fraction(20 * MIB), unallocated=0)


def test_floors_must_fit() -> None:
    with pytest.raises(ValueError, match="1 bytes above"):
        fill([Claim(name="a", floor=2, request=3)], 1)


def test_nobody_gets_nothing() -> None:
    assert fill([], 5) == Fill(limits={}, level=Fraction(0), unallocated=5)


def test_law_7_work_grows_as_the_claims() -> None:
    assert growth(_work, 1_000, 10_000) < 1.3


def _work(size: int) -> Callable[[], Any]:
    wanted = [
        Claim(
            name=f"service-{number}",
            floor=(64 + number % 37) * MIB + number,
            request=(64 + number % 37) * MIB + (number % 1013) * MIB,
            weight=Fraction(1 + number % 7),
            rank=number % 3,
        )
        for number in range(size)
        if number % 1013
    ]
    return lambda: fill(wanted, floors(wanted) + size * 200 * MIB + 17)


@given(st.lists(st.integers(0, 10_000), min_size=1), st.integers(1, 20_000))
def test_scaling_down_fits_and_takes_no_more_than_it_must(wanted: list[int], available: int) -> None:
    scaled = scale_down(wanted, available)
    assert sum(scaled) <= max(available, 0)
    assert all(got <= want for got, want in zip(scaled, wanted, strict=True))
    assert scaled == wanted or available - sum(scaled) < len(wanted)


@pytest.mark.parametrize(
    ("reservation", "weight", "shares"),
    [(1000, Fraction(1), 1024), (400, Fraction(4), 1638), (0, Fraction(4), 2), (1, Fraction(1), 2), (10**6, Fraction(4), 262_144)],
)
def test_cpu_shares(reservation: int, weight: Fraction, shares: int) -> None:
    assert cpu_shares(reservation, weight) == shares
