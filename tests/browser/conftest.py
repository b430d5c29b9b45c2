# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One browser for all tests, and the pages that it opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.plugin_utils.pages import page
from ansible_collections.ziggie.stack.tests.browser.chromium import Browser, browser
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page import sample

OUTPUT = Path(__file__).parents[1] / "output" / "browser"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return headless Chromium."""
    with browser() as opened:
        yield opened


@pytest.fixture(scope="session", params=["full", "plan", "infeasible", "validation"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return which page: with a running host, with none, without a budget, or of a validation."""
    return str(request.param)


@pytest.fixture(scope="session")
def pages() -> dict[str, Path]:
    """Return the pages as files, which stay to be looked at."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    long = "services." + "a-long-name-without-a-space" * 8
    drawn = {
        "full": sample.full(),
        "plan": page(sample.budget(), **sample.HEADER),
        "infeasible": page(
            {}, containers=sample.containers(sample.budget(3)), findings=[sample.finding("error", path=long, message=long)], **sample.HEADER
        ),
        "validation": page(sample.budget(), containers=sample.containers(sample.budget()), checks=sample.checks(long), **sample.HEADER),
        "thousand": sample.full(1000),
    }
    paths = {name: OUTPUT / f"{name}.html" for name in drawn}
    for name, path in paths.items():
        path.write_text(drawn[name], encoding="utf-8")
    return paths


@pytest.fixture(scope="session")
def output() -> Path:
    """Return where screenshots are kept."""
    return OUTPUT
