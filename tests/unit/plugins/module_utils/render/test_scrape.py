# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Prometheus scrapes, and what it calls it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.render import scrape
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.settings import Settings
from ansible_collections.ziggie.stack.plugins.module_utils.render.monitored import Monitored


def _jobs(monitored: Monitored) -> dict[str, dict[str, Any]]:
    return {job["job_name"]: job for job in scrape.document(monitored)["scrape_configs"]}


def test_a_service_that_is_off_is_not_scraped(monitored: Monitored, switch_off: Any) -> None:
    assert set(_jobs(monitored)) - set(_jobs(switch_off(monitored, "n8n", "redis-exporter"))) == {"n8n", "redis"}


def test_an_exporters_metrics_carry_the_name_of_what_they_describe(monitored: Monitored) -> None:
    jobs = _jobs(monitored)
    for job, service in (("postgres", "postgres"), ("redis", "redis"), ("mongodb", "mongodb"), ("nginx", "nginx"), ("node", "host")):
        (relabel,) = jobs[job]["metric_relabel_configs"]
        assert relabel["replacement"] == service


def test_several_containers_are_each_asked_by_their_own_address(monitored: Monitored) -> None:
    services = monitored.budget.services
    twice = replace(monitored.budget, services={**services, "ziggie-api": replace(services["ziggie-api"], replicas=2)})
    job = _jobs(replace(monitored, budget=twice))["ziggie-api"]
    assert "static_configs" not in job
    assert job["dns_sd_configs"][0]["names"] == ["ziggie-api"]
    assert job["relabel_configs"] == [{"target_label": "service", "replacement": "ziggie-api"}]
    assert "static_configs" in _jobs(monitored)["ziggie-api"]


def test_containers_of_other_projects_are_left_out(monitored: Monitored) -> None:
    other = Monitored(budget=monitored.budget, compose=monitored.compose, settings=Settings.of({"project": "shop", "host": "vps1"}))
    assert {"regex": "shop"}.items() <= _jobs(other)["cadvisor"]["metric_relabel_configs"][1].items()
    assert scrape.document(other)["global"]["external_labels"] == {"host": "vps1"}


def test_without_alertmanager_alerts_are_sent_nowhere(monitored: Monitored, switch_off: Any) -> None:
    assert "alerting" in scrape.document(monitored)
    assert "alerting" not in scrape.document(switch_off(monitored, "alertmanager"))


def test_what_the_rules_cannot_do_without_is_scraped() -> None:
    assert set(scrape.VITAL) <= {target.job for target in scrape.TARGETS}


def test_a_run_waits_for_the_scrape_after_the_first_before_it_calls_a_metric_missing() -> None:
    tasks = yaml.safe_load((Path(__file__).parents[5] / "roles" / "monitoring" / "tasks" / "targets.yml").read_text(encoding="utf-8"))
    [query] = [task for task in tasks if "release_plan.vanished" in str(task.get("ansible.builtin.uri"))]
    longest = max(int(target.interval.removesuffix("s")) for target in scrape.TARGETS if target.job in scrape.VITAL)
    assert query.get("retries", 0) * query.get("delay", 0) >= 2 * longest
