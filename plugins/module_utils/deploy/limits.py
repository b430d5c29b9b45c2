# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of running containers changed in place: without a restart, and without a request that fails."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ..budget.core_list import written
from ..engine.client import Engine

# A described container and the limits that it is to have.
Change = tuple[Mapping[str, Any], Mapping[str, Any]]


def differing(
    containers: Iterable[Mapping[str, Any]], services: Mapping[str, Mapping[str, Any]], names: Collection[str]
) -> Iterator[Change]:
    """Yield every described container of the named services of a release, with the limits that the release gives it."""
    for live in containers:
        if live["service"] in names and live["service"] in services:
            yield live, services[live["service"]]["limits"]


def update(engine: Engine, change: Change) -> None:
    """Give a container its limits. Raises `EngineError` where the engine refuses."""
    live, limits = change
    body = {
        "Memory": limits["memory"],
        "MemorySwap": limits["memory_swap"],
        "MemoryReservation": limits["memory_reservation"],
        "CpuShares": limits["cpu_shares"],
        "NanoCpus": limits["cpu_quota"] * 1_000_000,
        "PidsLimit": limits["pids"],
    }
    if limits["cpuset"] or live["limits"]["cpuset"]:
        # The engine takes no list for "as it is"; all cores are a list, too.
        body["CpusetCpus"] = limits["cpuset"] or written(os.sched_getaffinity(0))
    if limits["io_weight"]:
        body["BlkioWeight"] = limits["io_weight"]
    engine.post(f"/containers/{live['id']}/update", body)
