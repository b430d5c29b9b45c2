# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The integration tests: real programs eat what is made for them. They need the lab's images."""

from __future__ import annotations

from testkit.outcome import Outcome, from_junit
from testkit.place import OUTPUT
from testkit.process import follow


def integration() -> Outcome:
    """Run pytest on tests/integration."""
    report = OUTPUT / "integration.xml"
    report.unlink(missing_ok=True)
    done = follow(["pytest", "--quiet", "-m", "integration", f"--junitxml={report}", "tests/integration"], "integration")
    return from_junit(report, held=done.code == 0)
