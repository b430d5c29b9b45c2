# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Plan as a person reads it: the verdict, what a run would change, the budget, the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..backup.codes import NOTHING_BACKED_UP
from ..budget.model import Budget
from ..deploy.changes import Difference
from ..deploy.released_files import FileChange
from ..engine.container import Container
from ..host_prep.changes import HostChange
from ..preflight.prepare import Fitting
from ..preflight.protection import Protection
from ..preflight.ways_in import PublishedPort, WayIn
from ..problems import suggestion
from ..render import table
from ..render.terminal import PLAIN, Terminal
from ..units import cores, mib, mib_up
from .plan import CHANGES, FEASIBLE, INFEASIBLE, ContainerChange, Plan, PlannedHook, Stated

# What each impact means for those who use the service.
_IMPACTS = {
    "in place": "changed in place, no request fails",
    "reload": "its configuration is reloaded, its container goes on",
    "started": "its container is started for the first time",
    "recreated": "the container is recreated",
    "new": "a new container",
    "removed": "the container is removed, its data stays",
}
_HUES = {FEASIBLE: "good", CHANGES: "warning", INFEASIBLE: "error"}
_IMPACT_HUES = {"none": "good", "in place": "info", "reload": "info"}
_LONGEST = 60


def lines(plan: Plan, containers: Iterable[Container] = (), terminal: Terminal = PLAIN, *, everything: bool = False) -> list[str]:
    """Return a Plan that changes nothing: verdict, problems, changes, table, other findings.

    `containers` are those that run, for their states. Findings of severity info are counted only, unless `everything` is shown.
    """
    told = [*opening(plan, terminal, closing=" Nothing was changed."), *changes(plan, terminal), ""]
    if plan.budget:
        told += [*table.lines(plan.budget, containers, terminal), ""]
    else:
        told += live(containers, terminal)
    told += data(plan.data, terminal) if plan.data or everything else _unkept(plan.findings, terminal)
    told += ways_in(plan, terminal)
    return [*told, *findings((one for one in plan.findings if one.severity != "error"), terminal, everything=everything)]


def opening(plan: Plan, terminal: Terminal = PLAIN, *, closing: str = "") -> list[str]:
    """Return host and verdict, what was assumed, and each problem once."""
    told = [
        terminal.paint(f"PLAN for {plan.host}", "title"),
        terminal.paint(f"This plan is {plan.verdict}.{closing}", _HUES[plan.verdict]),
    ]
    if not plan.asked:
        told += terminal.wrapped("No host was asked: this one is imagined, and has what is declared.")
    if plan.assumed:
        told += terminal.wrapped(f"{plan.assumed}.")
    told.append("")
    told += findings(plan.problems, terminal)
    return told + _fitting(plan.fitting, terminal)


def changes(plan: Plan, terminal: Terminal = PLAIN) -> list[str]:
    """Return everything that a run would change, the host first, then the release's files and secrets, then the containers."""
    if plan.verdict == INFEASIBLE:
        return [f"Nothing was compared: {plan.uncompared}."]
    files, changed = plan.files or (), plan.changed
    told = [
        *_section(
            f"A run would make {_counted(len(plan.host_changes), 'change')} of the host",
            (_host(one, terminal) for one in plan.host_changes),
            terminal,
        ),
        *_section(f"A run would change {_counted(len(files), 'file')} of the release", (_file(one, terminal) for one in files), terminal),
        *_section(
            f"A run would write or remove {_counted(len(plan.secrets), 'file')} with secrets",
            ([f"  {path}"] for path in plan.secrets),
            terminal,
        ),
        *_section(
            f"A run would change the containers of {_counted(len(changed), 'service')}",
            (_container(one, terminal) for one in changed),
            terminal,
        ),
    ]
    told += _section(
        f"A run would run {_counted(len(plan.hooks), 'hook')}, in this order", (_hook(one, terminal) for one in plan.hooks), terminal
    )
    if plan.uncompared:
        told += terminal.wrapped(f"The containers were not compared: {plan.uncompared}.")
    elif not told:
        told.append("Nothing to change: host, files and containers are as planned.")
    waiting = [one.service for one in plan.containers or () if one.impact == "none"]
    if waiting:
        told += terminal.wrapped(f"Not healthy yet; a run waits for them: {', '.join(waiting)}.")
    return told


