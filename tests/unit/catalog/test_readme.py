# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README shows what people will see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.findings.accept import fold
from ansible_collections.ziggie.stack.plugins.module_utils.plan.plan import make, stated
from ansible_collections.ziggie.stack.plugins.module_utils.plan.text import lines
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Prepared, Wish, prepare
from ansible_collections.ziggie.stack.plugins.module_utils.render import table

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLASSES = {"hot": "/mnt/nvme/ziggie", "log": "/var/log/ziggie"}


def prepared(stack: dict[str, Any], inventory: str, capacity: dict[str, Any]) -> Prepared:
    settings = yaml.safe_load((ROOT / f"inventories/{inventory}/group_vars/stack.yml").read_text(encoding="utf-8"))
    wish = Wish(policy=settings.get("stack_policy", {}), declared=capacity or settings["stack_capacity"], classes=CLASSES)
    return prepare(stack, None, wish)


def block(first: str) -> list[str]:
    """Return the lines of the block of code that begins so, up to where it is cut."""
    [found] = re.findall(rf"```\n({re.escape(first)}.*?)\n *…\n```", README, re.DOTALL)
    return str(found).splitlines()


def test_the_plan_of_the_reports_server(stack: dict[str, Any]) -> None:
    [written] = re.findall(r"-i inventories/kvm4 -e '(\{\"plan_capacity\".*?\}\})'", README)
    found = prepared(stack, "kvm4", yaml.safe_load(written)["plan_capacity"])
    plan = make(
        "kvm4.example.org",
        asked=False,
        engine_runs=False,
        budget=found.budget,
        fitting=found.fitting,
        findings=stated(fold(found.findings)),
        host_changes=found.changes,
        live=None,
    )
    text = lines(plan)
    shown = block("PLAN for")
    assert shown == text[: len(shown)], "write it anew:\n" + "\n".join(text[: len(shown)])
    assert any(line.startswith("ALL ") for line in shown)


def test_the_pool_of_the_lab(stack: dict[str, Any]) -> None:
    shown = block("BUDGET [ziggie-lab]")[1:]
    budget = prepared(stack, "lab", {}).budget
    assert budget is not None
    assert shown == table.pool(budget)
