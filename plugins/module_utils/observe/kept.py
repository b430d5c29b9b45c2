# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of every service, from audits that were kept. Only the controller has what a budget is made from, so no module imports this."""

from __future__ import annotations

from collections.abc import Iterable

from .budget import name_of
from .model import Audit, Seen
from .recommend import Point


def of_audits(audits: Iterable[Audit]) -> dict[str, tuple[Point, ...]]:
    """Return the points of every service of the last audit, one an audit. Raises `ValueError` where they are of several hosts."""
    ordered = sorted(audits, key=lambda audit: audit.when)
    hosts = sorted({audit.machine.hostname for audit in ordered})
    if len(hosts) > 1:
        raise ValueError(f"these audits are of several hosts ({', '.join(hosts)}); name those of one")
    if not ordered:
        raise ValueError("there is no audit to read; keep some with -e audit_file=…")
    names = {container.key: name_of(ordered[-1], container) for container in ordered[-1].containers}
    found: dict[str, list[Point]] = {}
    kills: dict[tuple[str, float], int] = {}
    for audit in ordered:
        for container in audit.containers:
            name = names.get(container.key)
            point = _point(audit, container, kills) if name else None
            if name and point:
                found.setdefault(name, []).append(point)
    return {name: tuple(points) for name, points in sorted(found.items())}


def _point(audit: Audit, container: Seen, kills: dict[tuple[str, float], int]) -> Point | None:
    use, window = container.use, container.window
    start = (container.id, container.started)
    counted = max(use.oom_kills or 0, int(container.oom_killed))
    more = max(0, counted - kills.get(start, 0))
    kills[start] = max(counted, kills.get(start, 0))
    spread = window.working_set if window else None
    seen = max(use.working_set or 0, spread.most if spread else 0)
    if use.working_set is None and spread is None and not more:
        return None
    return Point(
        at=audit.when,
        use=seen,
        samples=1 + (window.samples if window else 0),
        limit=container.limits.memory,
        kills=more,
        stalled=(use.pressure or {}).get("memory", 0.0),
    )
