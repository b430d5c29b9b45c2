# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The budget as a table that a person reads in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.units import GIB, MIB, cores
from .terminal import PLAIN, Terminal

TIERS = ("critical", "workflow", "management")

_BAR = 60
_GAP = "  "
# The narrowest that a state is cut to.
_STATE = 9
_UNLIMITED = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """One figure. `cell` makes it of a service and the budget, `total` of a sum; the larger `spare`, the sooner it goes."""

    heading: str
    cell: Callable[[Mapping[str, Any], Mapping[str, Any]], str]
    total: Callable[[Mapping[str, Any], Mapping[str, Any]], str] = lambda _total, _budget: ""
    spare: int = 0


_COLUMNS = (
    _Column(
        heading="floor",
        cell=lambda service, _budget: _mib(service["memory"]["floor"]),
        total=lambda total, _budget: _mib(total["memory"]["floor"]),
    ),
    _Column(
        heading="reserved",
        cell=lambda service, _budget: _mib(service["memory"]["reservation"]),
        total=lambda total, _budget: _mib(total["memory"]["reservation"]),
    ),
    _Column(
        heading="limit",
        cell=lambda service, _budget: _mib(service["memory"]["limit"]),
        total=lambda total, _budget: _mib(total["memory"]["limit"]),
    ),
    _Column(
        heading="asked",
        cell=lambda service, _budget: _mib(service["memory"]["asked"]),
        total=lambda total, _budget: _mib(total["memory"]["asked"]),
        spare=1,
    ),
    _Column(
        heading="of pool",
        cell=lambda service, budget: _share(service["memory"]["limit"], budget),
        total=lambda total, budget: _share(total["memory"]["limit"], budget),
        spare=2,
    ),
    _Column(
        heading="cpus",
        cell=lambda service, _budget: cores(service["cpus"]["reservation"]),
        total=lambda total, _budget: cores(total["cpus"]["reservation"]),
        spare=3,
    ),
    _Column(heading="shares", cell=lambda service, _budget: str(service["cpus"]["shares"]), spare=7),
    _Column(heading="quota", cell=lambda service, _budget: cores(service["cpus"]["quota"]) if service["cpus"]["quota"] else "-", spare=6),
    _Column(heading="pids", cell=lambda service, _budget: str(service["pids"]), total=lambda total, _budget: str(total["pids"]), spare=4),
    _Column(heading="io", cell=lambda service, _budget: str(service["io"]["weight"]), spare=8),
    _Column(
        heading="disk", cell=lambda service, _budget: _disk(service["disk"]), total=lambda total, _budget: _disk(total["disk"]), spare=5
    ),
)


def lines(budget: Mapping[str, Any], containers: Iterable[Mapping[str, Any]] = (), terminal: Terminal = PLAIN) -> list[str]:
    """Return the table: the pool, a row for each service by tier, totals, and what else is counted. Memory is in MiB.

    `containers` are described ones (`stack_info`); without them the state says whether a service is on or off.
    """
    return [*pool(budget, terminal), "", *services(budget, containers, terminal), "", *others(budget)]


def pool(budget: Mapping[str, Any], terminal: Terminal = PLAIN) -> list[str]:
    """Return the pool as a bar and as a sum."""
    total = budget["totals"]["all"]["memory"]
    capacity, reserve = budget["capacity"]["memory"], budget["reserve"]["memory"]
    margin, size = budget["margin"]["memory"], budget["pool"]["memory"]
    wide = _BAR if terminal.width is None else max(20, terminal.width - 2)
    reserved = wide * total["reservation"] // size if size else 0
    limit = wide * total["limit"] // size if size else 0
    drawn = terminal.paint("█" * reserved, "good") + terminal.paint("▒" * (limit - reserved), "info") + "░" * (wide - limit)
    return [
        *terminal.wrapped(
            f"pool {_mib(size)} MiB = capacity {_mib(capacity)} MiB - reserve {_mib(reserve)} MiB for the OS; "
            f"{cores(budget['pool']['cpus'])} of {cores(budget['capacity']['cpus'])} cores"
        ),
        f"[{drawn}]",
        *terminal.wrapped(
            f"█ reserved {_mib(total['reservation'])}   ▒ up to the limits {_mib(total['limit'])}   "
            f"░ left {_mib(size - total['limit'])}, of which {_mib(margin)} is the margin that nobody gets"
        ),
    ]


def services(budget: Mapping[str, Any], containers: Iterable[Mapping[str, Any]] = (), terminal: Terminal = PLAIN) -> list[str]:
    """Return a row for each service by tier, and totals; a narrow terminal has fewer columns."""
    live: dict[str, Mapping[str, Any]] = {}
    for container in containers:
        # Of several containers of a service, the state of the one that is worst off.
        before = live.get(container["service"])
        if before is None or not _well(container):
            live[container["service"]] = container
    columns = [column for column in _COLUMNS if column.heading != "disk" or budget["totals"]["all"]["disk"]]
    rows = [_Row(name="service", cells=[column.heading for column in columns], state="state", hue="faint")]
    for tier in TIERS:
        names = sorted(name for name, service in budget["services"].items() if service["tier"] == tier)
        if names:
            rows.append(_Row(name=tier.upper(), cells=_totals(columns, budget["totals"]["tiers"][tier], budget), hue="title"))
        rows += [_service(name, columns, budget, live.get(name)) for name in names]
    rows.append(_Row(name="ALL", cells=_totals(columns, budget["totals"]["all"], budget), hue="title"))
    return _aligned(columns, rows, terminal)


