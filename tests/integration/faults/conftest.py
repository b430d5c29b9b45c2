# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab host with the stack on it, or one sentence that says how to get it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.tests.integration.faults.lab import HOST, STACK, Verdict, validate


@pytest.fixture(scope="session", autouse=True)
def _deployed() -> None:
    found = subprocess.run(["docker", "exec", HOST, "test", "-f", f"{STACK}/release.json"], capture_output=True, check=False)
    if found.returncode:
        pytest.fail(f"the stack does not run on {HOST}: 'make up' deploys it", pytrace=False)


@pytest.fixture(name="verdict")
def _verdict(tmp_path: Path) -> Callable[..., Verdict]:
    """Validate the host as it is now."""
    return lambda **variables: validate(tmp_path, **variables)


@pytest.fixture(name="before", scope="session")
def _before(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return what fails on the host before anything is broken; a test expects its own failure beyond these."""
    return validate(tmp_path_factory.mktemp("before")).named("fail")
