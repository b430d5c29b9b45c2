# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between what ran and the release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...budget.units import cores
from .figures import amount, counted, listed
from .markup import Html, join, tag
from .view import View

_ACTIONS = {
    "create": ("create", "started for the first time"),
    "recreate": ("recreate", "replaced by a new container"),
    "update": ("in place", "limits changed in place, nothing restarted"),
    "wait": ("wait", "starting already, only waited for"),
}
_SIZES = ("memory", "memory_swap", "memory_reservation")


def changed(view: View) -> Html:
    """Return a table with every service that differs, key by key, or the sentence that nothing does."""
    if view.changes is None:
        return tag("p", "Nothing was compared: no running host was asked.", class_="none")
    acts = {name: entry for name, entry in view.changes["services"].items() if entry["action"] != "none"}
    orphans = list(view.changes["orphans"])
    if not acts and not orphans:
        same = counted(len(view.changes["services"]), "service runs", "services run")
        sentence = f"Nothing: {same} as the release says." if view.changes["services"] else "There was no release to compare with."
        return tag("p", sentence, class_="none")
    order = list(_ACTIONS)[::-1]
    names = sorted(acts, key=lambda name: (-order.index(acts[name]["action"]) if acts[name]["action"] in order else 0, name))
    head = tag("tr", *(tag("th", title, scope="col") for title in ("Service", "Action", "Key", "Before", "After")))
    bodies = [tag("tbody", *_rows(view, name, acts[name])) for name in names]
    bodies += [tag("tbody", *_rows(view, name, {"action": "remove", "differences": []})) for name in orphans]
    kept = len(view.changes["services"]) - len(acts)
    caption = tag("caption", f"{counted(len(names) + len(orphans), 'service')} changed, {kept:,} stayed as they were")
    table = tag("table", caption, tag("thead", head), *bodies, class_="changes")
    return join([tag("div", table, class_="scroll", role="region", aria_label="What changed", tabindex=0), _removed(orphans)])


def _removed(orphans: list[str]) -> Html | None:
    if not orphans:
        return None
    return tag("p", f"Not part of the release: {listed(orphans, 20)}.")


def _rows(view: View, name: str, entry: Mapping[str, Any]) -> list[Html]:
    word, meaning = _ACTIONS.get(entry["action"], (entry["action"], ""))
    differences = entry["differences"] or [{"key": "", "live": "", "desired": ""}]
    title = tag("a", name, href=f"#{view.anchors[name]}") if name in view.anchors else name
    lead = [
        tag("th", title, scope="rowgroup", rowspan=len(differences)),
        tag("td", tag("span", word, class_="flag", title=meaning or None), rowspan=len(differences)),
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


def _value(key: str, value: object) -> str:
    kind = key.rpartition(".")[2]
    if isinstance(value, int) and not isinstance(value, bool):
        if kind in _SIZES:
            return amount(value) if value > 0 else "none"
        if kind == "cpu_quota":
            return f"{cores(value)} CPUs" if value else "none"
    return str(value)
