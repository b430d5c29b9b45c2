# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is off and why, what is the real program and what stands in for it."""

from __future__ import annotations

from collections.abc import Iterator

from .figures import amount, counted
from .markup import Html, join, tag
from .view import View


def running(view: View) -> Html:
    """Return both answers."""
    return tag("div", tag("div", *_off(view)), tag("div", *_real(view)), class_="columns")


def _off(view: View) -> Iterator[Html]:
    yield tag("h3", "Off")
    off = view.off()
    if not off:
        yield tag("p", "Nothing is off.", class_="none")
        return
    held = amount(sum(view.whole(name, "limit") for name in off))
    yield tag("p", f"{counted(len(off), 'service waits', 'services wait')} for credentials. Their share, {held}, stays theirs.")
    given = set(view.budget["policy"].get("credentials", []))
    entries = []
    for name in off:
        missing = [credential for credential in view.services[name]["requires"] if credential not in given]
        entries += [tag("dt", _link(view, name)), tag("dd", "set ", join((tag("code", credential) for credential in missing), ", "))]
    yield tag("dl", *entries, class_="facts-list")


def _real(view: View) -> Iterator[Html]:
    yield tag("h3", "Real and stand-in")
    if not view.containers:
        yield tag("p", "No running host was asked: this page shows a plan.", class_="none")
        return
    present = [name for name in sorted(view.services) if view.containers.get(name)]
    real, standing_in = [name for name in present if not view.stands_in(name)], [name for name in present if view.stands_in(name)]
    yield tag("p", tag("b", f"{len(real):,} real: "), join((_link(view, name) for name in real), ", ") if real else "none")
    yield tag(
        "p",
        tag("b", f"{len(standing_in):,} stand in: "),
        join((_link(view, name) for name in standing_in), ", ") if standing_in else "none",
    )
    if standing_in:
        yield tag(
            "p",
            "A stand-in imitates the ports, probes and load of a program. What it shows of the budget holds; of the program it shows nothing.",
        )
    sick = view.sick()
    if sick:
        yield tag("p", tag("b", "Not up: "), join((join([_link(view, name), f" ({state})"]) for name, state in sick.items()), ", "))


def _link(view: View, name: str) -> Html:
    return tag("a", name, href=f"#{view.anchors[name]}")
