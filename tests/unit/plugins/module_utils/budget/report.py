# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack as the report orders it: its limits and reservations in MiB and cores, word for word."""

from __future__ import annotations

from typing import Any

TIERS = {1: "critical", 2: "workflow", 3: "management"}

# service: tier, priority, memory limit, CPU limit, memory reservation, CPU reservation
FIGURES = {
    "ziggie-api": (1, "high", 2048, 1.0, 1024, 0.5),
    "mcp-gateway": (1, "high", 1536, 0.8, 768, 0.4),
    "postgres": (1, "high", 3072, 0.8, 1536, 0.4),
    "redis": (1, "high", 512, 0.3, 256, 0.1),
    "nginx": (1, "high", 256, 0.2, 128, 0.1),
    "n8n": (2, "medium", 1536, 0.5, 768, 0.25),
    "ollama": (2, "medium", 4096, 0.8, 2048, 0.2),
    "flowise": (2, "medium", 512, 0.2, 256, 0.1),
    "mongodb": (2, "medium", 1536, 0.3, 768, 0.15),
    "sim-studio": (2, "low", 512, 0.2, 256, 0.1),
    "prometheus": (3, "low", 1024, 0.2, 512, 0.1),
    "grafana": (3, "low", 512, 0.1, 256, 0.05),
    "loki": (3, "low", 512, 0.1, 256, 0.05),
    "promtail": (3, "low", 128, 0.05, 64, 0.02),
    "portainer": (3, "low", 256, 0.1, 128, 0.05),
    "open-webui": (3, "low", 256, 0.1, 128, 0.05),
    "watchtower": (3, "low", 128, 0.05, 64, 0.02),
    "github-runner": (3, "low", 1024, 0.3, 256, 0.1),
    "certbot": (3, "low", 128, 0.05, 32, 0.01),
    "cadvisor": (3, "low", 256, 0.2, None, None),
    "node-exporter": (3, "low", 128, 0.1, None, None),
}
HOST = {"memory": "16g", "cpus": 4}


def stack(names: tuple[str, ...] = tuple(FIGURES)) -> dict[str, Any]:
    """Return the report's services with its figures as requests."""
    services = {}
    for name in names:
        tier, priority, memory, cpus, memory_reserved, cpus_reserved = FIGURES[name]
        budget: dict[str, Any] = {"tier": TIERS[tier], "priority": priority, "memory": {"request": f"{memory}m"}, "cpus": {"limit": cpus}}
        if memory_reserved is not None:
            budget["memory"]["reservation"] = f"{memory_reserved}m"
            budget["cpus"]["reservation"] = cpus_reserved
        services[name] = {"image": name, "x-budget": budget}
    return {"services": services}
