# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's chapter on scaling, worked out: its own price list, its split, and a larger host first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.capacity import Capacity, Filesystem
from ansible_collections.ziggie.stack.plugins.module_utils.fleet.advise import advise
from ansible_collections.ziggie.stack.plugins.module_utils.fleet.model import Host, Stack, parse_offers
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB
from ansible_collections.ziggie.stack.tests.unit.catalog.conftest import CREDENTIALS

OFFERS = Path(__file__).parents[3] / "inventories/offers.yml"
HOST = Capacity(memory=15974 * MIB, cpus=4000, disks=(Filesystem(name="disk", size=173 * GIB),))


def test_the_reports_own_figures_say_a_larger_host_first(stack: dict[str, Any]) -> None:
    problems = Problems()
    offers = parse_offers(yaml.safe_load(OFFERS.read_text(encoding="utf-8"))["stack_offers"], problems)
    assert not problems.findings
    advice = advise(Stack(compose=stack, policy={"credentials": CREDENTIALS}), Host(name="vps1", capacity=HOST), offers)
    assert advice.current is not None
    assert advice.current.name == "KVM 4"
    assert advice.binding == "memory"
    assert (advice.options[0].kind, advice.options[0].offer, advice.options[0].cost) == ("larger", "KVM 6", 20)
    second = next(option for option in advice.options if option.kind == "second")
    assert (second.offer, second.cost) == ("KVM 4", 24)
    # The report's list, without Certbot, which shares nginx's certificates.
    split = next(option for option in advice.options if option.kind == "split")
    moved = set(split.fleet.placement.services["second"]) - set(advice.copies)
    assert moved == {"ollama", "n8n", "flowise", "sim-studio", "github-runner"}
    assert {"postgres", "mongodb", "redis", "ziggie-api", "mcp-gateway", "nginx", "prometheus", "grafana", "loki"} <= set(
        split.fleet.placement.services["vps1"]
    )
    for option in advice.options:
        for budget in option.fleet.budgets.values():
            assert budget.total.memory.limit <= budget.pool.memory - budget.margin
