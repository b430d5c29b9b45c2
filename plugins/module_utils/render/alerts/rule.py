# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One alert, and the pieces of PromQL that several share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..watched import Watched

Severity = Literal["critical", "warning", "info", "by tier", "none"]

# A service of the critical tier wakes somebody, the others wait for the morning.
BY_TIER = '{{ if eq $labels.tier "critical" }}critical{{ else }}warning{{ end }}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One alert. Where `service` is empty, the expression's own labels name service and tier."""

    alert: str
    expr: str
    wait: str
    severity: Severity
    summary: str
    service: str = ""
    tier: str = ""

    def to_dict(self, watched: Watched) -> dict[str, Any]:
        """Return the rule as Prometheus reads it."""
        labels = {"severity": BY_TIER if self.severity == "by tier" else self.severity}
        if self.service:
            labels |= {"service": self.service, "tier": self.tier or watched.tier(self.service)}
        annotations = {"summary": self.summary, "runbook_url": watched.runbook(self.alert)}
        return {"alert": self.alert, "expr": self.expr, "for": self.wait, "labels": labels, "annotations": annotations}


def per_service(metric: str, matchers: str = "") -> str:
    """Return a container gauge per service; of several replicas the highest, since each has the whole limit."""
    return f"max by (service) ({metric}{{{_named(matchers)}}})"


def rate_per_service(metric: str, window: str = "5m") -> str:
    """Return a container counter's rate per service; of several replicas the highest."""
    return f"max by (service) (rate({metric}{{{_named('')}}}[{window}]))"


def with_tier(expr: str, of: str = "") -> str:
    """Return an expression per service, unchanged in value, with the tier from the Budget; `of` keeps some services only."""
    return f"({expr})\n* on (service) group_left (tier) service:budget:info{f'{{{of}}}' if of else ''}"


def _named(matchers: str) -> str:
    """Return matchers of a container; cgroups that are none have no name."""
    return ",".join(part for part in (matchers, 'name!=""') if part)
