# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule for memory holds its laws on any history, and knows when it does not know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.observed import ROOM_PERCENT
from ansible_collections.ziggie.stack.plugins.module_utils.observe.recommend import RULE, Point, advise, replay
from hypothesis import given
from hypothesis import strategies as st

MIB = 1024**2
DAY = 86_400
NOW = 20_000 * DAY + 43_200.0


def hourly(uses: list[int], *, end: float = NOW, samples: int = 60, limit: int = 0) -> list[Point]:
    """Points of these MiB, an hour apart, the last one now."""
    return [
        Point(at=end - 3600 * (len(uses) - 1 - position), use=use * MIB, samples=samples, limit=limit * MIB)
        for position, use in enumerate(uses)
    ]


HISTORIES = st.lists(st.integers(1, 4000), min_size=5, max_size=400)


@given(HISTORIES)
def test_it_holds_the_peak_of_the_last_fourteen_days_with_room(uses: list[int]) -> None:
    need = advise(hourly(uses), NOW).need
    assert need is not None
    assert need % MIB == 0
    recent = uses[-13 * 24 :]
    assert need * 100 >= max(recent) * MIB * (100 + ROOM_PERCENT)


@given(HISTORIES)
def test_it_never_asks_for_more_than_the_highest_peak_with_room(uses: list[int]) -> None:
    need = advise(hourly(uses), NOW).need
    assert need is not None
    assert need <= -(-max(uses) * (100 + ROOM_PERCENT) // 100) * MIB


@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_order_of_points_and_their_copies_do_not_matter(uses: list[int], chance: object) -> None:
    points = hourly(uses)
    mixed = [*points, *points[: len(points) // 2]]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert advise(mixed, NOW) == advise(points, NOW)


@given(HISTORIES, st.integers(0, 399), st.integers(0, 3000))
def test_a_higher_use_never_lowers_it(uses: list[int], position: int, more: int) -> None:
    raised = [*uses]
    raised[position % len(uses)] += more
    before, after = advise(hourly(uses), NOW).need, advise(hourly(raised), NOW).need
    assert before is not None
    assert after is not None
    assert after >= before


@given(HISTORIES, st.integers(1, 400))
def test_the_calendar_does_not_matter(uses: list[int], days: int) -> None:
    earlier = hourly(uses, end=NOW - days * DAY)
    assert advise(earlier, NOW - days * DAY).need == advise(hourly(uses), NOW).need


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=120))
def test_it_goes_up_at_once_and_down_slowly(needs: list[int]) -> None:
    level = 0
    for day in range(1, len(needs) + 1):
        following = replay(needs[:day])
        assert following >= max(needs[max(0, day - RULE.window) : day])
        assert following >= level * (100 - RULE.step) // 100
        level = following


def test_a_peak_is_kept_for_its_fourteen_days_and_seven_quiet_ones_and_leaves_in_steps() -> None:
    levels = [replay([1000, *[100] * quiet]) for quiet in range(60)]
    assert levels[13 + RULE.quiet] == 1000
    assert levels[13 + RULE.quiet + 1] == 900
    assert levels[13 + RULE.quiet + 2] == 810
    assert levels[-1] == 100


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ([], "there are no data"),
        (hourly([100] * 10, samples=9), "90 samples over 9.0 h; at least 100 over 3 h are needed"),
        (hourly([100] * 3, samples=90), "270 samples over 2.0 h; at least 100 over 3 h are needed"),
        ([Point(at=NOW, use=1, samples=1)], "1 sample over 0.0 h; at least 100 over 3 h are needed"),
    ],
)
def test_a_thin_history_says_nothing(points: list[Point], why: str) -> None:
    advice = advise(points, NOW)
    assert (advice.need, advice.why) == (None, why)


def test_an_oom_kill_asks_for_a_quarter_more_than_the_limit() -> None:
    points = hourly([390] * 48, limit=400)
    points[30] = replace(points[30], kills=2)
    advice = advise(points, NOW)
    assert advice.need == 500 * MIB
    assert advice.why == "peak 390 MiB in 2.0 days, 2 OOM kills"
    assert advice.observed is not None
    assert advice.observed.oom_kills == 2


def test_a_small_service_gets_at_least_32_mib_more_after_a_kill() -> None:
    points = hourly([15] * 48, limit=16)
    points[30] = replace(points[30], kills=1)
    assert advise(points, NOW).need == 48 * MIB


def test_pressure_at_the_limit_raises_it_and_pressure_far_from_it_does_not() -> None:
    tight = [replace(point, stalled=0.2) for point in hourly([380] * 48, limit=400)]
    loose = [replace(point, stalled=0.2) for point in hourly([100] * 48, limit=400)]
    assert advise(tight, NOW).need == 460 * MIB
    assert advise(loose, NOW).need == 115 * MIB


