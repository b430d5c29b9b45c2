# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened to the stack, marked on every dashboard: deployments by the host's log of runs, starts of containers by the live state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..monitored import Monitored
from . import runs
from .source import LOKI, PROMETHEUS, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One kind of mark. With `at_value` the value of a series is its time, in milliseconds since 1970; a viewer switches on what is not `enabled`."""

    name: str
    source: Source
    expr: str
    color: str
    title: str
    enabled: bool = True
    at_value: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the annotation as Grafana reads it. Its text is a log line, where it comes from one."""
        made = {
            "name": self.name,
            "datasource": self.source.to_dict(),
            "enable": self.enabled,
            "hide": False,
            "iconColor": self.color,
            "expr": self.expr,
            "titleFormat": self.title,
        }
        return made | ({"useValueForTime": True, "step": "60s"} if self.at_value else {})


def marks(monitored: Monitored) -> list[Annotation]:
    """Return the marks that have a source here."""
    shipped = runs.are_shipped(monitored)
    made: list[Annotation] = []
    if shipped:
        made.append(Annotation(name="Deployments", source=LOKI, expr=runs.DEPLOYMENTS, color="blue", title="Deployment"))
    if monitored.runs("prometheus") and monitored.has_live_state:
        starts = "1000 * max by (service) (ziggie_service_start_time_seconds)"
        made.append(
            Annotation(
                name="Container starts",
                source=PROMETHEUS,
                expr=starts,
                color="purple",
                title="{{service}} was started",
                # A deployment starts many at once: there they would hide what they stand for.
                enabled=not shipped,
                at_value=True,
            )
        )
    return made
