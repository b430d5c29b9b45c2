# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts on the watchers themselves: what they keep, what they lose, what they can no longer see."""

from __future__ import annotations

from ..alerting import heartbeat
from ..live_state import STALE
from ..scrape import VITAL, targets
from ..watched import HOST, HOST_TIER, Watched
from .rule import Rule, with_tier


def rules(watched: Watched) -> list[Rule]:
    """Return the alerts for the monitoring services that run."""
    found = [*_prometheus(), *_vanished(watched), *_heartbeat(watched)]
    if watched.looked_at:
        found.extend(_live_state(watched))
    if watched.runs("loki"):
        found.extend(_loki())
    if watched.runs("alertmanager"):
        found.append(
            Rule(
                alert="AlertsNotDelivered",
                expr="sum by (integration) (increase(alertmanager_notifications_failed_total[10m])) > 0",
                wait="5m",
                severity="critical",
                summary="alertmanager cannot deliver alerts by {{ $labels.integration }}",
                service="alertmanager",
            )
        )
    return found


def _prometheus() -> list[Rule]:
    return [
        Rule(
            alert="TsdbNearRetentionSize",
            expr="prometheus_tsdb_storage_blocks_bytes / (prometheus_tsdb_retention_limit_bytes > 0) > 0.9",
            wait="1h",
            severity="info",
            summary="prometheus fills {{ $value | humanizePercentage }} of its disk share and will soon drop history before its time",
            service="prometheus",
        ),
        Rule(
            alert="PrometheusConfigRefused",
            expr="prometheus_config_last_reload_successful == 0",
            wait="5m",
            severity="warning",
            summary="prometheus refused its configuration and runs on the one before",
            service="prometheus",
        ),
        Rule(
            alert="RuleFailing",
            expr="increase(prometheus_rule_evaluation_failures_total[5m]) > 0",
            wait="5m",
            severity="warning",
            summary="prometheus cannot evaluate a rule of {{ $labels.rule_group }}",
            service="prometheus",
        ),
    ]


def vanished(watched: Watched) -> str:
    """Return the expression whose series name, in `metric`, what a target that answers no longer says; empty where nobody scrapes."""
    if not watched.runs("prometheus"):
        return ""
    gone = [
        f'label_replace(absent({metric}) and on () up{{job="{target.job}"}} == 1, "metric", "{metric}", "", "")'
        for target in targets(watched)
        if (metric := VITAL.get(target.job))
    ]
    return "\nor ".join(gone)


def _vanished(watched: Watched) -> list[Rule]:
    gone = vanished(watched)
    if not gone:
        return []
    return [
        Rule(
            alert="MetricVanished",
            expr=gone,
            wait="15m",
            severity="warning",
            summary="prometheus no longer gets {{ $labels.metric }}: rules and dashboards that need it see nothing",
            service="prometheus",
        )
    ]


def _heartbeat(watched: Watched) -> list[Rule]:
    if not watched.runs("alertmanager") or heartbeat.of(watched.settings) is None:
        return []
    return [
        Rule(
            alert=heartbeat.ALERT,
            expr="vector(1)",
            wait="0m",
            severity="none",
            summary="prometheus and alertmanager work: this alert always fires",
            service="prometheus",
        )
    ]


def _live_state(watched: Watched) -> list[Rule]:
    """Return the alerts on what the host writes besides its services' state, and on the writing itself."""
    found = [
        Rule(
            alert="LiveStateStale",
            expr=(
                f"time() - max(ziggie_live_state_timestamp_seconds) > {STALE}\n"
                'or absent(ziggie_live_state_timestamp_seconds) and on () up{job="node"} == 1'
            ),
            wait="2m",
            severity="warning",
            summary="The host has stopped writing the live state of the services",
            service=HOST,
            tier=HOST_TIER,
        ),
        Rule(
            alert="LiveStateIncomplete",
            expr="max(ziggie_live_state_problems) > 0",
            wait="10m",
            severity="warning",
            summary="The host cannot read {{ $value }} of its certificates, backups and volumes",
            service=HOST,
            tier=HOST_TIER,
        ),
    ]
    if any(service.get("storage") for service in watched.services.values()):
        found.append(
            Rule(
                alert="VolumeNearShare",
                expr=with_tier("max by (service, volume) (ziggie_volume_used_bytes / on (service, volume) ziggie_volume_size_bytes) > 0.9"),
                wait="30m",
                severity="warning",
                summary="{{ $labels.service }} takes {{ $value | humanizePercentage }} of the disk that the budget gives {{ $labels.volume }}",
            )
        )
    if watched.settings.get("backups"):
        found.append(
            Rule(
                alert="BackupTooOld",
                expr=with_tier("time() - max by (service) (ziggie_backup_last_success_timestamp_seconds) > 93600"),
                wait="0m",
                severity="critical",
                summary="The last good backup of {{ $labels.service }} is {{ $value | humanizeDuration }} old",
            )
        )
    if watched.runs("nginx") or watched.runs("certbot"):
        found.append(
            Rule(
                alert="CertificateExpiresSoon",
                expr=with_tier("min by (service) (ziggie_certificate_not_after_timestamp_seconds) - time() < 1209600"),
                wait="1h",
                severity="warning",
                summary="The certificate of {{ $labels.service }} expires in {{ $value | humanizeDuration }}",
            )
        )
    return found


def _loki() -> list[Rule]:
    return [
        Rule(
            alert="LokiRetentionStalled",
            expr=(
                "time() - (loki_compactor_apply_retention_last_successful_run_timestamp_seconds > 0\n"
                'or process_start_time_seconds{job="loki"}) > 86400'
            ),
            wait="1h",
            severity="warning",
            summary="loki has not deleted old logs for {{ $value | humanizeDuration }}: its disk share will fill",
            service="loki",
        ),
        Rule(
            alert="LokiDiscardsLogs",
            expr="sum by (reason) (rate(loki_discarded_samples_total[10m])) > 0",
            wait="10m",
            severity="warning",
            summary="loki discards {{ $value | humanize }} lines a second: {{ $labels.reason }}",
            service="loki",
        ),
    ]
