# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The budget as a table that a person reads in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..budget.units import MIB, cores

TIERS = ("critical", "workflow", "management")

_HEADINGS = ("service", "floor", "reserved", "limit", "asked", "of pool", "shares", "quota", "pids", "io", "state", "")
_LEFT = {0, 10, 11}
_BAR = 60


def lines(budget: Mapping[str, Any], containers: Iterable[Mapping[str, Any]] = ()) -> list[str]:
    """Return the table: the pool, a row for each service by tier, totals. Memory is in MiB.

    `containers` are described ones (`stack_info`); without them the state says whether a service is on or off.
    """
    live = {container["service"]: container for container in containers}
    rows: list[tuple[str, ...]] = [_HEADINGS]
    for tier in TIERS:
        names = [name for name, service in budget["services"].items() if service["tier"] == tier]
        rows.append(_total(tier.upper(), budget["totals"]["tiers"].get(tier), budget))
        rows.extend(_row(name, budget["services"][name], budget, live) for name in sorted(names))
    rows.append(_total("ALL", budget["totals"]["all"], budget))
    return [*pool(budget), "", *_aligned(rows)]


def pool(budget: Mapping[str, Any]) -> list[str]:
    """Return the pool as a bar and as a sum."""
    total = budget["totals"]["all"]["memory"]
    capacity, reserve = budget["capacity"]["memory"], budget["reserve"]["memory"]
    margin, size = budget["margin"]["memory"], budget["pool"]["memory"]
    reserved = _BAR * total["reservation"] // size if size else 0
    limit = _BAR * total["limit"] // size if size else 0
    drawn = "█" * reserved + "▒" * (limit - reserved) + "░" * (_BAR - limit)
    return [
        (
            f"pool {_mib(size)} MiB = capacity {_mib(capacity)} MiB - reserve {_mib(reserve)} MiB for the OS; "
            f"{cores(budget['pool']['cpus'])} of {cores(budget['capacity']['cpus'])} cores"
        ),
        f"[{drawn}]",
        (
            f"█ reserved {_mib(total['reservation'])}   ▒ up to the limits {_mib(total['limit'])}   "
            f"░ left {_mib(size - total['limit'])}, of which {_mib(margin)} is the margin that nobody gets"
        ),
    ]


def _row(name: str, service: Mapping[str, Any], budget: Mapping[str, Any], live: Mapping[str, Any]) -> tuple[str, ...]:
    memory, cpus = service["memory"], service["cpus"]
    container = live.get(name)
    note = "stand-in" if container and container["stand_in"] else ""
    return (
        f"  {name}",
        _mib(memory["floor"]),
        _mib(memory["reservation"]),
        _mib(memory["limit"]),
        _mib(memory["asked"]),
        _share(memory["limit"], budget),
        str(cpus["shares"]),
        cores(cpus["quota"]) if cpus["quota"] else "-",
        str(service["pids"]),
        str(service["io"]["weight"]),
        _state(service, container),
        note,
    )


def _state(service: Mapping[str, Any], container: Mapping[str, Any] | None) -> str:
    if not service["enabled"]:
        return f"off: set {', '.join(service['requires'])}"
    if container is None:
        return "on"
    if container["state"] != "running":
        return str(container["state"])
    return "running" if container["health"] == "none" else str(container["health"])


def _total(title: str, total: Mapping[str, Any] | None, budget: Mapping[str, Any]) -> tuple[str, ...]:
    if total is None:
        return (title, *[""] * (len(_HEADINGS) - 1))
    memory = total["memory"]
    return (
        title,
        *(_mib(memory[key]) for key in ("floor", "reservation", "limit", "asked")),
        _share(memory["limit"], budget),
        *[""] * (len(_HEADINGS) - 6),
    )


def _mib(size: int) -> str:
    return str(size // MIB)


def _share(size: int, budget: Mapping[str, Any]) -> str:
    pool_size = budget["pool"]["memory"]
    return f"{100 * size / pool_size:.1f} %" if pool_size else "-"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    return ["  ".join(_padded(column, cell, widths[column]) for column, cell in enumerate(row)).rstrip() for row in rows]


def _padded(column: int, cell: str, width: int) -> str:
    return cell.ljust(width) if column in _LEFT else cell.rjust(width)
