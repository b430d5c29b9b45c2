# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A price list is read with all that is wrong with it at once."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.capacity import Capacity
from ansible_collections.ziggie.stack.plugins.module_utils.fleet.model import Offer, bought_as, parse_offers
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB

ROW: dict[str, Any] = {"name": "KVM 6", "memory": "24g", "cpus": 6, "disk": "300g", "price": 20}


def test_a_row_is_read() -> None:
    problems = Problems()
    [offer] = parse_offers([{**ROW, "renewal": "24.50"}], problems)
    assert not problems.findings
    assert (offer.memory, offer.cpus, offer.disk, offer.price, offer.cost) == (24 * GIB, 6000, 300 * GIB, Fraction(20), Fraction(49, 2))
    assert offer.capacity.disk == 300 * GIB
    assert offer.to_dict()["renewal"] == 24.5
    [offer] = parse_offers([{key: value for key, value in ROW.items() if key != "disk"}], problems)
    assert (offer.cost, offer.disk, offer.capacity.disks) == (Fraction(20), None, ())


@pytest.mark.parametrize(
    ("offers", "sentences"),
    [
        (None, ["stack_offers: expected a list of what a provider sells, got nothing"]),
        ([], ["stack_offers: expected a list of what a provider sells, got nothing"]),
        ("KVM 6", ["stack_offers: expected a list of what a provider sells, got 'KVM 6'"]),
        (ROW, ["stack_offers: expected a list"]),
        (["KVM 6"], ["stack_offers[0]: expected a mapping, got 'KVM 6'"]),
        (
            [{"cpus": "many", "memory": -1, "price": 0, "colour": "red", "disk": "x", "current": "perhaps"}],
            [
                "stack_offers[0].name: the row has no name; write name: KVM 6",
                "stack_offers[0].cpus: 'many' is no number of CPUs",
                "stack_offers[0].memory: -1 is no size",
                "stack_offers[0].price: 0 is no number above zero",
                "stack_offers[0].colour: nothing reads 'colour'",
                "stack_offers[0].disk: 'x' is no size",
                "stack_offers[0].current: 'perhaps' is neither true nor false",
            ],
        ),
        ([ROW, ROW], ["stack_offers: 2 rows are called 'KVM 6'; give each row a name of its own"]),
        (
            [{**ROW, "current": True}, {**ROW, "name": "b", "current": True}],
            ["stack_offers: KVM 6, b are all marked current; mark the one row that this host is bought as"],
        ),
    ],
)
def test_what_is_wrong_is_said_in_sentences(offers: Any, sentences: list[str]) -> None:
    problems = Problems()
    parse_offers(offers, problems)
    told = "\n".join(finding.sentence() for finding in problems.findings)
    assert [sentence for sentence in sentences if sentence not in told] == []


def row(name: str, memory: int, cpus: int = 4, **more: Any) -> Offer:
    return Offer(name=name, memory=memory * GIB, cpus=cpus * 1000, disk=None, price=Fraction(1), **more)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("a", 16), row("b", 24)], "a"),
        ([row("a", 16), row("b", 16)], None),
        ([row("a", 16), row("b", 16, current=True)], "b"),
        ([row("a", 16, 8)], None),
        ([row("a", 24)], None),
        ([row("a", 8)], None),
    ],
)
def test_the_row_that_a_host_is_bought_as(rows: list[Offer], expected: str | None) -> None:
    found = bought_as(rows, Capacity(memory=15974 * 1024**2, cpus=4000))
    assert (found.name if found else None) == expected
