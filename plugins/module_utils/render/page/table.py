# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every figure of every service, tier by tier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...budget.units import cores
from .figures import DASH, TIMES, mib, percent
from .markup import Html, tag
from .view import View

_Cell = Callable[[View, str], str]


def _memory(key: str) -> _Cell:
    return lambda view, name: mib(view.services[name]["memory"][key])


def _share(view: View, name: str) -> str:
    return percent(view.whole(name, "limit"), view.budget["pool"]["memory"])


def _use(view: View, name: str) -> str:
    use = view.use(name)
    return DASH if use is None else mib(use)


def _quota(view: View, name: str) -> str:
    quota = view.services[name]["cpus"]["quota"]
    return DASH if quota is None else cores(quota)


_LIVE = ("in use", _use)
_MEMORY: tuple[tuple[str, _Cell], ...] = (
    ("floor", _memory("floor")),
    ("reserv.", _memory("reservation")),
    ("limit", _memory("limit")),
    ("request", _memory("request")),
    ("asked", _memory("asked")),
    ("swap", _memory("swap")),
    ("of pool", _share),
)
_CPUS: tuple[tuple[str, _Cell], ...] = (
    ("reserv.", lambda view, name: cores(view.services[name]["cpus"]["reservation"])),
    ("limit", lambda view, name: cores(view.services[name]["cpus"]["limit"])),
    ("shares", lambda view, name: f"{view.services[name]['cpus']['shares']:,}"),
    ("quota", _quota),
)
_OTHERS: tuple[tuple[str, _Cell], ...] = (
    ("pids", lambda view, name: f"{view.services[name]['pids']:,}"),
    ("disk", lambda view, name: mib(view.services[name]["disk"]) if view.services[name]["disk"] else DASH),
    ("I/O", lambda view, name: str(view.services[name]["io"]["weight"])),
    ("OOM", lambda view, name: str(view.services[name]["oom_score_adj"])),
)
_ABBREVIATED = {"reserv.": "reservation", "I/O": "I/O weight", "OOM": "OOM score adjustment"}


def table(view: View) -> Html:
    """Return the table, in a region that scrolls where the page is narrower."""
    memory = (*_MEMORY[:3], _LIVE, *_MEMORY[3:]) if view.has_use() else _MEMORY
    columns = (*memory, *_CPUS, *_OTHERS)
    caption = tag(
        "caption",
        "Memory and disk in MiB, CPUs in cores, for one replica of each service; totals count all of them. A dash is no quota or no size.",
    )
    groups = tag(
        "tr",
        tag("th", "Service", scope="col", rowspan=2),
        tag("th", "Memory, MiB", scope="colgroup", colspan=len(memory), class_="group"),
        tag("th", "CPUs", scope="colgroup", colspan=len(_CPUS), class_="group"),
        tag("th", "Other", scope="colgroup", colspan=len(_OTHERS), class_="group"),
        tag("th", "State", scope="col", rowspan=2),
    )
    heads = tag(
        "tr", *(_head(label, first=label in ("floor", "pids") or number == len(memory)) for number, (label, _cell) in enumerate(columns))
    )
    bodies = [_body(view, tier, columns, len(memory)) for tier in view.tiers]
    total = _total("All", view.budget["totals"]["all"], view, columns, len(memory))
    whole = tag("table", caption, tag("thead", groups, heads), *bodies, tag("tfoot", total), class_="figures")
    return tag("div", whole, class_="scroll wide", role="region", aria_label="Every figure", tabindex=0)


def _head(label: str, *, first: bool) -> Html:
    title = tag("abbr", label, title=_ABBREVIATED[label]) if label in _ABBREVIATED else label
    return tag("th", title, scope="col", class_="number first" if first else "number")


def _body(view: View, tier: str, columns: tuple[tuple[str, _Cell], ...], memory: int) -> Html:
    rows = [_total(tier.capitalize(), view.budget["totals"]["tiers"][tier], view, columns, memory)]
    for name in view.tiers[tier]:
        replicas = view.services[name].get("replicas", 1)
        label = tag("th", tag("a", name, href=f"#{view.anchors[name]}"), f" {TIMES} {replicas:,}" if replicas != 1 else None, scope="row")
        cells = [tag("td", cell(view, name), class_=_class(number, memory)) for number, (_label, cell) in enumerate(columns)]
        rows.append(tag("tr", label, *cells, tag("td", _state(view, name))))
    return tag("tbody", *rows, class_=f"tier-{tier}")


def _total(label: str, total: Mapping[str, Any], view: View, columns: tuple[tuple[str, _Cell], ...], memory: int) -> Html:
    sums = {name: mib(size) for name, size in total["memory"].items()} | {
        "of pool": percent(total["memory"]["limit"], view.budget["pool"]["memory"])
    }
    sums["reserv."] = sums["reservation"]
    others = {
        "reserv.": cores(total["cpus"]["reservation"]),
        "limit": cores(total["cpus"]["limit"]),
        "pids": f"{total['pids']:,}",
        "disk": mib(total["disk"]),
    }
    cells = [
        tag("td", (sums if number < memory else others).get(label, ""), class_=_class(number, memory))
        for number, (label, _cell) in enumerate(columns)
    ]
    swatch = tag("span", class_="swatch", aria_hidden="true") if label != "All" else None
    return tag("tr", tag("th", swatch, label, scope="row"), *cells, tag("td"), class_="total")


def _class(number: int, memory: int) -> str:
    return "number first" if number in (0, memory, memory + len(_CPUS)) else "number"


def _state(view: View, name: str) -> str:
    state = view.state(name) or "planned"
    return f"{state}, stand-in" if view.stands_in(name) else state
