# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of a service says what it needs, by the same rule wherever it is asked."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.knowledge import Insight, know
from ansible_collections.ziggie.stack.plugins.module_utils.budget.observed import Observed
from ansible_collections.ziggie.stack.plugins.module_utils.compose.service import Service
from ansible_collections.ziggie.stack.plugins.module_utils.observe.recommend import Point, advise
from hypothesis import given
from hypothesis import strategies as st

MIB = 1024**2
DAY = 86_400


def seen(**changes: Any) -> Observed:
    as_looked_at = {"peak": 100 * MIB, "bound": None, "when": 7200.0, "since": 0.0, "window": 0.0, "samples": 1, "oom_kills": 0}
    return Observed(**{**as_looked_at, **changes})


@pytest.mark.parametrize(
    ("changes", "need", "why"),
    [
        ({}, 115, "a peak of 100 MiB in a look, 2.0 h after its start + 15 %"),
        ({"window": 600.0}, 115, "a peak of 100 MiB in 600 s of watching + 15 %"),
        ({"window": 14.0 * DAY}, 115, "a peak of 100 MiB in 14 days + 15 %"),
        ({"oom_kills": 1}, 132, "1 OOM kill with 100 MiB in a look, 2.0 h after its start: a quarter more than that"),
        # It was started again since, so what it uses now says little: it was killed with all of its limit.
        ({"oom_kills": 3, "limit": 512 * MIB}, 640, "3 OOM kills with 512 MiB in a look, 2.0 h after its start: a quarter more than that"),
        ({"limit": 512 * MIB}, 115, "a peak of 100 MiB in a look, 2.0 h after its start + 15 %"),
    ],
)
def test_what_it_needs(changes: dict[str, Any], need: int, why: str) -> None:
    observed = seen(**changes)
    assert (observed.need, observed.why) == (need * MIB, why)
    known = know(Service.read("app", {"image": "example.org/app:1"}), Insight(observed={"app": observed}))
    assert [(one.kind, one.amount, one.source) for one in known.memory] == [("observed", need * MIB, why)]


@given(st.integers(1, 10**5), st.integers(0, 10**5), st.integers(0, 2))
def test_an_audit_and_a_history_of_the_same_give_the_same(peak: int, limit: int, kills: int) -> None:
    now = 20_000.0 * DAY
    points = [Point(at=now - hour * 3600, use=peak * MIB, samples=60, limit=limit * MIB, kills=kills) for hour in range(6)]
    assert advise(points, now).need == seen(peak=peak * MIB, oom_kills=kills, limit=limit * MIB).need
