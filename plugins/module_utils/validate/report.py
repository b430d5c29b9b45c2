# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks as a table for people, as JUnit XML and as plain data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from .check import FAIL, PASS, UNKNOWN, Check

OUTCOMES = (FAIL, UNKNOWN, PASS)


def counts(checks: Iterable[Check]) -> dict[str, int]:
    """Return how many checks have each outcome."""
    found = dict.fromkeys(OUTCOMES, 0)
    for check in checks:
        found[check.outcome] += 1
    return found


def lines(checks: Sequence[Check], *, stand_ins: Sequence[str] = ()) -> list[str]:
    """Return the table: what failed, what is unknown, then what passed, one line a question, the sum, and which services were imitations."""
    rows = [
        (check.outcome, check.path, check.figure, check.sentence) for kind in (FAIL, UNKNOWN) for check in checks if check.outcome == kind
    ]
    rows += list(_passed(checks))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    found = counts(checks)
    return [
        *("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip() for row in rows),
        "",
        ", ".join(f"{found[outcome]} {outcome}" for outcome in reversed(OUTCOMES)),
        *([f"stand-ins, not the real programs: {', '.join(stand_ins)}"] if stand_ins else []),
    ]


def junit(checks: Sequence[Check], *, host: str) -> str:
    """Return JUnit XML: a fail is a failure, an unknown is skipped with its sentence."""
    found = counts(checks)
    suite = Element(
        "testsuite", name=f"ziggie.stack {host}", tests=str(len(checks)), failures=str(found[FAIL]), errors="0", skipped=str(found[UNKNOWN])
    )
    for check in checks:
        case = SubElement(suite, "testcase", classname=f"{host}.{check.name}", name=check.path, time="0")
        if check.outcome != PASS:
            SubElement(case, "failure" if check.outcome == FAIL else "skipped", message=check.sentence)
        if check.figure:
            SubElement(case, "system-out").text = check.figure
    indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suite, encoding="unicode") + "\n"


def document(checks: Sequence[Check], *, host: str, stand_ins: Sequence[str] = ()) -> dict[str, Any]:
    """Return the plain data: `host`, `counts`, `checks`, `stand_ins`."""
    return {"host": host, "counts": counts(checks), "checks": [check.to_dict() for check in checks], "stand_ins": list(stand_ins)}


def _passed(checks: Sequence[Check]) -> Iterator[tuple[str, str, str, str]]:
    """Put what passed into one line a question; one that was asked once shows its figure."""
    groups: dict[str, list[Check]] = {}
    for check in checks:
        if check.outcome == PASS:
            groups.setdefault(check.name, []).append(check)
    for name, group in groups.items():
        told = ", ".join(f"{check.subject} {check.figure}".strip() for check in group if check.figure)
        asked = sum(check.name == name for check in checks)
        if len(group) <= _FEW:
            yield PASS, name, f"{len(group)} of {asked}" if asked > 1 else group[0].figure, told if asked > 1 else ""
        else:
            yield PASS, name, f"{len(group)} of {asked}", ""


# So many figures fit in a line.
_FEW = 4
