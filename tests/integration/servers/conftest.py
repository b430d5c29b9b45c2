# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox that all tests of a run share, or one sentence that says how to get it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import Sandbox, UnavailableError, sandbox


@pytest.fixture(scope="session")
def box() -> Iterator[Sandbox]:
    """Give the container, without network, in which servers run."""
    try:
        with sandbox() as running:
            yield running
    except UnavailableError as unavailable:
        pytest.fail(str(unavailable), pytrace=False)
