# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container and its release that agree, for tests to change one thing at a time. Every field is written, so a new one has to be written here, too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import Release, ReleasedService
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.replace import Update
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import Container
from ansible_collections.ziggie.stack.plugins.module_utils.limits import KernelLimits, Limits

MIB = 1 << 20

LIMITS = Limits(
    memory=256 * MIB,
    memory_swap=256 * MIB,
    memory_reservation=128 * MIB,
    cpu_shares=512,
    cpu_quota=500,
    pids=100,
    io_weight=400,
    oom_score_adj=100,
    cpuset="0-1",
)
KERNEL = KernelLimits(values={"memory": 256 * MIB, "pids": 100, "cpu_quota": 500, "cpu_shares": 512, "cpuset": "0-1"})


def container(service: str = "redis", **changes: Any) -> Container:
    """Return a container that runs, is healthy and is what `released` says."""
    well = Container(
        service=service,
        number=1,
        name=f"ziggie-{service}-1",
        id=service * 8,
        image=f"{service}:1",
        image_id="sha256:1",
        state="running",
        health="healthy",
        health_output="",
        restarts=0,
        oom_killed=False,
        created=10.0,
        started=20.0,
        exit_code=0,
        labels={"tier": "critical", "priority": "high", "definition": f"{service}-definition"},
        limits=LIMITS,
        kernel=KERNEL,
        cgroup_parent="",
        ports=(),
        stand_in=False,
        unnamed=(),
    )
    return replace(well, **changes)


def released(service: str = "redis", **changes: Any) -> ReleasedService:
    """Return a service of a release that `container` agrees with."""
    well = ReleasedService(
        tier="critical",
        image=f"{service}:1",
        definition=f"{service}-definition",
        parts={},
        limits=LIMITS,
        probe=True,
        replicas=1,
        secrets=(),
        follows=(),
        after={},
        ends=False,
        awaited=False,
        by_compose=False,
        update=Update(),
        reload=None,
        reloadable={},
    )
    return replace(well, **changes)


def release(*services: str, **named: ReleasedService) -> Release:
    """Return a release of these services as they are by default, and of others as they are given."""
    return Release(services={name: released(name) for name in services} | named, volumes={}, live_state=None)
