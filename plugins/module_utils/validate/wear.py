# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the limits have done to the services since they were started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .check import Check, judged, passed, unknown

_NOT_TOLD = "the kernel does not tell"


def checks(live: Mapping[str, Any], targets: Mapping[str, float]) -> Iterator[Check]:
    """Judge OOM kills, restarts and throttling."""
    policy = str(live["budget"].get("policy", {}).get("cpu_quota", "batch"))
    for container in live["containers"]:
        if container["service"] not in live["changes"]["services"]:
            continue
        share = live["budget"].get("services", {}).get(container["service"], {})
        yield _killed(container, share)
        yield judged(
            "compliance.restarts",
            container["subject"],
            well=container["restarts"] == 0,
            figure=str(container["restarts"]),
            sentence=f"the engine restarted it {container['restarts']} times; look at docker logs {container['name']}",
        )
        if container["state"] == "running":
            yield _throttled(container, share, policy, targets["throttled_share"])


def _killed(container: Mapping[str, Any], share: Mapping[str, Any]) -> Check:
    kills = (container.get("use") or {}).get("oom_kills")
    if kills is None and not container["oom_killed"]:
        return unknown("compliance.oom", container["subject"], sentence=f"{_NOT_TOLD} how many processes it killed for memory")
    limit = container["limits"]["memory"] >> 20
    asked = share.get("memory", {}).get("request", 0) >> 20
    return judged(
        "compliance.oom",
        container["subject"],
        well=not kills and not container["oom_killed"],
        figure=f"{kills or 0} kills",
        sentence=f"killed at its limit of {limit} MiB; raise services.{container['service']}.x-budget.memory.floor (its request is {asked} MiB)",
    )


def _throttled(container: Mapping[str, Any], share: Mapping[str, Any], policy: str, most: float) -> Check:
    figure = (container.get("use") or {}).get("throttled_share")
    if figure is None:
        return unknown("compliance.throttling", container["subject"], sentence=f"{_NOT_TOLD} how often it was throttled")
    quota = (share.get("cpus") or {}).get("quota")
    # A background job's quota is there to throttle it.
    if quota and policy == "batch":
        return passed("compliance.throttling", container["subject"], figure=f"{figure:.1%} of a background job")
    allowed = most if quota else 0.0
    return judged(
        "compliance.throttling",
        container["subject"],
        well=figure <= allowed,
        figure=f"{figure:.1%}",
        sentence=f"throttled in {figure:.1%} of its periods, {allowed:.0%} are allowed; raise its cpus.limit or lift its quota",
    )
