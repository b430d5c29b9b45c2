# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a fleet as a person reads it: the verdict, where each service runs and why, what would move, and each host's Budget. Memory is in MiB."""

from __future__ import annotations

from collections.abc import Iterator

from ..budget.leave_out import lacking
from ..findings.accept import fold
from ..plan.plan import stated
from ..plan.text import findings
from ..problems import suggestion
from ..render import table
from ..render.terminal import PLAIN, Terminal
from ..units import MIB, mib
from .advise import percent
from .plan import FleetPlan

_HUES = {"feasible": "good", "feasible with changes": "warning", "infeasible": "error"}
NOT_DEPLOYED = (
    "This is a plan only: no playbook deploys services to several hosts by it yet, moves data, or joins hosts by a network. "
    "site refuses to run while stack_fleet is set."
)


def lines(plan: FleetPlan, terminal: Terminal = PLAIN, *, everything: bool = False) -> list[str]:
    """Return all of it as lines. Findings of severity info are only counted, unless `everything` is shown."""
    names = ", ".join(host.name for host in plan.fleet.hosts)
    told = [
        terminal.paint(f"FLEET PLAN for {names}", "title"),
        terminal.paint(f"This plan is {plan.verdict}. Nothing was changed.", _HUES[plan.verdict]),
        *terminal.wrapped(NOT_DEPLOYED),
    ]
    imagined = [host.name for host in plan.fleet.hosts if host.name not in plan.asked]
    if imagined:
        told += terminal.wrapped(f"Not asked, imagined with what is declared: {', '.join(imagined)}.")
    for name, why in plan.excluded.items():
        told += terminal.wrapped(f"Excluded: {name}: {why}.")
    told.append("")
    found = stated(fold(plan.findings))
    told += findings((one for one in found if one.severity == "error"), terminal)
    for sentence in _judged(plan):
        told += terminal.wrapped(sentence)
    told += ["", *_services(plan, terminal), *_moves(plan, terminal)]
    for host in plan.fleet.hosts:
        if host.name in plan.fleet.budgets:
            zone = f", zone {plan.zones[host.name]}" if host.name in plan.zones else ""
            told += [terminal.paint(f"BUDGET of {host.name}{zone}", "title"), *table.lines(plan.fleet.budgets[host.name], (), terminal), ""]
    others = (one for one in found if one.severity != "error")
    return [*told, *findings(others, terminal, everything=everything, more="-e fleet_findings=all shows them")]


def explain(plan: FleetPlan, service: str, terminal: Terminal = PLAIN) -> list[str]:
    """Return why a service runs where it does, and why not on each other host. Raises `ValueError` where it is not placed."""
    if service in plan.copies:
        return terminal.wrapped(f"{service} runs on every host: it watches or manages the host that it runs on.")
    why = plan.reasons.get(service)
    if why is None:
        known = [*plan.reasons, *plan.copies]
        raise ValueError(f"{service} is not a service that is placed; {suggestion(service, known) if known else 'nothing fits'}.")
    told = terminal.wrapped(f"{service} runs on {why.host}: {why.why}")
    for host, reason in [*why.elsewhere.items(), *plan.excluded.items()]:
        told += terminal.wrapped(f"  not on {host}: {reason}", "  ")
    return told


def _judged(plan: FleetPlan) -> Iterator[str]:
    placement = plan.fleet.placement
    if not placement.fits:
        yield from lacking_floors(plan)
        yield "This is the placement that lacks least." if placement.proven else "Another placement may lack less: the search was cut."
        if plan.rows:
            yield f"The smallest row of the price list with which every service has its floor: {plan.cure or 'none'}."
        else:
            yield "With a price list (stack_offers) this says the smallest row that cures it."
        return
    if placement.share == 1:
        yield "Every service gets all that it asks for."
    else:
        best = "no other placement that stack_fleet allows gives it more" if plan.better is None else "without moving anything for it"
        if not placement.proven:
            best = f"another placement may give it up to {percent(placement.bound)}: the search was cut"
        yield f"The worst service gets {percent(placement.share)} of what it asks for; {best}."
    if plan.better:
        share, size = plan.better
        more = " or more" if share < 1 else ""
        yield f"If services were moved for it, it would get {percent(share)}{more}; {mib(size)} at most would move: -e fleet_rebalance=true."


def lacking_floors(plan: FleetPlan) -> Iterator[str]:
    """Yield a sentence for each host on which services lack their floors."""
    placement = plan.fleet.placement
    for host, lacks in placement.lacks.items():
        missing = ", ".join(lacking(name, figure) for name, figure in lacks.items())
        yield f"{host} lacks {missing} for the floors of {', '.join(placement.services[host])}."


def _services(plan: FleetPlan, terminal: Terminal) -> Iterator[str]:
    if not plan.reasons:
        return
    service = max(map(len, ("service", *plan.reasons)))
    place = max(map(len, ("host", *(host.name for host in plan.fleet.hosts))))
    yield terminal.paint(f"{'service'.ljust(service)}  {'host'.ljust(place)}  why", "faint")
    order = [host.name for host in plan.fleet.hosts]
    for name, why in sorted(plan.reasons.items(), key=lambda entry: (order.index(entry[1].host), entry[0])):
        yield from terminal.wrapped(f"{name.ljust(service)}  {why.host.ljust(place)}  {why.why}", " " * (service + place + 4))
    if plan.copies:
        yield from terminal.wrapped(f"On every host, since they watch or manage it: {', '.join(plan.copies)}.")
    yield ""


def _moves(plan: FleetPlan, terminal: Terminal) -> Iterator[str]:
    if plan.moves:
        size = plan.fleet.placement.bytes_moved
        count = len(plan.moves)
        title = f"{count} service{'' if count == 1 else 's'} would move, with {mib(size)} at most (what volumes may hold):"
        yield terminal.paint(title, "title")
        for move in plan.moves:
            yield f"  {move.service}: {move.source} -> {move.target}, {move.size // MIB} MiB"
    elif plan.asked:
        yield "Nothing would move."
    if plan.new:
        yield from terminal.wrapped(f"Not on any host yet: {', '.join(plan.new)}.")
    if plan.moves or plan.new or plan.asked:
        yield ""
