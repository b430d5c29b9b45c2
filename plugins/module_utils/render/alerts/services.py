# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts on every service: what it may cost against what it costs, and whether it lives."""

from __future__ import annotations

from ..watched import Watched
from .rule import Rule, Severity, per_service, rate_per_service, with_tier

LIMIT = "service:budget_memory_limit:bytes"
WORKING_SET = per_service("container_memory_working_set_bytes")

# The engine's own count; where the host does not write it: a restarted container counts its CPU time from zero again, a recreated
# one is another series.
RESTARTS = (
    "(max by (service) (increase(ziggie_service_restarts_total[15m]))\n"
    'or max by (service) (resets(container_cpu_usage_seconds_total{name!=""}[15m])))'
)


def rules(watched: Watched) -> list[Rule]:
    """Return the alerts that cAdvisor and the host's live state can answer."""
    if not watched.runs("cadvisor"):
        return []
    return [*_memory(), *_cpu(), *_life(), _drift(watched)]


def _memory() -> list[Rule]:
    return [
        _rule(
            "ContainerMemoryNearLimit",
            f"{WORKING_SET}\n/ on (service) group_left (tier) {LIMIT} > 0.9",
            "5m",
            "by tier",
            "{{ $labels.service }} uses {{ $value | humanizePercentage }} of its memory limit",
        ),
        _rule(
            "ServiceOomKilled",
            with_tier(
                'sum by (service) (increase(ziggie_service_memory_events_total{event="oom_kill"}[10m])) > 0\n'
                'or sum by (service) (increase(container_oom_events_total{name!=""}[10m])) > 0\n'
                "or sum by (service) (increase(ziggie_service_oom_notices_total[10m])) > 0\n"
                "or max by (service) (ziggie_service_oom_killed) > 0"
            ),
            "0m",
            "by tier",
            "The kernel killed a process of {{ $labels.service }} at its memory limit",
        ),
        _rule(
            "ServiceMemoryAtLimit",
            with_tier(f"({_events('max')} > 10)\nand on (service) {WORKING_SET} > on (service) 0.8 * max by (service) ({LIMIT})"),
            "5m",
            "warning",
            '{{ $labels.service }} ran into its memory limit {{ $value | printf "%.0f" }} times in 10 minutes',
        ),
        _rule(
            "ServiceMemoryHeldBack",
            with_tier(f"{_events('high')} > 10"),
            "5m",
            "warning",
            '{{ $labels.service }} is slowed down at memory.high: {{ $value | printf "%.0f" }} times in 10 minutes',
        ),
    ]


def _cpu() -> list[Rule]:
    throttled = 'sum by (service) (rate(container_cpu_cfs_throttled_periods_total{name!=""}[5m]))'
    periods = 'sum by (service) (rate(container_cpu_cfs_periods_total{name!=""}[5m]))'
    return [
        _rule(
            "CpuThrottled",
            # A batch job has its quota so that it is stopped.
            with_tier(f"{throttled} / ({periods} > 0) > 0.25", of='batch="false"'),
            "10m",
            "warning",
            "{{ $labels.service }} is stopped by its CPU quota in {{ $value | humanizePercentage }} of the periods",
        ),
        _rule(
            "CpuAboveBudget",
            f"{rate_per_service('container_cpu_usage_seconds_total')}\n/ on (service) group_left (tier) service:budget_cpu_limit:cores > 1",
            "15m",
            "info",
            "{{ $labels.service }} uses {{ $value | humanizePercentage }} of its budgeted CPU limit",
        ),
        _rule(
            "ServiceStalled",
            with_tier(
                f"label_replace({rate_per_service('container_pressure_memory_stalled_seconds_total')} > 0.1,"
                ' "resource", "memory", "", "")\n'
                f"or label_replace({rate_per_service('container_pressure_io_stalled_seconds_total')} > 0.4,"
                ' "resource", "I/O", "", "")\n'
                f"or label_replace({rate_per_service('container_pressure_cpu_waiting_seconds_total')} > 0.8\n"
                '    and on (service) service:budget:info{tier="critical"}, "resource", "CPU", "", "")'
            ),
            "10m",
            "warning",
            "{{ $labels.service }} waits for {{ $labels.resource }} {{ $value | humanizePercentage }} of the time",
        ),
    ]


def _life() -> list[Rule]:
    return [
        _rule(
            "ServiceDown",
            'max by (service, tier) (service:budget:info)\nunless on (service) container_last_seen{name!=""}\nand on () up{job="cadvisor"} == 1',
            "5m",
            "by tier",
            "{{ $labels.service }} does not run",
        ),
        _rule(
            "ServiceUnhealthy",
            with_tier(f"(max by (service) (ziggie_service_healthy) or {per_service('container_health_state')}) == 0"),
            "10m",
            "by tier",
            "{{ $labels.service }} fails its health check",
        ),
        _rule(
            "RestartLoop",
            # A batch job may end with its work, as a runner does after each job; one that cannot start ends once a minute.
            with_tier(f"{RESTARTS} > 2", of='batch="false"') + "\nor " + with_tier(f"{RESTARTS} > 10", of='batch="true"'),
            "0m",
            "by tier",
            '{{ $labels.service }} restarted {{ $value | printf "%.0f" }} times in 15 minutes',
        ),
        _rule(
            "TargetDown",
            with_tier("max by (service) (up) == 0"),
            "2m",
            "warning",
            "{{ $labels.service }} cannot be scraped",
        ),
    ]


def _drift(watched: Watched) -> Rule:
    """Return the alert on limits that are not the Budget's: all of them where the host looks, memory's where cAdvisor does."""
    if watched.looked_at:
        differs = "max by (service, limit) (ziggie_service_limit_differs) == 1"
    else:
        live = per_service("container_spec_memory_limit_bytes")
        # The kernel keeps limits in whole pages.
        differs = f'label_replace(abs({live} - on (service) max by (service) ({LIMIT})) > 4096, "limit", "memory", "", "")'
    return _rule(
        "BudgetDrift",
        with_tier(differs),
        "5m",
        "warning",
        "{{ $labels.service }} has another limit than the budget gives it: {{ $labels.limit }}",
    )


def _events(kind: str) -> str:
    """Return how often a service met memory.high or memory.max in 10 minutes."""
    return (
        f'(sum by (service) (increase(ziggie_service_memory_events_total{{event="{kind}"}}[10m]))\n'
        f'or sum by (service) (increase(container_memory_events_{kind}_total{{name!=""}}[10m])))'
    )


def _rule(alert: str, expr: str, wait: str, severity: Severity, summary: str) -> Rule:
    return Rule(alert=alert, expr=expr, wait=wait, severity=severity, summary=summary)
