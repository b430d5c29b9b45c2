# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ziggie.stack.plugins.filter.compile import FilterModule
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack

COMPOSE = {"services": {"web": {"image": "web"}}}
SOLVED = solve(COMPOSE, {"memory": "16g", "cpus": 4})
BUDGET = SOLVED.to_dict()
compile_filter = FilterModule().filters()["compile"]


def test_the_filter_gives_what_the_core_gives() -> None:
    assert compile_filter(COMPOSE, BUDGET) == compile_stack(COMPOSE, SOLVED)
    assert compile_filter(COMPOSE, BUDGET, target="swarm", host={}) == compile_stack(COMPOSE, SOLVED, "swarm", {})


def test_the_filter_fails_with_the_cores_sentence() -> None:
    with pytest.raises(AnsibleFilterError, match="format: expected"):
        compile_filter(COMPOSE, {**BUDGET, "format": 0})
    with pytest.raises(AnsibleFilterError, match="target: 'x' is none of compose, swarm"):
        compile_filter(COMPOSE, BUDGET, target="x")
