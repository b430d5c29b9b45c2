# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Node.js takes the heap that was computed for it, and the rest of the limit stays for what is not heap."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.units import MIB
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import Sandbox
from ansible_collections.ziggie.stack.tests.integration.servers.stack import limits, tuned

pytestmark = pytest.mark.integration

READ = "JSON.stringify([require('v8').getHeapStatistics().heap_size_limit, process.env.UV_THREADPOOL_SIZE])"


@pytest.mark.parametrize("limit", limits("mcp-gateway"))
def test_node_takes_it(box: Sandbox, limit: int) -> None:
    service = tuned("mcp-gateway", limit)
    heap, threads = json.loads(box.run(["node", "-p", READ], environment=service.environment))
    old_space = int(service.settings["max-old-space-size"]) * MIB
    # V8 counts the young generation in: three semi-spaces of 16 MiB.
    assert old_space <= heap <= old_space + 48 * MIB
    assert heap < limit
    assert threads == service.settings["UV_THREADPOOL_SIZE"]
