# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that is only thought of passes every check, and has the shape of a real one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, prepare

COMPOSE: dict[str, Any] = {
    "services": {"web": {"image": "web:1", "ports": ["80:80"], "x-budget": {"memory": {"floor": "64m", "request": "256m"}}}},
    "networks": {"default": {"ipam": {"config": [{"subnet": "172.28.0.0/16"}]}}},
}


def planned(declared: dict[str, Any]) -> dict[str, Any]:
    return prepare(COMPOSE, None, Wish(declared=declared, pretend=True)).to_dict()


def test_a_declared_capacity_is_all_it_needs() -> None:
    found = planned({"memory": "8g", "cpus": 4})
    assert found["problems"] == []
    assert found["budget"]["capacity"] == {"memory": 8 << 30, "cpus": 4000}


def test_where_there_is_no_budget_it_says_what_would_be_enough() -> None:
    found = planned({"memory": "450m", "cpus": 4})
    assert found["problems"]
    assert found["fitting"]["smallest"]["memory"] == (384 << 20) + (64 << 20) * 10 // 9
    assert found["fitting"]["leave_out"] == []
    assert planned({"memory": "8g", "cpus": 4})["fitting"] == {}


@pytest.mark.parametrize(
    ("declared", "missing"),
    [({}, ["capacity.memory", "capacity.cpus"]), ({"memory": "8g"}, ["capacity.cpus"]), ({"cpus": 4}, ["capacity.memory"])],
)
def test_a_capacity_that_says_too_little_is_an_error_that_names_the_figure(declared: dict[str, Any], missing: list[str]) -> None:
    found = planned(declared)
    assert [finding["path"] for finding in found["findings"] if finding["severity"] == "error"] == sorted(missing)
    assert all(any(sentence.startswith(path) for sentence in found["problems"]) for path in missing)
