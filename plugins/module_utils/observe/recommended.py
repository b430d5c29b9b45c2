# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a history to the new budget, whichever the history's source is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..budget.model import Budget
from ..typed import load
from ..units import cores
from . import kept
from .budget import whole
from .model import Audit
from .recommend import Point, advise
from .resolve import Outcome, resolve


def of_history(told: Mapping[str, Any], compose: Mapping[str, Any], budget: Mapping[str, Any], overrides: Mapping[str, Any]) -> Outcome:
    """Return what the `history` module's answer leads to for the stack of an inventory. Raises `ValueError` for what does not read."""
    if not told.get("services"):
        raise ValueError("Prometheus has no memory series of any service; is cAdvisor scraped?")
    points = load(dict[str, tuple[Point, ...]], told["services"], "history")
    advice = {name: advise(those, float(told["now"])) for name, those in points.items()}
    if not budget:
        raise ValueError("the budget as it is now cannot be kept; ziggie.stack.plan says why")
    held = Budget.from_dict(budget)
    # A capacity states its CPUs in cores where a person writes it.
    return resolve(compose, {**held.capacity.to_dict(), "cpus": cores(held.capacity.cpus)}, budget["policy"], advice, overrides)


def of_audits(audits: Iterable[Audit]) -> Outcome:
    """Return what audits of one host lead to. Raises `ValueError` where there are none, or of several hosts."""
    listed = list(audits)
    points = kept.of_audits(listed)
    last = max(listed, key=lambda audit: audit.when)
    advice = {name: advise(those, last.when) for name, those in points.items()}
    return resolve(whole(last), {"memory": last.machine.memory, "cpus": last.machine.cores}, {}, advice)
