# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The budget as a table that a person reads in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..budget.model import Budget, Share, Total
from ..engine.container import Container
from ..tiers import TIERS
from ..units import GIB, MIB, cores
from .terminal import PLAIN, Terminal

_BAR = 60
_GAP = "  "
_UNLIMITED = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """One figure. `cell` makes it of a service and the budget, `total` of a sum; the larger `spare`, the sooner it goes."""

    heading: str
    cell: Callable[[Share, Budget], str]
    total: Callable[[Total, Budget], str] = lambda _total, _budget: ""
    spare: int = 0


_COLUMNS = (
    _Column(
        heading="floor",
        cell=lambda service, _budget: _mib(service.memory.floor),
        total=lambda total, _budget: _mib(total.memory.floor),
    ),
    _Column(
        heading="reserved",
        cell=lambda service, _budget: _mib(service.memory.reservation),
        total=lambda total, _budget: _mib(total.memory.reservation),
    ),
    _Column(
        heading="limit",
        cell=lambda service, _budget: _mib(service.memory.limit),
        total=lambda total, _budget: _mib(total.memory.limit),
    ),
    _Column(
        heading="asked",
        cell=lambda service, _budget: _mib(service.memory.asked),
        total=lambda total, _budget: _mib(total.memory.asked),
        spare=1,
    ),
    _Column(
        heading="of pool",
        cell=lambda service, budget: _share(service.memory.limit, budget),
        total=lambda total, budget: _share(total.memory.limit, budget),
        spare=2,
    ),
    _Column(
        heading="cpus",
        cell=lambda service, _budget: cores(service.cpus.reservation),
        total=lambda total, _budget: cores(total.cpus.reservation),
        spare=3,
    ),
    _Column(heading="shares", cell=lambda service, _budget: str(service.cpus.shares), spare=7),
    _Column(heading="quota", cell=lambda service, _budget: cores(service.cpus.quota) if service.cpus.quota else "-", spare=6),
    _Column(heading="pids", cell=lambda service, _budget: str(service.pids), total=lambda total, _budget: str(total.pids), spare=4),
    _Column(heading="io", cell=lambda service, _budget: str(service.io.weight), spare=8),
    _Column(heading="disk", cell=lambda service, _budget: _disk(service.disk), total=lambda total, _budget: _disk(total.disk), spare=5),
)


def lines(budget: Budget, containers: Iterable[Container] = (), terminal: Terminal = PLAIN) -> list[str]:
    """Return the table: the pool, a row for each service by tier, totals, and what else is counted. Memory is in MiB.

    Without `containers` the state says whether a service is on or off.
    """
    return [*pool(budget, terminal), "", *services(budget, containers, terminal), "", *others(budget)]


def pool(budget: Budget, terminal: Terminal = PLAIN) -> list[str]:
    """Return the pool as a bar and as a sum."""
    total, size = budget.total.memory, budget.pool.memory
    wide = _BAR if terminal.width is None else max(20, terminal.width - 2)
    reserved = wide * total.reservation // size if size else 0
    limit = wide * total.limit // size if size else 0
    drawn = terminal.paint("█" * reserved, "good") + terminal.paint("▒" * (limit - reserved), "info") + "░" * (wide - limit)
    return [
        *terminal.wrapped(
            f"pool {_mib(size)} MiB = capacity {_mib(budget.capacity.memory)} MiB - reserve {_mib(budget.reserve.memory)} MiB for the OS; "
            f"{cores(budget.pool.cpus)} of {cores(budget.capacity.cpus)} cores"
        ),
        f"[{drawn}]",
        *terminal.wrapped(
            f"█ reserved {_mib(total.reservation)}   ▒ up to the limits {_mib(total.limit)}   "
            f"░ left {_mib(size - total.limit)}, of which {_mib(budget.margin)} is the unallocated safety margin"
            + (f" and {_mib(budget.surge)} is kept as surge" if budget.surge else "")
        ),
        *(line for sentence in jobs(budget) for line in terminal.wrapped(sentence)),
    ]


def jobs(budget: Budget) -> list[str]:
    """Return which jobs the surge has room for, and for which there is none."""
    held, others = (", ".join(f"{job.name} {_mib(job.memory)}" for job in budget.jobs if job.held is whether) for whether in (True, False))
    return [
        *([f"surge: room for one at a time of {held}"] if held else []),
        *([f"no room beside the services for {others}"] if others else []),
    ]


def services(budget: Budget, containers: Iterable[Container] = (), terminal: Terminal = PLAIN) -> list[str]:
    """Return a row for each service by tier, and totals; a narrow terminal has fewer columns, and states are always whole."""
    live: dict[str, Container] = {}
    for container in containers:
        # Of several containers of a service, the state of the one that is worst off.
        if container.service not in live or not container.is_up:
            live[container.service] = container
    everything, tiers = budget.total, budget.tiers
    columns = [column for column in _COLUMNS if column.heading != "disk" or everything.disk]
    rows = [_Row(name="service", cells=[column.heading for column in columns], state="state", hue="faint")]
    for tier in TIERS:
        names = sorted(name for name, service in budget.services.items() if service.tier == tier)
        if names:
            rows.append(_Row(name=tier.upper(), cells=_totals(columns, tiers[tier], budget), hue="title"))
        rows += [_service(name, columns, budget, live.get(name)) for name in names]
    rows.append(_Row(name="ALL", cells=_totals(columns, everything, budget), hue="title"))
    return _aligned(columns, rows, terminal)


