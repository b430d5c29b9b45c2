# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules say what the Budget says, name their service, and can be looked up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.render.alerts import document as alerts
from ansible_collections.ziggie.stack.plugins.module_utils.render.watched import RUNBOOK, Watched, watches

ROOT = Path(__file__).parents[6]
REPORT = {"HighMemoryUsage", "ContainerMemoryNearLimit", "HighCPUUsage", "DiskSpaceLow", "APILatencyHigh"}


def _rules(watched: Watched) -> list[dict[str, Any]]:
    return [rule for group in alerts.document(watched)["groups"] for rule in group["rules"]]


def _alerts(watched: Watched) -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in _rules(watched) if "alert" in rule}


def test_the_reports_rules_are_there(watched: Watched) -> None:
    assert set(_alerts(watched)) >= REPORT


def test_names_are_unique(watched: Watched) -> None:
    names = [rule.alert for rule in alerts.rules(watched)]
    assert len(names) == len(set(names))


def test_every_number_of_the_budget_is_a_series(watched: Watched) -> None:
    written = {(rule["record"], rule["labels"]["service"]): rule["expr"] for rule in _rules(watched) if "record" in rule}
    for name, service in watched.services.items():
        assert written["service:budget_memory_limit:bytes", name] == f"vector({service['memory']['limit']})"
        assert written["service:budget_memory_reservation:bytes", name] == f"vector({service['memory']['reservation']})"
        assert float(written["service:budget_cpu_limit:cores", name][7:-1]) * 1000 == service["cpus"]["limit"]


def test_every_alert_has_severity_summary_and_labels(watched: Watched) -> None:
    for name, rule in _alerts(watched).items():
        assert rule["labels"]["severity"] in {"critical", "warning", "info", "none"} or "tier" in rule["labels"]["severity"], name
        assert rule["annotations"]["summary"], name
        assert "tier" in rule["labels"] or "group_left (tier)" in rule["expr"] or "service:budget:info" in rule["expr"], name
        service = rule["labels"].get("service", "{{ $labels.service }}")
        assert service in rule["annotations"]["summary"], name


def test_every_alert_is_in_the_runbook(watched: Watched) -> None:
    headings = re.findall(r"^#+ (\w+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
    anchors = {heading.lower() for heading in headings}
    for name, rule in _alerts(watched).items():
        address, _unused, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert address == RUNBOOK
        assert anchor in anchors, name


def test_the_runbook_explains_no_alert_that_is_not(watched: Watched) -> None:
    text = (ROOT / "docs" / "runbook.md").read_text()
    explained = set(re.findall(r"^### (\w+)$", text, re.MULTILINE))
    assert explained == set(_alerts(watched))


def test_the_runbooks_inner_links_lead_somewhere() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text()
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


def test_the_runbook_can_lie_elsewhere(watched: Watched) -> None:
    elsewhere = Watched(budget=watched.budget, compose=watched.compose, settings={"runbook": "https://wiki.example/runbook"})
    assert _alerts(elsewhere)["DiskSpaceLow"]["annotations"]["runbook_url"] == "https://wiki.example/runbook#diskspacelow"


def test_thresholds_follow_the_tuning(watched: Watched) -> None:
    tuned = watched.budget["services"]
    connections = int(tuned["postgres"]["tuning"]["settings"]["max_connections"])
    assert f"> {(connections - 3) * 0.8:g}" in _alerts(watched)["PostgresConnectionsHigh"]["expr"]
    assert f"> {int(tuned['mongodb']['tuning']['settings']['maxConns']) * 0.8:g}" in _alerts(watched)["MongoConnectionsHigh"]["expr"]
    maxmemory = int(tuned["redis"]["tuning"]["settings"]["maxmemory"].removesuffix("mb")) * 1024**2
    assert f"/ {maxmemory} > 1.1" in _alerts(watched)["RedisMemoryHigh"]["expr"]


def test_a_queue_in_redis_is_watched_below_its_maximum(watched: Watched) -> None:
    redis = watched.budget["services"]["redis"]
    settings = {**redis["tuning"]["settings"], "maxmemory-policy": "noeviction"}
    services = {**watched.budget["services"], "redis": {**redis, "tuning": {**redis["tuning"], "settings": settings}}}
    queue = Watched(budget={**watched.budget, "services": services}, compose=watched.compose, settings={})
    assert _alerts(queue)["RedisMemoryHigh"]["expr"].endswith("> 0.9")


def test_what_watches_costs_a_fifth_of_the_pool_at_most(watched: Watched) -> None:
    watching = {name for name in watched.services if watches(name)}
    assert {"prometheus", "loki", "alloy", "cadvisor", "node-exporter", "redis-exporter"} <= watching
    given = sum(service["memory"]["limit"] for name, service in watched.services.items() if name in watching)
    reserved = sum(service["cpus"]["reservation"] for name, service in watched.services.items() if name in watching)
    assert given <= 0.2 * watched.budget["pool"]["memory"]
    assert reserved <= 0.2 * watched.budget["pool"]["cpus"]


def test_a_host_that_cannot_look_has_no_rule_that_asks_for_it(watched: Watched) -> None:
    blind = Watched(budget=watched.budget, compose=watched.compose, settings=watched.settings, live_state=False)
    assert set(_alerts(watched)) - set(_alerts(blind)) == {
        "LiveStateStale",
        "LiveStateIncomplete",
        "VolumeNearShare",
        "BackupTooOld",
        "CertificateExpiresSoon",
    }
    assert "container_spec_memory_limit_bytes" in _alerts(blind)["BudgetDrift"]["expr"]
    assert "ziggie_service_limit_differs" in _alerts(watched)["BudgetDrift"]["expr"]


def test_a_rule_about_what_nobody_named_is_not_there(watched: Watched) -> None:
    plain = Watched(budget=watched.budget, compose=watched.compose, settings={})
    assert set(_alerts(watched)) - set(_alerts(plain)) == {"Watchdog", "BackupTooOld"}


def test_only_what_runs_is_watched(watched: Watched, switch_off: Any) -> None:
    assert not any(
        "pg_" in rule["expr"] for rule in _rules(switch_off(watched, "postgres-exporter")) if rule.get("alert") != "MetricVanished"
    )
    assert "APILatencyHigh" not in _alerts(switch_off(watched, "ziggie-api"))
    assert "ServiceDown" not in _alerts(switch_off(watched, "cadvisor"))
    assert "DatabaseDown" not in _alerts(switch_off(watched, "postgres", "redis", "mongodb"))
    assert "LiveStateStale" not in _alerts(switch_off(watched, "node-exporter"))
    assert "CertificateExpiresSoon" not in _alerts(switch_off(watched, "nginx", "certbot"))
    assert "ConnectionPoolExhausted" not in _alerts(switch_off(watched, "pgbouncer"))
    off = switch_off(watched, "flowise")
    assert not [rule for rule in _rules(off) if rule.get("labels", {}).get("service") == "flowise"]
