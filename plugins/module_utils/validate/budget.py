# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what is in force is what the Budget says.

A release that somebody edited agrees with itself, not with the Budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..budget.core_list import read as read_cores
from .check import Check, judged, unknown
from .state import REDEPLOY


def checks(live: Mapping[str, Any]) -> Iterator[Check]:
    """Compare the limits in force with the Budget's, service by service."""
    services = live["budget"].get("services", {})
    for container in live["containers"]:
        service = container["service"]
        if service not in live["changes"]["services"]:
            continue
        if service not in services:
            yield unknown("compliance.budget", container["subject"], sentence=f"the Budget on the host does not name it; {REDEPLOY}")
            continue
        wrong = list(_wrong(services[service], container["limits"]))
        yield judged(
            "compliance.budget",
            container["subject"],
            well=not wrong,
            figure=f"{len(wrong)} differ",
            sentence=f"{', '.join(wrong)}; {REDEPLOY}",
        )


def _wrong(share: Mapping[str, Any], limits: Mapping[str, Any]) -> Iterator[str]:
    wanted = {
        "memory": share["memory"]["limit"],
        "pids": share["pids"],
        "cpu_quota": share["cpus"]["quota"] or 0,
        "cpu_shares": share["cpus"]["shares"],
    }
    for key, value in wanted.items():
        if limits[key] != value:
            relation = "smaller than" if limits[key] and limits[key] < value else "not"
            yield f"{key} is {limits[key]}, {relation} the Budget's {value}"
    most, cores = share["cpus"].get("cores"), read_cores(limits["cpuset"])
    if most is not None and (not cores or len(cores) > most):
        yield f"it may run on {len(cores) or 'all'} cores, not on the Budget's {most}"
