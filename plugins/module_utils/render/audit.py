# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as a person reads it in a terminal. Memory is in MiB."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..findings.accept import fold, told
from ..findings.rule import listed
from ..observe.budget import name_of
from ..observe.model import Seen, Size
from ..observe.report import Report
from ..observe.sums import behind, open_ports
from ..units import GIB, MIB
from .terminal import PLAIN, Terminal

UNKNOWN, NONE = "?", "none"
# What fits without a terminal to measure, as in a file or a log.
_WIDTH = 100
_GAP = "  "
_NAME, _STATE = 30, 16
_FEW = 5
_SEVERITIES = ("error", "warning", "accepted", "info")


def kills(container: Seen) -> int | None:
    """Return the OOM kills of a container, at least one where the engine says that it died of one."""
    return (
        max(container.use.oom_kills or 0, int(container.oom_killed))
        if container.use.oom_kills is not None or container.oom_killed
        else None
    )


def full(container: Seen) -> str:
    """Return the use of a container as a share of its limit."""
    if container.use.working_set is None or not container.limits.memory:
        return "-"
    return f"{100 * container.use.working_set // container.limits.memory} %"


def memory(size: int | None) -> str:
    """Return bytes as whole MiB, `?` where they are unknown; what is not zero is never shown as zero."""
    return UNKNOWN if size is None else str(max(round(size / MIB), 1 if size else 0))


def size(counted: Size | None) -> str:
    """Return a counted size in MiB, with `>` where counting stopped early."""
    return UNKNOWN if counted is None else f"{'' if counted.complete else '> '}{memory(counted.bytes)}"


def gib(size: int) -> str:
    """Return bytes as GiB."""
    return f"{size / GIB:.1f}"


def large(size: int, *, complete: bool) -> str:
    """Return bytes as GiB or, below one, as MiB, with the unit, and `>` where counting stopped early."""
    return f"{'' if complete else '> '}{f'{gib(size)} GiB' if size >= GIB else f'{memory(size)} MiB'}"


def cpus(millicores: int | None) -> str:
    """Return millicores as cores."""
    return UNKNOWN if millicores is None else f"{millicores / 1000:.2f}"


def share(part: float | None) -> str:
    """Return a share in percent."""
    return UNKNOWN if part is None else f"{100 * part:.0f} %"


def count(number: int | None) -> str:
    """Return a count."""
    return UNKNOWN if number is None else str(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """One figure of a container; the larger `spare`, the sooner a narrow terminal does without it."""

    heading: str
    cell: Callable[[Seen], str]
    spare: int = 0


_COLUMNS = (
    _Column(heading="use", cell=lambda container: memory(container.use.working_set)),
    _Column(heading="limit", cell=lambda container: memory(container.limits.memory) if container.limits.memory else NONE),
    _Column(heading="peak", cell=lambda container: memory(container.use.memory_peak)),
    _Column(heading="full", cell=full),
    _Column(heading="kills", cell=lambda container: count(kills(container))),
    _Column(heading="at limit", cell=lambda container: count(container.use.memory_at_limit), spare=4),
    _Column(heading="cpu", cell=lambda container: cpus(container.use.cpu)),
    _Column(heading="throttled", cell=lambda container: share(container.use.throttled_share), spare=3),
    _Column(heading="pids", cell=lambda container: count(container.use.pids), spare=1),
    _Column(heading="of", cell=lambda container: count(container.limits.pids) if container.limits.pids else NONE, spare=2),
    _Column(heading="restarts", cell=lambda container: count(container.restarts), spare=5),
)


def figure(container: Seen, text: str) -> str:
    """Return a figure of a container as it is shown; one that does not run uses nothing, which is not unknown."""
    return "-" if text == UNKNOWN and not container.running else text


def lines(report: Report, terminal: Terminal = PLAIN) -> list[str]:
    """Return the whole report as lines that fit the terminal."""
    width = terminal.width or _WIDTH
    parts = (
        _head(report, terminal),
        _sums(report, terminal, width),
        _containers(report, terminal, width),
        _ports(report, terminal),
        _deaths(report, terminal, width),
        _disk(report, terminal),
        _offer(report, terminal),
        _findings(report, terminal),
        _unknown(report, terminal),
    )
    told_lines: list[str] = []
    for part in parts:
        found = list(part)
        told_lines += [*found, ""] if found else []
    return told_lines[:-1]


def _head(report: Report, terminal: Terminal) -> Iterator[str]:
    audit, engine = report.audit, report.audit.engine
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(audit.when))
    watched = f", watched for {audit.watched:g} s" if audit.watched else ""
    yield terminal.paint(f"AUDIT of {audit.machine.hostname}, {when}. Nothing was changed.", "title")
    yield from terminal.wrapped(
        f"Docker Engine {engine.version} at {engine.socket}{', rootless' if engine.rootless else ''}; cgroup v{audit.machine.cgroup_version}; "
        f"Linux {audit.machine.kernel}; looked for {audit.took:.1f} s{watched}{'' if audit.machine.root else ', without root'}"
    )


