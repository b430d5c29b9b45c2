# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page of an audit shows: its verdict, key figures, tables and findings, as texts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...findings.accept import fold
from ...observe.budget import name_of
from ...observe.model import Seen
from ...observe.report import Report
from ...observe.sums import behind, open_ports
from ...units import MIB
from .. import audit as text
from .figures import counted, percent, position
from .verdict import Verdict
from .view import by_severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column's heading, its meaning where the heading is short, and whether it holds figures."""

    heading: str
    meaning: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section: a table whose rows come in named groups, and sentences below it; `wide` where it takes the whole page."""

    key: str
    heading: str
    lead: str = ""
    columns: tuple[Column, ...] = ()
    groups: tuple[tuple[str, tuple[tuple[object, ...], ...]], ...] = ()
    sentences: tuple[str, ...] = ()
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One part of the host's memory: where it starts and how long it is, as shares of the width; `fill` names a colour."""

    words: str
    fill: str
    start: str
    length: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditView:
    """All that the page shows."""

    title: str
    subtitle: str
    verdict: Verdict
    containers: str
    figures: tuple[tuple[str, str, str], ...]
    bars: tuple[Bar, ...]
    sections: tuple[Section, ...]
    findings: Mapping[str, list[Mapping[str, Any]]]

    @classmethod
    def of(cls, report: Report, *, title: str) -> AuditView:
        """Work it out of a report."""
        audit = report.audit
        when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(audit.when))
        return cls(
            title=title,
            subtitle=f"{when}, Docker Engine {audit.engine.version}, cgroup v{audit.machine.cgroup_version}, Linux {audit.machine.kernel}",
            verdict=_verdict(report),
            containers=counted(len(audit.containers), "container"),
            figures=tuple(_figures(report)),
            bars=tuple(_bars(report)),
            sections=tuple(_sections(report)),
            findings=by_severity(fold(report.findings)),
        )


def amount(size: int) -> str:
    """Return bytes in whole MiB, with the unit."""
    return f"{round(size / MIB):,}\u00a0MiB"


_Cell = Callable[[Seen], str]
_COLUMNS: tuple[tuple[str, str, _Cell], ...] = (
    ("use", "working set: memory without the page cache that the kernel can drop", lambda seen: text.memory(seen.use.working_set)),
    ("limit", "the memory limit that the engine holds", lambda seen: text.memory(seen.limits.memory) if seen.limits.memory else text.NONE),
    ("peak", "the most since it was started, with page cache", lambda seen: text.memory(seen.use.memory_peak)),
    ("full", "use of limit", text.full),
    ("kills", "OOM kills since it was started", lambda seen: text.count(text.kills(seen))),
    ("at limit", "how often it was at its memory limit", lambda seen: text.count(seen.use.memory_at_limit)),
    ("cpu", "cores in use while the audit looked", lambda seen: text.cpus(seen.use.cpu)),
    ("mean", "cores in use since it was started", lambda seen: text.cpus(seen.use.cpu_average)),
    ("throttled", "periods in which its quota stopped it", lambda seen: text.share(seen.use.throttled_share)),
    (
        "stalled",
        "share of the last minute in which it waited for memory (PSI)",
        lambda seen: text.share((seen.use.pressure or {}).get("memory")),
    ),
    ("pids", "processes and threads", lambda seen: text.count(seen.use.pids)),
    ("of", "the limit of processes and threads", lambda seen: text.count(seen.limits.pids) if seen.limits.pids else text.NONE),
    ("restarts", "by the engine, since it was created", lambda seen: text.count(seen.restarts)),
    ("log", "size of its log in MiB", lambda seen: text.size(seen.log)),
    ("layer", "what it wrote into its own layer, in MiB", lambda seen: text.size(seen.writable)),
)


def _verdict(report: Report) -> Verdict:
    found = by_severity(finding.to_dict() for finding in report.findings)
    total = report.sums
    can = f"can take all {amount(total.memory)}" if total.unlimited else f"can take {amount(total.possible)} of {amount(total.memory)}"
    sentence = (
        f"{counted(total.containers, 'running container')} {can} and {'uses' if total.containers == 1 else 'use'} {amount(total.used)} now."
    )
    if found["error"]:
        first = found["error"][0]
        return Verdict("bad", counted(len(found["error"]), "error"), f"{sentence} {first['path']}: {first['message']}.")
    if found["warning"]:
        return Verdict("fair", counted(len(found["warning"]), "warning"), sentence)
    return Verdict("good", "No errors or warnings", sentence)


def _figures(report: Report) -> Iterator[tuple[str, str, str]]:
    total, machine = report.sums, report.audit.machine
    yield "Memory", amount(total.memory), f"{amount(total.available)} available"
    yield "Containers use", amount(total.used), f"{percent(total.used, total.memory)} of the host"
    yield "Limits", amount(total.limits), f"{counted(total.limited, 'container')}, {percent(total.limits, total.memory)} of the host"
    yield "Without a limit", f"{total.unlimited:,}", f"use {amount(total.used_unlimited)}"
    yield "CPU", f"{text.cpus(total.cpu_used)} cores", f"of {text.cpus(total.cpus)} in use"
    yield "Swap", amount(machine.swap - machine.swap_free), f"of {amount(machine.swap)} in use"


