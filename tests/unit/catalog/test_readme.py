# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README shows what people will see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.prepare import prepare
from ansible_collections.ziggie.stack.plugins.module_utils.render import plan, table

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLASSES = {"hot": "/mnt/nvme/ziggie", "log": "/var/log/ziggie"}


def prepared(stack: dict[str, Any], inventory: str, capacity: dict[str, Any]) -> dict[str, Any]:
    settings = yaml.safe_load((ROOT / f"inventories/{inventory}/group_vars/stack.yml").read_text(encoding="utf-8"))
    return prepare(
        stack,
        host={},
        policy=settings.get("stack_policy", {}),
        declared=capacity or settings["stack_capacity"],
        credentials=[],
        classes=CLASSES,
        disk_free="10g",
        pretend=False,
    )


def block(first: str) -> list[str]:
    """Return the lines of the block of code that begins so, up to where it is cut."""
    [found] = re.findall(rf"```\n({re.escape(first)}.*?)\n *…\n```", README, re.DOTALL)
    return str(found).splitlines()


def test_the_plan_of_the_reports_server(stack: dict[str, Any]) -> None:
    [written] = re.findall(r"-i inventories/kvm4 -e '(\{\"capacity\".*?\}\})'", README)
    text = plan.lines(plan.document(prepared(stack, "kvm4", yaml.safe_load(written)["capacity"]), None))
    shown = block("This plan is")
    assert shown == text[: len(shown)], "write it anew:\n" + "\n".join(text[: len(shown)])
    assert any(line.startswith("ALL ") for line in shown)


def test_the_pool_of_the_lab(stack: dict[str, Any]) -> None:
    shown = block("BUDGET [ziggie-lab]")[1:]
    assert shown == table.pool(prepared(stack, "lab", {})["budget"])
