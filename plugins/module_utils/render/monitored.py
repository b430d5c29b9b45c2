# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is monitored: the services that run, their part of the Budget, and the monitoring settings of the inventory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.model import Budget, Share
from .alertmanager.settings import Settings

HOST = "host"
HOST_TIER = "critical"

_MONITORING = frozenset({"prometheus", "alertmanager", "grafana", "loki", "alloy", "promtail", "cadvisor"})


def is_monitoring(name: str) -> bool:
    """Tell whether a service monitors others, as every exporter does."""
    return name in _MONITORING or name.endswith("-exporter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitored:
    """One stack, as alerts, dashboards and scrape jobs see it; `live_state` tells whether the host can write the live state of its services."""

    budget: Budget
    compose: Mapping[str, Any]
    settings: Settings
    live_state: bool = True

    @property
    def services(self) -> dict[str, Share]:
        """Return the services that run, by name, in the order of their names."""
        declared = self.compose.get("services") or {}
        return {name: service for name, service in sorted(self.budget.services.items()) if service.enabled and name in declared}

    def runs(self, *names: str) -> bool:
        """Tell whether all these services run."""
        running = self.services
        return all(name in running for name in names)

    @property
    def has_live_state(self) -> bool:
        """Tell whether the host writes the live state of its services, and node-exporter exposes it."""
        return self.live_state and self.runs("node-exporter")

    @property
    def backed_up(self) -> bool:
        """Tell whether the host backs the stack up: the Budget then has room for it."""
        return bool(self.budget.jobs)

    def replicas(self, name: str) -> int:
        """Return how many containers a service has."""
        return self.budget.services[name].replicas

    def tier(self, name: str) -> str:
        """Return the tier of a service."""
        return self.budget.services[name].tier

    def tuned(self, name: str, setting: str) -> str | None:
        """Return a tuned setting of a service, `None` where the Budget does not tune it."""
        share = self.budget.services.get(name)
        return share.tuning.settings.get(setting) if share else None

    def runbook(self, alert: str) -> str:
        """Return the address of an alert's section in the runbook. The anchor is what forges make of its heading."""
        return f"{self.settings.runbook}#{alert.lower()}"
