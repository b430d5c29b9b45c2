# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of the Budget: what each service was given, against what it uses."""

from __future__ import annotations

from ..watched import Watched
from .board import Board, Choice
from .panel import Panel, Query

LIMIT = "service:budget_memory_limit:bytes"
RESERVATION = "service:budget_memory_reservation:bytes"
USED = 'max by (service) (container_memory_working_set_bytes{service=~"$service",name!=""})'
CPU = 'max by (service) (rate(container_cpu_usage_seconds_total{service=~"$service",name!=""}[$__rate_interval]))'
PICKED = '{service=~"$service"}'


def board(watched: Watched) -> Board | None:
    """Return the dashboard, None where nothing measures containers."""
    if not watched.runs("prometheus", "cadvisor"):
        return None
    return Board(
        name="budget",
        title="budget",
        choices=[
            Choice(name="tier", label="Tier", values="service:budget:info, tier"),
            Choice(name="service", label="Service", values='service:budget:info{tier=~"$tier"}, service'),
        ],
        panels=[*_pool(watched), *_memory(), *_services(watched), *_cpu(), *_life(watched), *_pressure()],
    )


def _pool(watched: Watched) -> list[Panel]:
    pool = watched.budget["pool"]["memory"]
    margin = watched.budget["margin"]["memory"]
    given = "sum by (tier) (service:budget_memory_limit:bytes)"
    used = f'sum by (tier) (container_memory_working_set_bytes{{name!=""}} * on (service) group_left (tier) {_INFO})'
    return [
        Panel(
            title="Pool: memory given, by tier",
            kind="bargauge",
            width=8,
            height=6,
            unit="bytes",
            maximum=pool,
            description=f"The limits' sum per tier, of a pool of {pool} bytes; {margin} of them are the margin that nobody gets.",
            queries=[Query(expr=given, legend="{{tier}}", instant=True), Query(expr=f"vector({margin})", legend="margin", instant=True)],
        ),
        Panel(
            title="Pool: memory used, by tier",
            kind="bargauge",
            width=8,
            height=6,
            unit="bytes",
            maximum=pool,
            description="Working sets, on the same scale.",
            queries=[Query(expr=used, legend="{{tier}}", instant=True)],
        ),
        Panel(
            title="Pool given",
            kind="gauge",
            width=4,
            height=6,
            unit="percentunit",
            maximum=1,
            description="The sum of all limits, of the pool.",
            queries=[Query(expr=f"sum({LIMIT}) / {pool}")],
        ),
        Panel(
            title="Pool used",
            kind="gauge",
            width=4,
            height=6,
            unit="percentunit",
            maximum=1,
            steps=(("green", None), ("orange", 0.8), ("red", 0.9)),
            description="The sum of all working sets, of the pool.",
            queries=[Query(expr=f'sum(container_memory_working_set_bytes{{name!=""}}) / {pool}')],
        ),
    ]


def _memory() -> list[Panel]:
    return [
        Panel(
            title="Memory against limit",
            kind="timeseries",
            unit="percentunit",
            height=9,
            steps=(("transparent", None), ("red", 0.9)),
            description="Working set over the Budget's limit; ContainerMemoryNearLimit fires above 90%.",
            queries=[Query(expr=f"{USED} / on (service) {LIMIT}", legend="{{service}}")],
        ),
        Panel(
            title="Headroom below the limit",
            kind="bargauge",
            unit="bytes",
            height=9,
            description="What each service may still take.",
            queries=[Query(expr=f"sort({LIMIT}{PICKED} - on (service) {USED})", legend="{{service}}", instant=True)],
        ),
    ]


def _services(watched: Watched) -> list[Panel]:
    """Return one panel per service: its use between the lines of its reservation and its limit."""
    return [
        Panel(
            title=f"{name}: memory",
            kind="timeseries",
            unit="bytes",
            width=6,
            height=6,
            lines=("^limit$", "^reservation$"),
            description=str((service.get("explain") or {}).get("memory.limit", "")),
            queries=[
                Query(expr=f'max(container_memory_working_set_bytes{{service="{name}",name!=""}})', legend="used"),
                Query(expr=f'max({RESERVATION}{{service="{name}"}})', legend="reservation"),
                Query(expr=f'max({LIMIT}{{service="{name}"}})', legend="limit"),
            ],
        )
        for name, service in watched.services.items()
    ]


