# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pytest on a folder."""

from __future__ import annotations

from collections.abc import Sequence

from testkit.outcome import Outcome, from_junit
from testkit.place import OUTPUT
from testkit.process import follow


def pytest(name: str, folders: Sequence[str], *, command: Sequence[str] = ("pytest", "--quiet")) -> Outcome:
    """Run the tests of some folders with what pytest says shown, and count them."""
    report = OUTPUT / f"{name}.xml"
    report.unlink(missing_ok=True)
    done = follow([*command, f"--junitxml={report}", *folders], name)
    return from_junit(report, held=done.code == 0)
