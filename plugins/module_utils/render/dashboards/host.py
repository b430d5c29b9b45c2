# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of the host."""

from __future__ import annotations

from ...deploy.release import STALE
from ..monitored import Monitored
from .board import Board
from .panel import Panel, Query, stat
from .row import Row

DISKS = 'fstype=~"ext[234]|xfs|btrfs|zfs|f2fs"'
LEVELS = (("green", None), ("orange", 0.8), ("red", 0.9))
WORLD = 'device!~"lo|veth.*|br-.*|docker.*"'


def board(monitored: Monitored) -> Board | None:
    """Return the dashboard, `None` where nothing measures the host."""
    if not monitored.runs("prometheus", "node-exporter"):
        return None
    return Board(
        name="host",
        title="host",
        rows=[
            Row(title="Now", panels=gauges()),
            Row(title="Memory and CPU", panels=[*_memory(monitored), *_cpu()]),
            Row(title="Disk and network", panels=[*_disk(), *_network()]),
            Row(title="Live state, certificates and volumes", panels=_live_state(monitored)),
            Row(title="Pressure", panels=_pressure(), collapsed=True),
        ],
    )


def gauges() -> list[Panel]:
    """Return what the host has least of, and how many targets are down."""
    full = f"max(1 - node_filesystem_avail_bytes{{{DISKS}}} / node_filesystem_size_bytes{{{DISKS}}})"
    return [
        _gauge(
            "Memory in use",
            "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
            "Memory that the kernel cannot give to another program.",
        ),
        _gauge("CPUs in use", '1 - avg(rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))', "Of all cores."),
        _gauge("Fullest disk", full, "Of the real file systems, the one with the least room. DiskSpaceLow fires above 85%."),
        Panel(
            title="Targets down",
            kind="stat",
            unit="none",
            description="Programs that Prometheus cannot scrape: TargetDown.",
            width=6,
            height=5,
            steps=(("green", None), ("red", 1)),
            queries=[Query(expr="count(up == 0) or vector(0)")],
        ),
    ]


def _memory(monitored: Monitored) -> list[Panel]:
    pool = monitored.budget.pool.memory
    return [
        Panel(
            title="Memory",
            kind="timeseries",
            unit="bytes",
            lines=("^total$", "^pool$"),
            description="The pool is the memory that services share; the rest is the reserve of the operating system.",
            queries=[
                Query(expr="node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes", legend="used"),
                Query(expr="node_memory_Cached_bytes + node_memory_Buffers_bytes", legend="cache"),
                Query(expr="node_memory_MemTotal_bytes", legend="total"),
                Query(expr=f"vector({pool})", legend="pool"),
            ],
        )
    ]


def _cpu() -> list[Panel]:
    return [
        Panel(
            title="CPU, by mode",
            kind="timeseries",
            description="Of all cores, without idle; iowait is time in which a core had nothing else to do than wait for a disk.",
            unit="percentunit",
            maximum=1,
            stacked=True,
            queries=[Query(expr='avg by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[$__rate_interval]))', legend="{{mode}}")],
        )
    ]


def _disk() -> list[Panel]:
    return [
        Panel(
            title="Free disk space",
            kind="timeseries",
            description="What programs other than root's can still write.",
            unit="bytes",
            queries=[Query(expr=f"max by (device) (node_filesystem_avail_bytes{{{DISKS}}})", legend="{{device}}")],
        ),
        Panel(
            title="Disk utilization",
            kind="timeseries",
            unit="percentunit",
            maximum=1,
            description="Share of time in which a device was busy.",
            queries=[Query(expr='rate(node_disk_io_time_seconds_total{device!~"loop.*|ram.*"}[$__rate_interval])', legend="{{device}}")],
        ),
        Panel(
            title="Disk throughput",
            kind="timeseries",
            description="Bytes read from and written to each device.",
            unit="Bps",
            queries=[
                Query(
                    expr=f'rate(node_disk_{metric}_bytes_total{{device!~"loop.*|ram.*"}}[$__rate_interval])',
                    legend=f"{{{{device}}}} {metric}",
                )
                for metric in ("read", "written")
            ],
        ),
    ]


def _network() -> list[Panel]:
    return [
        Panel(
            title="Network",
            kind="timeseries",
            description="Of the host's own interfaces; those of containers are left out.",
            unit="Bps",
            queries=[
                Query(expr=f"rate(node_network_{way}_bytes_total{{{WORLD}}}[$__rate_interval])", legend=f"{{{{device}}}} {way}")
                for way in ("receive", "transmit")
            ],
        )
    ]


def _pressure() -> list[Panel]:
    return [
        Panel(
            title="Pressure",
            kind="timeseries",
            unit="percentunit",
            description="Share of time in which tasks stalled (PSI).",
            queries=[
                Query(expr=f"rate(node_pressure_{metric}_seconds_total[$__rate_interval])", legend=legend)
                for metric, legend in (
                    ("memory_stalled", "memory, all"),
                    ("io_stalled", "I/O, all"),
                    ("cpu_waiting", "CPU, some"),
                )
            ],
        )
    ]


def _live_state(monitored: Monitored) -> list[Panel]:
    if not monitored.has_live_state:
        return []
    panels = [
        stat(
            "Live state",
            "time() - max(ziggie_live_state_timestamp_seconds)",
            "Age of the live state of the services.",
            unit="s",
            steps=(("green", None), ("red", STALE)),
        ),
        Panel(
            title="Live state: cost",
            kind="timeseries",
            unit="s",
            width=6,
            height=5,
            description="Time that each collection takes; it runs twice a minute.",
            queries=[
                Query(expr="max(ziggie_live_state_cpu_seconds)", legend="CPU"),
                Query(expr="max(ziggie_live_state_duration_seconds)", legend="total"),
            ],
        ),
    ]
    if any(service.storage for service in monitored.services.values()):
        panels.append(
            Panel(
                title="Volumes, share of their disk budget",
                kind="bargauge",
                unit="percentunit",
                maximum=1,
                steps=LEVELS,
                description="Used space divided by the budget of the volume; volumes are measured in turn. VolumeNearShare fires above 90%.",
                queries=[
                    Query(
                        expr="sort_desc(max by (volume) (ziggie_volume_used_bytes / on (service, volume) ziggie_volume_size_bytes))",
                        legend="{{volume}}",
                        instant=True,
                    )
                ],
            )
        )
    if monitored.runs("nginx"):
        left = 'min(ziggie_certificate_not_after_timestamp_seconds{service="nginx"}) - time()'
        panels.append(
            stat(
                "Certificate: time to expiry",
                left,
                "CertificateExpiresSoon fires below 14 days.",
                unit="s",
                steps=(("red", None), ("green", 1209600)),
            )
        )
    if monitored.settings.backups:
        panels.append(
            stat(
                "Oldest backup",
                "time() - min(ziggie_backup_last_success_timestamp_seconds)",
                "BackupTooOld fires above 26 hours.",
                unit="s",
                steps=(("green", None), ("red", 93600)),
            )
        )
    return panels


def _gauge(title: str, expr: str, description: str) -> Panel:
    return Panel(
        title=title,
        kind="gauge",
        width=6,
        height=5,
        unit="percentunit",
        maximum=1,
        steps=LEVELS,
        description=description,
        queries=[Query(expr=expr)],
    )
