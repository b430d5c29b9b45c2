# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack of two services in which everything is as it should be."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import Changes, ServiceChange, TierChange
from ansible_collections.ziggie.stack.plugins.module_utils.limits import KernelLimits, Limits
from ansible_collections.ziggie.stack.plugins.module_utils.tiers import TIERS
from ansible_collections.ziggie.stack.tests.unit import samples

MIB = 1 << 20


def container(service: str) -> dict[str, Any]:
    """Return a container as `stack_info` returns it."""
    found = samples.container(
        service,
        image_id="sha256:a",
        image_current="sha256:a",
        limits=Limits(memory=128 * MIB, pids=50, cpu_shares=409),
        kernel=KernelLimits(values={"memory": 128 * MIB}),
        changed_files=(),
        use={"oom_kills": 0, "throttled_share": 0.0},
    )
    return found.to_dict()


def budget() -> dict[str, Any]:
    """Return a Budget that the containers agree with."""
    services = {name: {"image": f"{name}:1", "x-budget": {"tier": "critical"}} for name in ("redis", "nginx")}
    plain = solve({"services": services}, {"memory": "8g", "cpus": 4}, {}).to_dict()
    for name, share in plain["services"].items():
        share["memory"] |= {"limit": 128 * MIB, "request": 512 * MIB}
        share["cpus"] |= {"quota": None, "shares": 409, "cores": None}
        share["pids"] = 50
        share["tuning"]["tuner"] = name
    return plain


def changes() -> dict[str, Any]:
    """Return what is to be done where nothing differs."""
    nothing = TierChange(deploy=(), recreate=(), limits=(), wait=())
    services = {name: ServiceChange(action="none") for name in ("redis", "nginx")}
    return Changes(services=services, tiers=dict.fromkeys(TIERS, nothing), create=(), orphans=()).to_dict()


WELL: dict[str, Any] = {
    "containers": [container("redis"), container("nginx")],
    "budget": budget(),
    "changes": changes(),
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
