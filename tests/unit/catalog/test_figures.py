# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalog's figures: the report's where it gives one, and together within the report's host."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.module_utils.units import MIB, parse_cpus, parse_size

TIERS = {1: "critical", 2: "workflow", 3: "management"}

# Where a figure is not the report's, and why.
PIDS = {
    "cadvisor": (100, "the report gives none"),
    "grafana": (100, "its plugins are processes with threads of their own"),
    "github-runner": (2048, "builds use thousands of threads"),
    "mongodb": (512, "one thread for each connection"),
    "node-exporter": (50, "the report gives none"),
    "open-webui": (256, "a pool of 40 threads beside those of its libraries"),
    "postgres": (200, "the report gives none; one process for each of 100 connections"),
    "promtail": (50, "its own threads and those of the probe"),
}
HEALTH = {
    "flowise": ({"start_period": 180}, "its boot"),
    "grafana": ({"start_period": 60}, "migrations"),
    "loki": ({"start_period": 60}, "not ready for 15 s and more"),
    "mongodb": ({"interval": 60, "timeout": 15, "retries": 3, "start_period": 60}, "one probe takes 0.8 s of CPU"),
    "n8n": ({"start_period": 120}, "its boot"),
    "open-webui": ({"start_period": 240}, "its boot"),
    "postgres": ({"start_period": 120}, "crash recovery"),
    "prometheus": ({"start_period": 300}, "replay of its log"),
    "sim-studio": ({"start_period": 30}, "the report gives none"),
}


def _asked(service: dict[str, Any]) -> int:
    memory = service["x-budget"]["memory"]
    return parse_size(memory.get("asked", memory["request"])) // MIB


def test_figures_are_the_reports(name: str, service: dict[str, Any], figures: dict[str, Any]) -> None:
    budget = service["x-budget"]
    assert budget["tier"] == TIERS[figures["tier"]]
    assert budget["priority"] == (figures["priority"] or "low")
    assert _asked(service) == figures["limit"]["memory"]
    assert parse_cpus(budget["cpus"]["limit"]) == parse_cpus(figures["limit"]["cpu"])
    assert budget["pids"] == PIDS.get(name, (figures["limit"]["pids"],))[0]
    if figures["reservation"]:
        assert parse_size(budget["memory"]["reservation"]) // MIB == figures["reservation"]["memory"]
        assert parse_cpus(budget["cpus"]["reservation"]) == parse_cpus(figures["reservation"]["cpu"])


def test_probe_times_are_the_reports(name: str, service: dict[str, Any], health: dict[str, Any]) -> None:
    wanted = {**health, **HEALTH.get(name, ({},))[0]}
    found = {key: int(str(service["healthcheck"][key]).removesuffix("s")) for key in wanted}
    assert found == wanted


def test_alloy_asks_what_promtail_asked(fragments: dict[str, Any], report: dict[str, Any]) -> None:
    assert _asked(fragments["alloy"]["services"]["alloy"]) == report["promtail"]["limit"]["memory"]


def test_a_request_below_the_floor_is_raised_to_it(service: dict[str, Any]) -> None:
    memory = service["x-budget"]["memory"]
    assert parse_size(memory["request"]) >= parse_size(memory["floor"])
    assert parse_size(memory["request"]) == max(parse_size(memory.get("asked", memory["request"])), parse_size(memory["floor"]))


def test_the_floors_fit_the_host_of_which_the_kernel_reports_less(budget: dict[str, Any]) -> None:
    assert len(budget["services"]) == 27
    assert budget["totals"]["all"]["memory"]["floor"] <= 13_300 * MIB
    assert budget["totals"]["all"]["memory"]["limit"] <= budget["pool"]["memory"] - budget["margin"]["memory"]


def test_every_service_gets_what_it_cannot_do_without(budget: dict[str, Any]) -> None:
    for service in budget["services"].values():
        memory = service["memory"]
        assert memory["floor"] <= memory["limit"] <= memory["request"]
        assert service["enabled"]
    assert not [finding for finding in budget["findings"] if finding["severity"] == "error"]


def test_services_without_their_credentials_are_off_and_hold_nothing(stack: dict[str, Any], budget: dict[str, Any]) -> None:
    without = solve(stack, {"memory": "15974m", "cpus": 4}, {}).to_dict()
    assert {name for name, service in without["services"].items() if not service["enabled"]} == {"certbot", "github-runner"}
    assert without["totals"]["all"]["services"] == budget["totals"]["all"]["services"] - 2
    assert without["totals"]["all"]["pids"] < budget["totals"]["all"]["pids"]
    # What they held goes to those that run.
    gets = {name: service["memory"]["limit"] for name, service in without["services"].items() if service["enabled"]}
    assert all(limit >= budget["services"][name]["memory"]["limit"] for name, limit in gets.items())
    assert sum(gets.values()) > sum(budget["services"][name]["memory"]["limit"] for name in gets)


def test_the_reports_own_limits_are_refused(stack: dict[str, Any]) -> None:
    with pytest.raises(BudgetError, match="more than the pool holds"):
        solve(stack, {"memory": "16g", "cpus": 4}, {"memory": "declared"})