def live(containers: Iterable[Container], terminal: Terminal = PLAIN) -> list[str]:
    """Return what runs, where there is no budget to show it in."""
    listed = sorted(containers, key=lambda one: (one.service, one.number))
    if not listed:
        return []
    name = max(len(one.service) for one in listed)
    told = [terminal.paint(f"{_counted(len(listed), 'container')} now on the host, with memory limits:", "title")]
    for one in listed:
        limit = mib(one.limits.memory) if one.limits.memory else "none"
        state = one.state if one.state != "running" or one.health == "none" else one.health
        told.append(f"  {one.service.ljust(name)}  {limit.rjust(10)}  {terminal.paint(state, 'good' if one.is_up else 'error')}")
    return [*told, ""]


def data(places: Iterable[Protection], terminal: Terminal = PLAIN) -> list[str]:
    """Return what protects each place of data, beside what is promised: a row for each."""
    listed = list(places)
    if not listed:
        return []
    rows = [("data", "service", "how", "newest backup", "newest drilled", "came back in")]
    rows += [(one.place, one.service, one.how, one.point, one.last_drilled, one.time) for one in listed]
    # A reason for no backup is the last of its row.
    widths = [max(len(row[index]) for row in rows if index < 2 or row[3]) for index in range(len(rows[0]))]
    told = [terminal.paint(_row(rows[0], widths), "faint")]
    for row, one in zip(rows[1:], listed, strict=True):
        told.append(terminal.paint(_row(row, widths), "" if one.kept else "warning"))
        told += terminal.wrapped(f"    the last one failed: {one.failed}", "    ") if one.failed else []
    return [*told, ""]


def ways_in(plan: Plan, terminal: Terminal = PLAIN) -> list[str]:
    """Return the routes with who may enter, and which of the published ports the world reaches; nothing where there is no route."""
    if not plan.ways_in:
        return []
    told = [terminal.paint("Routes, and who may enter:", "title")]
    for way in plan.ways_in:
        told += terminal.wrapped(f"  {_way(way)}", "    ")
    for title, opened in (("Ports open to the world", True), ("Published ports closed to the world", False)):
        listed = [_port(port) for port in plan.ports if port.open is opened]
        told += terminal.wrapped(f"{title}: {', '.join(listed) or 'none'}.", "  ")
    return [*told, ""]


def _way(way: WayIn) -> str:
    login = f"; then its own login: {way.login}" if way.login else ""
    return f"{way.url} -> {way.target}: {way.who}{login}"


def _port(port: PublishedPort) -> str:
    return f"{port.published} ({port.service})"


def _unkept(found: Iterable[Stated], terminal: Terminal) -> list[str]:
    """Return the one line that says that nothing is backed up, of a severity that is otherwise only counted."""
    told = [line for one in found if one.code == NOTHING_BACKED_UP and not one.reason for line in terminal.wrapped(one.sentence())]
    return [*told, ""] if told else []


