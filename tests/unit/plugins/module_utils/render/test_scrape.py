# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Prometheus scrapes, and what it calls it."""

from __future__ import annotations

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.render import scrape
from ansible_collections.ziggie.stack.plugins.module_utils.render.watched import Watched


def _jobs(watched: Watched) -> dict[str, dict[str, Any]]:
    return {job["job_name"]: job for job in scrape.document(watched)["scrape_configs"]}


def test_a_service_that_is_off_is_not_scraped(watched: Watched, switch_off: Any) -> None:
    assert set(_jobs(watched)) - set(_jobs(switch_off(watched, "n8n", "redis-exporter"))) == {"n8n", "redis"}


def test_an_exporters_metrics_carry_the_name_of_what_they_describe(watched: Watched) -> None:
    jobs = _jobs(watched)
    for job, service in (("postgres", "postgres"), ("redis", "redis"), ("mongodb", "mongodb"), ("nginx", "nginx"), ("node", "host")):
        (relabel,) = jobs[job]["metric_relabel_configs"]
        assert relabel["replacement"] == service


def test_several_containers_are_each_asked_by_their_own_address(watched: Watched) -> None:
    services = watched.budget["services"]
    budget = {**watched.budget, "services": {**services, "ziggie-api": {**services["ziggie-api"], "replicas": 2}}}
    job = _jobs(Watched(budget=budget, compose=watched.compose, settings=watched.settings))["ziggie-api"]
    assert "static_configs" not in job
    assert job["dns_sd_configs"][0]["names"] == ["ziggie-api"]
    assert job["relabel_configs"] == [{"target_label": "service", "replacement": "ziggie-api"}]
    assert "static_configs" in _jobs(watched)["ziggie-api"]


def test_containers_of_other_projects_are_left_out(watched: Watched) -> None:
    other = Watched(budget=watched.budget, compose=watched.compose, settings={"project": "shop", "host": "vps1"})
    assert {"regex": "shop"}.items() <= _jobs(other)["cadvisor"]["metric_relabel_configs"][1].items()
    assert scrape.document(other)["global"]["external_labels"] == {"host": "vps1"}


def test_without_alertmanager_alerts_are_sent_nowhere(watched: Watched, switch_off: Any) -> None:
    assert "alerting" in scrape.document(watched)
    assert "alerting" not in scrape.document(switch_off(watched, "alertmanager"))


def test_what_the_rules_cannot_do_without_is_scraped() -> None:
    assert set(scrape.VITAL) <= {target.job for target in scrape.TARGETS}