def _cpu() -> list[Panel]:
    throttled = 'sum by (service) (rate(container_cpu_cfs_throttled_periods_total{service=~"$service",name!=""}[$__rate_interval]))'
    periods = 'sum by (service) (rate(container_cpu_cfs_periods_total{service=~"$service",name!=""}[$__rate_interval]))'
    return [
        Panel(
            title="CPU",
            kind="timeseries",
            height=9,
            description="Cores.",
            queries=[Query(expr=CPU, legend="{{service}}")],
        ),
        Panel(
            title="CPU against the Budget's limit",
            kind="timeseries",
            unit="percentunit",
            height=9,
            steps=(("transparent", None), ("orange", 1)),
            description="Above 100% a service uses what others leave; only a quota, where the policy sets one, stops it.",
            queries=[Query(expr=f"{CPU} / on (service) service:budget_cpu_limit:cores", legend="{{service}}")],
        ),
        Panel(
            title="CPU periods in which a quota stopped a service",
            kind="timeseries",
            unit="percentunit",
            maximum=1,
            queries=[Query(expr=f"{throttled} / ({periods} > 0)", legend="{{service}}")],
        ),
    ]


def _life(watched: Watched) -> list[Panel]:
    """Return what the host's live state says, and cAdvisor where there is none."""
    events = "memory.events: how often the kernel had to reclaim at memory.max and, with cgroup v2, at memory.high."
    if not watched.looked_at:
        queries = [Query(expr=_seen(kind), legend=f"{{{{service}}}} {kind}") for kind in ("max", "high")]
        return [Panel(title="Meetings with the memory limit", kind="timeseries", description=events, queries=queries)]
    met = f'sum by (service, event) (increase(ziggie_service_memory_events_total{{{_SHOWN},event=~"high|max"}}[$__rate_interval]))'
    killed = f'sum by (service) (increase(ziggie_service_memory_events_total{{{_SHOWN},event="oom_kill"}}[$__rate_interval]))'
    noticed = f"sum by (service) (increase(ziggie_service_oom_notices_total{{{_SHOWN}}}[$__rate_interval]))"
    return [
        Panel(
            title="Meetings with the memory limit",
            kind="timeseries",
            description=events,
            queries=[Query(expr=met, legend="{{service}} {{event}}")],
        ),
        Panel(
            title="Kills for want of memory",
            kind="timeseries",
            description="The kernel's count of the container that runs, and the engine's notices, which outlive it.",
            queries=[Query(expr=killed, legend="{{service}}"), Query(expr=noticed, legend="{{service}}, noticed")],
        ),
        Panel(
            title="Restarts",
            kind="timeseries",
            description="How often the engine restarted a container in 15 minutes; RestartLoop fires above 2.",
            queries=[Query(expr=f"sum by (service) (increase(ziggie_service_restarts_total{{{_SHOWN}}}[15m]))", legend="{{service}}")],
        ),
        Panel(
            title="Limits that are not the Budget's",
            kind="bargauge",
            maximum=8,
            steps=(("green", None), ("red", 1)),
            description="How many limits of a service somebody changed behind the Budget's back: BudgetDrift.",
            queries=[Query(expr=f"sum by (service) (ziggie_service_limit_differs{{{_SHOWN}}})", legend="{{service}}", instant=True)],
        ),
        Panel(
            title="Probes that succeed",
            kind="bargauge",
            maximum=1,
            steps=(("red", None), ("green", 1)),
            description="1 is healthy. A service without a probe is not here.",
            queries=[Query(expr=f"min by (service) (ziggie_service_healthy{{{_SHOWN}}})", legend="{{service}}", instant=True)],
        ),
        Panel(
            title="Up for",
            kind="bargauge",
            unit="s",
            description="Since when a service's container runs.",
            queries=[
                Query(expr=f"time() - max by (service) (ziggie_service_start_time_seconds{{{_SHOWN}}})", legend="{{service}}", instant=True)
            ],
        ),
    ]


def _pressure() -> list[Panel]:
    return [
        Panel(
            title=f"Pressure: {title}",
            kind="timeseries",
            unit="percentunit",
            width=8,
            description=f"Share of the time {who} of a service waited for {title}.",
            queries=[
                Query(
                    expr=f'max by (service) (rate(container_pressure_{metric}_seconds_total{{service=~"$service",name!=""}}[$__rate_interval]))',
                    legend="{{service}}",
                )
            ],
        )
        for title, metric, who in (
            ("memory", "memory_stalled", "all tasks"),
            ("I/O", "io_stalled", "all tasks"),
            ("CPU", "cpu_waiting", "some task"),
        )
    ]


_INFO = "service:budget:info"
_SHOWN = 'service=~"$service"'


def _seen(kind: str) -> str:
    return f'sum by (service) (increase(container_memory_events_{kind}_total{{service=~"$service",name!=""}}[$__rate_interval]))'
