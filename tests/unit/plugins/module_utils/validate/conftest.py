# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack of two services in which everything is as it should be."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

MIB = 1 << 20
LIMITS = {"memory": 128 * MIB, "pids": 50, "cpu_quota": 0, "cpu_shares": 409, "cpuset": ""}


def container(service: str) -> dict[str, Any]:
    return {
        "service": service,
        "number": 1,
        "name": f"ziggie-{service}-1",
        "image": f"{service}:1",
        "image_id": "sha256:a",
        "image_current": "sha256:a",
        "state": "running",
        "health": "healthy",
        "restarts": 0,
        "oom_killed": False,
        "stand_in": False,
        "limits": dict(LIMITS),
        "kernel": {"memory": 128 * MIB},
        "cgroup_parent": "",
        "protection": {},
        "changed_files": [],
        "use": {"oom_kills": 0, "throttled_share": 0.0},
        "settings": {"engine": service, "live": {"maxmemory": "1"}, "differences": [], "unknown": []},
    }


def share(quota: int | None = None, engine: str | None = None) -> dict[str, Any]:
    return {
        "tier": "critical",
        "memory": {"limit": 128 * MIB, "request": 512 * MIB},
        "pids": 50,
        "cpus": {"quota": quota, "shares": 409, "cores": None},
        "tuning": {"engine": engine},
    }


WELL: dict[str, Any] = {
    "containers": [container("redis"), container("nginx")],
    "budget": {"policy": {"cpu_quota": "batch"}, "services": {"redis": share(engine="redis"), "nginx": share(engine="nginx")}},
    "changes": {"services": {"redis": {"differences": []}, "nginx": {"differences": []}}, "orphans": []},
    "slices": {},
    "volumes": {"redis_data": {"device": "/mnt/redis", "released": "/mnt/redis", "free": 50, "size": 100}},
    "now": 1000.0,
}


@pytest.fixture(name="live")
def _live() -> dict[str, Any]:
    return copy.deepcopy(WELL)


@pytest.fixture(name="redis")
def _redis(live: dict[str, Any]) -> dict[str, Any]:
    """Return the container that a test spoils."""
    found: dict[str, Any] = live["containers"][0]
    return found


@pytest.fixture(name="differ")
def _differ(live: dict[str, Any]) -> Callable[..., None]:
    """Let Redis differ from its release."""

    def differ(key: str, desired: Any, found: Any) -> None:
        live["changes"]["services"]["redis"]["differences"].append({"key": key, "desired": desired, "live": found})

    return differ
