# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What needs nothing but Python."""

from __future__ import annotations

from testkit.outcome import Outcome
from testkit.pytest import pytest


def unit() -> Outcome:
    """Run the unit and property tests."""
    # No test of these takes a minute; one that hangs ends the run, with a stack that says where.
    hanging = ("-o", "faulthandler_timeout=120", "-o", "faulthandler_exit_on_timeout=true")
    return pytest("unit", ["tests/unit"], command=("pytest", "--quiet", *hanging))
