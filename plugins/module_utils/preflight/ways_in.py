# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the world gets in where a stack has routes: each with who may enter, and every published port, open or closed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..catalog.entrances import entrances
from ..catalog.routes import routes
from ..compose.entries import Port
from ..compose.project import Project
from ..typed import OPTIONAL

_LOOPBACK = ("127.", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """A route as a plan shows it; `login` is what the service itself asks for, where its author says so."""

    url: str
    target: str
    who: str
    login: str = field(default="", metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPort:
    """A port of the host that a service publishes, as `published` has it, and whether the world reaches it."""

    service: str
    published: str
    open: bool


def ways_in(running: Mapping[str, Any]) -> tuple[WayIn, ...]:
    """Return the routes to the services that run, by their addresses."""
    found = routes(running, running["services"])
    logins = {one.service: one.login or (f"user {one.user}" if one.user else "") for one in entrances(running)[0]}
    ways = [WayIn(url=route.url, target=route.target, who=route.who, login=logins.get(route.service, "")) for route in found]
    return tuple(sorted(ways, key=lambda way: (way.url, way.target)))


def published_ports(running: Mapping[str, Any], public: Collection[Any], *, firewall: bool) -> Iterator[PublishedPort]:
    """Yield the ports that services publish; with a `firewall`, the world reaches the `public` ones only."""
    allowed = {str(port) for port in public}
    for service in sorted(Project.read(running).services.values(), key=lambda one: one.name):
        for port in service.ports:
            if port.published:
                yield PublishedPort(service=service.name, published=port.published, open=_is_open(port, allowed, firewall=firewall))


def _is_open(port: Port, allowed: Collection[str], *, firewall: bool) -> bool:
    if port.address.startswith(_LOOPBACK):
        return False
    return not firewall or any(str(number) in allowed for number in port.numbers())
