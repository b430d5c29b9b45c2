# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to open of a stack, how, and where each password lies, as lines for a terminal. No line holds a secret."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..catalog.entrances import Entrance
from ..catalog.routes import CREDENTIAL, GATEWAY, USER, Route

_SHOW = "ansible-playbook ziggie.stack.credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a person reaches a host: `ssh` where its address is one that ssh opens, `here` where it is this machine, else neither."""

    host: str
    user: str = ""
    port: str = "22"
    key: str = ""
    ssh: bool = True
    here: bool = False
    inventories: tuple[str, ...] = ()

    def tunnel(self, ports: Sequence[int]) -> str:
        """Return the command that brings ports of the host's loopback address to the same ports of this machine."""
        words = ["ssh", "-N", *(["-p", self.port] if self.port != "22" else []), *(["-i", self.key] if self.key else [])]
        words += [word for port in ports for word in ("-L", f"{port}:127.0.0.1:{port}")]
        return shlex.join([*words, f"{self.user}@{self.host}" if self.user else self.host])

    def show(self, service: str) -> str:
        """Return the command that shows the password of a service."""
        inventories = " ".join(f"-i {shlex.quote(path)}" for path in self.inventories)
        return " ".join(filter(None, [_SHOW, inventories, f"-e credentials_service={shlex.quote(service)}"]))


def lines(entrances: Sequence[Entrance], way: Way, store: str, routes: Sequence[Route] = ()) -> list[str]:
    """Return what to open, how it is reached, and where the password of each lies; nothing where there is nothing to open."""
    return [*_listed(entrances, way, store), *_routed(routes, way, store)]


def _listed(entrances: Sequence[Entrance], way: Way, store: str) -> list[str]:
    if not entrances:
        return []
    title, link = (max(map(len, column)) for column in zip(*((one.title, one.link) for one in entrances), strict=True))
    listed = [f"  {one.title:<{title}}  {one.link:<{link}}  {_login(one, store)}".rstrip() for one in entrances]
    return [*listed, *_reached(entrances, way), *_shown(entrances, way)]


def places(read: Mapping[str, Collection[str]], store: str) -> list[str]:
    """Return the file on the host of each stored value, with the services that read it."""
    services: dict[str, list[str]] = {}
    for service, names in sorted(read.items()):
        for name in names:
            services.setdefault(name, []).append(service)
    width = max((len(f"{store}/{name}") for name in services), default=0)
    return [f"  {f'{store}/{name}':<{width}}  {', '.join(readers)}" for name, readers in sorted(services.items())]


def _routed(routes: Sequence[Route], way: Way, store: str) -> Iterator[str]:
    if not routes:
        return
    width = max(len(route.url) for route in routes)
    yield "By name, from anywhere:"
    for route in sorted(routes, key=lambda route: route.url):
        who = f"user {USER}, password in {store}/{CREDENTIAL}" if route.enter == "password" else route.who
        yield f"  {route.url:<{width}}  {route.service}: {who}"
    if any(route.enter == "password" for route in routes):
        yield "To show the password of the routes:"
        yield f"  {way.show(GATEWAY)}"


def _login(entrance: Entrance, store: str) -> str:
    if not entrance.credential:
        return entrance.login or "no login"
    user = f"user {entrance.user}, " if entrance.user else ""
    return f"{user}password in {store}/{entrance.credential}"


def _reached(entrances: Sequence[Entrance], way: Way) -> Iterator[str]:
    local = [entrance.port for entrance in entrances if entrance.local]
    if local and not way.here:
        yield f"They listen on 127.0.0.1 of {way.host} only."
        if way.ssh:
            yield "To open them on this machine, paste this and leave it running:"
            yield f"  {way.tunnel(local)}"


def _shown(entrances: Sequence[Entrance], way: Way) -> Iterator[str]:
    kept = [entrance.service for entrance in entrances if entrance.credential]
    if kept:
        yield "The passwords lie on the host, readable for root. To show one:"
        yield f"  {way.show(kept[0])}"
