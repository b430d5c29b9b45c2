# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests share: the Budget that lies on the machine, and the table of figures at their end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from machine import STACK, ask

_FIGURES: list[tuple[str, str, str]] = []


@pytest.fixture(name="figure", scope="session")
def _figure() -> Callable[[str, object, object], None]:
    """Keep a line for the table at the end: what, without, with."""
    return lambda what, without, with_: _FIGURES.append((what, str(without), str(with_)))


@pytest.fixture(name="budget", scope="session")
def _budget() -> dict[str, Any]:
    """Return the Budget that lies on the machine."""
    return dict(json.loads(ask(f"cat {STACK}/budget.json")))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _FIGURES:
        return
    rows = [("", "without", "with"), *_FIGURES]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    terminalreporter.section("figures")
    for row in rows:
        terminalreporter.write_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
