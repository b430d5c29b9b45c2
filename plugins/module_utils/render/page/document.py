# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report page: one self-contained HTML file, drawn from a Budget."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .arithmetic import arithmetic
from .bars import bars
from .changed import changed
from .disks import disks
from .key_figures import key_figures
from .ledger import ledger
from .markup import Html, join, tag
from .policy import policy
from .pool import picture
from .problems import problems
from .running import running
from .script import SCRIPT
from .sharing import sharing
from .style import stylesheet
from .table import table
from .verdict import verdict
from .view import View


def page(
    budget: Mapping[str, Any],
    *,
    containers: Iterable[Mapping[str, Any]] = (),
    findings: Iterable[Mapping[str, Any]] = (),
    changes: Mapping[str, Any] | None = None,
    release: str | None = None,
    title: str,
    when: str,
) -> str:
    """Return the page: the same input gives the same bytes.

    `budget` is empty where none could be made. `containers` are described ones (`engine.live.describe`); one that holds
    `use` (`engine.usage`) shows what it uses. `findings` are those beyond the budget's own, `changes` is what `deploy.changes.compare` returned.
    """
    view = View.of(budget, containers, findings, changes, release=release, title=title, when=when)
    sections = list(_sections(view))
    style = stylesheet()
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_security(style)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content="ziggie.stack"),
        tag("title", title),
        tag("link", rel="icon", href="data:,"),
        tag("style", Html(style)),
    )
    body = tag(
        "body",
        tag("a", "Skip to the verdict", href="#main", class_="skip"),
        _top(view),
        tag("nav", tag("ul", *(tag("li", tag("a", key.capitalize(), href=f"#{key}")) for key, *_rest in sections)), aria_label="Contents"),
        _patterns(),
        tag("main", verdict(view), *(_section(*section) for section in sections), id="main", tabindex=-1),
        tag("footer", tag("p", "Drawn by ziggie.stack from the Budget that was computed for this host. 1 MiB is 1,048,576 bytes.")),
        tag("script", Html(SCRIPT)),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _sections(view: View) -> Iterator[tuple[str, str, str, Html]]:
    """Yield key, heading, lead and content of every section."""
    if view.services:
        lead = "From top to bottom: reserve and pool, tiers, services. Width is memory."
        yield "pool", "The pool", lead, join([key_figures(view), picture(view), tag("div", ledger(view), sharing(view), class_="accounts")])
        yield (
            "services",
            "The services",
            "All bars are on one scale, all figures are MiB. Each name leads to the arithmetic of its numbers.",
            bars(view),
        )
    if view.services and view.budget["totals"]["disks"]:
        yield "disk", "The disk", "Floors first, and of the rest each volume its share, up to the size it asks for.", disks(view)
    yield "findings", "Findings", "", problems(view)
    yield "changes", "What changed", "", changed(view)
    if view.services:
        yield "running", "What is off, and what stands in", "", running(view)
        yield "figures", "Every figure", "", table(view)
        yield "arithmetic", "The arithmetic", "How each number came to be, and where it was read.", arithmetic(view)
        lead = "The rules by which the pool was shared. The same rules on the same host give the same figures."
        yield "policy", "Policy", lead, policy(view)


def _section(key: str, name: str, lead: str, content: Html) -> Html:
    heading = tag("h2", name, id=f"{key}-heading")
    broad = "broad" if key == "figures" else None
    return tag(
        "section", heading, tag("p", lead, class_="lead") if lead else None, content, id=key, class_=broad, aria_labelledby=f"{key}-heading"
    )


def _top(view: View) -> Html:
    release = f", release {view.release}" if view.release else ""
    return tag("header", tag("h1", view.title), tag("p", f"{view.when}{release}"), class_="top")


def _patterns() -> Html:
    patterns = [
        tag("pattern", tag("path", d="M-1 1l2-2M0 6l6-6M5 7l2-2"), id=key, width=6, height=6, patternUnits="userSpaceOnUse")
        for key in ("hatch", "hatch-bar")
    ]
    return tag("svg", tag("defs", *patterns), class_="defs", width=0, height=0, aria_hidden="true", focusable="false")


def _security(style: str) -> str:
    """Allow this style and this script, an empty icon, and nothing else: whatever a name holds, it is never run or fetched."""
    return (
        f"default-src 'none'; img-src data:; style-src {_digest(style)}; script-src {_digest(SCRIPT)}; base-uri 'none'; form-action 'none'"
    )


def _digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
