# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cAdvisor's names for the figures."""

from __future__ import annotations

import time

import cadvisor_cgroup
from standin import engine

# figure, family, kind; a family without its figure (an unlimited period, say) is 0, as in the real one.
FAMILIES = (
    ("usage", "container_memory_usage_bytes", "gauge"),
    ("working_set", "container_memory_working_set_bytes", "gauge"),
    ("rss", "container_memory_rss", "gauge"),
    ("cache", "container_memory_cache", "gauge"),
    ("limit", "container_spec_memory_limit_bytes", "gauge"),
    ("reservation", "container_spec_memory_reservation_limit_bytes", "gauge"),
    ("ooms", "container_oom_events_total", "counter"),
    ("cpu", "container_cpu_usage_seconds_total", "counter"),
    ("periods", "container_cpu_cfs_periods_total", "counter"),
    ("throttled", "container_cpu_cfs_throttled_periods_total", "counter"),
    ("throttled_seconds", "container_cpu_cfs_throttled_seconds_total", "counter"),
    ("quota", "container_spec_cpu_quota", "gauge"),
    ("period", "container_spec_cpu_period", "gauge"),
    ("shares", "container_spec_cpu_shares", "gauge"),
    ("threads", "container_threads", "gauge"),
    ("threads_max", "container_threads_max", "gauge"),
    ("started", "container_start_time_seconds", "gauge"),
    ("seen", "container_last_seen", "gauge"),
)


def exposition(labels: tuple[str, ...]) -> str:
    rows = [(_labels(container, labels), _figures(container)) for container in engine.containers()]
    lines: list[str] = []
    for figure, family, kind in FAMILIES:
        lines.append(f"# TYPE {family} {kind}")
        lines += [f"{family}{{{names}}} {found[figure]}" for names, found in rows if figure in found]
    return "\n".join(lines) + "\n"


def _figures(container: dict[str, object]) -> dict[str, float]:
    found = cadvisor_cgroup.figures(str(container["Id"]))
    return {**found, "started": float(container["Created"]), "seen": time.time()} if found else {}


def _labels(container: dict[str, object], wanted: tuple[str, ...]) -> str:
    own = container.get("Labels") or {}
    pairs = {"id": f"/docker/{container['Id']}", "name": str(container["Names"][0]).lstrip("/"), "image": str(container["Image"])}
    for label in wanted:
        pairs["container_label_" + "".join(letter if letter.isalnum() else "_" for letter in label)] = own.get(label, "")
    return ",".join(f'{name}="{value}"' for name, value in pairs.items())
