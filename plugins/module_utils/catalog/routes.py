# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names under which the world reaches services, and who may enter, as `stack_routes` and `x-budget.route` say.

A service's `x-budget.route` without a host says how it can be routed, with a host that it is. What the inventory says is laid over it, key by key.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ..compose.arguments import merge_environment
from ..compose.project import Project
from ..compose.service import Service
from ..compose.values import dig, mapping, sequence, text, whole
from ..problems import Finding, suggestion
from ..typed import OPTIONAL, dump, load
from ..units import parse_size, shown, some
from . import codes

SETTING = "stack_routes"
# Beside its budget a service says how it can be routed.
KEY = "route"
# Where a definition has the routes that were read, for whoever renders it.
ROUTES_KEY = "x-routes"
# The service that hands requests on. It asks for one user and one password at all routes, so that a further one needs no new container.
GATEWAY = "nginx"
USER, CREDENTIAL = "admin", "route_password"
_SECRET = "nginx__route_users"
_USERS_FILE = "route_users"
# Nothing but these waits for a client's address or a password, in every `location` that it answers.
CHALLENGES = "/.well-known/acme-challenge"

Enter = Literal["open", "password", "addresses"]

_ENTER = tuple(way for way in get_args(Enter) if way != "addresses")
_ENTER_FIX = "write open, password, or a list of addresses such as [203.0.113.7, 2001:db8::/32]"
KEYS = ("body", "enter", "host", "own_login", "path", "port", "public", "settings", "stream", "tls", "whole_host")
_FLAGS = ("own_login", "stream", "tls", "whole_host")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")
_VARIABLE = re.compile(r"@(host|origin|url)@")
_MOST_BODY = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part of a site as nginx matches it, `exact` or with all below it.

    One that is not `guarded` lets everybody in; `beside_guarded` tells that other parts of its route do not.
    """

    path: str
    exact: bool
    guarded: bool
    beside_guarded: bool

    @property
    def pattern(self) -> str:
        """Return the regular expression of its path, without the slash at the end."""
        return self.path.rstrip("/").replace(".", "[.]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A host name and a path at which a service is reached.

    `path` has a slash at its end only where it is nothing else. `public` are paths that anybody may call, whoever may enter the rest. `stream` holds
    nothing back of an answer. `body` is the most bytes of a request, 0 for what nginx allows anyhow.
    """

    service: str
    host: str
    port: int
    path: str = "/"
    tls: bool = True
    enter: Enter
    addresses: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    public: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    stream: bool = field(default=False, metadata=OPTIONAL)
    body: int = field(default=0, metadata=OPTIONAL)

    @property
    def origin(self) -> str:
        """Return what a browser calls its origin."""
        return f"{'https' if self.tls else 'http'}://{self.host}"

    @property
    def url(self) -> str:
        """Return its address, with a slash at the end."""
        return f"{self.origin}{self.path.rstrip('/')}/"

    @property
    def target(self) -> str:
        """Return the service and its port."""
        return f"{self.service}:{self.port}"

    @property
    def who(self) -> str:
        """Return who may enter, in words."""
        told = {
            "open": "open to everybody",
            "password": f"user {USER} with a password",
            "addresses": f"only from {', '.join(self.addresses)}",
        }
        beside = f"; open to everybody: {', '.join(self.public)}" if self.public and self.enter != "open" else ""
        return told[self.enter] + beside

    def places(self) -> tuple[Place, ...]:
        """Return what of the site is handed on."""
        return tuple(place for path in dict.fromkeys((*self.public, self.path)) for place in self._places(path))

    def _places(self, path: str) -> Iterator[Place]:
        guarded = self.enter != "open"
        public = guarded and path in self.public
        for exact in (False,) if path == "/" else (True, False):
            end = "" if exact or path == "/" else "/"
            yield Place(path=f"{path}{end}", exact=exact, guarded=guarded and not public, beside_guarded=public)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All routes of one host name: those over TLS, and those without."""

    host: str
    secured: tuple[Route, ...]
    plain: tuple[Route, ...]

    @property
    def plain_whole(self) -> bool:
        """Tell whether a route without TLS takes every path."""
        return any(route.path == "/" for route in self.plain)

    @property
    def secured_whole(self) -> bool:
        """Tell whether a route over TLS takes every path."""
        return any(route.path == "/" for route in self.secured)

    @property
    def rest_moves(self) -> bool:
        """Tell whether a request without TLS that none of its routes takes is sent to the same address with it."""
        return bool(self.secured) and not self.plain_whole


def sites(routes: Iterable[Route]) -> tuple[Site, ...]:
    """Return routes by their host names, the longest paths first."""
    listed = sorted(routes, key=lambda route: (route.host, -len(route.path), route.path, route.service))
    return tuple(
        Site(
            host=host,
            secured=tuple(route for route in listed if route.host == host and route.tls),
            plain=tuple(route for route in listed if route.host == host and not route.tls),
        )
        for host in dict.fromkeys(route.host for route in listed)
    )


def routes(compose: Mapping[str, Any], services: Collection[str]) -> tuple[Route, ...]:
    """Return the routes of a definition that `routed` returned, to those services that are named. Raises `ValueError`."""
    return tuple(route for route in load(tuple[Route, ...], compose.get(ROUTES_KEY, []), ROUTES_KEY) if route.service in services)


def routed(compose: Mapping[str, Any], wanted: Any, gateway: str) -> tuple[dict[str, Any], list[Finding]]:
    """Return a definition with its routes, the settings that follow from them, and what is wrong with them; `gateway` is empty where none is ours.

    A service has a setting of the route only where its author wrote none.
    """
    services = Project.read(compose).services
    written = list(_written(services, wanted))
    findings = [finding for entry in written for finding in entry.faults()] + list(_unreadable(services, wanted))
    found = [(entry, entry.route()) for entry in written if not any(entry.faults())]
    if written and gateway not in services:
        fix = f"run {GATEWAY} of the catalog beside them (catalog_builtin, and catalog_included: [{GATEWAY}] where a preset leaves it out)"
        findings.append(_fault(SETTING, "the stack has no service that hands requests on", fix, codes.NO_GATEWAY))
    findings += _clashes([(entry.at, route) for entry, route in found])
    if findings or not found:
        return dict(compose), findings
    findings += [_in_clear(entry.at, route) for entry, route in found if route.enter == "password" and not route.tls]
    changed = {**mapping(compose["services"])}
    for entry, route in found:
        # Of several routes of a service the first is the one that it calls itself by.
        changed[route.service] = _with_settings(changed[route.service], entry.keys.get("settings"), route)
    whole_definition = {**compose, "services": changed, ROUTES_KEY: dump([route for _entry, route in found])}
    if any(route.enter == "password" for _entry, route in found):
        whole_definition = _with_users(whole_definition, gateway)
    return whole_definition, findings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A route as it is written: where, what the inventory or the service says, over what its service says of all its routes."""

    at: str
    service: Service
    tier: str
    keys: Mapping[str, Any]
    known: tuple[int, ...]

    def faults(self) -> Iterator[Finding]:
        """Yield what is wrong with it by itself."""
        for key in self.keys:
            if key not in KEYS:
                yield _fault(f"{self.at}.{key}", f"nothing reads {shown(key)}", suggestion(key, KEYS))
        for key in _FLAGS:
            if not isinstance(self.keys.get(key, False), bool):
                yield _fault(
                    f"{self.at}.{key}", f"expected true or false, got {shown(self.keys[key])}", f"write {key}: true, or leave it out"
                )
        yield from _host_faults(f"{self.at}.host", self.keys.get("host"))
        yield from self._port_faults()
        yield from self._path_faults()
        yield from self._body_faults()
        yield from self._enter_faults()
        yield from self._settings_faults()

    def route(self) -> Route:
        """Return the route of what has no fault."""
        enter = self._enter()
        return Route(
            service=self.service.name,
            host=self.keys["host"],
            port=self._port() or 0,
            path=_folded(text(self.keys.get("path")) or "/"),
            tls=self.keys.get("tls", True),
            enter="addresses" if isinstance(enter, (list, tuple)) else enter,
            addresses=tuple(str(ipaddress.ip_network(entry)) for entry in enter) if isinstance(enter, (list, tuple)) else (),
            public=tuple(_folded(path) for path in sequence(self.keys.get("public"))),
            stream=self.keys.get("stream", False),
            body=parse_size(self.keys["body"]) if "body" in self.keys else 0,
        )

    def _enter(self) -> Any:
        return self.keys.get("enter", "password")

    def _port(self) -> int | None:
        if "port" in self.keys:
            return None if isinstance(self.keys["port"], bool) else whole(self.keys["port"])
        return self.known[0] if len(self.known) == 1 else None

    def _port_faults(self) -> Iterator[Finding]:
        at, port = f"{self.at}.port", self._port()
        ports = some([str(one) for one in self.known])
        if "port" not in self.keys and port is None:
            why = f"{self.service.name} has the ports {ports}" if self.known else f"no port of {self.service.name} is known"
            yield _fault(at, f"which port is meant is not said: {why}", "write port, the one in the container")
        elif port is None or not 1 <= port <= 65535:
            yield _fault(at, f"expected a port, got {shown(self.keys['port'])}", "write a number from 1 to 65535")
        elif self.known and port not in self.known:
            fix = f"write {ports}" if len(self.known) == 1 else f"use one of {ports}"
            yield _fault(at, f"{self.service.name} has no port {port}", f"{fix}, or add it to expose of the service")

    def _path_faults(self) -> Iterator[Finding]:
        path = self.keys.get("path", "/")
        places = [(f"{self.at}.path", path)]
        public = self.keys.get("public", [])
        if isinstance(public, (list, tuple)):
            places += [(f"{self.at}.public[{position}]", entry) for position, entry in enumerate(public)]
        else:
            yield _fault(f"{self.at}.public", f"expected a list of paths, got {shown(public)}", "write a list such as [/webhook]")
        for at, entry in places:
            if not isinstance(entry, str) or not entry.startswith("/") or not _PATH.fullmatch(entry) or {".", ".."} & {*entry.split("/")}:
                fix = "write it from the first slash on, of letters, digits and . _ ~ -"
                yield _fault(at, f"{shown(entry)} is not a path", fix)
            elif _within(entry, CHALLENGES) or (entry != "/" and _within(CHALLENGES, entry)):
                yield _fault(at, f"{entry} belongs to the certificates", "write another path")
            elif at != places[0][0] and isinstance(path, str) and not _within(entry, path):
                yield _fault(at, f"{entry} is not below the path {path} of the route", f"write a path that begins with {path}")
        if self.keys.get("whole_host") is True and path not in ("/", ""):
            message = f"{self.service.name} answers at / of a host name of its own only, and {shown(path)} is asked for"
            yield _fault(f"{self.at}.path", message, "leave path out, and give it a name of its own")

    def _body_faults(self) -> Iterator[Finding]:
        if "body" not in self.keys:
            return
        try:
            if parse_size(self.keys["body"]) > _MOST_BODY:
                yield _fault(f"{self.at}.body", f"{shown(self.keys['body'])} is more than a request can be", "write a size such as 64m")
        except ValueError as error:
            yield _fault(f"{self.at}.body", str(error), "write a size such as 64m")

    def _enter_faults(self) -> Iterator[Finding]:
        at, enter, own_login = f"{self.at}.enter", self._enter(), self.keys.get("own_login") is True
        if isinstance(enter, (list, tuple)):
            if not enter:
                yield _fault(at, "nobody may enter: the list has no address", _ENTER_FIX)
            for position, entry in enumerate(enter):
                yield from _address_faults(f"{at}[{position}]", entry)
        elif enter not in _ENTER:
            yield _fault(at, f"{shown(enter)} is not a way to say who may enter", _ENTER_FIX)
        elif enter == "password" and own_login:
            said = (
                "nginx cannot ask for a password"
                if "enter" in self.keys
                else "who may enter is not said, and nginx cannot ask for a password"
            )
            message = f"{said}: {self.service.name} has a login of its own, which needs the header that a password comes in"
            yield _fault(at, message, "write enter: open to leave it to that login, or a list of addresses")
        elif enter == "open" and self.tier == "management" and not own_login:
            message = f"{self.service.name} manages the host or the stack, and everybody would reach its login"
            yield _fault(at, message, "leave enter out, which asks for a password, or write a list of addresses", codes.OPEN_MANAGEMENT)

    def _settings_faults(self) -> Iterator[Finding]:
        settings = self.keys.get("settings", {})
        if not isinstance(settings, Mapping) or not all(isinstance(entry, str) for pair in settings.items() for entry in pair):
            fix = "write variables and their texts, in which @url@, @origin@ and @host@ stand for those of the route"
            yield _fault(f"{self.at}.settings", f"expected a mapping of texts, got {shown(settings)}", fix)


