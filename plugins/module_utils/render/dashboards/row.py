# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of a dashboard, and where their panels lie in Grafana's grid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .panel import WIDTH, Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under a title. What is `collapsed` asks nothing until it is opened; `repeat` is the variable of which each value gets a row."""

    title: str
    panels: Sequence[Panel]
    collapsed: bool = False
    repeat: str = ""


def place(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the rows that have panels, and these left to right, line by line, all numbered in that order."""
    placed: list[dict[str, Any]] = []
    y, number = 0, 1
    for row in rows:
        if not row.panels:
            continue
        header = _header(row, number, y)
        placed.append(header)
        inside, bottom = _flow(row.panels, number + 1, y + 1)
        if row.collapsed:
            header["panels"] = inside
        else:
            placed.extend(inside)
        y = y + 1 if row.collapsed else bottom
        number += 1 + len(inside)
    return placed


def _header(row: Row, number: int, y: int) -> dict[str, Any]:
    header: dict[str, Any] = {
        "id": number,
        "type": "row",
        "title": row.title,
        "collapsed": row.collapsed,
        "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1},
        "panels": [],
    }
    return header | ({"repeat": row.repeat} if row.repeat else {})


def _flow(panels: Sequence[Panel], number: int, y: int) -> tuple[list[dict[str, Any]], int]:
    """Return panels from a line on, and the first line below them."""
    placed: list[dict[str, Any]] = []
    x, height = 0, 0
    for panel in panels:
        if x + panel.width > WIDTH:
            x, y, height = 0, y + height, 0
        placed.append(panel.to_dict(number + len(placed), x, y))
        x += panel.width
        height = max(height, panel.height)
    return placed, y + height
