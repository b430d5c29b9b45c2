# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan: what a run would give to whom, what is wrong, and what it would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..budget.problems import suggestion
from ..budget.units import cores, mib, mib_up
from ..findings.accept import told as finding_told
from . import table
from .terminal import PLAIN, Terminal

FEASIBLE, CHANGES, INFEASIBLE = "feasible", "feasible with changes", "infeasible"

# What each action means for those who use the service.
_IMPACTS = {
    "none": "none",
    "wait": "none, it is starting",
    "update": "in place, no request fails",
    "start": "its container is started for the first time",
    "recreate": "the container is recreated",
    "create": "a new container",
}
_HUES = {FEASIBLE: "good", CHANGES: "warning", INFEASIBLE: "error"}
_IMPACT_HUES = {_IMPACTS["none"]: "good", _IMPACTS["wait"]: "good", _IMPACTS["update"]: "info"}
_SEVERITIES = ("error", "warning", "accepted", "info")


def document(prepared: Mapping[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a plan as plain data: `verdict`, `findings`, `off`, `changes` (`None` where no host was asked), `budget` and `fitting`.

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
        "fitting": prepared.get("fitting", {}),
    }


def lines(plan: Mapping[str, Any], containers: Iterable[Mapping[str, Any]] = (), terminal: Terminal = PLAIN) -> list[str]:
    """Return a plan as a person reads it; one of files alone has no verdict and compares with nothing."""
    told = []
    if "verdict" in plan:
        told += [terminal.paint(f"This plan is {plan['verdict']}. Nothing was changed.", _HUES[plan["verdict"]]), ""]
    if plan["budget"]:
        told += [*table.lines(plan["budget"], containers, terminal), ""]
    told += findings(plan["findings"], terminal)
    if "verdict" not in plan:
        return told
    told += _fitting(plan["fitting"], terminal)
    if plan["changes"] is None:
        return [*told, "No host was asked, so there is nothing to compare with."]
    if not plan["changes"]:
        return [*told, "What runs is what this plan wants."]
    told.append(terminal.paint(f"A run would change {_services(len(plan['changes']))}:", "title"))
    for name, change in plan["changes"].items():
        told.append(terminal.paint(f"  {name}: {change['impact']}", _IMPACT_HUES.get(change["impact"], "warning")))
        for entry in change["differences"]:
            if not entry["key"].startswith("kernel."):
                told += terminal.wrapped(_difference(entry), "  ")
    return told


def findings(found: Iterable[Mapping[str, Any]], terminal: Terminal = PLAIN) -> list[str]:
    """Return findings by severity, each with its code and its fix; one that has its own `sentence` is told by that."""
    told: list[str] = []
    listed = list(found)
    for severity in _SEVERITIES:
        those = [finding for finding in listed if finding["severity"] == severity]
        if those:
            told.append(terminal.paint(f"{severity.upper()} ({len(those)})", severity))
            for finding in those:
                told += _finding(finding, terminal)
            told.append("")
    return told


def explain(budget: Mapping[str, Any], name: str, terminal: Terminal = PLAIN) -> list[str]:
    """Return the arithmetic of every number of one service, each with its source."""
    service = budget.get("services", {}).get(name)
    if service is None:
        known = sorted(budget.get("services", {}))
        return [f"{name} is no service of this stack; {suggestion(name, known) if known else 'it has no budget'}."]
    told = [terminal.paint(f"{name}, tier {service['tier']}, priority {service['priority']}", "title")]
    for key, text in service["explain"].items():
        first, *rest = terminal.wrapped(f"  {key} = {text}", "  ")
        told += [first.replace(key, terminal.paint(key, "info"), 1), *rest]
    return told


def _finding(finding: Mapping[str, Any], terminal: Terminal) -> list[str]:
    code = str(finding["code"])
    sentence = f"{code} {finding['sentence']}" if "sentence" in finding else finding_told(finding)
    first, *rest = terminal.wrapped("\n".join(f"  {line}" for line in sentence.splitlines()), "  ")
    return [first.replace(code, terminal.paint(code, str(finding["severity"])), 1), *rest]


def _fitting(fitting: Mapping[str, Any], terminal: Terminal) -> list[str]:
    if not fitting:
        return []
    least = fitting["smallest"]
    host = f"{mib_up(least['memory'])} of memory, {cores(least['cpus'])} cores, {mib_up(least['disk'])} of disk, {least['pids']} pids"
    told = terminal.wrapped(f"The smallest host for the whole stack: {host}.")
    if fitting["leave_out"]:
        told += terminal.wrapped(f"To fit this one, leave out, in this order: {', '.join(fitting['leave_out'])}.")
    return [*told, ""]


def _services(number: int) -> str:
    return f"{number} service{'' if number == 1 else 's'}"


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
