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
    """How many checks held and how many did not."""

    passed: int = 0
    failed: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(passed=self.passed + other.passed, failed=self.failed + other.failed)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


def single(held: bool) -> Outcome:
    """Count one check."""
    return Outcome(passed=int(held), failed=int(not held))


def from_junit(report: Path, *, held: bool) -> Outcome:
    """Count the tests of a JUnit report; a run that wrote none, or that failed without naming a test, is one failure."""
    if not report.exists():
        return Outcome(failed=1)
    passed = failed = 0
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        wrong = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        failed += wrong
        passed += int(suite.get("tests", 0)) - wrong - int(suite.get("skipped", 0))
    if not held and not failed:
        failed = 1
    if not passed and not failed:
        failed = 1
    return Outcome(passed=passed, failed=failed)
