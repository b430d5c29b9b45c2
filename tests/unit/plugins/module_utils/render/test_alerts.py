# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules say what the Budget says, name their service, and can be looked up."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.render import alerts
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.settings import RUNBOOK, Settings
from ansible_collections.ziggie.stack.plugins.module_utils.render.monitored import Monitored, is_monitoring
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import alert_groups

ROOT = Path(__file__).parents[5]
OF_BACKUPS = {"BackupFailed", "BackupShrunk", "DrillTooOld", "RecoveryTimeExceeded", "RepositoryAlmostFull", "RepositoryLocked"}
REPORT = {"HighMemoryUsage", "ContainerMemoryNearLimit", "HighCPUUsage", "DiskSpaceLow", "APILatencyHigh"}


def _rules(monitored: Monitored) -> list[dict[str, Any]]:
    return [rule for group in alerts.document(monitored, alert_groups())["groups"] for rule in group["rules"]]


def _alerts(monitored: Monitored) -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in _rules(monitored) if "alert" in rule}


def test_the_reports_rules_are_there(monitored: Monitored) -> None:
    assert set(_alerts(monitored)) >= REPORT


def test_names_are_unique(monitored: Monitored) -> None:
    names = [rule["alert"] for rule in _rules(monitored) if "alert" in rule]
    assert len(names) == len(set(names))


def test_every_number_of_the_budget_is_a_series(monitored: Monitored) -> None:
    written = {(rule["record"], rule["labels"]["service"]): rule["expr"] for rule in _rules(monitored) if "record" in rule}
    for name, service in monitored.services.items():
        assert written["service:budget_memory_limit:bytes", name] == f"vector({service.memory.limit})"
        assert written["service:budget_memory_reservation:bytes", name] == f"vector({service.memory.reservation})"
        assert float(written["service:budget_cpu_limit:cores", name][7:-1]) * 1000 == service.cpus.limit


def test_every_alert_has_severity_summary_and_labels(monitored: Monitored) -> None:
    for name, rule in _alerts(monitored).items():
        assert rule["labels"]["severity"] in {"critical", "warning", "info", "none"} or "tier" in rule["labels"]["severity"], name
        assert rule["annotations"]["summary"], name
        assert "tier" in rule["labels"] or "group_left (tier)" in rule["expr"] or "service:budget:info" in rule["expr"], name
        service = rule["labels"].get("service", "{{ $labels.service }}")
        assert service in rule["annotations"]["summary"], name


