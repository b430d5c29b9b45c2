# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For every alert, series that fire it and series that nearly do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STEP = 30
LONG = 820
LABELS = 'name="x"'
HOST = {"service": "host", "tier": "critical"}
DISK = '{device="/dev/vda1",fstype="ext4",mountpoint="/"}'

Series = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One alert at one moment; `nearly` is None for one that always fires.

    `step` is how far apart samples and evaluations are, coarser where it takes a day.
    """

    alert: str
    at: str
    fires: Series
    nearly: Series | None
    summary: str
    severity: str
    step: str = "30s"
    labels: Mapping[str, str] = field(default_factory=lambda: HOST)


def flat(value: float) -> str:
    """Return a gauge that stays."""
    return f"{value}x{LONG}"


def rate(per_second: float) -> str:
    """Return a counter that grows evenly."""
    return f"0+{per_second * STEP:g}x{LONG}"


def cases(budget: Mapping[str, Any]) -> list[Case]:
    """Return the cases, with thresholds from the Budget that the rules are made from."""
    services = budget["services"]
    return [*_host(), *_memory(services), *_cpu(services), *_life(services), *_databases(services), *_api(), *_monitoring(), *_backups()]


def _of(services: Mapping[str, Any], name: str, **more: str) -> dict[str, str]:
    return {"service": name, "tier": services[name]["tier"], **more}


def _limit(services: Mapping[str, Any], name: str, percent: int = 100) -> int:
    return int(services[name]["memory"]["limit"]) * percent // 100


def _working_set(name: str) -> str:
    return f'container_memory_working_set_bytes{{service="{name}",{LABELS}}}'


def _host() -> list[Case]:
    free, size = f"node_filesystem_avail_bytes{DISK}", f"node_filesystem_size_bytes{DISK}"
    idle, steal = (f'node_cpu_seconds_total{{instance="h",cpu="0",mode="{mode}"}}' for mode in ("idle", "steal"))
    disk = {**HOST, "device": "/dev/vda1"}
    cpu = {**HOST, "instance": "h"}
    return [
        Case(
            alert="HighMemoryUsage",
            at="5m",
            fires={"node_memory_MemAvailable_bytes": flat(9), "node_memory_MemTotal_bytes": flat(100)},
            nearly={"node_memory_MemAvailable_bytes": flat(10), "node_memory_MemTotal_bytes": flat(100)},
            severity="critical",
            summary="The host has 9% of its memory available",
        ),
        Case(
            alert="HostOomKill",
            at="8m",
            fires={"node_vmstat_oom_kill": "1x10 2x10"},
            nearly={"node_vmstat_oom_kill": flat(2)},
            severity="critical",
            summary="The kernel OOM-killed a process on the host",
        ),
        Case(
            alert="HostStalled",
            at="15m",
            fires={"node_pressure_memory_stalled_seconds_total": rate(0.11), "node_pressure_io_stalled_seconds_total": rate(0.39)},
            nearly={"node_pressure_memory_stalled_seconds_total": rate(0.09), "node_pressure_io_stalled_seconds_total": rate(0.39)},
            severity="warning",
            labels={**HOST, "resource": "memory"},
            summary="All tasks on the host stall on memory 11% of the time",
        ),
        Case(
            alert="HostStalled",
            at="15m",
            fires={"node_pressure_io_stalled_seconds_total": rate(0.41)},
            nearly={},
            severity="warning",
            labels={**HOST, "resource": "I/O"},
            summary="All tasks on the host stall on I/O 41% of the time",
        ),
        Case(
            alert="HighCPUUsage",
            at="15m",
            fires={idle: rate(0.09)},
            nearly={idle: rate(0.11)},
            severity="warning",
            labels=cpu,
            summary="The host's CPUs are 91% busy",
        ),
        Case(
            alert="HostCpuSaturated",
            at="20m",
            fires={idle: rate(0.19)},
            nearly={idle: rate(0.21)},
            severity="info",
            labels=cpu,
            summary="The host's CPUs have been more than 80% busy for 10 minutes: consider scaling",
        ),
        Case(
            alert="HostCpuStolen",
            at="30m",
            fires={steal: rate(0.11)},
            nearly={steal: rate(0.09)},
            severity="warning",
            labels=cpu,
            summary="The host loses 11% of its CPU time to other virtual machines (steal)",
        ),
        Case(
            alert="DiskSpaceLow",
            at="10m",
            fires={free: flat(14), size: flat(100)},
            nearly={free: flat(15), size: flat(100)},
            severity="warning",
            labels=disk,
            summary="The host's disk /dev/vda1 has 14% free",
        ),
        Case(
            alert="DiskFullSoon",
            at="5h",
            fires={free: f"38000-15x{LONG}", size: flat(100000)},
            nearly={free: f"38000-6x{LONG}", size: flat(100000)},
            severity="warning",
            labels=disk,
            summary="The host's disk /dev/vda1 will be full within a day",
        ),
        Case(
            alert="DiskFullSoon",
            at="6h",
            fires={free: f"38000-15x{LONG}", size: flat(100000)},
            # A fresh host, whose disk a deployment filled for a while.
            nearly={free: f"_x240 38000-300x40 26000-4x{LONG}", size: flat(100000)},
            severity="warning",
            labels=disk,
            summary="The host's disk /dev/vda1 will be full within a day",
        ),
        Case(
            alert="DiskFullSoon",
            at="5h",
            fires={free: f"38000-15x{LONG}", size: flat(100000)},
            # Less than three hours of history.
            nearly={free: f"_x300 38000-15x{LONG}", size: flat(100000)},
            severity="warning",
            labels=disk,
            summary="The host's disk /dev/vda1 will be full within a day",
        ),
        Case(
            alert="DiskInodesLow",
            at="10m",
            fires={f"node_filesystem_files_free{DISK}": flat(9), f"node_filesystem_files{DISK}": flat(100)},
            nearly={f"node_filesystem_files_free{DISK}": flat(10), f"node_filesystem_files{DISK}": flat(100)},
            severity="warning",
            labels=disk,
            summary="The host's disk /dev/vda1 has 9% of its inodes free",
        ),
        Case(
            alert="HostDown",
            at="5m",
            fires={'up{job="node",service="node-exporter"}': flat(0), 'up{job="cadvisor",service="cadvisor"}': flat(0)},
            nearly={'up{job="node",service="node-exporter"}': flat(0), 'up{job="cadvisor",service="cadvisor"}': flat(1)},
            severity="critical",
            summary="The host is down: none of its exporters can be scraped",
        ),
    ]


def _memory(services: Mapping[str, Any]) -> list[Case]:
    killed = "{} was OOM-killed at its memory limit".format
    kill_count = 'ziggie_service_memory_events_total{service="redis",event="oom_kill"}'
    notices = 'ziggie_service_oom_notices_total{service="redis"}'
    met = 'ziggie_service_memory_events_total{{service="{}",event="{}"}}'.format
    oom_count = f'container_oom_events_total{{service="n8n",{LABELS}}}'
    max_count = f'container_memory_events_max_total{{service="ziggie-api",{LABELS}}}'
    high_count = f'container_memory_events_high_total{{service="ollama",{LABELS}}}'
    return [
        Case(
            alert="ContainerMemoryNearLimit",
            at="10m",
            fires={_working_set("postgres"): flat(_limit(services, "postgres", 91))},
            # A cgroup that is no container has no name.
            nearly={
                _working_set("postgres"): flat(_limit(services, "postgres", 90)),
                'container_memory_working_set_bytes{service="redis"}': flat(1e12),
            },
            severity="critical",
            labels=_of(services, "postgres"),
            summary="postgres uses 91% of its memory limit",
        ),
        Case(
            alert="ContainerMemoryNearLimit",
            at="10m",
            fires={_working_set("flowise"): flat(_limit(services, "flowise", 95))},
            nearly={_working_set("flowise"): f"{_limit(services, 'flowise', 80)}x12 {_limit(services, 'flowise', 95)}x8"},
            severity="warning",
            labels=_of(services, "flowise"),
            summary="flowise uses 95% of its memory limit",
        ),
        Case(
            alert="ServiceOomKilled",
            at="8m",
            fires={kill_count: "0x10 1x10"},
            nearly={kill_count: flat(1)},
            severity="critical",
            labels=_of(services, "redis"),
            summary=killed("redis"),
        ),
        Case(
            alert="ServiceOomKilled",
            at="8m",
            fires={oom_count: "0x10 1x10"},
            nearly={oom_count: flat(0)},
            severity="warning",
            labels=_of(services, "n8n"),
            summary=killed("n8n"),
        ),
        Case(
            alert="ServiceOomKilled",
            at="8m",
            # A container that was killed whole and started anew counts from zero; the engine's notice remains.
            fires={kill_count: flat(0), notices: "0x10 1x10"},
            nearly={kill_count: flat(0), notices: flat(3)},
            severity="critical",
            labels=_of(services, "redis"),
            summary=killed("redis"),
        ),
        Case(
            alert="ServiceOomKilled",
            at="2m",
            fires={'ziggie_service_oom_killed{service="flowise"}': flat(1)},
            nearly={'ziggie_service_oom_killed{service="flowise"}': flat(0)},
            severity="warning",
            labels=_of(services, "flowise"),
            summary=killed("flowise"),
        ),
        Case(
            alert="ServiceMemoryAtLimit",
            at="30m",
            fires={max_count: rate(1 / 30), _working_set("ziggie-api"): flat(_limit(services, "ziggie-api", 85))},
            # Reading much through the page cache meets the limit too, and is nothing to worry about.
            nearly={max_count: rate(1 / 30), _working_set("ziggie-api"): flat(_limit(services, "ziggie-api", 79))},
            severity="warning",
            labels=_of(services, "ziggie-api"),
            summary="ziggie-api hit its memory limit 20 times in 10 minutes",
        ),
        Case(
            alert="ServiceMemoryAtLimit",
            at="30m",
            fires={met("n8n", "max"): rate(1 / 30), _working_set("n8n"): flat(_limit(services, "n8n", 85))},
            nearly={met("n8n", "high"): rate(1 / 30), met("n8n", "max"): flat(9), _working_set("n8n"): flat(_limit(services, "n8n", 85))},
            severity="warning",
            labels=_of(services, "n8n"),
            summary="n8n hit its memory limit 20 times in 10 minutes",
        ),
        Case(
            alert="ServiceMemoryHeldBack",
            at="30m",
            fires={met("n8n", "high"): rate(1 / 30)},
            nearly={met("n8n", "high"): rate(0.45 / 30), met("n8n", "max"): rate(1)},
            severity="warning",
            labels=_of(services, "n8n"),
            summary="n8n was throttled at memory.high 20 times in 10 minutes",
        ),
        Case(
            alert="ServiceMemoryHeldBack",
            at="30m",
            fires={high_count: rate(1 / 30)},
            nearly={high_count: rate(0.45 / 30)},
            severity="warning",
            labels=_of(services, "ollama"),
            summary="ollama was throttled at memory.high 20 times in 10 minutes",
        ),
    ]


def _cpu(services: Mapping[str, Any]) -> list[Case]:
    throttled = 'container_cpu_cfs_throttled_periods_total{{service="{}",name="x"}}'.format
    periods = 'container_cpu_cfs_periods_total{{service="{}",name="x"}}'.format
    used = f'container_cpu_usage_seconds_total{{service="flowise",cpu="total",{LABELS}}}'
    limit = services["flowise"]["cpus"]["limit"] / 1000
    memory = f'container_pressure_memory_stalled_seconds_total{{service="n8n",{LABELS}}}'
    waits = 'container_pressure_cpu_waiting_seconds_total{{service="{}",name="x"}}'.format
    return [
        Case(
            alert="CpuThrottled",
            at="30m",
            fires={throttled("nginx"): rate(3), periods("nginx"): rate(10)},
            # A batch job is stopped by design.
            nearly={
                throttled("nginx"): rate(2),
                periods("nginx"): rate(10),
                throttled("watchtower"): rate(9),
                periods("watchtower"): rate(10),
            },
            severity="warning",
            labels=_of(services, "nginx"),
            summary="nginx is throttled by its CPU quota in 30% of the periods",
        ),
        Case(
            alert="CpuAboveBudget",
            at="30m",
            fires={used: rate(limit * 1.1)},
            nearly={used: rate(limit * 0.99)},
            severity="info",
            labels=_of(services, "flowise"),
            summary="flowise uses 110% of its budgeted CPU limit",
        ),
        Case(
            alert="ServiceStalled",
            at="30m",
            fires={memory: rate(0.12)},
            nearly={memory: rate(0.09)},
            severity="warning",
            labels=_of(services, "n8n", resource="memory"),
            summary="n8n stalls on memory 12% of the time",
        ),
        Case(
            alert="ServiceStalled",
            at="30m",
            fires={waits("ziggie-api"): rate(0.85)},
            # The other tiers give way when the CPUs are busy: that is what their weight is for.
            nearly={waits("flowise"): rate(0.85), waits("ziggie-api"): rate(0.79)},
            severity="warning",
            labels=_of(services, "ziggie-api", resource="CPU"),
            summary="ziggie-api stalls on CPU 85% of the time",
        ),
    ]


def _life(services: Mapping[str, Any]) -> list[Case]:
    seen = {f'container_last_seen{{service="{name}",{LABELS}}}': flat(1) for name, service in services.items() if service["enabled"]}
    without = {series: values for series, values in seen.items() if '"grafana"' not in series}
    cadvisor = {'up{job="cadvisor",service="cadvisor"}': flat(1)}
    health = 'container_health_state{{service="{}",name="x"}}'.format
    restarts = 'ziggie_service_restarts_total{service="n8n"}'
    used = f'container_cpu_usage_seconds_total{{service="redis",cpu="total",{LABELS}}}'
    differs = 'ziggie_service_limit_differs{{service="{}",limit="{}"}}'.format
    healthy = 'ziggie_service_healthy{{service="{}",container="x"}}'.format
    return [
        Case(
            alert="ServiceDown",
            at="10m",
            fires={**without, **cadvisor},
            nearly={**seen, **cadvisor},
            severity="warning",
            labels=_of(services, "grafana"),
            summary="grafana is not running",
        ),
        Case(
            alert="ServiceUnhealthy",
            at="20m",
            fires={health("redis"): flat(0)},
            # A service without a health check says -1.
            nearly={health("redis"): "0x10 1x10 0x15", health("nginx-exporter"): flat(-1)},
            severity="critical",
            labels=_of(services, "redis"),
            summary="redis fails its health check",
        ),
        Case(
            alert="ServiceUnhealthy",
            at="20m",
            # What the host says counts before what cAdvisor says.
            fires={healthy("redis"): flat(0), health("redis"): flat(1)},
            nearly={healthy("redis"): flat(1), health("redis"): flat(0)},
            severity="critical",
            labels=_of(services, "redis"),
            summary="redis fails its health check",
        ),
        Case(
            alert="RestartLoop",
            at="30m",
            fires={restarts: "0x39 1x5 2x5 3x20"},
            nearly={restarts: "0x39 1x5 2x20"},
            severity="warning",
            labels=_of(services, "n8n"),
            summary="n8n restarted 3 times in 15 minutes",
        ),
        Case(
            alert="RestartLoop",
            at="15m",
            fires={used: "0+1x8 0+1x6 0+1x6 0+1x10"},
            nearly={used: "0+1x8 0+1x6 0+1x20"},
            severity="critical",
            labels=_of(services, "redis"),
            summary="redis restarted 3 times in 15 minutes",
        ),
        Case(
            alert="RestartLoop",
            at="30m",
            fires={'ziggie_service_restarts_total{service="github-runner"}': f"0x39 0+1x{LONG}"},
            # One job after the other.
            nearly={'ziggie_service_restarts_total{service="github-runner"}': "0x39 1x5 2x5 3x5 4x20"},
            severity="warning",
            labels=_of(services, "github-runner"),
            summary="github-runner restarted 20 times in 15 minutes",
        ),
        Case(
            alert="TargetDown",
            at="5m",
            fires={'up{job="n8n",service="n8n"}': flat(0)},
            nearly={'up{job="n8n",service="n8n"}': "1x7 0x10"},
            severity="warning",
            labels=_of(services, "n8n"),
            summary="n8n cannot be scraped",
        ),
        Case(
            alert="BudgetDrift",
            at="30m",
            fires={differs("redis", "memory"): flat(1), differs("redis", "pids"): flat(0), differs("n8n", "memory"): flat(0)},
            # A run of the playbook changes limits too, and the release with them.
            nearly={differs("redis", "memory"): "0x48 1x9 0x10", differs("redis", "pids"): flat(0)},
            severity="warning",
            labels=_of(services, "redis", limit="memory"),
            summary="A limit of redis differs from the budget: memory",
        ),
    ]


def _databases(services: Mapping[str, Any]) -> list[Case]:
    def tuned(name: str, setting: str) -> int:
        return int(services[name]["tuning"]["settings"][setting].removesuffix("mb"))

    usable = tuned("postgres", "max_connections") - 3
    pool = tuned("pgbouncer", "max_db_connections")
    maxmemory = tuned("redis", "maxmemory") * 2**20
    connections = tuned("mongodb", "maxConns")
    held = 'pg_stat_database_numbackends{datname="%s",service="postgres"}'
    current = 'mongodb_ss_connections{conn_type="current",service="mongodb"}'
    return [
        Case(
            alert="DatabaseDown",
            at="5m",
            fires={'mongodb_up{service="mongodb"}': flat(0), 'pg_up{service="postgres"}': flat(1)},
            nearly={'mongodb_up{service="mongodb"}': "1x7 0x10", 'pg_up{service="postgres"}': flat(1)},
            severity="warning",
            labels=_of(services, "mongodb"),
            summary="mongodb refuses the connection of its exporter",
        ),
        Case(
            alert="PostgresConnectionsHigh",
            at="10m",
            fires={held % "ziggie": flat(usable * 8 // 10), held % "n8n": flat(1)},
            nearly={held % "ziggie": flat(usable * 8 // 10)},
            severity="warning",
            labels=_of(services, "postgres"),
            summary=f"postgres has {usable * 8 // 10 + 1} of {usable} usable connections open",
        ),
        Case(
            alert="ConnectionPoolExhausted",
            at="10m",
            fires={held % "ziggie": flat(pool * 95 // 100 + 1)},
            nearly={held % "ziggie": flat(pool * 95 // 100), held % "n8n": flat(20)},
            severity="critical",
            labels=_of(services, "pgbouncer"),
            summary=f"pgbouncer uses {pool * 95 // 100 + 1} of the {pool} server connections it may open to ziggie: consider scaling",
        ),
        Case(
            alert="RedisEvicting",
            at="30m",
            fires={'redis_evicted_keys_total{service="redis"}': rate(2)},
            nearly={'redis_evicted_keys_total{service="redis"}': rate(0.9)},
            severity="warning",
            labels=_of(services, "redis"),
            summary="redis evicts 2 keys per second to stay within maxmemory",
        ),
        Case(
            alert="RedisMemoryHigh",
            at="10m",
            fires={'redis_memory_used_bytes{service="redis"}': flat(maxmemory * 5 // 4)},
            nearly={'redis_memory_used_bytes{service="redis"}': flat(maxmemory * 109 // 100)},
            severity="critical",
            labels=_of(services, "redis"),
            summary="redis uses 125% of its maxmemory",
        ),
        Case(
            alert="MongoConnectionsHigh",
            at="10m",
            fires={current: flat(connections * 8 // 10 + 1)},
            nearly={current: flat(connections * 8 // 10)},
            severity="warning",
            labels=_of(services, "mongodb"),
            summary=f"mongodb has {connections * 8 // 10 + 1} of {connections} connections open",
        ),
    ]


def _api() -> list[Case]:
    api = {"service": "ziggie-api", "tier": "critical"}
    bucket = 'http_request_duration_seconds_bucket{job="ziggie-api",route="%s",le="%s"}'
    count = 'http_request_duration_seconds_count{job="ziggie-api",route="%s",status="%s"}'

    def requests(below: str, share: int, above: str, route: str = "/items") -> dict[str, str]:
        return {bucket % (route, below): rate(share), bucket % (route, above): rate(100), bucket % (route, "+Inf"): rate(100)}

    return [
        Case(
            alert="APILatencyHigh",
            at="15m",
            fires=requests("0.5", 90, "1"),
            nearly=requests("0.5", 96, "1") | requests("0.5", 0, "1", "/health"),
            severity="warning",
            labels=api,
            summary="The P95 latency of ziggie-api is 750ms; the target is 500 ms",
        ),
        Case(
            alert="APILatencyAboveOneSecond",
            at="20m",
            fires=requests("1", 90, "2.5"),
            nearly=requests("1", 96, "2.5") | requests("1", 0, "2.5", "/metrics"),
            severity="critical",
            labels=api,
            summary="5% of the requests to ziggie-api have taken more than 1 s for 10 minutes: consider scaling",
        ),
        Case(
            alert="APIErrorsHigh",
            at="15m",
            fires={count % ("/items", "200"): rate(92), count % ("/items", "503"): rate(8)},
            nearly={count % ("/items", "200"): rate(96), count % ("/items", "503"): rate(4), count % ("/health", "503"): rate(90)},
            severity="critical",
            labels=api,
            summary="ziggie-api fails 8% of its requests",
        ),
    ]


def _monitoring() -> list[Case]:
    prometheus, loki = ({"service": name, "tier": "management"} for name in ("prometheus", "loki"))
    blocks, limit = "prometheus_tsdb_storage_blocks_bytes", "prometheus_tsdb_retention_limit_bytes"
    failures = 'prometheus_rule_evaluation_failures_total{rule_group="api"}'
    redis = {'up{job="redis",service="redis-exporter"}': flat(1)}
    taken, share = (f'ziggie_volume_{word}_bytes{{service="loki",volume="loki_data"}}' for word in ("used", "size"))
    written = "ziggie_live_state_timestamp_seconds"
    node = {'up{job="node",service="node-exporter"}': flat(1)}
    backup = 'ziggie_backup_last_success_timestamp_seconds{service="postgres"}'
    certificate = 'ziggie_certificate_not_after_timestamp_seconds{service="nginx",file="fullchain.pem"}'
    retention, started = (
        'loki_compactor_apply_retention_last_successful_run_timestamp_seconds{job="loki"}',
        'process_start_time_seconds{job="loki"}',
    )
    discarded = 'loki_discarded_samples_total{reason="rate_limited"}'
    failed = 'alertmanager_notifications_failed_total{integration="webhook",reason="other"}'
    return [
        Case(
            alert="TsdbNearRetentionSize",
            at="2h",
            fires={blocks: flat(91), limit: flat(100)},
            nearly={blocks: flat(90), limit: flat(100)},
            severity="info",
            labels=prometheus,
            summary="prometheus uses 91% of its disk share and will soon delete history before its retention time",
        ),
        Case(
            alert="PrometheusConfigRefused",
            at="10m",
            fires={"prometheus_config_last_reload_successful": flat(0)},
            nearly={"prometheus_config_last_reload_successful": "1x12 0x10"},
            severity="warning",
            labels=prometheus,
            summary="prometheus could not load its configuration and runs on the previous one",
        ),
        Case(
            alert="RuleFailing",
            at="15m",
            fires={failures: rate(1 / 30)},
            nearly={failures: flat(7)},
            severity="warning",
            labels={**prometheus, "rule_group": "api"},
            summary="prometheus cannot evaluate a rule in the group api",
        ),
        Case(
            alert="MetricVanished",
            at="30m",
            fires=redis,
            nearly={**redis, "redis_memory_used_bytes": flat(1), 'up{job="mongodb",service="mongodb-exporter"}': flat(0)},
            severity="warning",
            labels={**prometheus, "metric": "redis_memory_used_bytes"},
            summary="prometheus no longer gets redis_memory_used_bytes: rules and dashboards that need it have no data",
        ),
        Case(
            alert="LiveStateStale",
            at="10m",
            fires={written: flat(0)},
            nearly={written: f"0+{STEP}x{LONG}"},
            severity="warning",
            labels=HOST,
            summary="The host has stopped writing the live state of the services",
        ),
        Case(
            alert="LiveStateStale",
            at="10m",
            fires=node,
            # While the exporter itself is away nobody can tell.
            nearly={'up{job="node",service="node-exporter"}': flat(0)},
            severity="warning",
            labels=HOST,
            summary="The host has stopped writing the live state of the services",
        ),
        Case(
            alert="LiveStateIncomplete",
            at="20m",
            fires={"ziggie_live_state_problems": flat(2)},
            nearly={"ziggie_live_state_problems": "0x20 2x19 0x10"},
            severity="warning",
            labels=HOST,
            summary="The host cannot read 2 of its certificates, backups and volumes",
        ),
        Case(
            alert="VolumeNearShare",
            at="1h",
            fires={taken: flat(91), share: flat(100)},
            nearly={taken: flat(90), share: flat(100)},
            severity="warning",
            labels={**loki, "volume": "loki_data"},
            summary="loki uses 91% of the disk budget of loki_data",
        ),
        Case(
            alert="Watchdog",
            at="1m",
            fires={},
            nearly=None,
            severity="none",
            labels=prometheus,
            summary="prometheus and alertmanager work: this alert always fires",
        ),
        Case(
            alert="BackupTooOld",
            at="27h",
            step="30m",
            fires={backup: flat(0)},
            nearly={backup: flat(4000)},
            severity="critical",
            labels={"service": "postgres", "tier": "critical"},
            summary="The last successful backup of postgres is 1d 3h 0m 0s old",
        ),
        Case(
            alert="CertificateExpiresSoon",
            at="2h",
            fires={certificate: flat(1200000)},
            nearly={certificate: flat(1220000)},
            severity="warning",
            labels={"service": "nginx", "tier": "critical"},
            summary="The certificate of nginx expires in 13d 19h 20m 0s",
        ),
        Case(
            alert="LokiRetentionStalled",
            at="26h",
            step="2m",
            fires={retention: flat(0), started: flat(0)},
            nearly={retention: flat(0), started: flat(9000)},
            severity="warning",
            labels={**loki, "job": "loki"},
            summary="loki has not deleted expired logs for 1d 2h 0m 0s: its disk share will fill up",
        ),
        Case(
            alert="LokiDiscardsLogs",
            at="30m",
            fires={discarded: rate(2)},
            nearly={discarded: flat(500)},
            severity="warning",
            labels={**loki, "reason": "rate_limited"},
            summary="loki discards 2 lines per second: rate_limited",
        ),
        Case(
            alert="AlertsNotDelivered",
            at="20m",
            fires={failed: rate(1 / 30)},
            nearly={failed: flat(3)},
            severity="critical",
            labels={"service": "alertmanager", "tier": "management", "integration": "webhook"},
            summary="alertmanager cannot deliver alerts by webhook",
        ),
    ]


def _backups() -> list[Case]:
    data = 'service="postgres",volume="ziggie_postgres_data"'
    own = 'service="host",volume="@host"'
    of_data = {"service": "postgres", "tier": "critical", "volume": "ziggie_postgres_data"}
    of_host = {**HOST, "volume": "@host"}
    stored, drilled = (f'ziggie_backup_state_timestamp_seconds{{{data},state="{state}"}}' for state in ("stored", "drilled"))
    configured, point = f"ziggie_backup_configured_timestamp_seconds{{{data}}}", f"ziggie_backup_recovery_point_seconds{{{data}}}"
    took, promised = f"ziggie_backup_drill_seconds{{{data}}}", f"ziggie_backup_recovery_time_seconds{{{data}}}"
    failed, size = f'ziggie_backup_failed{{{own},verb="drill"}}', f"ziggie_backup_size_bytes{{{data}}}"
    repository = '{repository="/srv/backup"}'
    free, whole = f"ziggie_backup_repository_free_bytes{repository}", f"ziggie_backup_repository_size_bytes{repository}"
    lock = f"ziggie_backup_repository_lock_timestamp_seconds{repository}"
    return [
        Case(
            alert="BackupTooOld",
            at="27h",
            step="30m",
            # What is configured later than the newest backup makes that no younger.
            fires={stored: flat(0), configured: flat(90000), point: flat(93600)},
            nearly={stored: flat(4000), configured: flat(0), point: flat(93600)},
            severity="critical",
            labels=of_data,
            summary="The last successful backup of postgres is 1d 3h 0m 0s old",
        ),
        Case(
            alert="BackupTooOld",
            at="27h",
            step="30m",
            # Never backed up: since it was configured.
            fires={
                f"ziggie_backup_configured_timestamp_seconds{{{own}}}": flat(0),
                f"ziggie_backup_recovery_point_seconds{{{own}}}": flat(93600),
            },
            nearly={
                f"ziggie_backup_configured_timestamp_seconds{{{own}}}": flat(4000),
                f"ziggie_backup_recovery_point_seconds{{{own}}}": flat(93600),
            },
            severity="critical",
            labels=of_host,
            summary="The last successful backup of host is 1d 3h 0m 0s old",
        ),
        Case(
            alert="BackupFailed",
            at="5m",
            fires={failed: flat(1)},
            nearly={failed: flat(0)},
            severity="critical",
            labels={**of_host, "verb": "drill"},
            summary="The last drill of @host (host) failed: the plan and the journal say why",
        ),
        Case(
            alert="BackupShrunk",
            at="26h",
            step="1h",
            fires={size: "100x20 49x100"},
            nearly={size: "100x20 51x100"},
            severity="warning",
            labels=of_data,
            summary="The last backup of ziggie_postgres_data (postgres) has 49% of its size within three days",
        ),
        Case(
            alert="DrillTooOld",
            at="220h",
            step="2h",
            fires={drilled: flat(0), configured: flat(700000)},
            nearly={drilled: flat(20000), configured: flat(0)},
            severity="warning",
            labels=of_data,
            summary="The last drilled backup of ziggie_postgres_data (postgres) is 9d 4h 0m 0s old, or there never was one",
        ),
        Case(
            alert="DrillTooOld",
            at="220h",
            step="2h",
            fires={configured: flat(0), stored: flat(790000)},
            nearly={configured: flat(20000), stored: flat(0)},
            severity="warning",
            labels=of_data,
            summary="The last drilled backup of ziggie_postgres_data (postgres) is 9d 4h 0m 0s old, or there never was one",
        ),
        Case(
            alert="RecoveryTimeExceeded",
            at="5m",
            fires={took: flat(901), promised: flat(900)},
            nearly={took: flat(900), promised: flat(900)},
            severity="warning",
            labels=of_data,
            summary="ziggie_postgres_data (postgres) took 15m 1s to come back, more than is promised",
        ),
        Case(
            alert="RepositoryAlmostFull",
            at="1h",
            fires={free: flat(9), whole: flat(100)},
            nearly={free: flat(10), whole: flat(100)},
            severity="warning",
            labels={**HOST, "repository": "/srv/backup"},
            summary="The host has 9% free on the disk of the repository /srv/backup",
        ),
        Case(
            alert="RepositoryLocked",
            at="13h",
            step="30m",
            fires={lock: flat(0)},
            nearly={lock: flat(4000)},
            severity="warning",
            labels={**HOST, "repository": "/srv/backup"},
            summary="The host has a lock on the repository /srv/backup that is 13h 0m 0s old",
        ),
    ]
