# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's split over two VPS, as the example inventory asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.fleet.plan import Asked, Candidate, make
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish as Said
from ansible_collections.ziggie.stack.tests.unit.catalog.conftest import CREDENTIALS

INVENTORY = Path(__file__).parents[3] / "inventories/two-vps"


def test_the_example_inventory_is_the_reports_split(stack: dict[str, Any]) -> None:
    hosts = yaml.safe_load((INVENTORY / "hosts.yml").read_text(encoding="utf-8"))["stack"]["hosts"]
    settings = yaml.safe_load((INVENTORY / "group_vars/stack.yml").read_text(encoding="utf-8"))
    said = Said(policy=settings["stack_policy"], credentials=CREDENTIALS)
    plan = make(Asked(compose=stack, said=said, fleet=settings["stack_fleet"]), [Candidate(name=name) for name in hosts])
    assert plan.verdict == "feasible"
    second = {name for name, why in plan.reasons.items() if why.host == "vps2"}
    assert second == {"ollama", "n8n", "flowise", "sim-studio", "github-runner"}
    assert {why.why for why in plan.reasons.values()} == {"preset report"}
    for budget in plan.fleet.budgets.values():
        assert budget.total.memory.limit <= budget.pool.memory - budget.margin
    # The report's own words about the two hosts, of which a service's own wish comes first.
    moved = make(
        Asked(compose=stack, said=said, fleet={**settings["stack_fleet"], "services": {"n8n": {"host": "vps1"}}}),
        [Candidate(name=name) for name in hosts],
    )
    assert (moved.reasons["n8n"].host, moved.reasons["n8n"].why) == ("vps1", "pinned")
