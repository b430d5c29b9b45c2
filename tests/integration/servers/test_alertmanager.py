# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alertmanager takes its configuration and its memory limit."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.units import MIB
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import Sandbox
from ansible_collections.ziggie.stack.tests.integration.servers.stack import limits, tuned

pytestmark = pytest.mark.integration

OWNER = 65534


@pytest.mark.parametrize("limit", limits("alertmanager"))
def test_alertmanager_runs_with_it(box: Sandbox, limit: int) -> None:
    service = tuned("alertmanager", limit)
    box.directory("/alertmanager", OWNER)
    box.directory("/etc/alertmanager", OWNER)
    box.write(service.files, OWNER)
    box.run(["amtool", "check-config", "/etc/alertmanager/alertmanager.yml"])
    found = box.serve(
        ["prometheus-alertmanager", *service.command],
        ready="curl -fsS http://127.0.0.1:9093/-/ready",
        read="curl -fsS http://127.0.0.1:9093/metrics | grep '^go_gc_gomemlimit_bytes '",
        user=OWNER,
        environment=service.environment,
    )
    assert int(float(found.split()[1])) == int(service.settings["GOMEMLIMIT"].removesuffix("MiB")) * MIB
