# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts on the host itself."""

from __future__ import annotations

from ..watched import HOST, HOST_TIER, Watched
from .rule import Rule, Severity

DISKS = 'fstype=~"ext[234]|xfs|btrfs|zfs|f2fs"'


def rules(watched: Watched) -> list[Rule]:
    """Return the alerts that node-exporter can answer."""
    if not watched.runs("node-exporter"):
        return []
    return [
        *_memory(),
        *_cpu(),
        *_disk(),
        _rule(
            "HostDown",
            f'max(up{{job=~"{_exporters(watched)}"}}) == 0',
            "2m",
            "critical",
            "Nothing on the host answers: its exporters cannot be scraped",
        ),
    ]


def _memory() -> list[Rule]:
    return [
        _rule(
            "HighMemoryUsage",
            "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.1",
            "2m",
            "critical",
            "The host has {{ $value | humanizePercentage }} of its memory available",
        ),
        _rule(
            "HostOomKill",
            "increase(node_vmstat_oom_kill[10m]) > 0",
            "0m",
            "critical",
            "The kernel killed a process on the host for want of memory",
        ),
        _rule(
            "HostStalled",
            'label_replace(rate(node_pressure_memory_stalled_seconds_total[5m]) > 0.1, "resource", "memory", "", "")\n'
            'or label_replace(rate(node_pressure_io_stalled_seconds_total[5m]) > 0.4, "resource", "I/O", "", "")',
            "5m",
            "warning",
            "Everything on the host waits for {{ $labels.resource }} {{ $value | humanizePercentage }} of the time",
        ),
    ]


def _cpu() -> list[Rule]:
    busy = '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))'
    return [
        _rule("HighCPUUsage", f"{busy} > 0.9", "5m", "warning", "The host's CPUs are {{ $value | humanizePercentage }} busy"),
        _rule(
            "HostCpuSaturated",
            f"{busy} > 0.8",
            "10m",
            "info",
            "The host's CPUs have been more than 80% busy for 10 minutes: time to scale",
        ),
        _rule(
            "HostCpuStolen",
            'avg by (instance) (rate(node_cpu_seconds_total{mode="steal"}[5m])) > 0.1',
            "15m",
            "warning",
            "The host loses {{ $value | humanizePercentage }} of its CPU time to its neighbours",
        ),
    ]


def _disk() -> list[Rule]:
    free = f"node_filesystem_avail_bytes{{{DISKS}}} / node_filesystem_size_bytes{{{DISKS}}}"
    return [
        _rule(
            "DiskSpaceLow",
            f"max by (device) ({free}) < 0.15",
            "5m",
            "warning",
            "The host's disk {{ $labels.device }} has {{ $value | humanizePercentage }} free",
        ),
        _rule(
            "DiskFullSoon",
            f"max by (device) (predict_linear(node_filesystem_avail_bytes{{{DISKS}}}[6h], 86400)) < 0\nand max by (device) ({free}) < 0.4",
            "1h",
            "warning",
            "The host's disk {{ $labels.device }} will be full within a day",
        ),
        _rule(
            "DiskInodesLow",
            f"max by (device) (node_filesystem_files_free{{{DISKS}}} / (node_filesystem_files{{{DISKS}}} > 0)) < 0.1",
            "5m",
            "warning",
            "The host's disk {{ $labels.device }} has {{ $value | humanizePercentage }} of its inodes free",
        ),
    ]


def _exporters(watched: Watched) -> str:
    return "|".join(["node", *(["cadvisor"] if watched.runs("cadvisor") else [])])


def _rule(alert: str, expr: str, wait: str, severity: Severity, summary: str) -> Rule:
    return Rule(alert=alert, expr=expr, wait=wait, severity=severity, summary=summary, service=HOST, tier=HOST_TIER)
