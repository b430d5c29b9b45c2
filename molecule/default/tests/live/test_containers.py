# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every service is healthy, inside the limits that the Budget gives it, as the kernel enforces them."""

from __future__ import annotations

import json
from typing import Any

Containers = dict[str, dict[str, Any]]
Kernel = dict[str, dict[str, str]]

_PERIOD = 100_000


def test_exactly_the_services_of_the_budget_run(budget: dict[str, Any], containers: Containers) -> None:
    assert sorted(containers) == sorted(name for name, service in budget["services"].items() if service["enabled"])


def test_a_service_runs_and_is_healthy(service: str, containers: Containers) -> None:
    state = containers[service]["State"]
    assert (state["Status"], state["OOMKilled"]) == ("running", False)
    if (containers[service]["Config"].get("Healthcheck") or {}).get("Test", ["NONE"]) != ["NONE"]:
        assert state["Health"]["Status"] == "healthy", state["Health"]["Log"][-1]["Output"]


def test_memory_is_what_the_budget_gives(service: str, budget: dict[str, Any], kernel: Kernel) -> None:
    wanted, held = budget["services"][service]["memory"], kernel[service]
    assert int(held.get("memory.limit_in_bytes") or held["memory.max"]) == wanted["limit"]
    if "memory.memsw.limit_in_bytes" in held:
        assert int(held["memory.memsw.limit_in_bytes"]) == wanted["limit"] + wanted["swap"]
    if "memory.swap.max" in held:
        assert int(held["memory.swap.max"]) == wanted["swap"]


def test_cpu_is_what_the_budget_gives(service: str, budget: dict[str, Any], containers: Containers, kernel: Kernel) -> None:
    wanted, held = budget["services"][service]["cpus"], kernel[service]
    quota = wanted["quota"] * _PERIOD // 1000 if wanted["quota"] else None
    if "cpu.max" in held:
        assert held["cpu.max"] == f"{quota or 'max'} {_PERIOD}"
        assert containers[service]["HostConfig"]["CpuShares"] == wanted["shares"]
    else:
        assert (int(held["cpu.cfs_quota_us"]), int(held["cpu.cfs_period_us"])) == (quota or -1, _PERIOD)
        assert int(held["cpu.shares"]) == wanted["shares"]


def test_processes_are_what_the_budget_gives(service: str, budget: dict[str, Any], kernel: Kernel) -> None:
    assert int(kernel[service]["pids.max"]) == budget["services"][service]["pids"]


def test_who_is_killed_first_is_what_the_budget_says(service: str, ask: Any, budget: dict[str, Any], containers: Containers) -> None:
    score = ask(f"cat /proc/{containers[service]['State']['Pid']}/oom_score_adj")
    assert int(score) == budget["services"][service]["oom_score_adj"]


def test_all_limits_together_fit_the_pool(budget: dict[str, Any], kernel: Kernel) -> None:
    limits = [int(held.get("memory.limit_in_bytes") or held["memory.max"]) for held in kernel.values()]
    assert sum(limits) <= budget["pool"]["memory"] - budget["margin"]["memory"]


def test_the_images_are_those_of_the_budget(service: str, budget: dict[str, Any], containers: Containers) -> None:
    written = budget["services"][service]["image"]
    assert containers[service]["Config"]["Image"].endswith(written.split("/", 1)[-1])
    assert not written.endswith(":latest")


def test_the_network_is_the_reports(ask: Any) -> None:
    [network] = json.loads(ask("docker network inspect ziggie-network"))
    assert network["IPAM"]["Config"] == [{"Subnet": "172.28.0.0/16", "IPRange": "172.28.5.0/24", "Gateway": "172.28.5.254"}]
    assert network["Options"] == {"com.docker.network.bridge.name": "br-ziggie", "com.docker.network.driver.mtu": "1500"}
