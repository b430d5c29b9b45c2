# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the report page shows, as values: a template turns them into HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ...budget.model import Budget, Share, Total
from ...engine.container import Container
from ...host.run_log import LoggedRun
from ...problems import Finding
from ...tiers import TIERS
from ...units import MIB
from ..monitored import is_monitoring

SEVERITIES = ("error", "warning", "info", "accepted")

_GROUPS = {"memory": "Memory", "cpus": "CPUs", "disk": "Disk", "tuning": "Tuning"}
_UP = ("running", "healthy")


class Checked(Protocol):
    """One check of a validation; its outcome is `pass`, `fail` or `unknown`."""

    @property
    def name(self) -> str:
        """The question."""

    @property
    def path(self) -> str:
        """The question and what it was asked of."""

    @property
    def subject(self) -> str:
        """What it was asked of."""

    @property
    def outcome(self) -> str:
        """The answer."""

    @property
    def figure(self) -> str:
        """What was found."""

    @property
    def sentence(self) -> str:
        """What is wrong and how to fix it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A Budget with all that is known around it. `containers` is `None` where they were not read, `checks` where nothing was validated.

    `runs` are the latest runs on the host, the newest first. `data` is what protects each place of data, as a Plan has it.
    """

    budget: Budget | None
    containers: Mapping[str, Sequence[Container]] | None
    findings: Mapping[str, Sequence[Mapping[str, Any]]]
    checks: Sequence[Checked] | None
    runs: Sequence[LoggedRun]
    data: Sequence[object]
    release: str | None
    title: str
    when: str
    anchors: Mapping[str, str]
    tiers: Mapping[str, tuple[str, ...]]
    total: Total
    totals: Mapping[str, Total]

    @classmethod
    def of(
        cls,
        budget: Budget | None,
        *,
        containers: Iterable[Container] | None = None,
        findings: Iterable[Mapping[str, Any]] = (),
        checks: Sequence[Checked] | None = None,
        runs: Sequence[LoggedRun] = (),
        data: Sequence[object] = (),
        release: str | None = None,
        title: str,
        when: str,
    ) -> View:
        """Sort what is known: services by tier and name, containers by service, findings by severity and path.

        `budget` is `None` where none could be made. `containers` are described ones (`engine.container.Container`); one that holds `use`
        (`engine.usage`) shows what it uses. `findings` are those beyond the Budget's own.
        """
        services = budget.services if budget else {}
        own = budget.findings if budget else ()
        return cls(
            budget=budget,
            containers=None if containers is None else _by_service(containers),
            findings=by_severity([*map(Finding.to_dict, own), *findings]),
            checks=checks,
            runs=runs,
            data=data,
            release=release,
            title=title,
            when=when,
            anchors=_anchors(services),
            tiers={tier: names for tier in TIERS if (names := tuple(name for name in sorted(services) if services[name].tier == tier))},
            total=Total.of(services.values()),
            totals=budget.tiers if budget else {},
        )

    @property
    def services(self) -> Mapping[str, Share]:
        """Return the services of the Budget."""
        return self.budget.services if self.budget else {}

    @property
    def sections(self) -> Iterator[str]:
        """Yield the keys of the page's sections, in their order."""
        if self.checks is not None:
            yield from ("failed", "unknown", "checks")
        if self.services:
            yield from ("pool", "services")
        if self.budget and self.budget.disks:
            yield "disk"
        if self.data:
            yield "data"
        yield from ("findings", "changes")
        if self.runs:
            yield "runs"
        if self.services or self.containers:
            yield "running"
        if self.services:
            yield from ("figures", "arithmetic", "policy")

    def whole(self, name: str, figure: str) -> int:
        """Return a memory figure of a service with all its replicas, in bytes."""
        share = self.services[name]
        return int(getattr(share.memory, figure)) * share.replicas

    def by_size(self, tier: str) -> list[str]:
        """Return the services of a tier, the largest first."""
        return sorted(self.tiers[tier], key=lambda name: (-self.whole(name, "limit"), name))

    def seen(self, name: str) -> Sequence[Container]:
        """Return the containers of a service."""
        return (self.containers or {}).get(name, ())

    def use(self, name: str) -> int | None:
        """Return what a service needs now, less what the kernel may drop, in whole MiB as bytes, where its containers say so."""
        uses = [container.use or {} for container in self.seen(name)]
        known = [int(figure) for use in uses if (figure := use.get("working_set", use.get("memory"))) is not None]
        return round(sum(known) / MIB) * MIB if known else None

    @property
    def in_use(self) -> int | None:
        """Return what all services need now, in bytes, where any container says what it uses."""
        known = [use for use in map(self.use, self.services) if use is not None]
        return sum(known) if known else None

    def state(self, name: str) -> str:
        """Return the state of a service in a word: the worst of its containers, `off`, `absent`, or nothing where none was seen."""
        if not self.services[name].enabled:
            return "off"
        if not self.containers:
            return ""
        states = [container_state(container) for container in self.seen(name)]
        sick = [state for state in states if state not in _UP]
        return (sick or states or ["absent"])[0]

    def stands_in(self, name: str) -> bool:
        """Tell whether something imitates the real program."""
        return any(container.stand_in for container in self.seen(name))

    @property
    def off(self) -> list[str]:
        """Return the services that have a share and do not run."""
        return [name for name in sorted(self.services) if not self.services[name].enabled]

    @property
    def sick(self) -> dict[str, str]:
        """Return the services that should run and are not up, with their state."""
        states = {name: self.state(name) for name in sorted(self.services)}
        return {name: state for name, state in states.items() if state not in ("", "off", *_UP)}

    @property
    def served(self) -> int:
        """Return how many services have all of their request."""
        return sum(share.memory.limit >= share.memory.request for share in self.services.values() if share.enabled)

    @property
    def raised(self) -> bool:
        """Tell whether a service asked for less than its floor."""
        return any(share.memory.asked < share.memory.request for share in self.services.values())

    def missing(self, name: str) -> list[str]:
        """Return the credentials that a service still needs."""
        given = self.budget.policy.credentials if self.budget else ()
        return [credential for credential in self.services[name].requires if credential not in given]

    @property
    def watching(self) -> int:
        """Return the limits of the services that watch others, in bytes."""
        return sum(share.memory.limit for name, share in self.services.items() if is_monitoring(name))

    def explained(self, name: str) -> dict[str, list[tuple[str, str]]]:
        """Return the sentence of every number of a service with its key, by group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for key, sentence in self.services[name].explain.items():
            group, _dot, rest = key.partition(".")
            groups.setdefault(_GROUPS.get(group, "Other"), []).append((rest if group in _GROUPS and rest else key, sentence))
        return groups

    @property
    def policy(self) -> list[tuple[str, object]]:
        """Return every key of the policy with its value."""
        return list(_flat("", self.budget.policy.to_dict() if self.budget else {}))

    def outcome(self, outcome: str) -> list[Checked]:
        """Return the checks with an outcome."""
        return [check for check in self.checks or () if check.outcome == outcome]

    @property
    def questions(self) -> dict[str, list[Checked]]:
        """Return the checks by question."""
        groups: dict[str, list[Checked]] = {}
        for check in self.checks or ():
            groups.setdefault(check.name, []).append(check)
        return groups


def container_state(container: Container) -> str:
    """Return the health of a container that runs and has a probe, else its state."""
    return container.state if container.state != "running" or container.health == "none" else container.health


def _anchors(services: Iterable[str]) -> dict[str, str]:
    taken: set[str] = set()
    anchors = {}
    for name in sorted(services):
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"
        anchor, number = f"service-{slug}", 1
        while anchor in taken:
            number += 1
            anchor = f"service-{slug}-{number}"
        taken.add(anchor)
        anchors[name] = anchor
    return anchors


def _by_service(containers: Iterable[Container]) -> dict[str, list[Container]]:
    services: dict[str, list[Container]] = {}
    for container in sorted(containers, key=lambda container: container.name):
        services.setdefault(container.service, []).append(container)
    return services


def by_severity(findings: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return findings by severity, each once, in the order of their paths."""
    unique = {(item["severity"], item["path"], item["code"], item["message"]): item for item in findings}
    return {severity: [unique[key] for key in sorted(unique) if key[0] == severity] for severity in SEVERITIES}


def _flat(prefix: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), inner)
    else:
        yield prefix, value
