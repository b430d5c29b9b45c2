# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus really scrapes, and the front door answers."""

from __future__ import annotations

import json
from typing import Any


def test_every_target_of_prometheus_is_up(fetch: Any) -> None:
    targets = json.loads(fetch("http://127.0.0.1:9090/api/v1/targets?state=active"))["data"]["activeTargets"]
    assert len(targets) >= 10
    assert {target["scrapeUrl"]: target["lastError"] for target in targets if target["health"] != "up"} == {}


def test_its_rules_are_loaded_and_evaluate(fetch: Any) -> None:
    groups = json.loads(fetch("http://127.0.0.1:9090/api/v1/rules"))["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert rules
    assert [(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] == "err"] == []


def test_nginx_leads_to_the_api(fetch: Any) -> None:
    assert fetch("http://127.0.0.1/health")


def test_nginx_serves_tls(fetch: Any) -> None:
    assert fetch("https://127.0.0.1/health")


def test_every_series_carries_the_name_of_a_service_or_of_the_host(fetch: Any, budget: dict[str, Any]) -> None:
    found = json.loads(fetch("http://127.0.0.1:9090/api/v1/query?query=count+by+(service)+(%7B__name__=~%22.%2B%22%7D)"))["data"]["result"]
    names = {series["metric"].get("service") for series in found}
    assert names - set(budget["services"]) == {"host"}


def test_alertmanager_hears_of_alerts(fetch: Any) -> None:
    active = json.loads(fetch("http://127.0.0.1:9090/api/v1/alertmanagers"))["data"]["activeAlertmanagers"]
    assert [manager["url"] for manager in active] == ["http://alertmanager:9093/api/v2/alerts"]
