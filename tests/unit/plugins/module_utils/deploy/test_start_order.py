# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each service is started when what it depends on is as far as it has to be, and not before."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.start_order import OVER, RUNNING, STARTING, UP, WAITING, Order

HEALTHY, STARTED, COMPLETED = "service_healthy", "service_started", "service_completed_successfully"


def test_whoever_depends_on_nobody_is_started_at_once_and_only_once() -> None:
    order = Order({"a": {}, "b": {}})
    assert order.ready() == ["a", "b"]
    assert order.ready() == []


@pytest.mark.parametrize(
    ("condition", "stage", "free"),
    [
        (HEALTHY, RUNNING, False),
        (HEALTHY, UP, True),
        (STARTED, STARTING, False),
        (STARTED, RUNNING, True),
        (COMPLETED, UP, False),
        (COMPLETED, OVER, True),
        (HEALTHY, OVER, True),
        ("one of tomorrow", RUNNING, False),
        ("one of tomorrow", UP, True),
    ],
)
def test_a_condition_is_waited_for(condition: str, stage: int, free: bool) -> None:
    order = Order({"leader": {}, "follower": {"leader": condition}})
    assert order.ready() == ["leader"]
    order.see("leader", stage)
    assert order.ready() == (["follower"] if free else [])


def test_what_is_not_to_be_started_is_taken_for_fulfilled() -> None:
    assert Order({"a": {"elsewhere": HEALTHY}}).ready() == ["a"]


def test_the_longest_chain_comes_first() -> None:
    after = {"api": {"pooler": HEALTHY}, "pooler": {"server": HEALTHY}, "server": {}, "alone": {}, "cache": {}, "web": {"cache": HEALTHY}}
    assert Order(after).ready() == ["server", "cache", "alone"]


@pytest.mark.parametrize(
    "after",
    [
        {"a": {"a": HEALTHY}},
        {"a": {"b": HEALTHY}, "b": {"a": HEALTHY}},
        {"a": {"b": HEALTHY}, "b": {"c": HEALTHY}, "c": {"a": STARTED}},
    ],
)
def test_a_circle_waits_for_nobody(after: dict[str, dict[str, str]]) -> None:
    assert sorted(Order(after).ready()) == sorted(after)


def test_whoever_follows_a_circle_still_waits() -> None:
    order = Order({"a": {"b": HEALTHY}, "b": {"a": HEALTHY}, "c": {"a": HEALTHY}})
    assert sorted(order.ready()) == ["a", "b"]
    order.see("a", UP)
    assert order.ready() == ["c"]


def test_a_start_that_is_not_seen_yet_is_not_given_again() -> None:
    order = Order({"a": {}})
    order.ready()
    order.see("a", WAITING)
    assert order.ready() == []
    assert order.underway() == ["a"]


def test_what_is_missing_and_what_is_underway() -> None:
    order = Order({"a": {}, "b": {"a": HEALTHY}, "c": {}})
    order.ready()
    order.see("a", RUNNING)
    order.see("c", UP)
    assert order.missing() == ["a", "b"]
    assert order.underway() == ["a"]


def test_what_was_up_can_fall_back() -> None:
    order = Order({"a": {}})
    order.see("a", UP)
    assert order.missing() == []
    order.see("a", RUNNING)
    assert order.missing() == ["a"]
