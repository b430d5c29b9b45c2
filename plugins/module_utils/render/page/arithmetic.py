# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every number of every service came to be, on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .figures import amount, percent
from .live import live
from .markup import Html, tag
from .view import View

_GROUPS = {"memory": "Memory", "cpus": "CPUs", "disk": "Disk", "tuning": "Tuning"}


def arithmetic(view: View) -> Html:
    """Return a closed section for each service, with the sentence of every number."""
    tiers = [
        tag(
            "div",
            tag("h3", tag("span", class_="swatch", aria_hidden="true"), tier.capitalize()),
            *(_service(view, name) for name in names),
            class_=f"tier tier-{tier}",
        )
        for tier, names in view.tiers.items()
    ]
    buttons = tag(
        "p",
        tag("button", "Open all", type="button", id="open-all"),
        tag("button", "Close all", type="button", id="close-all"),
        class_="buttons",
        hidden=True,
        id="buttons",
    )
    return tag("div", buttons, *tiers, class_="arithmetic")


def _service(view: View, name: str) -> Html:
    service = view.services[name]
    share = percent(view.whole(name, "limit"), view.budget["pool"]["memory"])
    summary = tag(
        "summary",
        tag("b", name),
        tag("span", amount(service["memory"]["limit"]), class_="number"),
        tag("span", f"{share} of the pool", class_="note number"),
    )
    # The link's target is inside: browsers open what hides it.
    body = tag(
        "div",
        *_facts(view, name),
        *_explained(service["explain"]),
        *_storage(service),
        *live(view, name),
        id=view.anchors[name],
        tabindex=-1,
    )
    return tag("details", summary, body)


def _facts(view: View, name: str) -> Iterator[Html]:
    service = view.services[name]
    words = [f"tier {service['tier']}", f"priority {service['priority']}"]
    if service.get("replicas", 1) != 1:
        words.append(f"{service['replicas']:,} replicas")
    if service.get("batch"):
        words.append("a batch job")
    if service["requires"]:
        words.append(f"requires {', '.join(service['requires'])}")
    yield tag("p", tag("code", service["image"]), ": ", ", ".join(words), class_="image")


def _explained(sentences: Mapping[str, str]) -> Iterator[Html]:
    groups: dict[str, list[Html]] = {}
    for key, sentence in sentences.items():
        group, _dot, label = key.partition(".")
        title = _GROUPS.get(group, "Other")
        groups.setdefault(title, []).append(
            tag("div", tag("dt", tag("code", label if group in _GROUPS and label else key)), tag("dd", sentence))
        )
    for title, entries in groups.items():
        yield tag("h4", title)
        yield tag("dl", *entries, class_="explained")


def _storage(service: Mapping[str, Any]) -> Iterator[Html]:
    if service["storage"]:
        yield tag("h4", "Storage")
        entries = [
            tag(
                "div",
                tag("dt", tag("code", volume)),
                tag("dd", f"{place['class']} storage, {place['path']}, {place['owner']}:{place['group']}, mode {place['mode']}"),
            )
            for volume, place in service["storage"].items()
        ]
        yield tag("dl", *entries, class_="explained")
