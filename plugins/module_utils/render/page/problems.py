# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings, the gravest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .figures import counted
from .markup import Html, tag
from .view import SEVERITIES, View

_HEADINGS = {
    "error": ("error", "errors", "These stop a run."),
    "warning": ("warning", "warnings", "These work otherwise than their author may think."),
    "info": ("note", "notes", "These are worth knowing."),
    "accepted": ("accepted", "accepted", "These were looked at and accepted, with a reason."),
}
_MARKS = {"error": "M2 2l8 8M10 2l-8 8", "warning": "M6 1L11 11H1Z", "info": "M6 1a5 5 0 1 0 .01 0Z", "accepted": "M1 6l4 4 6-8"}


def problems(view: View) -> Html:
    """Return all findings by severity, each with code, path, sentence and fix."""
    groups = [_group(severity, view.findings[severity]) for severity in SEVERITIES if view.findings[severity]]
    return tag("div", *(groups or [tag("p", "Nothing was found: no error, no warning, no note.", class_="none")]), class_="findings")


def _group(severity: str, findings: list[Mapping[str, Any]]) -> Html:
    one, many, meaning = _HEADINGS[severity]
    mark = tag("svg", tag("path", d=_MARKS[severity]), viewBox="0 0 12 12", class_="mark", aria_hidden="true", focusable="false")
    heading = tag("h3", mark, counted(len(findings), one, many), " ", tag("span", meaning, class_="note"))
    return tag("div", heading, tag("ol", *(tag("li", *_finding(finding)) for finding in findings)), class_=f"group {severity}")


def _finding(finding: Mapping[str, Any]) -> Iterator[Html]:
    was = finding.get("was")
    code = tag("span", finding["code"], f", was {was}" if was else None, class_="code")
    yield tag("p", code, " ", tag("code", finding["path"]), class_="path")
    yield tag("p", finding["message"], class_="message")
    if finding.get("reason"):
        yield tag("p", tag("b", "Accepted: "), finding["reason"], class_="fix")
    fixes = str(finding.get("fix") or "").splitlines()
    if len(fixes) == 1:
        yield tag("p", tag("b", "Fix: "), fixes[0], class_="fix")
    elif fixes:
        yield tag("p", tag("b", "Any one of these is enough, cheapest first:"), class_="fix")
        yield tag("ul", *(tag("li", fix) for fix in fixes), class_="fix")
