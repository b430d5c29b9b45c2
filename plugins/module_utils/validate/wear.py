# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the limits have done to the services since they were started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..budget.model import Share
from .check import Check, judged, passed, unknown
from .live import Live, Named

_NOT_TOLD = "the kernel does not tell"


def checks(live: Live, targets: Mapping[str, float]) -> Iterator[Check]:
    """Judge OOM kills, restarts and throttling."""
    policy = live.budget.policy.cpu_quota if live.budget else "batch"
    for one in live.containers:
        container = one.container
        if container.service not in live.changes.services:
            continue
        share = live.budget.services.get(container.service) if live.budget else None
        yield _killed(one, share)
        yield judged(
            "compliance.restarts",
            one.subject,
            well=container.restarts == 0,
            figure=str(container.restarts),
            sentence=f"the engine restarted it {container.restarts} times; look at docker logs {container.name}",
        )
        if container.state == "running":
            yield _throttled(one, share, policy, targets["throttled_share"])


def _killed(one: Named, share: Share | None) -> Check:
    container = one.container
    kills = (container.use or {}).get("oom_kills")
    if kills is None and not container.oom_killed:
        return unknown("compliance.oom", one.subject, sentence=f"{_NOT_TOLD} how many processes it killed for memory")
    limit = container.limits.memory >> 20
    asked = share.memory.request >> 20 if share else 0
    return judged(
        "compliance.oom",
        one.subject,
        well=not kills and not container.oom_killed,
        figure=f"{kills or 0} kills",
        sentence=f"killed at its limit of {limit} MiB; raise services.{container.service}.x-budget.memory.floor (its request is {asked} MiB)",
    )


def _throttled(one: Named, share: Share | None, policy: str, most: float) -> Check:
    figure = (one.container.use or {}).get("throttled_share")
    if figure is None:
        return unknown("compliance.throttling", one.subject, sentence=f"{_NOT_TOLD} how often it was throttled")
    quota = share.cpus.quota if share else None
    # A background job's quota is there to throttle it.
    if quota and policy == "batch":
        return passed("compliance.throttling", one.subject, figure=f"{figure:.1%} of a background job")
    allowed = most if quota else 0.0
    return judged(
        "compliance.throttling",
        one.subject,
        well=figure <= allowed,
        figure=f"{figure:.1%}",
        sentence=f"throttled in {figure:.1%} of its periods, {allowed:.0%} are allowed; raise its cpus.limit or lift its quota",
    )
