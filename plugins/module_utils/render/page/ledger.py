# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pool as a sum: what there is, what is taken off, what is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...budget.units import cores
from .figures import MINUS, mib, percent
from .markup import Html, tag
from .view import View


class _Entry(NamedTuple):
    sign: str
    label: str
    note: str
    memory: int
    cpus: int | None
    kind: str = ""


def ledger(view: View) -> Html:
    """Return the sum as a table, memory beside CPUs."""
    head = tag(
        "tr",
        tag("th", "Line", scope="col"),
        tag("th", "Memory, MiB", scope="col", class_="number"),
        tag("th", "of pool", scope="col", class_="number"),
        tag("th", "CPUs", scope="col", class_="number"),
    )
    rows = [_row(entry, view.budget["pool"]["memory"]) for entry in _entries(view)]
    caption = tag("caption", "The sum: memory by limit, CPUs by reservation")
    return tag("table", caption, tag("thead", head), tag("tbody", *rows), class_="ledger")


def _entries(view: View) -> Iterator[_Entry]:
    budget = view.budget
    capacity, reserve, pool, margin = budget["capacity"], budget["reserve"], budget["pool"], budget["margin"]["memory"]
    yield _Entry("", "Capacity", "what the host has", capacity["memory"], capacity["cpus"])
    yield _Entry(MINUS, "Reserve", "what the operating system keeps", reserve["memory"], reserve["cpus"])
    yield _Entry("=", "Pool", "what the services share", pool["memory"], pool["cpus"], "sum")
    memory, cpus = pool["memory"], pool["cpus"]
    for tier in view.tiers:
        total = budget["totals"]["tiers"][tier]
        services = f"{total['services']:,} service{'' if total['services'] == 1 else 's'}"
        memory, cpus = memory - total["memory"]["limit"], cpus - total["cpus"]["reservation"]
        yield _Entry(MINUS, tier.capitalize(), services, total["memory"]["limit"], total["cpus"]["reservation"], f"tier-{tier}")
    yield _Entry(MINUS, "Margin", "pool that nobody gets", margin, None)
    yield _Entry("=", "Left", "given to nobody", memory - margin, cpus, "sum")


def _row(entry: _Entry, pool: int) -> Html:
    label = tag(
        "th",
        tag("span", entry.sign, class_="sign"),
        tag("span", class_="swatch", aria_hidden="true") if entry.kind.startswith("tier") else None,
        entry.label,
        " ",
        tag("span", entry.note, class_="note"),
        scope="row",
    )
    figures = (mib(entry.memory), percent(entry.memory, pool), "" if entry.cpus is None else cores(entry.cpus))
    return tag("tr", label, *(tag("td", figure, class_="number") for figure in figures), class_=entry.kind or None)
