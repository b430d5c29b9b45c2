# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One pair of servers and one repository for all tests, and a ledger of the writes that were acknowledged."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from ansible_collections.ziggie.stack.tests.integration.backup import rough


@pytest.fixture(name="servers", scope="session")
def _servers() -> Iterator[rough.Ledger]:
    found = subprocess.run(["docker", "exec", rough.HOST, "docker", "version"], capture_output=True, check=False)
    if found.returncode:
        pytest.fail(f"{rough.HOST} does not run: 'make lab' makes it", pytrace=False)
    try:
        rough.make()
        yield rough.Ledger()
    finally:
        rough.remove()


@pytest.fixture(name="ledger")
def _ledger(servers: rough.Ledger) -> Iterator[rough.Ledger]:
    """Write before a test and after it; whatever it does, nothing acknowledged is lost, nothing is left behind or stopped, and the next backup counts."""
    servers.write()
    yield servers
    rough.answers()
    servers.write()
    assert (servers.lacking(), rough.left()) == ({}, [])
