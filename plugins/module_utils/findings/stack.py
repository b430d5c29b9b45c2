# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Compose definition and everything else that the rules look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ..compose.project import Project
from ..compose.values import COMPLETED, mapping
from .alerts import Alert, read
from .service import Service

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """All services that have a container, the definition itself, the host's facts (empty where there is none) and the alerting rules.

    `names` are those of all services, `kinds` maps a program to the services that run it, `waiting` a service to those that wait
    for it with their condition, `queueing` are the services that keep a queue in Redis. With `swarm` it is probably for `docker stack deploy`.
    """

    compose: Mapping[str, Any]
    sections: Mapping[str, Mapping[str, Mapping[str, Any]]]
    names: frozenset[str]
    services: Mapping[str, Service]
    kinds: Mapping[str, tuple[Service, ...]]
    waiting: Mapping[str, tuple[tuple[str, str], ...]]
    queueing: tuple[str, ...]
    swarm: bool
    host: Mapping[str, Any]
    alerts: tuple[Alert, ...]

    @classmethod
    def read(
        cls,
        compose: object,
        host: Mapping[str, Any] | None,
        rules_files: Mapping[str, str] | None,
        files: Mapping[str, str] | None = None,
    ) -> Stack:
        """Read a definition; what has the wrong shape counts as not written. `files` are as `Project.read` takes them."""
        project = Project.read(compose, files)
        awaited = {entry.name for written in project.services.values() for entry in written.depends_on if entry.condition == COMPLETED}
        services = {
            name: Service.of(written, completes=name in awaited)
            for name, written in sorted(project.services.items())
            if written.has_container
        }
        return cls(
            compose=project.raw,
            sections={name: dict(sorted(project.section(name).items())) for name in ("configs", "networks", "secrets", "volumes")},
            names=frozenset(project.services),
            services=services,
            kinds=_grouped((service.facts.kind, service) for service in services.values()),
            waiting=_grouped(
                (entry.name, (name, entry.condition)) for name, service in services.items() for entry in service.written.depends_on
            ),
            queueing=tuple(service.name for service in services.values() if service.queues),
            swarm=project.names_swarm,
            host=mapping(host),
            alerts=tuple(read(rules_files or {})),
        )

    def section(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Return configs, networks, secrets or volumes, each entry as a mapping."""
        return self.sections[name]

    def of_kind(self, *kinds: str) -> Iterator[Service]:
        """Yield the services whose image is one of these programs."""
        return (service for kind in kinds for service in self.kinds.get(kind, ()))

    def can(self, capability: str) -> bool | None:
        """Return what the host says of a capability, nothing where no host is known."""
        said = mapping(self.host.get("capabilities", self.host)).get(capability)
        return said if isinstance(said, bool) else None

    def mount_points(self) -> frozenset[str]:
        """Return the mount points that the host is known to have."""
        return frozenset(str(mapping(disk).get("mount", "")) for disk in mapping(self.host.get("disks")).values())

    def waits_for(self, name: str, condition: str) -> Iterator[str]:
        """Yield the services that wait for another one's condition."""
        return (waiter for waiter, awaited in self.waiting.get(name, ()) if awaited == condition)


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
