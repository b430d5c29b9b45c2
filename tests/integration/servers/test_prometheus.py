# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus takes the flags and the configuration that were made for it."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.units import MIB
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import Sandbox
from ansible_collections.ziggie.stack.tests.integration.servers.stack import limits, tuned

pytestmark = pytest.mark.integration

OWNER = 65534
UNITS = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}
API = "http://127.0.0.1:9090/api/v1/status"


def size(text: str) -> int:
    """Return the bytes of a size as Prometheus writes it, 12GiB819MiB."""
    return sum(int(figure) * UNITS[unit] for figure, unit in re.findall(r"(\d+)([KMGT]iB)", text))


@pytest.mark.parametrize("limit", limits("prometheus"))
def test_prometheus_runs_with_it(box: Sandbox, limit: int) -> None:
    service = tuned("prometheus", limit)
    box.directory("/prometheus", OWNER)
    box.directory("/etc/prometheus", OWNER)
    box.write(service.files, OWNER)
    box.run(["promtool", "check", "config", "/etc/prometheus/prometheus.yml"])
    found = box.serve(
        ["prometheus", *service.command],
        ready="curl -fsS http://127.0.0.1:9090/-/ready",
        read=f"curl -fsS {API}/flags; echo; curl -fsS {API}/runtimeinfo",
        user=OWNER,
        environment=service.environment,
    )
    flags, runtime = (json.loads(line)["data"] for line in found.splitlines())
    assert int(runtime["GOMEMLIMIT"]) == int(service.settings["GOMEMLIMIT"].removesuffix("MiB")) * MIB
    assert size(flags["storage.tsdb.retention.size"]) == int(service.settings["storage.tsdb.retention.size"].removesuffix("MB")) * MIB
    for name in ("query.max-samples", "query.max-concurrency"):
        assert flags[name] == service.settings[name]
