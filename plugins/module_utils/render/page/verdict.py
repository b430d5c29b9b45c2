# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one sentence that a reader in a hurry needs."""

from __future__ import annotations

from typing import Literal, NamedTuple

from .figures import amount, counted, listed, mib
from .markup import Html, join, tag
from .view import View

Outcome = Literal["good", "fair", "bad"]

_MARKS = {"good": "M5 13l5 5L20 7", "fair": "M12 5v9M12 18v1.5", "bad": "M6 6l12 12M18 6L6 18"}


class Verdict(NamedTuple):
    """A verdict's colour, its word, and its sentence."""

    outcome: Outcome
    word: str
    sentence: str


def verdict(view: View) -> Html:
    """Return the headline with what else is worth knowing at once."""
    outcome, word, sentence = judge(view)
    mark = tag("svg", tag("path", d=_MARKS[outcome]), viewBox="0 0 24 24", class_="mark", aria_hidden="true", focusable="false")
    return tag(
        "section",
        tag("p", mark, word, class_="word"),
        tag("h2", sentence, id="verdict-sentence"),
        tag("p", join(_asides(view), " · "), class_="asides"),
        id="verdict",
        class_=f"verdict {outcome}",
        aria_labelledby="verdict-sentence",
    )


def judge(view: View) -> Verdict:
    """Return whether the stack fits, and the sentence that says so."""
    errors, warnings, sick = view.findings["error"], view.findings["warning"], view.sick()
    if errors:
        verb = "stands" if len(errors) == 1 else "stand"
        first = f"{errors[0]['path']}: {errors[0]['message']}"
        return Verdict("bad", "Cannot run", f"{counted(len(errors), 'error')} {verb} in the way. {first}.")
    if not view.services:
        return Verdict("bad", "Nothing to run", "There is no budget, since no service was given.")
    limits, pool = view.budget["totals"]["all"]["memory"]["limit"], view.budget["pool"]["memory"]
    number = "The one service fits" if len(view.services) == 1 else f"All {len(view.services):,} services fit"
    if limits > pool:
        excess = f"the limits come to {amount(limits)}, {amount(limits - pool)} more than the pool has"
        return Verdict("fair", "Overcommitted", f"{number} only since the policy allows overcommitted memory: {excess}.")
    sentence = f"{number}: together they can never take more than {mib(limits)} of the {amount(pool)} in the pool"
    if sick:
        states = listed([f"{name} ({state})" for name, state in sick.items()])
        return Verdict("fair", "Fits, not all up", f"{sentence}, but {counted(len(sick), 'is', 'are')} not up: {states}.")
    return Verdict("fair", "Fits, with warnings", f"{sentence}.") if warnings else Verdict("good", "Fits", f"{sentence}.")


def _asides(view: View) -> list[object]:
    asides: list[object] = []
    counts = [
        ("error", "error", "errors"),
        ("warning", "warning", "warnings"),
        ("info", "note", "notes"),
        ("accepted", "accepted", "accepted"),
    ]
    found = [counted(len(view.findings[severity]), one, many) for severity, one, many in counts if view.findings[severity]]
    asides.append(tag("a", ", ".join(found) if found else "No findings", href="#findings"))
    if view.off():
        asides.append(tag("a", f"{counted(len(view.off()), 'service is', 'services are')} off", href="#running"))
    if view.containers:
        standing_in = sum(view.stands_in(name) for name in view.services)
        asides.append(tag("a", f"{standing_in:,} of {len(view.services):,} stand in for the real program", href="#running"))
    if view.changes is not None:
        acts = sum(entry["action"] != "none" for entry in view.changes["services"].values()) + len(view.changes["orphans"])
        asides.append(tag("a", f"{counted(acts, 'change')}" if acts else "Nothing changed", href="#changes"))
    return asides
