# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of the Budget: what each service was given, against what it uses."""

from __future__ import annotations

from ..monitored import Monitored
from .board import Board, Choice
from .panel import Panel, Query, State
from .row import Row

LIMIT = "service:budget_memory_limit:bytes"
RESERVATION = "service:budget_memory_reservation:bytes"
USED = 'max by (service) (container_memory_working_set_bytes{service=~"$service",name!=""})'
CPU = 'max by (service) (rate(container_cpu_usage_seconds_total{service=~"$service",name!=""}[$__rate_interval]))'
PICKED = '{service=~"$service"}'


def board(monitored: Monitored) -> Board | None:
    """Return the dashboard, `None` where nothing measures containers."""
    if not monitored.runs("prometheus", "cadvisor"):
        return None
    return Board(
        name="budget",
        title="budget",
        choices=[
            Choice(name="tier", label="Tier", values="service:budget:info, tier"),
            Choice(name="service", label="Service", values='service:budget:info{tier=~"$tier"}, service'),
        ],
        rows=[
            Row(title="Pool", panels=_pool(monitored)),
            Row(title="Memory", panels=_memory()),
            Row(title="Memory of each service", panels=[_service()]),
            Row(title="CPU", panels=_cpu()),
            Row(title="Limits met, restarts, health", panels=_life(monitored)),
            Row(title="Pressure", panels=_pressure(), collapsed=True),
        ],
    )


def _pool(monitored: Monitored) -> list[Panel]:
    pool = monitored.budget.pool.memory
    margin = monitored.budget.margin
    given = "sum by (tier) (service:budget_memory_limit:bytes)"
    used = f'sum by (tier) (container_memory_working_set_bytes{{name!=""}} * on (service) group_left (tier) {_INFO})'
    return [
        Panel(
            title="Pool: memory limits, by tier",
            kind="bargauge",
            width=8,
            height=6,
            unit="bytes",
            maximum=pool,
            description=f"Sum of the limits per tier, of a pool of {pool} bytes; {margin} bytes are the unallocated safety margin.",
            queries=[Query(expr=given, legend="{{tier}}", instant=True), Query(expr=f"vector({margin})", legend="margin", instant=True)],
        ),
        Panel(
            title="Pool: memory used, by tier",
            kind="bargauge",
            width=8,
            height=6,
            unit="bytes",
            maximum=pool,
            description="Sum of the working sets per tier, on the same scale.",
            queries=[Query(expr=used, legend="{{tier}}", instant=True)],
        ),
        Panel(
            title="Pool allocated",
            kind="gauge",
            width=4,
            height=6,
            unit="percentunit",
            maximum=1,
            description="Sum of all limits, as a share of the pool.",
            queries=[Query(expr=f"sum({LIMIT}) / {pool}")],
        ),
        pool_used(monitored, 4),
    ]


def _memory() -> list[Panel]:
    return [
        Panel(
            title="Memory, share of the limit",
            kind="timeseries",
            unit="percentunit",
            height=9,
            steps=(("transparent", None), ("red", 0.9)),
            description="Working set divided by the budget's limit; ContainerMemoryNearLimit fires above 90%.",
            queries=[Query(expr=f"{USED} / on (service) {LIMIT}", legend="{{service}}")],
        ),
        Panel(
            title="Memory headroom",
            kind="bargauge",
            unit="bytes",
            height=9,
            description="Memory that each service can still use.",
            queries=[Query(expr=f"sort({LIMIT}{PICKED} - on (service) {USED})", legend="{{service}}", instant=True)],
        ),
    ]


def _service() -> Panel:
    """Return the panel that each picked service gets: its use between the lines of its reservation and its limit."""
    return Panel(
        title="$service: memory",
        kind="timeseries",
        unit="bytes",
        width=6,
        height=6,
        repeat="service",
        lines=("^limit$", "^reservation$"),
        description="The working set, which the kernel cannot reclaim, between the reservation and the limit of the budget.",
        queries=[
            Query(expr=f"max({USED})", legend="used"),
            Query(expr=f"max({RESERVATION}{PICKED})", legend="reservation"),
            Query(expr=f"max({LIMIT}{PICKED})", legend="limit"),
        ],
    )


