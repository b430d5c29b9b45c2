# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures as Prometheus reads them."""

from __future__ import annotations

from ansible_collections.ziggie.stack.plugins.module_utils.collect.exposition import Family, text, values


def test_families_become_lines() -> None:
    one = Family(name="ziggie_one_total", kind="counter", help="One.")
    one.add(3, service="redis", event="max")
    one.add(1.5, service='a"b\\c\nd')
    alone = Family(name="ziggie_alone", kind="gauge", help="Alone.", samples=[({}, 7)])
    empty = Family(name="ziggie_none", kind="gauge", help="None.")
    assert text([one, empty, alone]).splitlines() == [
        "# HELP ziggie_one_total One.",
        "# TYPE ziggie_one_total counter",
        'ziggie_one_total{service="redis",event="max"} 3',
        'ziggie_one_total{service="a\\"b\\\\c\\nd"} 1.5',
        "# HELP ziggie_alone Alone.",
        "# TYPE ziggie_alone gauge",
        "ziggie_alone 7",
    ]


def test_what_was_written_can_be_read_again() -> None:
    one = Family(name="ziggie_one_total", kind="counter", help="One.")
    one.add(3, service="redis")
    one.add(4, service="n8n")
    written = text([one, Family(name="ziggie_one", kind="gauge", help="Another.", samples=[({}, 1.25)])])
    assert values(written, "ziggie_one_total", "service") == {"redis": 3, "n8n": 4}
    assert values(written, "ziggie_one") == {"": 1.25}
    assert values("ziggie_one\nziggie_one x\nbroken{\n", "ziggie_one") == {}