def _sums(report: Report, terminal: Terminal, width: int) -> Iterator[str]:
    total = report.sums
    size = max(total.memory, 1)
    wide = min(60, width - 2)
    elsewhere = min(wide, wide * total.elsewhere // size)
    used = min(wide - elsewhere, wide * total.used // size)
    possible = min(wide - elsewhere, max(wide * total.possible // size, used))
    yield terminal.paint("MEMORY", "title")
    drawn = terminal.paint("█" * used, "good") + terminal.paint("▒" * (possible - used), "warning" if _over(report) else "info")
    yield f"[{drawn}{'░' * (wide - elsewhere - possible)}{terminal.paint('▓' * elsewhere, 'faint')}]"
    yield from terminal.wrapped(
        f"█ containers use {memory(total.used)}   ▒ and may use up to {memory(total.possible)}   ▓ the rest of the host uses {memory(total.elsewhere)}   "
        f"of {memory(total.memory)} MiB, {memory(total.available)} available"
    )
    unlimited = f"; {total.unlimited} without a limit use {memory(total.used_unlimited)} and may take everything" if total.unlimited else ""
    yield from terminal.wrapped(
        f"{total.limited} of {total.containers} running containers have a limit, {memory(total.limits)} together, "
        f"{100 * total.limits / size:.0f} % of the host{unlimited}"
    )
    swap = report.audit.machine
    parts = [
        f"cpu: {cpus(total.cpu_used)} of {cpus(total.cpus)} cores in use",
        f"{total.pids} pids",
        f"swap {memory(swap.swap - swap.swap_free)} of {memory(swap.swap)} in use" if swap.swap else "no swap",
    ]
    parts += [f"{kind} pressure {100 * stalled:.0f} %" for kind, stalled in sorted(swap.pressure.items())]
    yield from terminal.wrapped("; ".join(parts))


def _over(report: Report) -> bool:
    return report.sums.possible + report.sums.elsewhere > report.sums.memory


def _containers(report: Report, terminal: Terminal, width: int) -> Iterator[str]:
    if not report.audit.containers:
        yield "There are no containers."
        return
    name_width = min(_NAME, max(len(container.title) + 2 for container in report.audit.containers))
    columns = _fitting(report.audit.containers, name_width, width)
    widths = [
        max(len(column.heading), *(len(figure(container, column.cell(container))) for container in report.audit.containers))
        for column in columns
    ]
    heading = _GAP.join(column.heading.rjust(wide) for column, wide in zip(columns, widths, strict=True))
    yield terminal.paint(f"{'container'.ljust(name_width)}{_GAP}{heading}{_GAP}state", "faint")
    for project, those in by_project(report.audit.containers):
        yield terminal.paint(project or "no Compose project", "title")
        for container in those:
            cells = _GAP.join(figure(container, column.cell(container)).rjust(wide) for column, wide in zip(columns, widths, strict=True))
            word, hue = state(container)
            name = f"  {_cut(container.title, name_width - 2)}".ljust(name_width)
            yield f"{name}{_GAP}{cells}{_GAP}{terminal.paint(_cut(word, _STATE), hue)}"
    yield from _watched(report, terminal)


def _watched(report: Report, terminal: Terminal) -> Iterator[str]:
    windows = [(container, container.window) for container in report.audit.containers if container.window]
    if not windows:
        return
    yield ""
    yield terminal.paint(f"WATCHED for {report.audit.watched:g} s: median, 95th percentile, maximum", "title")
    width = max(len(container.title) for container, _window in windows)
    yield terminal.paint(f"  {'container'.ljust(width)}  {'memory':>20}  {'cpu':>17}  samples", "faint")
    for container, window in windows:
        use, cpu = window.working_set, window.cpu
        memories = " ".join(f"{memory(size):>6}" for size in (use.p50, use.p95, use.most)) if use else UNKNOWN
        cores = " ".join(f"{cpus(size):>5}" for size in (cpu.p50, cpu.p95, cpu.most)) if cpu else UNKNOWN
        yield f"  {container.title.ljust(width)}  {memories:>20}  {cores:>17}  {window.samples:>7}{' restarted' if window.restarted else ''}"


def by_project(containers: Sequence[Seen]) -> Iterator[tuple[str, list[Seen]]]:
    """Yield each Compose project with its containers, the largest first; those of no project come last, under the empty name."""
    for project in sorted({container.project for container in containers}, key=lambda name: (not name, name)):
        yield project, sorted((container for container in containers if container.project == project), key=_by_use)


def _by_use(container: Seen) -> tuple[bool, int, str]:
    return not container.running, -(container.use.working_set or 0), container.name


def _fitting(containers: Sequence[Seen], name_width: int, width: int) -> list[_Column]:
    """Return the columns that fit beside name and state."""
    columns = list(_COLUMNS)

    def wide() -> int:
        cells = [
            max(len(column.heading), *(len(figure(container, column.cell(container))) for container in containers)) for column in columns
        ]
        return name_width + sum(cells) + len(_GAP) * (len(cells) + 1) + _STATE

    while wide() > width and any(column.spare for column in columns):
        columns.remove(max(columns, key=lambda column: column.spare))
    return columns


def _ports(report: Report, terminal: Terminal) -> Iterator[str]:
    found = list(open_ports(report.audit))
    if not found:
        return
    yield terminal.paint("PUBLISHED PORTS", "title")
    for who, hue in (("everyone", "warning"), ("private network", "info"), ("this host", "good")):
        ports = [f"{container.title} {port.address}:{port.port}/{port.protocol}" for container, port, reached in found if reached == who]
        if ports:
            first, *rest = terminal.wrapped(f"  {who}: {', '.join(ports)}", "  ")
            yield first.replace(who, terminal.paint(who, hue), 1)
            yield from rest
    if any(reached == "everyone" for _container, _port, reached in found):
        yield from terminal.wrapped(f"  {behind(report.audit.machine)}", "  ")


def _deaths(report: Report, terminal: Terminal, width: int) -> Iterator[str]:
    if not report.deaths:
        return
    yield terminal.paint("OOM KILL ORDER when the host runs out of memory", "title")
    yield from terminal.wrapped("  badness = thousandths of all memory + oom_score_adj; container, process", "  ")
    for position, death in enumerate(report.deaths[:_FEW], 1):
        victim = death.victim
        sign = "+" if victim.adjustment >= 0 else "-"
        yield _cut(
            f"  {position}. {victim.badness:>5} = {victim.badness - victim.adjustment} ({memory(victim.resident)} MiB) {sign} {abs(victim.adjustment)}  "
            f"{death.owner or 'the host'}, {victim.process}",
            width,
        )


def _disk(report: Report, terminal: Terminal) -> Iterator[str]:
    engine = report.audit.engine
    yield terminal.paint("DISK", "title")
    free = (
        "unknown"
        if engine.disk_free is None or engine.disk_size is None
        else f"{gib(engine.disk_free)} of {gib(engine.disk_size)} GiB free"
    )
    yield from terminal.wrapped(f"  {engine.disk_mount}, where {engine.root} lies: {free}", "  ")
    for room in [room for room in report.fills if room.bytes >= MIB or not room.complete][:_FEW]:
        yield from terminal.wrapped(f"  {large(room.bytes, complete=room.complete):>11}  {room.what}", "  ")


def _offer(report: Report, terminal: Terminal) -> Iterator[str]:
    offer = report.offer
    if offer.problems:
        yield terminal.paint("A BUDGET of all of it cannot be kept", "title")
        for problem in offer.problems:
            yield from terminal.wrapped(f"  {problem}", "  ")
        return
    if not offer.budget:
        return
    budget = offer.budget
    live = {name_of(report.audit, container): container for container in report.audit.containers}
    yield terminal.paint("WHAT EACH WOULD GET from a budget of all of it", "title")
    yield from terminal.wrapped(
        f"  pool {memory(budget['pool']['memory'])} MiB = {memory(budget['capacity']['memory'])} - {memory(budget['reserve']['memory'])} for the OS; "
        f"limits {memory(budget['totals']['all']['memory']['limit'])}; a floor is what was seen + 15 %, or what its image is known to need",
        "  ",
    )
    width = min(_NAME, max(len(name) for name in budget["services"]))
    yield terminal.paint(f"  {'service'.ljust(width)}  {'use':>6}  {'floor':>6}  {'limit':>6}  {'now':>6}", "faint")
    for name, service in sorted(budget["services"].items(), key=lambda item: (-item[1]["memory"]["limit"], item[0])):
        container = live.get(name)
        now = (memory(container.limits.memory) if container.limits.memory else NONE) if container else UNKNOWN
        times = f" x {service['replicas']}" if service.get("replicas", 1) != 1 else ""
        figures = (
            memory(container.use.working_set if container else None),
            memory(service["memory"]["floor"]),
            memory(service["memory"]["limit"]),
            now,
        )
        yield f"  {_cut(name, width).ljust(width)}  {'  '.join(figure.rjust(6) for figure in figures)}{times}"


def _findings(report: Report, terminal: Terminal) -> Iterator[str]:
    """Yield what was found: all about what runs, then of what definitions say the first of each code with the others' paths."""
    found = fold(report.findings)
    for severity in _SEVERITIES:
        by_code: dict[str, list[dict[str, Any]]] = {}
        for plain in found:
            if plain["severity"] == severity:
                by_code.setdefault(plain["code"], []).append(plain)
        if by_code:
            yield terminal.paint(
                f"{severity.upper()} ({sum(len(paths(plain)) for group in by_code.values() for plain in group)})", severity
            )
        for code, group in sorted(by_code.items(), key=lambda item: not item[0].startswith("ZA")):
            shown = group if code.startswith("ZA") else group[:1]
            for plain in shown:
                first, *rest = terminal.wrapped(f"  {told(plain)}", "  ")
                yield first.replace(code, terminal.paint(code, severity), 1)
                yield from rest
            others = [path for plain in group[len(shown) :] for path in paths(plain)]
            if others:
                yield from terminal.wrapped(f"    {code} also: {listed(others)}", "    ")


def paths(plain: Mapping[str, Any]) -> list[str]:
    """Return all paths of a folded finding."""
    return list(plain.get("paths", [plain["path"]]))


def _unknown(report: Report, terminal: Terminal) -> Iterator[str]:
    if report.unknown:
        yield terminal.paint("UNKNOWN", "title")
    for sentence in report.unknown:
        yield from terminal.wrapped(f"  {sentence}", "  ")


def state(container: Seen) -> tuple[str, str]:
    """Return a container's state in a word or two, and its hue."""
    if container.state in ("exited", "dead"):
        killed = ", OOM" if container.oom_killed else ""
        return f"{container.state} {container.exit_code}{killed}", "error" if killed else "faint" if container.exit_code == 0 else "warning"
    if container.state != "running":
        return container.state, "error" if container.state == "restarting" else "faint"
    if container.health in ("none", ""):
        return "running", ""
    return container.health, {"healthy": "good", "unhealthy": "error"}.get(container.health, "warning")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
