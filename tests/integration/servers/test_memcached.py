# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memcached starts with what was computed for it and says the same back."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import Sandbox
from ansible_collections.ziggie.stack.tests.integration.servers.stack import derived, least

pytestmark = pytest.mark.integration

PORT = 11999
ASK = f"exec 3<>/dev/tcp/127.0.0.1/{PORT} && printf 'stats settings\\r\\nquit\\r\\n' >&3 && cat <&3"


@pytest.mark.parametrize("limit", [least("memcached"), 100 * MIB + 1, 3 * GIB])
def test_memcached_runs_with_it(box: Sandbox, limit: int) -> None:
    tuning = derived("memcached", limit)
    said = box.serve(["memcached", "--listen=127.0.0.1", f"--port={PORT}", *tuning.arguments], ready=ASK, read=ASK, user=999)
    settings = dict(line.split()[1:] for line in said.splitlines() if line.startswith("STAT") and len(line.split()) == 3)
    assert int(settings["maxbytes"]) == int(tuning.settings["memory-limit"]) * MIB
    assert int(settings["maxconns"]) == tuning.offers
