# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page is drawn from, looked up once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...budget.units import MIB
from ..table import TIERS

SEVERITIES = ("error", "warning", "info", "accepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A budget with all that is known around it. `budget` is empty where none could be made."""

    budget: Mapping[str, Any]
    containers: Mapping[str, list[Mapping[str, Any]]]
    findings: Mapping[str, list[Mapping[str, Any]]]
    changes: Mapping[str, Any] | None
    release: str | None
    title: str
    when: str
    anchors: Mapping[str, str]
    tiers: Mapping[str, list[str]]

    @classmethod
    def of(
        cls,
        budget: Mapping[str, Any],
        containers: Iterable[Mapping[str, Any]],
        findings: Iterable[Mapping[str, Any]],
        changes: Mapping[str, Any] | None,
        *,
        release: str | None,
        title: str,
        when: str,
    ) -> View:
        """Sort what is known: services by tier and name, containers by service, findings by severity and path."""
        services = budget.get("services", {})
        live: dict[str, list[Mapping[str, Any]]] = {}
        for container in sorted(containers, key=lambda container: str(container.get("name", ""))):
            live.setdefault(container["service"], []).append(container)
        return cls(
            budget=budget,
            containers=live,
            findings=_by_severity([*budget.get("findings", []), *findings]),
            changes=changes,
            release=release,
            title=title,
            when=when,
            anchors=_anchors(services),
            tiers=_by_tier(services),
        )

    @property
    def services(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the budget's services."""
        found: Mapping[str, Mapping[str, Any]] = self.budget.get("services", {})
        return found

    def whole(self, name: str, key: str) -> int:
        """Return a memory figure of a service with all its replicas."""
        service = self.services[name]
        return int(service["memory"][key]) * int(service.get("replicas", 1))

    def by_size(self, tier: str) -> list[str]:
        """Return the services of a tier, the largest first."""
        return sorted(self.tiers[tier], key=lambda name: (-self.whole(name, "limit"), name))

    def use(self, name: str) -> int | None:
        """Return what a service needs now, less what the kernel may drop, in whole MiB as bytes, where its containers say so."""
        uses = [container.get("use") or {} for container in self.containers.get(name, [])]
        known = [int(figure) for use in uses if (figure := use.get("working_set", use.get("memory"))) is not None]
        return round(sum(known) / MIB) * MIB if known else None

    def has_use(self) -> bool:
        """Tell whether any container says what it uses."""
        return any(self.use(name) is not None for name in self.services)

    def state(self, name: str) -> str:
        """Return the state of a service in a word: the worst of its containers, `off`, `absent`, or `` where nobody looked."""
        if not self.services[name]["enabled"]:
            return "off"
        if not self.containers:
            return ""
        states = [container_state(container) for container in self.containers.get(name, [])]
        sick = [state for state in states if state not in ("running", "healthy")]
        return (sick or states or ["absent"])[0]

    def stands_in(self, name: str) -> bool:
        """Tell whether something imitates the real program."""
        return any(container.get("stand_in") for container in self.containers.get(name, []))

    def off(self) -> list[str]:
        """Return the services that the budget holds a share for and that do not run."""
        return [name for name in sorted(self.services) if not self.services[name]["enabled"]]

    def sick(self) -> dict[str, str]:
        """Return the services that should run and are not up, with their state."""
        states = {name: self.state(name) for name in sorted(self.services)}
        return {name: state for name, state in states.items() if state not in ("", "off", "running", "healthy")}


def container_state(container: Mapping[str, Any]) -> str:
    """Return the health of a container that runs and has a probe, else its state."""
    if container["state"] != "running" or container["health"] == "none":
        return str(container["state"])
    return str(container["health"])


def slug(name: str) -> str:
    """Return a name as a link's target may hold it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"


def _anchors(services: Iterable[str]) -> dict[str, str]:
    taken: set[str] = set()
    anchors = {}
    for name in sorted(services):
        anchor, number = f"service-{slug(name)}", 1
        while anchor in taken:
            number += 1
            anchor = f"service-{slug(name)}-{number}"
        taken.add(anchor)
        anchors[name] = anchor
    return anchors


def _by_tier(services: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    tiers: dict[str, list[str]] = {tier: [] for tier in TIERS}
    for name in sorted(services):
        tiers.setdefault(services[name]["tier"], []).append(name)
    return {tier: names for tier, names in tiers.items() if names}


def _by_severity(findings: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    unique = {(item["severity"], item["path"], item["code"], item["message"]): item for item in findings}
    sorted_findings = [unique[key] for key in sorted(unique)]
    return {severity: [item for item in sorted_findings if item["severity"] == severity] for severity in SEVERITIES}
