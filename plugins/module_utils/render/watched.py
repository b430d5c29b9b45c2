# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to watch: the services that run, their part of the Budget, and the operator's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RUNBOOK = "https://github.com/ziggie/stack/blob/main/docs/runbook.md"
HOST = "host"
HOST_TIER = "critical"

# The services that watch others; exporters do as well.
WATCHERS = frozenset({"prometheus", "alertmanager", "grafana", "loki", "alloy", "promtail", "cadvisor"})


def watches(name: str) -> bool:
    """Tell whether a service is there to watch others."""
    return name in WATCHERS or name.endswith("-exporter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One stack, as rules, dashboards and scrape jobs see it."""

    budget: Mapping[str, Any]
    compose: Mapping[str, Any]
    settings: Mapping[str, Any]
    live_state: bool = True

    @property
    def services(self) -> dict[str, Mapping[str, Any]]:
        """Return the services that run, by name, in the order of their names."""
        declared = self.compose.get("services") or {}
        return {name: service for name, service in sorted(self.budget["services"].items()) if service["enabled"] and name in declared}

    @property
    def project(self) -> str:
        """Return the Compose project's name."""
        return str(self.settings.get("project") or self.compose.get("name") or "ziggie")

    @property
    def host(self) -> str:
        """Return what alerts call the host."""
        return str(self.settings.get("host") or self.project)

    def runs(self, *names: str) -> bool:
        """Tell whether all these services run."""
        running = self.services
        return all(name in running for name in names)

    @property
    def looked_at(self) -> bool:
        """Tell whether the host writes its services' live state, and somebody passes it on."""
        return self.live_state and self.runs("node-exporter")

    def replicas(self, name: str) -> int:
        """Return how many containers a service has."""
        return int(self.budget["services"][name].get("replicas", 1))

    def tier(self, name: str) -> str:
        """Return a service's tier."""
        return str(self.budget["services"][name]["tier"])

    def tuned(self, name: str, setting: str) -> str | None:
        """Return a tuned setting of a service, None where the Budget says nothing of it."""
        value = ((self.budget["services"].get(name) or {}).get("tuning") or {}).get("settings", {}).get(setting)
        return None if value is None else str(value)

    def runbook(self, alert: str) -> str:
        """Return where an alert is explained. The anchor is what forges make of its heading."""
        return f"{self.settings.get('runbook') or RUNBOOK}#{alert.lower()}"