def _bars(report: Report) -> Iterator[Bar]:
    total = report.sums
    whole = max(total.memory, 1)
    room = max(0, whole - total.elsewhere)
    used, possible = min(total.used, room), min(total.possible, room)
    yield Bar(words=f"containers use {amount(total.used)}", fill="other", start=position(0, whole), length=position(used, whole))
    more = max(0, possible - used)
    yield Bar(words=f"and may use {amount(total.possible)}", fill="other-soft", start=position(used, whole), length=position(more, whole))
    start = position(whole - total.elsewhere, whole)
    yield Bar(
        words=f"the rest of the host uses {amount(total.elsewhere)}", fill="quiet", start=start, length=position(total.elsewhere, whole)
    )


def _sections(report: Report) -> Iterator[Section]:
    if report.audit.containers:
        yield _containers(report)
    windows = tuple(_watched(report))
    if windows:
        lead = f"Samples over {report.audit.watched:g} seconds: median, 95th percentile, maximum."
        heads = ("container", "MiB, median", "95 %", "maximum", "cores, median", "95 %", "maximum", "samples")
        yield _plain("watched", "Watched", lead, heads, windows)
    ports = [
        (container.name, f"{port.address}:{port.port}/{port.protocol}", port.target, reached)
        for container, port, reached in open_ports(report.audit)
    ]
    if ports:
        yield _plain(
            "ports",
            "Published ports",
            f"By address alone; {behind(report.audit.machine)}.",
            ("container", "address", "inside", "reach"),
            ports,
            0,
        )
    if report.deaths:
        lead = "When the host runs out of memory, the kernel kills the process with the highest badness: thousandths of all memory, plus oom_score_adj."
        rows = [
            (
                death.owner or "the host",
                death.victim.process,
                death.victim.badness,
                text.memory(death.victim.resident),
                death.victim.adjustment,
            )
            for death in report.deaths
        ]
        yield _plain("order", "OOM kill order", lead, ("container", "process", "badness", "MiB", "adjustment"), rows, 3)
    yield _disk(report)
    if report.offer.budget or report.offer.problems:
        yield _offer(report)
    if report.unknown:
        yield Section(key="unknown", heading="What could not be seen", sentences=report.unknown)


def _containers(report: Report) -> Section:
    columns = [Column(heading=heading, meaning=meaning, number=True) for heading, meaning, _cell in _COLUMNS]
    return Section(
        key="containers",
        heading="Containers",
        lead="By project, the largest first. MiB and cores; point at a heading for its meaning.",
        columns=(Column(heading="Container"), *columns, Column(heading="State")),
        groups=tuple(
            (
                project or "no Compose project",
                tuple(
                    (
                        container.title,
                        *(text.figure(container, cell(container)) for _heading, _meaning, cell in _COLUMNS),
                        text.state(container)[0],
                    )
                    for container in those
                ),
            )
            for project, those in text.by_project(report.audit.containers)
        ),
        wide=True,
    )


def _watched(report: Report) -> Iterator[tuple[object, ...]]:
    for container in report.audit.containers:
        window = container.window
        if window is not None:
            use, cpu = window.working_set, window.cpu
            memories = [text.memory(size) for size in (use.p50, use.p95, use.most)] if use else [text.UNKNOWN] * 3
            cores = [text.cpus(size) for size in (cpu.p50, cpu.p95, cpu.most)] if cpu else [text.UNKNOWN] * 3
            yield container.name, *memories, *cores, window.samples


def _disk(report: Report) -> Section:
    engine = report.audit.engine
    room = "unknown"
    if engine.disk_free is not None and engine.disk_size is not None:
        room = f"{text.gib(engine.disk_free)} of {text.gib(engine.disk_size)} GiB free"
    rows = [(room.what, text.large(room.bytes, complete=room.complete)) for room in report.fills]
    return _plain("disk", "Disk", f"{engine.disk_mount}, where {engine.root} lies: {room}.", ("what", "size"), rows)


def _offer(report: Report) -> Section:
    heading, offer = "What each would get", report.offer
    if offer.problems:
        return Section(key="budget", heading=heading, lead="A budget of all of it cannot be kept.", sentences=offer.problems)
    live = {name_of(report.audit, container): container for container in report.audit.containers}
    rows = []
    for name, service in sorted(offer.budget["services"].items(), key=lambda item: (-item[1]["memory"]["limit"], item[0])):
        container = live.get(name)
        now = (text.memory(container.limits.memory) if container.limits.memory else text.NONE) if container else text.UNKNOWN
        use = text.memory(container.use.working_set if container else None)
        rows.append((name, use, text.memory(service["memory"]["floor"]), text.memory(service["memory"]["limit"]), now))
    lead = "All services of this engine in one budget, in MiB. A floor is what was seen and 15 % more, or what the image is known to need."
    return _plain("budget", heading, lead, ("service", "use", "floor", "would get", "limit now"), rows)


def _plain(
    key: str, heading: str, lead: str, heads: tuple[str, ...], rows: Iterable[tuple[object, ...]], numbers: int | None = None
) -> Section:
    """Return a section of one table, whose last columns (all but the first without `numbers`) hold figures."""
    right = len(heads) - 1 if numbers is None else numbers
    columns = tuple(Column(heading=head, number=place >= len(heads) - right) for place, head in enumerate(heads))
    return Section(key=key, heading=heading, lead=lead, columns=columns, groups=(("", tuple(rows)),))
