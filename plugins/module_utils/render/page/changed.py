# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between what ran and the release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...budget.units import cores
from .figures import amount, counted
from .markup import Html, join, tag
from .view import View

# How each action is called, and what it means for those who use the service; the most disturbing first.
_ACTIONS = {
    "recreate": ("recreate", "the container is replaced"),
    "start": ("start", "the container was never started"),
    "update": ("in place", "no request fails"),
    "wait": ("wait", "it is starting"),
}
_SIZES = ("memory", "memory_swap", "memory_reservation")
_LONGEST = 240


def changed(view: View) -> Html:
    """Return what is new, what goes, and a table with every service that differs, key by key; or that nothing does."""
    if view.changes is None:
        return tag("p", "Nothing was compared: no running host was asked.", class_="none")
    services = view.changes["services"]
    acts = {name: entry for name, entry in services.items() if entry["action"] != "none"}
    same, gone = len(services) - len(acts), view.changes["orphans"]
    if not acts and not gone:
        sentence = f"Nothing: {counted(same, 'service runs', 'services run')} as the release says."
        return tag("p", sentence if services else "There was no release to compare with.", class_="none")
    new = [name for name in acts if acts[name]["action"] == "create"]
    others = {name: acts[name] for name in acts if name not in new}
    lists = [_named(view, title, names) for title, names in (("new", new), ("removed, its data stays", gone)) if names]
    return tag("div", *lists, _table(view, others) if others else None, tag("p", f"{same:,} as before.", class_="none"))


def _named(view: View, title: str, names: Iterable[str]) -> Html:
    links = [_link(view, name) for name in sorted(names)]
    return tag("p", tag("b", f"{len(links):,} {title}: "), join(links, ", "))


def _link(view: View, name: str) -> Html:
    return tag("a", name, href=f"#{view.anchors[name]}") if name in view.anchors else tag("span", name)


def _table(view: View, acts: Mapping[str, Mapping[str, Any]]) -> Html:
    order = list(_ACTIONS)
    names = sorted(acts, key=lambda name: (order.index(acts[name]["action"]) if acts[name]["action"] in order else -1, name))
    head = tag("tr", *(tag("th", title, scope="col") for title in ("Service", "Action", "Key", "Before", "After")))
    caption = tag("caption", f"{counted(len(names), 'service differs', 'services differ')} from the release")
    table = tag("table", caption, tag("thead", head), *(tag("tbody", *_rows(view, name, acts[name])) for name in names), class_="changes")
    return tag("div", table, class_="scroll", role="region", aria_label="What changed", tabindex=0)


def _rows(view: View, name: str, entry: Mapping[str, Any]) -> list[Html]:
    word, meaning = _ACTIONS.get(entry["action"], (entry["action"], ""))
    differences = [item for item in entry["differences"] if not _repeated(item["key"], entry["differences"])]
    differences = differences or [{"key": "", "live": "", "desired": ""}]
    lead = [
        tag("th", _link(view, name), scope="rowgroup", rowspan=len(differences)),
        tag("td", tag("b", word), " ", tag("span", meaning, class_="note"), rowspan=len(differences)),
    ]
    return [
        tag(
            "tr",
            *(lead if number == 0 else []),
            tag("td", tag("code", item["key"])),
            tag("td", _value(item["key"], item["live"]), class_="before"),
            tag("td", _value(item["key"], item["desired"])),
        )
        for number, item in enumerate(differences)
    ]


def _repeated(key: str, differences: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether the kernel only says what the engine said already."""
    area, _dot, kind = key.partition(".")
    return area == "kernel" and any(item["key"] == f"limits.{kind}" for item in differences)


def _value(key: str, value: object) -> str:
    kind = key.rpartition(".")[2]
    if isinstance(value, int) and not isinstance(value, bool):
        if kind in _SIZES:
            return amount(value) if value > 0 else "none"
        if kind == "cpu_quota":
            return f"{cores(value)} CPUs" if value else "none"
    written = "nothing" if value in (None, "") else str(value)
    return written if len(written) <= _LONGEST else f"{written[: _LONGEST - 1]}\u2026"
