# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Monitoring: servers, agents and exporters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...budget.units import MIB
from .facts import Facts, words

_BUSYBOX = words("sh wget nc")
_EXPORTER = Facts(kind="exporter", own_probe=False, floor=32 * MIB, engine="go", tier="management")
_CADVISOR = Facts(
    kind="cadvisor",
    tools={"": _BUSYBOX},
    own_probe=True,
    floor=128 * MIB,
    engine_29=(0, 54, 0),
    engine="go",
    tier="management",
)

TABLE: Mapping[str, Facts] = {
    "prom/prometheus": Facts(
        kind="prometheus",
        tools={"": _BUSYBOX | {"promtool"}, "distroless": words("promtool")},
        data=("/prometheus",),
        own_probe=False,
        probe="promtool check ready --url=http://127.0.0.1:9090",
        grace=120,
        many_files=True,
        floor=512 * MIB,
        engine="prometheus",
        tier="management",
    ),
    "prom/alertmanager": replace(
        _EXPORTER,
        kind="alertmanager",
        tools={"": _BUSYBOX | {"amtool"}},
        probe="wget -qO /dev/null http://127.0.0.1:9093/-/ready",
        floor=64 * MIB,
    ),
    "grafana/grafana": Facts(
        kind="grafana",
        tools={"": _BUSYBOX | {"bash", "curl"}},
        data=("/var/lib/grafana",),
        secret_file="__FILE",
        own_probe=False,
        probe="curl -fsS -o /dev/null http://127.0.0.1:3000/api/health",
        grace=30,
        floor=512 * MIB,
        engine="go",
        tier="management",
    ),
    "grafana/loki": Facts(
        kind="loki",
        tools={"": words("loki")},
        tools_since=(3, 6),
        data=("/loki",),
        own_probe=False,
        probe="/usr/bin/loki -health -health.url=http://127.0.0.1:3100/ready",
        grace=60,
        many_files=True,
        floor=512 * MIB,
        engine="go",
        tier="management",
    ),
    "grafana/promtail": Facts(
        kind="promtail",
        tools={"": words("sh bash")},
        own_probe=False,
        floor=96 * MIB,
        ended="its support ended on 2026-03-02",
        instead="grafana/alloy (alloy convert --source-format=promtail)",
        engine="go",
        tier="management",
    ),
    "grafana/alloy": Facts(
        kind="alloy",
        tools={"": words("sh bash alloy")},
        data=("/var/lib/alloy/data",),
        own_probe=False,
        probe='bash -c \'exec 3<>/dev/tcp/127.0.0.1/12345; printf "GET /-/ready HTTP/1.0\\r\\n\\r\\n" >&3; grep -q " 200 " <&3\'',
        floor=192 * MIB,
        tier="management",
    ),
    "google/cadvisor": _CADVISOR,
    "cadvisor/cadvisor": replace(
        _CADVISOR, ended="its registry is frozen at 0.52, which Docker Engine 29 breaks", instead="ghcr.io/google/cadvisor"
    ),
    "prometheus/node-exporter": replace(_EXPORTER, kind="node-exporter", tools={"": _BUSYBOX, "distroless": frozenset()}, floor=48 * MIB),
    "prom/node-exporter": replace(_EXPORTER, kind="node-exporter", tools={"": _BUSYBOX, "distroless": frozenset()}, floor=48 * MIB),
    "prometheuscommunity/postgres-exporter": replace(
        _EXPORTER, kind="postgres-exporter", tools={"": _BUSYBOX}, secret_file="_FILE", floor=48 * MIB
    ),
    "oliver006/redis_exporter": replace(_EXPORTER, kind="redis-exporter", tools={"": frozenset(), "alpine": _BUSYBOX}),
    "percona/mongodb_exporter": replace(_EXPORTER, kind="mongodb-exporter", tools={"": frozenset()}, floor=64 * MIB),
    "nginx/nginx-prometheus-exporter": replace(_EXPORTER, kind="nginx-exporter", tools={"": frozenset()}),
    "prom/blackbox-exporter": replace(_EXPORTER, kind="blackbox-exporter", tools={"": _BUSYBOX}),
}
