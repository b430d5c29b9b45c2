# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the pool was shared, step by step, with the figures of this host."""

from __future__ import annotations

from collections.abc import Iterator

from ...budget.units import cores
from .figures import MINUS, amount, counted, mib
from .markup import Html, tag
from .view import View

_QUOTA = {
    "none": "No service has a hard limit on CPU time.",
    "batch": "Only batch jobs have a hard limit on CPU time.",
    "all": "Every service has a hard limit on CPU time, too.",
}


def sharing(view: View) -> Html:
    """Return the steps as a numbered list."""
    return tag("div", tag("h3", "How it was shared"), tag("ol", *(tag("li", step) for step in _steps(view))), class_="steps")


def _steps(view: View) -> Iterator[str]:
    budget, total = view.budget, view.budget["totals"]["all"]
    memory, policy, pool = total["memory"], budget["policy"], budget["pool"]["memory"]
    yield f"{mib(budget['capacity']['memory'])} {MINUS} {mib(budget['reserve']['memory'])} = {amount(pool)} are the pool."
    yield from _fit(view) if policy["memory"] == "fit" else _declared(view)
    yield (
        f"{amount(memory['reservation'])} of the limits are guaranteed; "
        "what lies between the reservation and the limit of a service is its own while nobody else needs it."
    )
    reserved, limits = total["cpus"]["reservation"], total["cpus"]["limit"]
    quota = _QUOTA.get(policy["cpu_quota"], "")
    yield (
        f"CPU time is shared by weight: {cores(reserved)} of {cores(budget['pool']['cpus'])} cores are reserved, "
        f"{cores(limits)} would be the sum of the limits. {quota}".strip()
    )


def _fit(view: View) -> Iterator[str]:
    memory, weights = view.budget["totals"]["all"]["memory"], view.budget["policy"]["weights"]
    pool, margin = view.budget["pool"]["memory"], view.budget["margin"]["memory"]
    yield f"Every service gets its floor first, {amount(memory['floor'])} in all."
    words = ", ".join(f"{priority} {weight}" for priority, weight in weights.items())
    yield (
        f"{mib(pool)} {MINUS} {mib(margin)} {MINUS} {mib(memory['floor'])} = {amount(pool - margin - memory['floor'])} remain "
        f"and are shared above the floors by priority ({words}), to nobody more than its request."
    )
    served = sum(service["memory"]["limit"] >= service["memory"]["request"] for service in view.services.values())
    yield f"{counted(served, 'service has', 'services have')} all of the request; the requests together are {amount(memory['request'])}."


def _declared(view: View) -> Iterator[str]:
    ratio, memory = view.budget["policy"]["overcommit"]["memory"], view.budget["totals"]["all"]["memory"]
    yield f"Every service gets the limit that is written, {amount(memory['limit'])} in all, as the declared overcommit of {ratio} allows."
