# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names Certbot gets certificates for, and from whom, as the routes and `stack_certificates` say.

Each routed name has a certificate of its own: one that is lost is lost alone. Certbot's `--allow-subset-of-names` drops it from the common certificate
for good (certbot/certbot#7922), or asks for a new one in each run (#5996), of which Let's Encrypt gives five in a week.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..compose.values import mapping, sequence, text
from ..problems import Finding, suggestion
from ..units import shown
from . import codes, routes

SETTING = "stack_certificates"
# Where a definition has the authority that was read, for whoever renders it.
AUTHORITY_KEY = "x-certificates"
# The service that gets certificates, the credentials that it reads, and the secret that it reads them from.
CERTIFIER = "certbot"
ACCOUNT, NAMES = "certbot_email", "certbot_domain"
_SECRET = "certbot__cli_ini"
_ACCOUNT_ONLY = f"email = @{ACCOUNT}@\n"

PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory"
STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"

_KEYS = ("server", "staging")
# What the public DNS does not have and will not get. Source: IANA, Special-Use Domain Names; ICANN, resolution 2024.07.29.06 (internal).
_PRIVATE = ("alt", "home.arpa", "internal", "invalid", "local", "localhost", "onion", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """The names that get a certificate each, and the directory (RFC 8555, 7.1.1) of the authority that is asked."""

    names: tuple[str, ...]
    server: str

    @property
    def store(self) -> str:
        """Return the directory that Certbot keeps them in: each authority has its own, so that one's are never taken for another's."""
        return "/etc/letsencrypt" if self.server == PRODUCTION else f"/etc/letsencrypt/{urlsplit(self.server).netloc}"


def issuable(name: str) -> bool:
    """Tell whether a public authority can give a certificate for a host name: it is one of the public DNS."""
    return "." in name and not any(f".{name}".endswith(f".{private}") for private in _PRIVATE)


def certificates(compose: Mapping[str, Any], running: Collection[str]) -> Certificates:
    """Return what is asked for by a definition that `certified` returned, for the services that run."""
    server = text(compose.get(AUTHORITY_KEY)) or PRODUCTION
    named = {route.host for route in routes.routes(compose, running) if route.tls} if CERTIFIER in running else set()
    return Certificates(names=tuple(sorted(name for name in named if _gives(server, name))), server=server)


def certified(compose: Mapping[str, Any], wanted: Any, given: Collection[str]) -> tuple[dict[str, Any], list[Finding]]:
    """Return a definition with routes in which Certbot asks for their names, and what is wrong with `wanted`; `given` names the credentials.

    Where a name is routed, Certbot needs no further one, and runs without `certbot_domain`.
    """
    findings = list(_faults(wanted))
    services = mapping(compose.get("services"))
    if findings or CERTIFIER not in services:
        return dict(compose), findings
    server = text(wanted.get("server")) or (STAGING if wanted.get("staging") else PRODUCTION)
    secured = {route.host: route.service for route in routes.routes(compose, services) if route.tls}
    if ACCOUNT in given:
        findings += [_left_out(service, name) for name, service in sorted(secured.items()) if not _gives(server, name)]
    made = {**compose, AUTHORITY_KEY: server}
    if NAMES in given or not any(_gives(server, name) for name in secured):
        return made, findings
    return _without_further_names(made), findings


def _gives(server: str, name: str) -> bool:
    """Tell whether an authority can give a certificate for a name; one of the operator's own knows what it can."""
    return server not in (PRODUCTION, STAGING) or issuable(name)


def _without_further_names(compose: dict[str, Any]) -> dict[str, Any]:
    service = mapping(compose["services"][CERTIFIER])
    budget = mapping(service.get("x-budget"))
    required = [name for name in map(text, sequence(budget.get("requires"))) if name != NAMES]
    secrets = mapping(compose.get("secrets"))
    secret = mapping(secrets.get(_SECRET))
    changed = {**service, "x-budget": {**budget, "requires": required}}
    read = {**secret, "x-secret": {**mapping(secret.get("x-secret")), "content": _ACCOUNT_ONLY}}
    return {**compose, "services": {**compose["services"], CERTIFIER: changed}, "secrets": {**secrets, _SECRET: read}}


def _faults(wanted: Any) -> Iterator[Finding]:
    if not isinstance(wanted, Mapping):
        yield _fault(SETTING, f"expected a mapping, got {shown(wanted)}", "write {staging: true}, or leave it out")
        return
    for key in wanted:
        if key not in _KEYS:
            yield _fault(f"{SETTING}.{key}", f"nothing reads {shown(key)}", suggestion(str(key), _KEYS))
    if not isinstance(wanted.get("staging", False), bool):
        yield _fault(
            f"{SETTING}.staging", f"expected true or false, got {shown(wanted['staging'])}", "write staging: true, or leave it out"
        )
    if "server" in wanted and not _is_directory(wanted["server"]):
        fix = "write one such as https://ca.example.org/acme/directory, or leave it out for Let's Encrypt"
        yield _fault(f"{SETTING}.server", f"{shown(wanted['server'])} is not the address of an ACME directory", fix)
    elif "server" in wanted and wanted.get("staging") is True:
        yield _fault(
            f"{SETTING}.staging", "staging is that of Let's Encrypt, and server names another authority", "leave out one of the two"
        )


def _is_directory(server: Any) -> bool:
    if not isinstance(server, str) or not server.isascii() or not server.isprintable() or any(mark in server for mark in " '\"\\"):
        return False
    try:
        parts = urlsplit(server)
        return parts.scheme == "https" and bool(parts.hostname) and not parts.username and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _left_out(service: str, name: str) -> Finding:
    return Finding(
        code=codes.NO_PUBLIC_NAME,
        severity="warning",
        path=f"{routes.SETTING}.{service}",
        message=f"no public authority gives a certificate for {name}, so it keeps the self-signed one and browsers warn of it",
        fix=f"give it a name of the public DNS, tls: false, or an authority of your own ({SETTING}.server)",
    )


def _fault(path: str, message: str, fix: str) -> Finding:
    return Finding(code=codes.UNREADABLE_CERTIFICATES, severity="error", path=path, message=message, fix=fix)