def _written(services: Mapping[str, Service], wanted: Any) -> Iterator[_Written]:
    """Yield each route that is wanted, by the inventory or by its service, in an order that does not depend on the input's."""
    for name, service in sorted(services.items()):
        said = dig(service.raw, "x-budget", KEY)
        base = said if isinstance(said, Mapping) else {}
        tier = text(dig(service.raw, "x-budget", "tier"))
        known = _ports(service, [base, *sequence(said if isinstance(said, (list, tuple)) else None)])
        own = [] if isinstance(said, Mapping) and "host" not in said else _listed(said, f"services.{name}.x-budget.{KEY}")
        if isinstance(wanted, Mapping) and name in wanted:
            # The inventory's word for a service takes the place of the one route of the service, and comes before the routes of a list.
            own = [*_listed(wanted[name], f"{SETTING}.{name}"), *(own if not base else [])] if wanted[name] is not None else []
        for at, entry in own:
            yield _Written(at=at, service=service, tier=tier, keys={**base, **entry}, known=known)


def _listed(said: Any, at: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the routes that are written in one place, each with its path; one of another shape is left to `_unreadable`."""
    entries = [(f"{at}[{position}]", entry) for position, entry in enumerate(said)] if isinstance(said, (list, tuple)) else [(at, said)]
    named = [(place, {"host": entry} if isinstance(entry, str) else entry) for place, entry in entries]
    return [(place, entry) for place, entry in named if isinstance(entry, Mapping)]


def _unreadable(services: Mapping[str, Service], wanted: Any) -> Iterator[Finding]:
    """Yield what is no route at all, and each service that is named and not there."""
    fix = f"write {SETTING}: {{<service>: <host name>}}"
    if not isinstance(wanted, Mapping):
        yield _fault(SETTING, f"expected a mapping, got {shown(wanted)}", fix)
        return
    for name in wanted:
        if name not in services:
            yield _fault(f"{SETTING}.{name}", f"{shown(name)} is not a service of this stack", suggestion(name, services))
    said = {f"{SETTING}.{name}": entry for name, entry in wanted.items() if name in services}
    said |= {f"services.{name}.x-budget.{KEY}": dig(service.raw, "x-budget", KEY) for name, service in sorted(services.items())}
    for at, entry in said.items():
        for position, one in enumerate(entry) if isinstance(entry, (list, tuple)) else [(None, entry)]:
            if one is not None and not isinstance(one, (str, Mapping)):
                place = at if position is None else f"{at}[{position}]"
                yield _fault(place, f"expected a host name or a mapping, got {shown(one)}", "write host: <name>, and who may enter")


def _ports(service: Service, said: Iterable[Any]) -> tuple[int, ...]:
    """Return the ports of a service by what its author says: published, exposed, or to be routed."""
    named = [port.target for port in service.ports if port.protocol == "tcp"]
    named += [text(entry).partition("/")[0] for entry in sequence(service.raw.get("expose"))]
    named += [text(mapping(entry).get("port")) for entry in said]
    return tuple(dict.fromkeys(port for entry in named if (port := whole(entry)) is not None and 1 <= port <= 65535))


def _host_faults(at: str, host: Any) -> Iterator[Finding]:
    if not isinstance(host, str) or not host:
        told = "no host name is said" if host is None else f"expected a host name, got {shown(host)}"
        yield _fault(at, told, "write a name such as app.example.org")
        return
    name = re.sub(r"^[a-z]+://", "", host.strip().lower()).split("/")[0].rstrip(".")
    name = name.rpartition(":")[0] if name.rpartition(":")[2].isdigit() and name.count(":") == 1 else name
    labels = host.split(".")
    if all(_LABEL.fullmatch(label) for label in labels) and len(host) <= 253 and not labels[-1].isdigit():
        return
    usable = name != host and all(_LABEL.fullmatch(label) for label in name.split(".")) and not name.split(".")[-1].isdigit()
    fix = f"write {name}" if usable else "write a name such as app.example.org, without scheme, port or path, one of other letters as xn--…"
    yield _fault(at, f"{shown(host)} is not a host name", fix)


def _address_faults(at: str, entry: Any) -> Iterator[Finding]:
    try:
        if not isinstance(entry, str):
            raise ValueError
        ipaddress.ip_network(entry)
    except ValueError:
        try:
            fix = f"write {ipaddress.ip_network(str(entry), strict=False)}, or the one address"
        except ValueError:
            fix = _ENTER_FIX
        yield _fault(at, f"{shown(entry)} is not an address or a network", fix)


def _clashes(found: list[tuple[str, Route]]) -> Iterator[Finding]:
    """Yield an error for each route of which a part is another's already."""
    taken: dict[tuple[str, str, bool], str] = {}
    for at, route in found:
        others: dict[str, str] = {}
        for place in route.places():
            holder = taken.setdefault((route.host, place.path, place.exact), at)
            if holder != at:
                others.setdefault(holder, place.path)
        for holder, path in others.items():
            message = f"{route.host} with the path {path} is what {holder} has already"
            yield _fault(at, message, "give one of the two another host or path", codes.ROUTE_TAKEN)


def _in_clear(at: str, route: Route) -> Finding:
    message = f"whoever is on the way reads the password: {route.url} is not encrypted"
    fix = "leave tls out, or let addresses in instead of a password"
    return Finding(code=codes.PASSWORD_IN_CLEAR, severity="warning", path=f"{at}.tls", message=message, fix=fix)


def _with_settings(service: Any, settings: Any, route: Route) -> dict[str, Any]:
    """Return a service with the variables that follow from its route, but those that its author wrote."""
    said = Service.read(route.service, service).environment
    values = {"host": route.host, "origin": route.origin, "url": route.url}
    given = {name: _VARIABLE.sub(lambda match: values[match[1]], value) for name, value in mapping(settings).items() if name not in said}
    return {**service, "environment": merge_environment(service.get("environment"), given)} if given else dict(service)


def _with_users(compose: Mapping[str, Any], gateway: str) -> dict[str, Any]:
    """Return a definition whose gateway gets the file that it checks passwords with."""
    service = mapping(compose["services"][gateway])
    uid, _colon, gid = text(service.get("user")).partition(":")
    recipe = {
        "uid": whole(uid) or 0,
        "gid": whole(gid) or 0,
        "content": f"{USER}:{{PLAIN}}@{CREDENTIAL}@\n",
        "rotate": {"method": "restart"},
    }
    secrets = [*sequence(service.get("secrets")), {"source": _SECRET, "target": _USERS_FILE}]
    return {
        **compose,
        "services": {**compose["services"], gateway: {**service, "secrets": secrets}},
        "secrets": {**mapping(compose.get("secrets")), _SECRET: {"file": f"./secrets/{GATEWAY}/{_USERS_FILE}", "x-secret": recipe}},
    }


def _folded(path: str) -> str:
    return path.rstrip("/") or "/"


def _within(path: str, above: str) -> bool:
    return f"{_folded(path)}/".startswith(f"{_folded(above).rstrip('/')}/")


def _fault(path: str, message: str, fix: str, code: str = codes.UNREADABLE_ROUTE) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)
