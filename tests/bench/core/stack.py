# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack of any number of services, as mixed as a real one."""

from __future__ import annotations

from typing import Any

TUNERS = ("postgres", "redis", "node", "go", "python", "nginx", None, None)
TIERS = ("critical", "workflow", "management")


def stack(count: int) -> dict[str, Any]:
    """Return a Compose definition."""
    volumes = {f"data-{number}": {} for number in range(0, count, 3)}
    return {"services": {f"service-{number}": _service(number) for number in range(count)}, "volumes": volumes}


def capacity(count: int) -> dict[str, Any]:
    """Return a host on which the stack fits without getting all that it asks for."""
    return {"memory": f"{450 * count + 4096}m", "cpus": count, "disk": f"{count + 100}g", "swap": 0, "pids": 300 * count + 2000}


def _service(number: int) -> dict[str, Any]:
    tuner = TUNERS[number % len(TUNERS)]
    budget: dict[str, Any] = {
        "tier": TIERS[number % 3],
        "memory": {"floor": f"{300 + number % 37}m", "reservation": "64m", "request": f"{400 + number % 1013}m"},
        "cpus": {"limit": 0.5, "reservation": 0.1},
    }
    if tuner:
        budget["tuning"] = {"tuner": tuner}
    if number % 3 == 0:
        budget["storage"] = {f"data-{number}": {"size": "1g"}}
    return {
        "image": f"docker.io/library/example:{number % 50}.1",
        "command": ["serve", "--port", str(1024 + number % 60_000)],
        "environment": {"NAME": f"service-{number}", "LEVEL": "info"},
        "healthcheck": {"test": ["CMD", "true"], "start_interval": "1s"},
        "ulimits": {"nofile": {"soft": 65536, "hard": 65536}},
        "depends_on": {f"service-{number - number % 8}": {"condition": "service_healthy"}} if number % 8 else {},
        "x-budget": budget,
    }
