# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host writes of its services is in Prometheus, under the right name, and is what the engine and the kernel say."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

EVERY_SERVICE = (
    "ziggie_service_budget_memory_limit_bytes",
    "ziggie_service_budget_memory_reservation_bytes",
    "ziggie_service_memory_limit_bytes",
    "ziggie_service_memory_reservation_bytes",
    "ziggie_service_cpu_limit_cores",
    "ziggie_service_cpu_shares",
    "ziggie_service_pids_limit",
    "ziggie_service_limit_differs",
    'ziggie_service_memory_events_total{event="max"}',
    'ziggie_service_memory_events_total{event="oom_kill"}',
    "ziggie_service_oom_notices_total",
    "ziggie_service_oom_killed",
    "ziggie_service_restarts_total",
    "ziggie_service_running",
    "ziggie_service_start_time_seconds",
)
# Two looks of the host and two scrapes.
SETTLED = 90


def by_service(query: Any, expr: str) -> dict[str, float]:
    return {series["service"]: series["value"] for series in query(f"max by (service) ({expr})")}


@pytest.mark.parametrize("metric", EVERY_SERVICE)
def test_every_service_has_it_and_nobody_else(query: Any, containers: dict[str, Any], metric: str) -> None:
    until = time.monotonic() + SETTLED
    while set(by_service(query, metric)) != set(containers) and time.monotonic() < until:
        time.sleep(5)
    assert set(by_service(query, metric)) == set(containers)


def test_limits_are_those_of_the_budget(query: Any, budget: dict[str, Any], containers: dict[str, Any]) -> None:
    wanted = {name: float(budget["services"][name]["memory"]["limit"]) for name in containers}
    assert by_service(query, "ziggie_service_memory_limit_bytes") == wanted
    assert by_service(query, "ziggie_service_budget_memory_limit_bytes") == wanted
    assert by_service(query, "ziggie_service_pids_limit") == {name: float(budget["services"][name]["pids"]) for name in containers}
    assert {series["limit"]: series["value"] for series in query("max by (limit) (ziggie_service_limit_differs)")}.pop("memory") == 0
    assert query("ziggie_service_limit_differs == 1") == []


def test_life_is_what_the_engine_says(query: Any, inspect: Any) -> None:
    now = inspect()
    probed = {name: float(one["State"]["Health"]["Status"] == "healthy") for name, one in now.items() if "Health" in one["State"]}
    assert by_service(query, "ziggie_service_healthy") == probed
    assert by_service(query, "ziggie_service_restarts_total") == {name: float(one["RestartCount"]) for name, one in now.items()}
    assert by_service(query, "ziggie_service_running") == dict.fromkeys(now, 1.0)
    started = by_service(query, "ziggie_service_start_time_seconds")
    for name, one in now.items():
        moment = datetime.strptime(one["State"]["StartedAt"][:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
        assert abs(started[name] - moment.timestamp()) < 1, name


def test_volumes_are_measured(query: Any, budget: dict[str, Any], containers: dict[str, Any], ask: Any) -> None:
    wanted = {volume: storage["size"] for name in containers for volume, storage in budget["services"][name]["storage"].items()}
    assert {series["volume"]: series["value"] for series in query("ziggie_volume_size_bytes")} == wanted
    used = {series["volume"]: series["value"] for series in query("ziggie_volume_used_bytes")}
    assert set(used) == set(wanted)
    # A quarter of an hour may lie between the two measurements.
    place = json.loads(ask("cat /opt/ziggie/stack/release.json"))["volumes"]["portainer_data"]
    assert used["portainer_data"] == pytest.approx(int(ask(f"du --summarize --block-size=1 {place}").split()[0]), rel=0.5, abs=1 << 20)


def test_the_certificate_is_the_one_that_nginx_serves(query: Any, ask: Any, containers: dict[str, Any]) -> None:
    end = ask(f"docker exec {containers['nginx']['Id']} openssl x509 -noout -enddate -in /etc/nginx/tls/fullchain.pem").strip()
    moment = datetime.strptime(end.removeprefix("notAfter="), "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
    assert by_service(query, "ziggie_certificate_not_after_timestamp_seconds")["nginx"] == moment.timestamp()


def test_it_is_fresh_and_costs_little(query: Any, ask: Any) -> None:
    (age,) = query("time() - ziggie_live_state_timestamp_seconds")
    assert age["value"] < 75
    assert query("node_textfile_scrape_error")[0]["value"] == 0
    assert query("ziggie_live_state_problems")[0]["value"] == 0
    # 0.25 s of a processor twice a minute, measured; a machine that is busy counts more.
    (cost,) = query("ziggie_live_state_cpu_seconds")
    assert cost["value"] < 1.5
    shown = ask("systemctl show ziggie-live-state.service --property=MemoryMax,CapabilityBoundingSet,NoNewPrivileges,InaccessiblePaths")
    assert "MemoryMax=100663296" in shown
    assert "CapabilityBoundingSet=cap_dac_read_search\n" in shown
    assert "NoNewPrivileges=yes" in shown
    assert "/opt/ziggie/secrets" in shown
