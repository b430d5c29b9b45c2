# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a history to the new budget, whichever the history's source is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..budget.model import Budget
from ..budget.tune.registry import TUNERS
from ..compose.values import dig, mapping
from ..findings.service import Service
from ..typed import load
from ..units import cores
from . import kept
from .budget import name_of, whole
from .model import Audit
from .recommend import Advice, Point, advise
from .resolve import Outcome, resolve

# How far ahead of this machine's clock an audit may be.
_AHEAD = 3_600


def of_history(
    told: Mapping[str, Any], compose: Mapping[str, Any], budget: Mapping[str, Any], overrides: Mapping[str, Any], floors: Mapping[str, Any]
) -> Outcome:
    """Return what the `history` module's answer leads to for the stack of an inventory. Raises `ValueError` for what does not read."""
    if not told.get("services"):
        raise ValueError("Prometheus has no memory series of any service; is cAdvisor scraped?")
    points = load(dict[str, tuple[Point, ...]], told["services"], "history")
    if not budget:
        raise ValueError("the budget as it is now cannot be kept; ziggie.stack.plan says why")
    held = Budget.from_dict(budget)
    capacity = {**held.capacity.to_dict(), "cpus": cores(held.capacity.cpus)}
    outcome = resolve(compose, capacity, budget["policy"], _advice(points, compose, float(told["now"])), overrides, floors)
    unknown = sorted({*points} - {*map(str, mapping(compose.get("services")))})
    if unknown:
        names = ", ".join(unknown)
        note = f"Prometheus also knows {names}, which the stack does not have; the history of a service that was renamed begins anew."
        outcome = replace(outcome, notes=(note,))
    return outcome


def of_audits(audits: Iterable[Audit], now: float) -> Outcome:
    """Return what audits of one host lead to at a moment. Raises `ValueError` where there are none, or of several hosts."""
    everything = list(audits)
    listed = [audit for audit in everything if audit.when <= now + _AHEAD]
    ahead = len(everything) - len(listed)
    if ahead and not listed:
        raise ValueError("all audits are of the future, by this machine's clock; set the clocks right")
    points = kept.of_audits(listed)
    last = max(listed, key=lambda audit: audit.when)
    compose = whole(last)
    outcome = resolve(compose, {"memory": last.machine.memory, "cpus": last.machine.cores}, {}, _advice(points, compose, last.when))
    notes = [f"{ahead} of {len(everything)} audits are of the future, by this machine's clock, and were left out."] if ahead else []
    return replace(
        outcome,
        notes=tuple(notes),
        owners={name_of(last, container): (container.project, container.title) for container in last.containers},
    )


def _advice(points: Mapping[str, Iterable[Point]], compose: Mapping[str, Any], now: float) -> dict[str, Advice]:
    services = mapping(compose.get("services"))
    return {name: advise(those, now, fills=_fills(name, mapping(services.get(name)))) for name, those in points.items()}


def _fills(name: str, service: Mapping[str, Any]) -> bool:
    """Tell whether a service's program fills the memory that it has, whatever it needs."""
    tuner = TUNERS.get(str(dig(service, "x-budget", "tuning", "tuner") or Service.read(name, service).facts.tuner))
    return tuner is not None and tuner.fills
