# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Compose definition with what else is known, as the rules see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from .alerts import Alert, read
from .loose import mapping, sequence
from .service import Service

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """All services, the definition itself, the host's facts (empty where there is none) and the alerting rules.

    `kinds` maps a program to the services that run it, `waiting` a service to those that wait for it with their condition,
    `queueing` are the services that keep a queue in Redis.
    """

    compose: Mapping[str, Any]
    sections: Mapping[str, Mapping[str, Mapping[str, Any]]]
    services: Mapping[str, Service]
    kinds: Mapping[str, tuple[Service, ...]]
    waiting: Mapping[str, tuple[tuple[str, str], ...]]
    queueing: tuple[str, ...]
    host: Mapping[str, Any]
    alerts: tuple[Alert, ...]

    @classmethod
    def read(cls, compose: object, host: Mapping[str, Any] | None, rules_files: Mapping[str, str] | None) -> Stack:
        """Read a definition; what is no mapping has nothing in it."""
        top = mapping(compose)
        services = {name: Service.read(name, data) for name, data in _entries(top, "services")}
        return cls(
            compose=top,
            sections={name: dict(_entries(top, name)) for name in ("configs", "networks", "secrets", "volumes")},
            services=services,
            kinds=_grouped((service.facts.kind, service) for service in services.values()),
            waiting=_grouped(wait for service in services.values() for wait in _waits(service)),
            queueing=tuple(service.name for service in services.values() if service.queues),
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

    def uses(self, service: Service, section: str) -> Iterator[tuple[str, str]]:
        """Yield what a service refers to in a section of the file: its name and where it is written."""
        if section == "volumes":
            yield from ((mount.source, mount.where) for mount in service.mounts if mount.kind == "volume" and mount.source)
            return
        entries = service.data.get(section)
        if isinstance(entries, Mapping):
            yield from ((str(name), f"{section}.{name}") for name in entries)
            return
        for position, entry in enumerate(sequence(entries)):
            name = entry.get("source") if isinstance(entry, Mapping) else entry
            yield str(name), f"{section}[{position}]"


def _entries(top: Mapping[str, Any], section: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Return a section's entries in an order that does not depend on how they were written."""
    return sorted(((str(name), mapping(entry)) for name, entry in mapping(top.get(section)).items()), key=lambda pair: pair[0])


def _waits(service: Service) -> Iterator[tuple[str, tuple[str, str]]]:
    for name, entry in mapping(service.data.get("depends_on")).items():
        yield str(name), (service.name, str(mapping(entry).get("condition")))


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