def test_every_alert_is_in_the_runbook(monitored: Monitored) -> None:
    headings = re.findall(r"^#+ (\w+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
    anchors = {heading.lower() for heading in headings}
    for name, rule in _alerts(monitored).items():
        address, _unused, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert address == RUNBOOK
        assert anchor in anchors, name


def test_the_runbook_explains_no_alert_that_is_not(monitored: Monitored) -> None:
    text = (ROOT / "docs" / "runbook.md").read_text()
    explained = set(re.findall(r"^### (\w+)$", text, re.MULTILINE))
    assert explained == set(_alerts(monitored))


def test_the_runbooks_inner_links_lead_somewhere() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text()
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


def test_the_runbook_can_lie_elsewhere(monitored: Monitored) -> None:
    elsewhere = Monitored(
        budget=monitored.budget, compose=monitored.compose, settings=Settings.of({"runbook": "https://wiki.example/runbook"})
    )
    assert _alerts(elsewhere)["DiskSpaceLow"]["annotations"]["runbook_url"] == "https://wiki.example/runbook#diskspacelow"


def test_thresholds_follow_the_tuning(monitored: Monitored) -> None:
    connections = int(monitored.tuned("postgres", "max_connections") or 0)
    assert f"> {(connections - 3) * 0.8:g}" in _alerts(monitored)["PostgresConnectionsHigh"]["expr"]
    assert f"> {int(monitored.tuned('mongodb', 'maxConns') or 0) * 0.8:g}" in _alerts(monitored)["MongoConnectionsHigh"]["expr"]
    maxmemory = int((monitored.tuned("redis", "maxmemory") or "").removesuffix("mb")) * 1024**2
    assert f"/ {maxmemory} > 1.1" in _alerts(monitored)["RedisMemoryHigh"]["expr"]


def test_a_queue_in_redis_is_watched_below_its_maximum(monitored: Monitored) -> None:
    redis = monitored.budget.services["redis"]
    tuning = replace(redis.tuning, settings={**redis.tuning.settings, "maxmemory-policy": "noeviction"})
    services = {**monitored.budget.services, "redis": replace(redis, tuning=tuning)}
    queue = replace(monitored, budget=replace(monitored.budget, services=services))
    assert _alerts(queue)["RedisMemoryHigh"]["expr"].endswith("> 0.9")


def test_what_watches_costs_a_fifth_of_the_pool_at_most(monitored: Monitored) -> None:
    watching = {name for name in monitored.services if is_monitoring(name)}
    assert {"prometheus", "loki", "alloy", "cadvisor", "node-exporter", "redis-exporter"} <= watching
    given = sum(service.memory.limit for name, service in monitored.services.items() if name in watching)
    reserved = sum(service.cpus.reservation for name, service in monitored.services.items() if name in watching)
    assert given <= 0.2 * monitored.budget.pool.memory
    assert reserved <= 0.2 * monitored.budget.pool.cpus


def test_a_host_that_cannot_look_has_no_rule_that_asks_for_it(monitored: Monitored) -> None:
    blind = Monitored(budget=monitored.budget, compose=monitored.compose, settings=monitored.settings, live_state=False)
    assert set(_alerts(monitored)) - set(_alerts(blind)) == {
        "LiveStateStale",
        "LiveStateIncomplete",
        "VolumeNearShare",
        "BackupTooOld",
        "CertificateExpiresSoon",
        *OF_BACKUPS,
    }
    assert "container_spec_memory_limit_bytes" in _alerts(blind)["BudgetDrift"]["expr"]
    assert "ziggie_service_limit_differs" in _alerts(monitored)["BudgetDrift"]["expr"]


def test_a_rule_about_what_nobody_named_is_not_there(monitored: Monitored) -> None:
    plain = Monitored(budget=monitored.budget, compose=monitored.compose, settings=Settings.of({}))
    assert set(_alerts(monitored)) - set(_alerts(plain)) == {"Watchdog"}
    stopped = replace(plain, budget=replace(monitored.budget, jobs=()))
    assert set(_alerts(plain)) - set(_alerts(stopped)) == {"BackupTooOld", *OF_BACKUPS}
    assert "BackupTooOld" in _alerts(replace(monitored, budget=stopped.budget))


def test_only_what_runs_is_watched(monitored: Monitored, switch_off: Any) -> None:
    gone = set(_alerts(monitored)) - set(_alerts(switch_off(monitored, "postgres-exporter")))
    assert gone == {"PostgresConnectionsHigh", "ConnectionPoolExhausted"}
    assert "APILatencyHigh" not in _alerts(switch_off(monitored, "ziggie-api"))
    assert "ServiceDown" not in _alerts(switch_off(monitored, "cadvisor"))
    assert "DatabaseDown" not in _alerts(switch_off(monitored, "postgres", "redis", "mongodb"))
    assert "LiveStateStale" not in _alerts(switch_off(monitored, "node-exporter"))
    assert "CertificateExpiresSoon" not in _alerts(switch_off(monitored, "nginx", "certbot"))
    assert "ConnectionPoolExhausted" not in _alerts(switch_off(monitored, "pgbouncer"))
    off = switch_off(monitored, "flowise")
    assert not [rule for rule in _rules(off) if rule.get("labels", {}).get("service") == "flowise"]


RULE = {"alert": "One", "expr": "up == 0", "for": "1m", "severity": "warning", "summary": "it is down", "service": "postgres"}


def _one(monitored: Monitored, **rule: Any) -> dict[str, Any]:
    made = alerts.document(monitored, [alerts.group("own", {"rules": [{**RULE, **rule}]})])["groups"]
    return made[1]["rules"][0] if len(made) > 1 else {}


def test_a_figure_of_the_budget_is_written_into_a_rule(monitored: Monitored) -> None:
    connections = int(monitored.tuned("mongodb", "maxConns") or 0)
    rule = _one(monitored, expr="used > [[ mongodb.connections * 0.5 ]]", summary="{{ $value }} of [[ mongodb.connections ]]")
    assert (rule["expr"], rule["annotations"]["summary"]) == (f"used > {connections / 2:g}", f"{{{{ $value }}}} of {connections}")


def test_a_rule_with_a_figure_that_this_budget_lacks_is_left_out(monitored: Monitored) -> None:
    mongodb = monitored.budget.services["mongodb"]
    services = {**monitored.budget.services, "mongodb": replace(mongodb, tuning=replace(mongodb.tuning, settings={}))}
    untuned = replace(monitored, budget=replace(monitored.budget, services=services))
    assert _one(untuned, expr="used > [[ mongodb.connections ]]") == {}
    assert _one(untuned, expr="used > 5")


def test_a_figure_that_no_budget_has_is_refused(monitored: Monitored) -> None:
    with pytest.raises(ValueError, match=r"own\.One: no Budget has postgres\.conections; write one of .*postgres\.connections"):
        _one(monitored, expr="used > [[ postgres.conections ]]")


@pytest.mark.parametrize(
    ("conditions", "there"),
    [
        ({"when": ["redis"]}, True),
        ({"when": ["redis", "nobody"]}, False),
        ({"when": ["nobody|redis"]}, True),
        ({"when": ["@live-state"]}, True),
        ({"unless": ["@live-state"]}, False),
        ({"unless": ["nobody"]}, True),
    ],
)
def test_a_rule_states_what_it_depends_on(monitored: Monitored, conditions: dict[str, Any], there: bool) -> None:
    assert bool(_one(monitored, **conditions)) is there


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"severity": "fatal"}, r"own\.rules\[0\]\.severity: expected 'critical' or .*, got 'fatal'"),
        ({"after": "1m"}, r"own\.rules\[0\]\.after"),
        ({"for": 60}, r"own\.rules\[0\]\.for: expected a text, got 60"),
    ],
)
def test_a_rule_that_is_written_wrongly_is_refused(rule: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        alerts.group("own", {"rules": [{**RULE, **rule}]})
    with pytest.raises(ValueError, match="own: expected a mapping, got 'text'"):
        alerts.group("own", "text")
