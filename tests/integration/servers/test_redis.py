# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis starts with what was computed for it and says the same back."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.units import MIB
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import Sandbox
from ansible_collections.ziggie.stack.tests.integration.servers.stack import PASSWORD, limits, tuned

pytestmark = pytest.mark.integration

OWNER = 999
CLI = "redis-cli -h 127.0.0.1"


@pytest.mark.parametrize("limit", limits("redis"))
def test_redis_runs_with_it(box: Sandbox, limit: int) -> None:
    service = tuned("redis", limit)
    box.directory("/data", OWNER)
    box.directory("/usr/local/etc/redis", OWNER)
    box.write(service.files, OWNER)
    found = box.serve(
        service.command,
        ready=f"{CLI} ping | grep -qx PONG",
        read=f"{CLI} CONFIG GET maxmemory; {CLI} CONFIG GET maxmemory-policy; {CLI} CONFIG GET appendonly",
        user=OWNER,
        environment={"REDISCLI_AUTH": PASSWORD},
    ).split()
    settings = dict(zip(found[::2], found[1::2], strict=True))
    assert int(settings["maxmemory"]) == int(service.settings["maxmemory"].removesuffix("mb")) * MIB
    assert int(settings["maxmemory"]) * 2 < limit
    assert settings["maxmemory-policy"] == service.settings["maxmemory-policy"]
    assert settings["appendonly"] == "yes"
