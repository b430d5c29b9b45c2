# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a stack a person opens in a browser, and what they log in with, as `x-ui` of its services says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..compose.entries import Port
from ..compose.project import Project
from ..compose.service import Service
from ..compose.values import mapping, text
from ..problems import Finding, suggestion
from ..units import shown
from . import codes
from .credentials import REFERENCE, content_of

KEY = "x-ui"
_KEYS = ("login", "path", "port", "secret", "title", "user")
_LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """A web page of a service: where the host listens for it, and how to log in.

    `user` logs in with the password that is stored as `credential`; where there is none, `login` says how, and is empty where nobody has to.
    """

    service: str
    title: str
    address: str
    port: int
    path: str = "/"
    user: str = ""
    credential: str = ""
    login: str = ""

    @property
    def local(self) -> bool:
        """Tell whether only the host itself reaches it."""
        return self.address in _LOOPBACK

    @property
    def link(self) -> str:
        """Return its address as the host itself opens it."""
        name = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{name if self.local else '127.0.0.1'}:{self.port}{self.path}"


def entrances(compose: Mapping[str, Any]) -> tuple[tuple[Entrance, ...], list[Finding]]:
    """Return the entrances of a definition by their titles, and what is wrong with how they are written.

    `x-ui.port` is the port in the container, where a service publishes several. A service that publishes no port cannot be opened and has no entrance.
    """
    found, findings = [], []
    for service in Project.read(compose).services.values():
        if service.raw.get(KEY) is None:
            continue
        wrong = _faults(service, mapping(compose.get("secrets")))
        findings += wrong
        wanted = text(mapping(service.raw[KEY]).get("port"))
        published = [port for port in service.ports if port.protocol == "tcp" and port.numbers()]
        port = next((port for port in published if not wanted or port.target == wanted), None)
        if not wrong and port is not None:
            found.append(_entrance(service, port, compose))
    return tuple(sorted(found, key=lambda entrance: (entrance.title.lower(), entrance.service))), findings


def stored(compose: Mapping[str, Any], service: str) -> tuple[str, ...]:
    """Return the names of the values that the secrets of a service are made from."""
    read = Project.read(compose).services[service]
    recipes = {entry.source: _recipe(compose, entry.source) for entry in read.secrets}
    return tuple(sorted({name for source, recipe in recipes.items() for name in REFERENCE.findall(content_of(source, recipe))}))


def _entrance(service: Service, port: Port, compose: Mapping[str, Any]) -> Entrance:
    written = mapping(service.raw[KEY])
    secret = text(written.get("secret"))
    names = REFERENCE.findall(content_of(secret, _recipe(compose, secret))) if secret else []
    return Entrance(
        service=service.name,
        title=text(written["title"]),
        address=port.address,
        port=port.numbers()[0],
        path=text(written.get("path")) or "/",
        user=text(written.get("user")),
        credential=names[0] if names else "",
        login=text(written.get("login")),
    )


def _recipe(compose: Mapping[str, Any], secret: str) -> Mapping[str, Any]:
    return mapping(mapping(mapping(compose.get("secrets")).get(secret)).get("x-secret"))


def _faults(service: Service, secrets: Mapping[str, Any]) -> list[Finding]:
    written, at = service.raw[KEY], f"services.{service.name}.{KEY}"
    if not isinstance(written, Mapping):
        return [_fault(at, f"expected a mapping, got {shown(written)}", f"write {KEY}: {{title: {service.name}}}")]
    found = [_fault(f"{at}.{key}", f"nothing reads {shown(key)}", suggestion(key, _KEYS)) for key in written if key not in _KEYS]
    for key in _KEYS:
        value = written.get(key)
        if (key in written or key == "title") and (not isinstance(value, str) or not value.strip()):
            found.append(_fault(f"{at}.{key}", f"expected a text, got {shown(value)}", f"write {key} as text"))
    secret, path = text(written.get("secret")), text(written.get("path"))
    if secret and secret not in secrets:
        found.append(_fault(f"{at}.secret", f"the stack has no secret {shown(secret)}", suggestion(secret, secrets)))
    if path and not path.startswith("/"):
        found.append(_fault(f"{at}.path", f"{shown(path)} does not begin with a slash", f"write /{path}"))
    return found


def _fault(path: str, message: str, fix: str) -> Finding:
    return Finding(code=codes.UNREADABLE_ENTRANCE, severity="error", path=path, message=message, fix=fix)