def test_a_gap_of_weeks_forgets_nothing_and_counts_as_no_quiet_day() -> None:
    before = hourly([1000] * 48, end=NOW - 40 * DAY)
    after = hourly([100] * 48)
    assert advise([*before, *after], NOW).need == 1150 * MIB


def test_points_of_a_clock_that_was_ahead_are_left_out() -> None:
    ahead = Point(at=NOW + 30 * DAY, use=4000 * MIB, samples=1)
    assert advise([*hourly([100] * 48), ahead], NOW).need == 115 * MIB
    assert advise([*hourly([100] * 48), Point(at=-5.0, use=4000 * MIB)], NOW).need == 115 * MIB


def test_what_is_said_of_a_need_is_of_the_days_that_it_comes_from() -> None:
    down = advise(hourly([1000] * 24 + [300] * 24 * 29), NOW)
    assert (down.need, down.why) == (446 * MIB, "peak 300 MiB in 13.5 days, coming down from a higher one")
    assert advise(hourly([1000] * 24 + [300] * 24 * 60), NOW).why == "peak 300 MiB in 13.5 days + 15 %"
    killed = hourly([300] * 24 * 30, limit=800)
    killed[5] = replace(killed[5], kills=1)
    assert advise(killed, NOW).why == "peak 300 MiB in 13.5 days, coming down from a higher one"
    loose = [replace(point, stalled=0.2) for point in hourly([100] * 48, limit=400)]
    assert advise(loose, NOW).why == "peak 100 MiB in 2.0 days + 15 %"
    gaps = [*hourly([300] * 24, end=NOW - 20 * DAY), *hourly([300] * 24)]
    assert advise(gaps, NOW).why == "peak 300 MiB in 21.0 days (4 with data) + 15 %"


def test_a_kill_in_the_smaller_of_two_containers_counts() -> None:
    larger, smaller = hourly([300] * 48), replace(hourly([100])[0], kills=1, limit=400 * MIB)
    assert advise([*larger, smaller], NOW).need == advise([smaller, *larger], NOW).need == 500 * MIB


def test_hours_without_data_are_no_history() -> None:
    """Two short looks a month apart span 29 days and saw two hours."""
    far = [Point(at=NOW - 29 * DAY, use=100 * MIB, samples=100), Point(at=NOW, use=90 * MIB, samples=5)]
    advice = advise(far, NOW)
    assert (advice.need, advice.why) == (None, "105 samples over 696.0 h, in 2 of them; at least 100 over 3 h are needed")


def test_what_a_database_uses_is_no_sign_of_what_it_needs() -> None:
    """It fills its limit, and each recommendation of 15 % more would be filled in turn."""
    full = hourly([395] * 24 * 20, limit=400)
    advice = advise(full, NOW, fills=True)
    assert (advice.need, advice.thin) == (None, False)
    assert advice.why == "peak 395 MiB in 13.5 days; it fills what it has, and nothing says that it lacks memory"
    assert advise(full[:3], NOW, fills=True).thin


@pytest.mark.parametrize(
    ("signs", "need", "why"),
    [
        ({"kills": 1}, 500, "1 OOM kill"),
        ({"stalled": 0.2}, 460, "it waited for memory"),
        ({"evicted": True}, 460, "its cache is too small for what it reads"),
        ({"evicted": True, "missed": 0.2}, 460, "its cache is too small for what it reads"),
        ({"evicted": True, "missed": 0.01}, None, ""),
        ({"refaulted": 401 * MIB, "missed": 0.2}, 460, "its cache is too small for what it reads"),
        ({"refaulted": 399 * MIB}, None, ""),
        ({"missed": 0.9}, None, ""),
    ],
)
def test_a_database_needs_more_where_it_lacks_some(signs: dict[str, Any], need: int | None, why: str) -> None:
    points = hourly([395] * 24 * 30, limit=400)
    points[-100] = replace(points[-100], **signs)
    advice = advise(points, NOW, fills=True)
    assert advice.need == (None if need is None else need * MIB)
    assert why in advice.why
    old = hourly([395] * 24 * 30, limit=400)
    old[0] = replace(old[0], **signs)
    assert advise(old, NOW, fills=True).need is None


def test_signs_of_a_lack_do_not_count_for_a_program_that_holds_what_it_needs() -> None:
    points = [replace(point, evicted=True, refaulted=10**12) for point in hourly([100] * 48, limit=400)]
    assert advise(points, NOW).need == 115 * MIB