def others(budget: Mapping[str, Any]) -> list[str]:
    """Return what is counted besides memory, each beside what there is of it where that is known."""
    totals, capacity, reserve = budget["totals"], budget["capacity"], budget["reserve"]
    total = totals["all"]
    reserved, shared = cores(total["cpus"]["reservation"]), cores(budget["pool"]["cpus"])
    told = [
        (
            f"cpus: {reserved} reserved of {shared} ({100 * totals['utilization']['cpus']:.1f} %), "
            f"{cores(max(0, totals['unallocated']['cpus']))} for anybody; limits {cores(total['cpus']['limit'])}"
        )
    ]
    for name, taken in totals["disks"].items():
        where = "disk" if name == "disk" else f"disk {name}"
        parts = ", ".join(f"{part} {_gib(taken[part])}" for part in ("volumes", "images", "logs") if taken[part])
        system = f", {_gib(taken['reserve'])} for the OS" if taken["reserve"] else ""
        told.append(f"{where}: {_gib(taken['size'])} = {parts or 'nothing'}{system}, {_gib(taken['left'])} left")
    if not totals["disks"] and totals["disk"]["volumes"]:
        disk = totals["disk"]
        told.append(
            f"disk: volumes {_gib(disk['volumes'])}, images {_gib(disk['images'])}, logs {_gib(disk['logs'])}; its size is not known"
        )
    counted = [f"{total[name]} {noun}{_of(name, capacity, reserve)}" for name, noun in (("pids", "pids"), ("files", "open files"))]
    swap = (
        f"swap {_mib(total['swap'])} MiB" + (f" of {_mib(capacity['swap'])}" if "swap" in capacity else "") if total["swap"] else "no swap"
    )
    return [*told, f"at most {', '.join(counted)}; {swap}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    name: str
    cells: list[str]
    state: str = ""
    hue: str = ""
    state_hue: str = ""


def _service(name: str, columns: Iterable[_Column], budget: Mapping[str, Any], container: Mapping[str, Any] | None) -> _Row:
    service = budget["services"][name]
    state, hue = _state(service, container)
    if container and container["stand_in"]:
        state += ", stand-in"
    cells = [column.cell(service, budget) for column in columns]
    times = f" x {service['replicas']}" if service["replicas"] != 1 else ""
    return _Row(name=f"  {name}{times}", cells=cells, state=state, hue="" if service["enabled"] else "faint", state_hue=hue)


def _well(container: Mapping[str, Any]) -> bool:
    return container["state"] == "running" and container["health"] in ("healthy", "none")


def _state(service: Mapping[str, Any], container: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return the state and its hue."""
    if not service["enabled"]:
        return f"off: set {', '.join(service['requires'])}", "faint"
    if container is None:
        return "on", ""
    if container["state"] != "running":
        return str(container["state"]), "error"
    health = str(container["health"])
    return ("running", "") if health == "none" else (health, {"healthy": "good", "starting": "warning"}.get(health, "error"))


def _totals(columns: list[_Column], total: Mapping[str, Any], budget: Mapping[str, Any]) -> list[str]:
    return [column.total(total, budget) for column in columns]


def _aligned(columns: list[_Column], rows: list[_Row], terminal: Terminal) -> list[str]:
    name = max(len(row.name) for row in rows)
    widths = [max(len(row.cells[index]) for row in rows) for index in range(len(columns))]
    kept = _kept(columns, widths, name, terminal.width)
    taken = name + sum(len(_GAP) + widths[index] for index in kept) + len(_GAP)
    drawn = []
    for row in rows:
        head = _GAP.join([row.name.ljust(name), *(row.cells[index].rjust(widths[index]) for index in kept)])
        state = _cut(row.state, None if terminal.width is None else terminal.width - taken)
        if state:
            drawn.append(terminal.paint(head, row.hue) + _GAP + terminal.paint(state, row.state_hue or row.hue))
        else:
            drawn.append(terminal.paint(head.rstrip(), row.hue))
    return drawn


def _kept(columns: list[_Column], widths: list[int], name: int, room: int | None) -> list[int]:
    """Return the columns that fit, beside the names and a short state."""
    kept = list(range(len(columns)))
    while room is not None and name + sum(len(_GAP) + widths[index] for index in kept) + len(_GAP) + _STATE > room:
        most = max(kept, key=lambda index: columns[index].spare)
        if not columns[most].spare:
            break
        kept.remove(most)
    return kept


def _cut(text: str, room: int | None) -> str:
    return text if room is None or len(text) <= max(room, _STATE) else f"{text[: max(room, _STATE) - 1]}…"


def _mib(size: int) -> str:
    return str(size // MIB)


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB"


def _disk(size: int) -> str:
    """Return bytes of disk in Docker's grammar, whole; nothing where there are none."""
    if not size:
        return "-"
    return f"{size // GIB}g" if size >= 10 * GIB or size % GIB == 0 else f"{size // MIB}m"


def _share(size: int, budget: Mapping[str, Any]) -> str:
    pool_size = budget["pool"]["memory"]
    return f"{100 * size / pool_size:.1f} %" if pool_size else "-"


def _of(name: str, capacity: Mapping[str, Any], reserve: Mapping[str, Any]) -> str:
    """Return how many there are; a kernel that does not limit them says a number that means nothing."""
    return f" of {capacity[name] - reserve[name]}" if name in capacity and capacity[name] < _UNLIMITED else ""