def others(budget: Budget) -> list[str]:
    """Return what is counted besides memory, each beside what there is of it where that is known."""
    total, capacity = budget.total, budget.capacity
    reserved, shared = total.cpus.reservation, budget.pool.cpus
    told = [
        (
            f"cpus: {cores(reserved)} reserved of {cores(shared)} ({100 * reserved / shared:.1f} %), "
            f"{cores(max(0, shared - reserved))} shared by weight; limits {cores(total.cpus.limit)}"
        )
    ]
    for taken in budget.disks:
        where = "disk" if taken.disk.name == "disk" else f"disk {taken.disk.name}"
        figures = (("volumes", taken.volumes), ("images", taken.images), ("logs", taken.logs))
        parts = ", ".join(f"{part} {_gib(size)}" for part, size in figures if size)
        system = f", {_gib(taken.reserve)} for the OS" if taken.reserve else ""
        told.append(f"{where}: {_gib(taken.disk.size)} = {parts or 'nothing'}{system}, {_gib(taken.left)} left")
    if not budget.disks and total.disk:
        told.append(
            f"disk: volumes {_gib(total.disk)}, images {_gib(budget.images)}, logs {_gib(budget.logs)}; the size of the disk is unknown"
        )
    counted = (
        f"{total.pids} pids{_of(capacity.pids, budget.reserve.pids)}, {total.files} open files{_of(capacity.files, budget.reserve.files)}"
    )
    swap = f"swap {_mib(total.swap)} MiB" + ("" if capacity.swap is None else f" of {_mib(capacity.swap)}") if total.swap else "no swap"
    return [*told, f"at most {counted}; {swap}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    name: str
    cells: list[str]
    state: str = ""
    hue: str = ""
    state_hue: str = ""


def _service(name: str, columns: Iterable[_Column], budget: Budget, container: Container | None) -> _Row:
    service = budget.services[name]
    state, hue = _state(service, container)
    if container and container.stand_in:
        state += ", stand-in"
    cells = [column.cell(service, budget) for column in columns]
    times = f" x {service.replicas}" if service.replicas != 1 else ""
    return _Row(name=f"  {name}{times}", cells=cells, state=state, hue="" if service.enabled else "faint", state_hue=hue)


def _state(service: Share, container: Container | None) -> tuple[str, str]:
    """Return the state and its hue."""
    if not service.enabled:
        return f"off: set {', '.join(service.requires)}", "faint"
    if container is None:
        return "on", ""
    if container.state != "running":
        return container.state, "error"
    if container.health == "none":
        return "running", ""
    return container.health, {"healthy": "good", "starting": "warning"}.get(container.health, "error")


def _totals(columns: list[_Column], total: Total, budget: Budget) -> list[str]:
    return [column.total(total, budget) for column in columns]


def _aligned(columns: list[_Column], rows: list[_Row], terminal: Terminal) -> list[str]:
    name = max(len(row.name) for row in rows)
    widths = [max(len(row.cells[index]) for row in rows) for index in range(len(columns))]
    least = max(_least(row.state) for row in rows)
    kept = _kept(columns, widths, name + len(_GAP) + least, terminal.width)
    taken = name + sum(len(_GAP) + widths[index] for index in kept) + len(_GAP)
    drawn = []
    for row in rows:
        head = _GAP.join([row.name.ljust(name), *(row.cells[index].rjust(widths[index]) for index in kept)])
        state = _folded(row.state, None if terminal.width is None else max(terminal.width - taken, least))
        if state:
            drawn.append(terminal.paint(head, row.hue) + _GAP + terminal.paint(state[0], row.state_hue or row.hue))
            drawn += [" " * taken + terminal.paint(more, row.state_hue or row.hue) for more in state[1:]]
        else:
            drawn.append(terminal.paint(head.rstrip(), row.hue))
    return drawn


def _least(state: str) -> int:
    """Return the room that a state needs: one that lists what is missing goes on below, any other is on one line."""
    return max(map(len, state.split()), default=0) if ": " in state else len(state)


def _folded(state: str, room: int | None) -> list[str]:
    if room is None:
        return [state] if state else []
    return textwrap.wrap(state, room, break_long_words=False, break_on_hyphens=False)


def _kept(columns: list[_Column], widths: list[int], beside: int, room: int | None) -> list[int]:
    """Return the columns that fit beside what takes so many characters."""
    kept = list(range(len(columns)))
    while room is not None and beside + sum(len(_GAP) + widths[index] for index in kept) > room:
        most = max(kept, key=lambda index: columns[index].spare)
        if not columns[most].spare:
            break
        kept.remove(most)
    return kept


def _mib(size: int) -> str:
    return str(size // MIB)


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB"


def _disk(size: int) -> str:
    """Return bytes of disk in Docker's grammar, whole; nothing where there are none."""
    if not size:
        return "-"
    return f"{size // GIB}g" if size >= 10 * GIB or size % GIB == 0 else f"{size // MIB}m"


def _share(size: int, budget: Budget) -> str:
    pool_size = budget.pool.memory
    return f"{100 * size / pool_size:.1f} %" if pool_size else "-"


def _of(capacity: int | None, reserve: int) -> str:
    """Return how many there are; the figure of a kernel that does not limit them says nothing."""
    return "" if capacity is None or capacity >= _UNLIMITED else f" of {capacity - reserve}"
