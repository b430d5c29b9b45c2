# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before anything is touched: the budget and every problem, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..budget.problems import BudgetError, Finding
from ..budget.solve import solve
from ..budget.units import parse_cpus, parse_size
from ..host.checks import Requirements, check
from .storage import lay_out


def prepare(
    compose: Mapping[str, Any],
    *,
    host: Mapping[str, Any],
    policy: Mapping[str, Any],
    declared: Mapping[str, Any],
    classes: Mapping[str, str],
    disk_free: Any,
    pretend: bool,
    known: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Solve the budget and check the host.

    `declared` is the capacity that the inventory states, empty for what the kernel reports; `pretend` allows it to be more
    than the host has, as in a lab; `classes` maps storage classes to directories; `known` are findings from earlier steps.
    Returns `budget` (a dict, empty where there is none), `directories` (as the `files` module takes them), `findings`, and
    `problems` (the errors, as sentences).
    """
    findings = [Finding(**finding) for finding in known]
    capacity = {
        "memory": declared.get("memory", host["memory"]["total"]),
        "cpus": declared.get("cpus", host["cores"]),
    }
    budget: dict[str, Any] = {}
    try:
        budget = solve(compose, capacity, policy).to_dict()
        findings.extend(Finding(**finding) for finding in budget["findings"])
        requirements = Requirements(
            disk_free=parse_size(disk_free, allow_zero=True),
            declared_memory=parse_size(declared["memory"]) if "memory" in declared else None,
            declared_cpus=parse_cpus(declared["cpus"]) if "cpus" in declared else None,
            pretend=pretend,
        )
    except BudgetError as error:
        findings.extend(error.findings)
        requirements = Requirements(disk_free=0, declared_memory=None, declared_cpus=None, pretend=pretend)
    findings.extend(check(host, compose, requirements))
    directories, wrong = lay_out(budget, classes)
    findings.extend(wrong)
    return {
        "budget": budget,
        "directories": directories,
        "findings": [finding.to_dict() for finding in findings],
        "problems": [finding.sentence() for finding in findings if finding.severity == "error"],
    }