def _cpu() -> list[Panel]:
    throttled = 'sum by (service) (rate(container_cpu_cfs_throttled_periods_total{service=~"$service",name!=""}[$__rate_interval]))'
    periods = 'sum by (service) (rate(container_cpu_cfs_periods_total{service=~"$service",name!=""}[$__rate_interval]))'
    return [
        Panel(
            title="CPU cores in use",
            kind="timeseries",
            unit="none",
            height=9,
            description="1 is one core, used all the time.",
            queries=[Query(expr=CPU, legend="{{service}}")],
        ),
        Panel(
            title="CPU, share of the budget's limit",
            kind="timeseries",
            unit="percentunit",
            height=9,
            steps=(("transparent", None), ("orange", 1)),
            description="Above 100%, a service uses CPU time that others leave; only a quota throttles it, where the policy sets one.",
            queries=[Query(expr=f"{CPU} / on (service) service:budget_cpu_limit:cores", legend="{{service}}")],
        ),
        Panel(
            title="Throttled CPU periods",
            kind="timeseries",
            unit="percentunit",
            maximum=1,
            description="Share of the periods in which a CPU quota held a service back; CpuThrottled fires above 25%.",
            queries=[Query(expr=f"{throttled} / ({periods} > 0)", legend="{{service}}")],
        ),
    ]


def _life(monitored: Monitored) -> list[Panel]:
    """Return what the host's live state says, and cAdvisor where there is none."""
    events = "memory.events: how often usage hit memory.max and, with cgroup v2, memory.high, so that the kernel had to reclaim."
    if not monitored.has_live_state:
        queries = [Query(expr=_seen(kind), legend=f"{{{{service}}}} {kind}") for kind in ("max", "high")]
        return [Panel(title="Memory limit hits", kind="timeseries", description=events, queries=queries)]
    met = f'sum by (service, event) (increase(ziggie_service_memory_events_total{{{_SHOWN},event=~"high|max"}}[$__rate_interval]))'
    killed = f'sum by (service) (increase(ziggie_service_memory_events_total{{{_SHOWN},event="oom_kill"}}[$__rate_interval]))'
    noticed = f"sum by (service) (increase(ziggie_service_oom_notices_total{{{_SHOWN}}}[$__rate_interval]))"
    return [
        Panel(
            title="Memory limit hits",
            kind="timeseries",
            description=events,
            queries=[Query(expr=met, legend="{{service}} {{event}}")],
        ),
        Panel(
            title="OOM kills",
            kind="timeseries",
            description="Processes that the kernel killed in the running container, and the engine's OOM events, which outlive the container.",
            queries=[Query(expr=killed, legend="{{service}}"), Query(expr=noticed, legend="{{service}} (event)")],
        ),
        Panel(
            title="Restarts",
            kind="timeseries",
            description="Restarts by the engine within 15 minutes; RestartLoop fires above 2.",
            queries=[Query(expr=f"sum by (service) (increase(ziggie_service_restarts_total{{{_SHOWN}}}[15m]))", legend="{{service}}")],
        ),
        Panel(
            title="Limits that differ from the budget",
            kind="bargauge",
            maximum=8,
            steps=(("green", None), ("red", 1)),
            description="Number of limits of a service that were changed outside of the budget: BudgetDrift.",
            queries=[Query(expr=f"sum by (service) (ziggie_service_limit_differs{{{_SHOWN}}})", legend="{{service}}", instant=True)],
        ),
        health(_SHOWN),
        Panel(
            title="Uptime",
            kind="bargauge",
            unit="s",
            description="Time since the container of a service was started.",
            queries=[
                Query(expr=f"time() - max by (service) (ziggie_service_start_time_seconds{{{_SHOWN}}})", legend="{{service}}", instant=True)
            ],
        ),
    ]


def health(picked: str = "") -> Panel:
    """Return the states of the health checks, of the services that a matcher picks."""
    return Panel(
        title="Health checks",
        kind="state-timeline",
        width=24,
        height=12,
        states=(State(value=1, text="healthy", color="green"), State(value=0, text="unhealthy", color="red")),
        description="What the engine says of each service; services without a health check are not shown. ServiceUnhealthy fires after 10 minutes.",
        queries=[Query(expr=f"min by (service) (ziggie_service_healthy{{{picked}}})", legend="{{service}}")],
    )


def pool_used(monitored: Monitored, width: int) -> Panel:
    """Return how much of the pool the services use."""
    return Panel(
        title="Pool used",
        kind="gauge",
        width=width,
        height=6,
        unit="percentunit",
        maximum=1,
        steps=(("green", None), ("orange", 0.8), ("red", 0.9)),
        description="Sum of all working sets, as a share of the pool.",
        queries=[Query(expr=f'sum(container_memory_working_set_bytes{{name!=""}}) / {monitored.budget.pool.memory}')],
    )


def _pressure() -> list[Panel]:
    return [
        Panel(
            title=f"Pressure: {title}",
            kind="timeseries",
            unit="percentunit",
            width=8,
            description=f"Share of time in which {who} of a service stalled on {title} (PSI).",
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
            ("CPU", "cpu_waiting", "some tasks"),
        )
    ]


_INFO = "service:budget:info"
_SHOWN = 'service=~"$service"'


def _seen(kind: str) -> str:
    return f'sum by (service) (increase(container_memory_events_{kind}_total{{service=~"$service",name!=""}}[$__rate_interval]))'
