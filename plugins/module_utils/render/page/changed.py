# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between what ran and the release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...budget.units import cores
from .figures import amount, counted
from .markup import Html, tag
from .view import View

# How each action is called, and what it means for those who use the service; the most disturbing first.
_ACTIONS = {
    "create": ("create", "a new container"),
    "recreate": ("recreate", "the container is replaced"),
    "update": ("in place", "no request fails"),
    "wait": ("wait", "it is starting"),
    "remove": ("remove", "its data stays"),
}
_SIZES = ("memory", "memory_swap", "memory_reservation")
_LONGEST = 240


def changed(view: View) -> Html:
    """Return a table with every service that differs, key by key, or the sentence that nothing does."""
    if view.changes is None:
        return tag("p", "Nothing was compared: no running host was asked.", class_="none")
    services = view.changes["services"]
    acts = {name: entry for name, entry in services.items() if entry["action"] != "none"}
    same = len(services) - len(acts)
    acts |= {name: {"action": "remove", "differences": []} for name in view.changes["orphans"]}
    if not acts:
        sentence = f"Nothing: {counted(same, 'service runs', 'services run')} as the release says."
        return tag("p", sentence if services else "There was no release to compare with.", class_="none")
    order = list(_ACTIONS)
    names = sorted(acts, key=lambda name: (order.index(acts[name]["action"]) if acts[name]["action"] in order else -1, name))
    head = tag("tr", *(tag("th", title, scope="col") for title in ("Service", "Action", "Key", "Before", "After")))
    bodies = [tag("tbody", *_rows(view, name, acts[name])) for name in names]
    caption = tag("caption", f"{counted(len(acts), 'service differs', 'services differ')} from the release, {same:,} do not")
    table = tag("table", caption, tag("thead", head), *bodies, class_="changes")
    return tag("div", table, class_="scroll", role="region", aria_label="What changed", tabindex=0)


def _rows(view: View, name: str, entry: Mapping[str, Any]) -> list[Html]:
    word, meaning = _ACTIONS.get(entry["action"], (entry["action"], ""))
    differences = [item for item in entry["differences"] if not _repeated(item["key"], entry["differences"])]
    differences = differences or [{"key": "", "live": "", "desired": ""}]
    title = tag("a", name, href=f"#{view.anchors[name]}") if name in view.anchors else name
    lead = [
        tag("th", title, scope="rowgroup", rowspan=len(differences)),
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
    written = "nothing" if value is None else str(value)
    return written if len(written) <= _LONGEST else f"{written[: _LONGEST - 1]}\u2026"
