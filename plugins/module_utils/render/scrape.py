# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus's scrape configuration, for what runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .monitored import HOST, Monitored


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One scrape job. `describes` renames the service of the metrics that tell of another one than the exporter itself."""

    job: str
    service: str
    port: int
    interval: str
    describes: tuple[str, str] | None = None
    honor_labels: bool = False


TARGETS = (
    Target(job="cadvisor", service="cadvisor", port=8080, interval="15s"),
    # What the host's textfile collector says of a service carries that service's name.
    Target(job="node", service="node-exporter", port=9100, interval="15s", describes=("node_.+", HOST), honor_labels=True),
    Target(job="ziggie-api", service="ziggie-api", port=8000, interval="10s"),
    Target(job="mcp-gateway", service="mcp-gateway", port=8080, interval="10s"),
    Target(job="n8n", service="n8n", port=5678, interval="30s"),
    Target(job="postgres", service="postgres-exporter", port=9187, interval="15s", describes=("pg_.+", "postgres")),
    Target(job="redis", service="redis-exporter", port=9121, interval="15s", describes=("redis_.+", "redis")),
    Target(job="mongodb", service="mongodb-exporter", port=9216, interval="30s", describes=("mongodb_.+", "mongodb")),
    Target(job="nginx", service="nginx-exporter", port=9113, interval="15s", describes=("nginx_.+", "nginx")),
    Target(job="prometheus", service="prometheus", port=9090, interval="30s"),
    Target(job="alertmanager", service="alertmanager", port=9093, interval="30s"),
    Target(job="grafana", service="grafana", port=3000, interval="30s"),
    Target(job="loki", service="loki", port=3100, interval="30s"),
    Target(job="alloy", service="alloy", port=12345, interval="30s"),
    Target(job="promtail", service="promtail", port=9080, interval="30s"),
)

# By job, the metric without which its rules and dashboards are blind.
VITAL = {
    "cadvisor": "container_memory_working_set_bytes",
    "node": "node_memory_MemAvailable_bytes",
    "ziggie-api": "http_request_duration_seconds_bucket",
    "postgres": "pg_stat_database_numbackends",
    "redis": "redis_memory_used_bytes",
    "mongodb": "mongodb_ss_connections",
    "nginx": "nginx_http_requests_total",
    "prometheus": "prometheus_tsdb_storage_blocks_bytes",
}


def targets(monitored: Monitored) -> list[Target]:
    """Return the jobs whose service runs."""
    return [target for target in TARGETS if monitored.runs(target.service)]


def vanished(monitored: Monitored) -> str:
    """Return the expression whose series name, in `metric`, what a target that answers does not expose; empty where nothing scrapes."""
    if not monitored.runs("prometheus"):
        return ""
    gone = [
        f'label_replace(absent({metric}) and on () up{{job="{target.job}"}} == 1, "metric", "{metric}", "", "")'
        for target in targets(monitored)
        if (metric := VITAL.get(target.job))
    ]
    return "\nor ".join(gone)


def watched(monitored: Monitored) -> dict[str, list[str]]:
    """Return by vital metric the services whose start may hold it back until the next scrape: Prometheus, the target, what it describes."""
    if not monitored.runs("prometheus"):
        return {}
    return {
        VITAL[target.job]: sorted({"prometheus", target.service, *(target.describes[1:] if target.describes else ())})
        for target in targets(monitored)
        if target.job in VITAL
    }


def document(monitored: Monitored) -> dict[str, Any]:
    """Return Prometheus's configuration file."""
    configuration: dict[str, Any] = {
        "global": {
            "scrape_interval": "15s",
            "scrape_timeout": "10s",
            "evaluation_interval": "30s",
            "external_labels": {"host": monitored.settings.host},
        },
        "rule_files": ["/etc/prometheus/alerts.yml"],
        "scrape_configs": [_job(target, monitored) for target in targets(monitored)],
    }
    if monitored.runs("alertmanager"):
        configuration["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]}
    return configuration


def _job(target: Target, monitored: Monitored) -> dict[str, Any]:
    job: dict[str, Any] = {
        "job_name": target.job,
        "scrape_interval": target.interval,
        **_found(target, monitored),
    }
    if target.honor_labels:
        job["honor_labels"] = True
    relabel = _containers(monitored.settings.project) if target.job == "cadvisor" else _described(target)
    if relabel:
        job["metric_relabel_configs"] = relabel
    return job


def _found(target: Target, monitored: Monitored) -> dict[str, Any]:
    """Return where a job's programs are: one is there under its service's name, of several each is asked by its own address."""
    if monitored.replicas(target.service) == 1:
        return {"static_configs": [{"targets": [f"{target.service}:{target.port}"], "labels": {"service": target.service}}]}
    return {
        "dns_sd_configs": [{"names": [target.service], "type": "A", "port": target.port, "refresh_interval": "15s"}],
        "relabel_configs": [{"target_label": "service", "replacement": target.service}],
    }


def _described(target: Target) -> list[dict[str, Any]]:
    if target.describes is None:
        return []
    metrics, service = target.describes
    return [{"source_labels": ["__name__"], "regex": metrics, "target_label": "service", "replacement": service}]


def _containers(project: str) -> list[dict[str, Any]]:
    """Return rules that keep this project's containers only, each under its service's name."""
    return [
        {"source_labels": ["__name__"], "regex": "container_.+", "target_label": "__tmp_foreign", "replacement": "yes"},
        {
            "source_labels": ["container_label_com_docker_compose_project"],
            "regex": project,
            "target_label": "__tmp_foreign",
            "replacement": "",
        },
        {"source_labels": ["__tmp_foreign"], "regex": "yes", "action": "drop"},
        {"source_labels": ["container_label_com_docker_compose_service"], "regex": "(.+)", "target_label": "service"},
        {"regex": "container_label_.+|__tmp_.+|image", "action": "labeldrop"},
    ]
