# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that a stack has through another proxy, as they would stand in `stack_routes`: read from labels, variables and published ports, and only proposed.

Rules of Traefik: https://doc.traefik.io/traefik/routing/routers. Labels of Caddy: https://github.com/lucaslorentz/caddy-docker-proxy. VIRTUAL_HOST and its
like: https://github.com/nginx-proxy/nginx-proxy/tree/main/docs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..catalog.routes import SETTING
from ..compose.project import Project
from ..compose.service import Service
from ..compose.values import whole

# Ports on which programs commonly speak HTTP; what publishes another one is not proposed.
_WEB = frozenset({80, 3000, 4000, 5000, 8000, 8080, 8081, 8888, 9000, 9090})
_TLS = 443
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_TERM = re.compile(r"(Host|PathPrefix)\(([^()]*)\)")
_ROUTER = re.compile(r"traefik\.http\.routers\.([^.]+)\.rule", re.IGNORECASE)
_CADDY = re.compile(r"caddy(_\d+)?")
_UPSTREAMS = re.compile(r"\{\{\s*upstreams(?:\s+https?)?(?:\s+(\d+))?\s*\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A route that a service has now: `host` is empty where it has no name, `port` 0 where none is said, `enter` empty for the password of ours.

    `why` says what it was read from; of what could not be read, `unread` is why, and nothing else is known.
    """

    service: str
    host: str = ""
    port: int = 0
    path: str = "/"
    enter: str = ""
    why: str = ""
    unread: str = ""


def proposed(project: Project, tiers: Mapping[str, str]) -> list[str]:
    """Return the routes of a project as lines of `stack_routes`, to be looked at and pasted; nothing where there are none."""
    found = {name: list(dict.fromkeys(_of(service))) for name, service in sorted(project.services.items())}
    named = [one for listed in found.values() for one in listed if one.host]
    told = [f"{SETTING}:"] if named else []
    for name, listed in found.items():
        entries = list(_merged(one for one in listed if one.host))
        for one in entries:
            key = f"  {name}: " if len(entries) == 1 else "    - "
            if one is entries[0] and len(entries) > 1:
                told.append(f"  {name}:")
            told.append(f"{key}{_written(one, tiers.get(name, ''))}  # {one.why}")
    for listed in found.values():
        for one in listed:
            if one.unread:
                told.append(f"# {one.service}: {one.why} is not proposed: {one.unread}")
            elif not one.host:
                told.append(f"# {one.service}: {_written(one, tiers.get(one.service, ''))}  # {one.why}; give it a name")
    return told


def _of(service: Service) -> Iterator[Proposal]:
    labelled = [*_traefik(service), *_caddy(service), *_virtual(service)]
    yield from labelled
    if not labelled:
        yield from _published(service)


def _traefik(service: Service) -> Iterator[Proposal]:
    labels = {name.lower(): value for name, value in service.labels.items()}
    if labels.get("traefik.enable", "true").lower() == "false":
        return
    for label in sorted(service.labels):
        matched = _ROUTER.fullmatch(label)
        if matched is None:
            continue
        router = matched[1].lower()
        why = f"Traefik's router {matched[1]}"
        enter, missing = _guard(labels, labels.get(f"traefik.http.routers.{router}.middlewares", ""))
        places, unread = _rule(service.labels[label])
        if unread or missing:
            yield Proposal(service=service.name, why=why, unread=unread or missing)
            continue
        port = _balanced(labels, labels.get(f"traefik.http.routers.{router}.service", "")) or _only_port(service)
        for host, path in places:
            yield Proposal(service=service.name, host=host, port=port, path=path, enter=enter, why=why)


def _rule(rule: str) -> tuple[list[tuple[str, str]], str]:
    """Return the hosts of a rule with their paths, or why it is not read."""
    found = []
    for alternative in rule.split("||"):
        hosts, paths = [""], ["/"]
        for term in alternative.split("&&"):
            matched = _TERM.fullmatch(term.strip())
            if matched is None:
                return [], f"{term.strip()} is more than Host and PathPrefix"
            words = [word.strip().strip("`'\"") for word in matched[2].split(",")]
            if matched[1] == "Host":
                hosts = words
            else:
                paths = words
        found += [(host.lower(), path) for host in hosts for path in paths]
    unnamed = next((host for host, _path in found if not _NAME.fullmatch(host)), None)
    return (found, "") if unnamed is None else ([], f"{unnamed!r} is not a host name")


def _guard(labels: Mapping[str, str], middlewares: str) -> tuple[str, str]:
    """Return who may enter by the middlewares of a router, and what of them we do not have."""
    ways = []
    for middleware in filter(None, (word.strip().partition("@")[0].lower() for word in middlewares.split(","))):
        prefix = f"traefik.http.middlewares.{middleware}."
        kinds = {name.removeprefix(prefix).partition(".")[0]: value for name, value in labels.items() if name.startswith(prefix)}
        ranges = next((value for name, value in labels.items() if name.startswith(prefix) and name.endswith(".sourcerange")), "")
        if not kinds:
            return "", f"what its middleware {middleware} does is not said here"
        if {"forwardauth", "stripprefix", "stripprefixregex", "replacepath", "replacepathregex"} & {*kinds}:
            return "", f"routes have nothing like its middleware {middleware}"
        if ranges:
            ways.append(f"[{', '.join(word.strip() for word in ranges.split(','))}]")
        elif "basicauth" in kinds or "digestauth" in kinds:
            ways.append("")
    return (ways[0] if ways else "open", "") if len(ways) < 2 else ("", "it asks for several things, and a route for one")


def _balanced(labels: Mapping[str, str], wanted: str) -> int:
    ports = {
        name.split(".")[3]: whole(value) or 0
        for name, value in labels.items()
        if name.startswith("traefik.http.services.") and name.endswith(".loadbalancer.server.port")
    }
    return ports.get(wanted.lower(), next(iter(ports.values())) if len(ports) == 1 else 0)


def _caddy(service: Service) -> Iterator[Proposal]:
    for label, value in sorted(service.labels.items()):
        if not _CADDY.fullmatch(label):
            continue
        below = {name.removeprefix(f"{label}."): entry for name, entry in service.labels.items() if name.startswith(f"{label}.")}
        why = f"Caddy's label {label}"
        matched = _UPSTREAMS.search(below.get("reverse_proxy", ""))
        odd = sorted(name for name in below if name.partition(".")[0] not in ("basic_auth", "basicauth", "encode", "reverse_proxy", "tls"))
        if matched is None or odd:
            yield Proposal(service=service.name, why=why, unread=f"{label}.{odd[0] if odd else 'reverse_proxy'} is more than a route has")
            continue
        guarded = any(name.partition(".")[0] in ("basic_auth", "basicauth") for name in below)
        for word in filter(None, re.split(r"[,\s]+", value)):
            host, slash, path = word.partition("://")[2].partition("/") if "://" in word else word.partition("/")
            if not _NAME.fullmatch(host):
                yield Proposal(service=service.name, why=why, unread=f"{word!r} is not a host name")
                continue
            yield Proposal(
                service=service.name,
                host=host.lower(),
                port=int(matched[1] or 0) or _only_port(service),
                path=f"{slash}{path}".rstrip("*") or "/",
                enter="" if guarded else "open",
                why=why,
            )


def _virtual(service: Service) -> Iterator[Proposal]:
    hosts = service.environment.get("VIRTUAL_HOST") or ""
    port = whole(service.environment.get("VIRTUAL_PORT") or "") or _only_port(service)
    path = service.environment.get("VIRTUAL_PATH") or "/"
    for host in filter(None, (word.strip() for word in hosts.split(","))):
        if _NAME.fullmatch(host):
            yield Proposal(service=service.name, host=host.lower(), port=port, path=path, enter="open", why="VIRTUAL_HOST")
        else:
            yield Proposal(service=service.name, why="VIRTUAL_HOST", unread=f"{host!r} is not a host name")


def _published(service: Service) -> Iterator[Proposal]:
    """Yield the ports of web servers that a service publishes to everybody; one that publishes 443 is a proxy itself."""
    ports = [port for port in service.ports if port.protocol == "tcp" and not port.address.startswith(("127.", "::1"))]
    targets = [whole(port.target) for port in ports]
    if _TLS in targets or any(_TLS in port.numbers() for port in ports):
        return
    for port, target in zip(ports, targets, strict=True):
        if target in _WEB and target is not None:
            where = port.published or "one that the engine chooses"
            yield Proposal(service=service.name, port=target, enter="open", why=f"published to everybody as port {where}")


def _only_port(service: Service) -> int:
    ports = {whole(port.target) or 0 for port in service.ports if port.protocol == "tcp"}
    return ports.pop() if len(ports) == 1 else 0


def _merged(found: Iterable[Proposal]) -> Iterator[Proposal]:
    """Yield each host and path once: two routers often differ in TLS alone, and a route over TLS answers for both. What guards one of them counts."""
    seen: dict[tuple[str, str], Proposal] = {}
    for one in found:
        held = seen.setdefault((one.host, one.path), one)
        if held.enter == "open":
            seen[one.host, one.path] = one
    yield from seen.values()


def _written(one: Proposal, tier: str) -> str:
    # What manages the host or the stack is not opened to everybody.
    enter = "" if tier == "management" and one.enter == "open" else one.enter
    keys = {
        "host": one.host or "…",
        "port": str(one.port) if one.port else "…",
        **({"path": one.path} if one.path != "/" else {}),
        **({"enter": enter} if enter else {}),
    }
    return f"{{{', '.join(f'{key}: {value}' for key, value in keys.items())}}}"
