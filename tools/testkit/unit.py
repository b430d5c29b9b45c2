# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit tests."""

from __future__ import annotations

from testkit.outcome import Outcome, from_junit
from testkit.place import OUTPUT
from testkit.process import follow


def unit() -> Outcome:
    """Run pytest on tests/unit."""
    report = OUTPUT / "unit.xml"
    report.unlink(missing_ok=True)
    done = follow(["pytest", "--quiet", f"--junitxml={report}", "tests/unit"], "unit")
    return from_junit(report, held=done.code == 0)