def _row(cells: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def findings(
    found: Iterable[Stated], terminal: Terminal = PLAIN, *, everything: bool = True, more: str = "plan shows them with -e plan_findings=all"
) -> list[str]:
    """Return findings by severity, each with its code and its fix.

    Those of severity info are only counted unless `everything` is shown, and `more` says how to see them.
    """
    told: list[str] = []
    listed = list(found)
    counts = Counter(one.severity for one in listed)
    for severity in dict.fromkeys(one.severity for one in listed):
        if severity == "info" and not everything:
            told += terminal.wrapped(f"INFO ({counts[severity]}): {more}")
        else:
            told.append(terminal.paint(f"{severity.upper()} ({counts[severity]})", severity))
            for one in listed:
                if one.severity == severity:
                    told += _finding(one, terminal)
        told.append("")
    return told


def definition(budget: Budget | None, found: Iterable[Stated], terminal: Terminal = PLAIN) -> list[str]:
    """Return the budget of files alone, which have no host to change, and their findings."""
    return [*([*table.lines(budget, (), terminal), ""] if budget else []), *findings(found, terminal)]


def explain(budget: Budget, name: str, terminal: Terminal = PLAIN) -> list[str]:
    """Return the arithmetic of every number of one service, each with its source. Raises `ValueError` where the stack does not have it."""
    service = budget.services.get(name)
    if service is None:
        near = suggestion(name, budget.services) if budget.services else "it has no services"
        raise ValueError(f"{name} is not a service of this stack; {near}.")
    told = [terminal.paint(f"{name}, tier {service.tier}, priority {service.priority}", "title")]
    for key, text in service.explain.items():
        first, *rest = terminal.wrapped(f"  {key} = {text}", "  ")
        told += [first.replace(key, terminal.paint(key, "info"), 1), *rest]
    return told


def _finding(finding: Stated, terminal: Terminal) -> list[str]:
    sentence = f"{finding.code} {finding.sentence()}"
    first, *rest = terminal.wrapped("\n".join(f"  {line}" for line in sentence.splitlines()), "  ")
    return [first.replace(finding.code, terminal.paint(finding.code, finding.severity), 1), *rest]


def _fitting(fitting: Fitting | None, terminal: Terminal) -> list[str]:
    if fitting is None:
        return []
    least = fitting.smallest
    disk = f", {mib_up(least.disk)} of disk" if least.disk is not None else ""
    pids = f", {least.pids} pids" if least.pids is not None else ""
    told = terminal.wrapped(
        f"The smallest host for the whole stack: {mib_up(least.memory)} of memory, {cores(least.cpus)} cores{disk}{pids}."
    )
    if fitting.leave_out:
        told += terminal.wrapped(f"To fit this one, leave out, in this order: {', '.join(fitting.leave_out)}.")
    return [*told, ""]


def _section(title: str, entries: Iterable[list[str]], terminal: Terminal) -> list[str]:
    told = [line for entry in entries for line in entry]
    return [terminal.paint(f"{title}:", "title"), *told] if told else []


def _host(change: HostChange, terminal: Terminal) -> list[str]:
    return terminal.wrapped(f"  {change.kind} {change.subject}: {_short(change.before)} -> {_short(change.after)}; {change.effect}", "  ")


def _file(change: FileChange, terminal: Terminal) -> list[str]:
    return terminal.wrapped(f"  {change.action} {change.path}", "  ")


def _container(change: ContainerChange, terminal: Terminal) -> list[str]:
    away = f"; {change.downtime or 'how long it is away, no run has measured yet'}" if change.goes_away else ""
    told = [terminal.paint(f"  {change.service}: {_IMPACTS[change.impact]}{away}", _IMPACT_HUES.get(change.impact, "warning"))]
    if change.replacement:
        told += terminal.wrapped(f"    {change.replacement}", "    ")
    # Of a new container there is nothing to compare.
    for difference in change.differences if change.impact != "new" else ():
        told += terminal.wrapped(_difference(difference), "  ")
    return told


def _hook(hook: PlannedHook, terminal: Terminal) -> list[str]:
    failure = "a failure counts" if hook.fatal else "a failure is a warning"
    return terminal.wrapped(f"  {hook.moment}: {hook.what} ({hook.path}; {hook.timeout:g} s at most; {failure})", "  ")


def _difference(difference: Difference) -> str:
    shown = _memory if difference.limit.startswith("memory") else _short
    return f"    {difference.key}: {shown(difference.live)} -> {shown(difference.desired)}"


def _memory(value: object) -> str:
    return mib(value) if isinstance(value, int) and value > 0 else "none"


def _short(value: object) -> str:
    text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
