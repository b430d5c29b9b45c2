# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan: what a run would give to whom, what is wrong, and what it would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..budget.units import mib
from ..findings.accept import told as finding_told
from . import table

FEASIBLE, CHANGES, INFEASIBLE = "feasible", "feasible with changes", "infeasible"

# What each action means for those who use the service.
_IMPACTS = {
    "none": "none",
    "wait": "none, it is starting",
    "update": "in place, no request fails",
    "recreate": "the container is recreated",
    "create": "a new container",
}
_SEVERITIES = ("error", "warning", "accepted", "info")


def document(prepared: Mapping[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a plan as plain data: `verdict`, `findings`, `off`, `changes` (`None` where no host was asked) and `budget`.

    `prepared` is what `deploy.prepare` returned, `changes` what `deploy.changes` made of the live stack.
    """
    changed = _changed(changes) if changes else None
    if prepared["problems"]:
        verdict = INFEASIBLE
    elif changed:
        verdict = CHANGES
    else:
        verdict = FEASIBLE
    services = prepared["budget"].get("services", {})
    return {
        "verdict": verdict,
        "findings": sorted(prepared["findings"], key=lambda finding: _SEVERITIES.index(finding["severity"])),
        "off": {name: service["requires"] for name, service in services.items() if not service["enabled"]},
        "changes": changed,
        "budget": prepared["budget"],
    }


def lines(plan: Mapping[str, Any], containers: Iterable[Mapping[str, Any]] = ()) -> list[str]:
    """Return a plan as a person reads it; nothing in it needs a terminal wider than the table."""
    told = [f"This plan is {plan['verdict']}. Nothing was changed.", ""]
    if plan["budget"]:
        told += [*table.lines(plan["budget"], containers), ""]
    for severity in _SEVERITIES:
        findings = [finding for finding in plan["findings"] if finding["severity"] == severity]
        if findings:
            told += [f"{severity.upper()} ({len(findings)})", *(f"  {finding_told(finding)}" for finding in findings), ""]
    if plan["changes"] is None:
        return [*told, "No host was asked, so there is nothing to compare with."]
    if not plan["changes"]:
        return [*told, "What runs is what this plan wants."]
    told.append(f"A run would change {len(plan['changes'])} services:")
    for name, change in plan["changes"].items():
        told.append(f"  {name}: {change['impact']}")
        told += [_difference(entry) for entry in change["differences"] if not entry["key"].startswith("kernel.")]
    return told


def explain(budget: Mapping[str, Any], name: str) -> list[str]:
    """Return the arithmetic of every number of one service, each with its source."""
    service = budget.get("services", {}).get(name)
    if service is None:
        return [f"{name} is no service of this stack."]
    return [
        f"{name}, tier {service['tier']}, priority {service['priority']}",
        *(f"  {key} = {text}" for key, text in service["explain"].items()),
    ]


def _changed(changes: Mapping[str, Any]) -> dict[str, Any]:
    changed = {
        name: {"impact": _IMPACTS[change["action"]], "differences": change["differences"]}
        for name, change in sorted(changes["services"].items())
        if change["action"] != "none"
    }
    gone = {"impact": "removed, its data stays", "differences": []}
    return changed | dict.fromkeys(changes["orphans"], gone)


def _difference(entry: Mapping[str, Any]) -> str:
    shown = mib if entry["key"].startswith("limits.memory") else _short
    return f"    {entry['key']}: {shown(entry['live'])} -> {shown(entry['desired'])}"


def _short(value: Any) -> str:
    text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
