# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check counted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How many checks held, how many did not, and which: a line each."""

    passed: int = 0
    failed: int = 0
    broken: tuple[str, ...] = ()

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(passed=self.passed + other.passed, failed=self.failed + other.failed, broken=self.broken + other.broken)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


def single(name: str, held: bool) -> Outcome:
    """Count one check."""
    return Outcome(passed=int(held), failed=int(not held), broken=() if held else (name,))


def from_junit(report: Path, *, held: bool) -> Outcome:
    """Count the tests of a JUnit report; a run that wrote none, or that failed without naming a test, is one failure."""
    if not report.exists():
        return single(f"no report {report.name}", False)
    passed = failed = 0
    broken = []
    root = ElementTree.parse(report).getroot()
    for suite in root.iter("testsuite"):
        wrong = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        failed += wrong
        passed += int(suite.get("tests", 0)) - wrong - int(suite.get("skipped", 0))
    for case in root.iter("testcase"):
        for wrong_one in (*case.iter("failure"), *case.iter("error")):
            said = (wrong_one.get("message") or "").partition("\n")[0][:200]
            broken.append(f"{case.get('classname', '')}::{case.get('name', '')}: {said}")
    if not failed and not (held and passed):
        return Outcome(passed=passed, failed=1, broken=(f"{report.name}: no test failed, and yet the run did or had none",))
    return Outcome(passed=passed, failed=failed, broken=tuple(broken))
