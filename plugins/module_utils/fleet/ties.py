# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What in a definition ties services to each other or to their host, and which services a second host would take over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..budget.spec import ServiceSpec
from ..budget.tune.registry import TUNERS
from ..compose.service import Service
from ..compose.values import items, mapping, text

# Who mounts one of these watches or manages the host that it runs on.
_OF_THE_HOST = frozenset({"/", "/proc", "/sys", "/var/lib/docker", "/var/run/docker.sock", "/run/docker.sock"})
_SHARED = ("network_mode", "pid", "ipc")


def everywhere(compose: Mapping[str, Any]) -> frozenset[str]:
    """Return the services that every host needs a copy of: they look at the host itself or at its engine."""
    return frozenset(
        name
        for name, service in _services(compose)
        if any(mount.kind == "bind" and mount.source in _OF_THE_HOST for mount in service.mounts)
    )


def together(compose: Mapping[str, Any], specs: Mapping[str, ServiceSpec]) -> tuple[tuple[str, ...], ...]:
    """Return services that have to share a host: by a volume, by a namespace, or since one's settings follow from the other's."""
    ties: dict[str, list[str]] = {}
    found: list[tuple[str, ...]] = []
    for name, service in _services(compose):
        for mount in service.mounts:
            if mount.kind == "volume" and mount.source:
                ties.setdefault(mount.source, []).append(name)
        for key in _SHARED:
            kind, _colon, other = text(service.raw.get(key)).partition(":")
            if kind == "service":
                found.append((name, other))
        found += [(name, text(entry).partition(":")[0]) for entry in items(service.raw.get("volumes_from"))]
    by_tuner: dict[str, list[str]] = {}
    for spec in specs.values():
        if spec.tuning:
            by_tuner.setdefault(spec.tuning.tuner, []).append(spec.name)
    for tuner, names in sorted(by_tuner.items()):
        servers = by_tuner.get(TUNERS[tuner].peer or "", [])
        found += [(name, servers[0]) for name in names if len(servers) == 1]
    return (*(tuple(names) for _volume, names in sorted(ties.items()) if len(names) > 1), *found)


def movable(specs: Mapping[str, ServiceSpec], tied: Iterable[Iterable[str]], stay: frozenset[str]) -> frozenset[str]:
    """Return what a split moves to the second host: workflows that no other service connects to, and jobs; all that is tied to anything else stays.

    So databases, the critical tier with its proxy, and the monitoring stay. Applied to the report's services it is the report's own split.
    """
    moving = {
        spec.name for spec in specs.values() if spec.name not in stay and not spec.clients and (spec.tier == "workflow" or spec.batch)
    }
    while True:
        held = {name for group in tied for name in group if not {*group} & specs.keys() <= moving}
        if not held & moving:
            return frozenset(moving)
        moving -= held


def _services(compose: Mapping[str, Any]) -> list[tuple[str, Service]]:
    return [(str(name), Service.read(str(name), service)) for name, service in sorted(mapping(compose.get("services")).items())]
