# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the catalog read: its fragments, the stack they make, and that stack's budget on the report's host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import render

ROLES = Path(__file__).parents[3] / "roles"
FILES = ROLES / "catalog" / "files"
TEMPLATES = [ROLES / "catalog" / "templates", ROLES / "monitoring" / "templates"]
FRAGMENTS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((FILES / "services").glob("*.yml"))}
REPORT = yaml.safe_load(Path(__file__).with_name("report.yml").read_text())["services"]
CREDENTIALS = ["certbot_domain", "certbot_email", "github_runner_token"]

# A 16 GiB plan of which the kernel reports 15.6 GiB.
HOST = {"memory": "15974m", "cpus": 4}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `name` once for every service: of the catalog, or of those whose figures the report gives."""
    if "name" in metafunc.fixturenames:
        names = set(FRAGMENTS)
        if "figures" in metafunc.fixturenames:
            names &= set(REPORT)
        if "health" in metafunc.fixturenames:
            names &= {name for name, figures in REPORT.items() if figures["health"]}
        metafunc.parametrize("name", sorted(names))


@pytest.fixture
def fragment(name: str) -> dict[str, Any]:
    """Return the fragment of one service."""
    return FRAGMENTS[name]


@pytest.fixture
def service(name: str) -> dict[str, Any]:
    """Return the definition of one service."""
    return FRAGMENTS[name]["services"][name]


@pytest.fixture(scope="session")
def fragments() -> dict[str, dict[str, Any]]:
    """Return all fragments by file stem."""
    return FRAGMENTS


@pytest.fixture(scope="session")
def report() -> dict[str, dict[str, Any]]:
    """Return the report's figures."""
    return REPORT


@pytest.fixture
def figures(name: str) -> dict[str, Any]:
    """Return what the report says of one service."""
    return REPORT[name]


@pytest.fixture
def health(name: str) -> dict[str, Any]:
    """Return the probe's times that the report gives one service."""
    return REPORT[name]["health"]


def _stack(*, promtail: bool) -> dict[str, Any]:
    first = yaml.safe_load((FILES / "stack.yml").read_text())
    merged, findings = merge([first, *FRAGMENTS.values()], {}, ["alloy"] if promtail else [], ["promtail"] if promtail else [])
    assert not findings
    return merged


@pytest.fixture(scope="session")
def stack() -> dict[str, Any]:
    """Return the stack as it is by default: with Alloy and without Promtail."""
    return _stack(promtail=False)


@pytest.fixture(scope="session")
def budget(stack: dict[str, Any]) -> dict[str, Any]:
    """Return the default stack's budget."""
    return solve(stack, HOST, {"credentials": CREDENTIALS}).to_dict()


@pytest.fixture(scope="session")
def rendered(stack: dict[str, Any], budget: dict[str, Any]) -> dict[str, str]:
    """Return every configuration file, with Promtail's from a stack that has it in Alloy's place."""
    other = _stack(promtail=True)
    promtail = render(TEMPLATES, solve(other, HOST, {"credentials": CREDENTIALS}).to_dict(), other)
    return {**promtail, **render(TEMPLATES, budget, stack)}
