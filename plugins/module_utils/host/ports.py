# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ports the stack publishes, and which of them it cannot have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..budget.problems import Finding
from . import codes
from .sections import mappings

_EVERYWHERE = {"0.0.0.0", "::"}
_FIX = "publish another port in catalog_overrides"


def published_ports(compose: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Yield `path`, host address and host port of every published TCP port, short and long syntax."""
    for name, service in mappings(compose.get("services")):
        ports = service.get("ports")
        for position, entry in enumerate(ports if isinstance(ports, list) else []):
            if isinstance(entry, Mapping):
                address, published, protocol = entry.get("host_ip", ""), str(entry.get("published", "")), entry.get("protocol", "tcp")
            else:
                text, _slash, protocol = str(entry).partition("/")
                head, _colon, _container = text.rpartition(":")
                address, _colon, published = head.rpartition(":")
            if (protocol or "tcp") != "tcp":
                continue
            for port in _range(published):
                yield f"services.{name}.ports[{position}]", address.strip("[]") or "0.0.0.0", port


def taken(host: Mapping[str, Any], compose: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a finding for every port that another program serves, or that two of the stack's services want."""
    own = set(host["engine"]["ports"])
    listening = {(entry["address"], entry["port"]) for entry in host["listening"]}
    wanted: dict[int, dict[str, str]] = {}
    for path, address, port in published_ports(compose):
        others = wanted.setdefault(port, {})
        if _collides(address, set(others)):
            yield _error(path, f"port {port} is already published by {min(others.values())}")
            continue
        others[address] = path
        holders = {other for other, served in listening if served == port}
        if port not in own and _collides(address, holders):
            where = ", ".join(sorted(holders))
            yield _error(path, f"port {port} is already served on {where} by another program", f"stop that program or {_FIX}")


def _collides(address: str, holders: set[str]) -> bool:
    return bool(holders) and (address in _EVERYWHERE or address in holders or bool(holders & _EVERYWHERE))


def _range(text: str) -> range:
    first, _dash, last = text.partition("-")
    last = last or first
    return range(int(first), int(last) + 1) if first.isdigit() and last.isdigit() else range(0)


def _error(path: str, message: str, fix: str = _FIX) -> Finding:
    return Finding(code=codes.PORT_TAKEN, severity="error", path=path, message=message, fix=fix)
