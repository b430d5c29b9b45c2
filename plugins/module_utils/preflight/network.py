# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports and subnets of the stack that the host cannot give it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from ..compose.project import section
from ..compose.values import dig, text
from ..host import codes
from ..host.facts import Facts
from ..host_prep.firewall import published_ports
from ..problems import Finding

_EVERYWHERE = {"0.0.0.0", "::"}
_FIX = "publish another port in catalog_overrides"
_EXAMPLE = "write one such as 172.28.0.0/16"
_INSIDE = "choose it inside the subnet"


def taken(facts: Facts, compose: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a finding for every port that another program serves, or that two of the stack's services want."""
    own = {port.port for container in facts.own for port in container.published}
    listening = {(entry.address, entry.port) for entry in facts.listening}
    wanted: dict[int, dict[str, str]] = {}
    for path, address, port in published_ports(compose):
        others = wanted.setdefault(port, {})
        if _collides(address, set(others)):
            yield _error(codes.PORT_TAKEN, path, f"port {port} is already published by {min(others.values())}", _FIX)
            continue
        others[address] = path
        holders = {other for other, served in listening if served == port}
        if port not in own and _collides(address, holders):
            where = ", ".join(sorted(holders))
            yield _error(
                codes.PORT_TAKEN, path, f"port {port} is already served on {where} by another program", f"stop that program or {_FIX}"
            )


def _collides(address: str, holders: set[str]) -> bool:
    return bool(holders) and (address in _EVERYWHERE or address in holders or bool(holders & _EVERYWHERE))


def unfit(facts: Facts, compose: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a finding for every subnet that is not a network, that overlaps another one, or that does not hold its own parts."""
    for key, network in section(compose, "networks").items():
        for position, config in enumerate(_configs(network)):
            path = f"networks.{key}.ipam.config[{position}]"
            try:
                subnet = ipaddress.ip_network(text(dig(config, "subnet")))
            except ValueError:
                written = config.get("subnet") if isinstance(config, Mapping) else config
                yield _error(codes.NETWORK_INVALID, f"{path}.subnet", f"{written!r} is not a network", _EXAMPLE)
                continue
            yield from _outside(path, subnet, config)
            yield from _overlaps(facts, f"{path}.subnet", subnet, network, key)


def _configs(network: Mapping[str, Any]) -> list[Any]:
    ipam = network.get("ipam")
    configs = ipam.get("config") if isinstance(ipam, Mapping) else None
    return configs if isinstance(configs, list) else []


def _outside(path: str, subnet: Any, config: Mapping[str, Any]) -> Iterator[Finding]:
    if "gateway" in config:
        try:
            inside = ipaddress.ip_address(text(config["gateway"])) in subnet
        except ValueError:
            inside = False
        if not inside:
            yield _error(codes.NETWORK_INVALID, f"{path}.gateway", f"{config['gateway']!r} is not an address in {subnet}", _INSIDE)
    if "ip_range" in config:
        try:
            inside = ipaddress.ip_network(text(config["ip_range"])).subnet_of(subnet)
        except (TypeError, ValueError):
            inside = False
        if not inside:
            yield _error(codes.NETWORK_INVALID, f"{path}.ip_range", f"{config['ip_range']!r} is not a range in {subnet}", _INSIDE)


def _overlaps(facts: Facts, path: str, subnet: Any, network: Mapping[str, Any], key: str) -> Iterator[Finding]:
    name = text(network.get("name", key))
    bridge = dig(network, "driver_opts", "com.docker.network.bridge.name")
    held = {other: f"the Docker network {found.name}" for found in facts.engine.networks if found.name != name for other in found.subnets}
    own = {other for found in facts.engine.networks if found.name == name for other in found.subnets}
    held |= {
        route.subnet: f"the interface {route.interface}"
        for route in facts.routes
        if route.interface != bridge and route.subnet not in held and route.subnet not in own and not _is_default(route.subnet)
    }
    for other, holder in sorted(held.items()):
        if ipaddress.ip_network(other, strict=False).overlaps(subnet):
            yield _error(
                codes.NETWORK_OVERLAPS,
                path,
                f"{subnet} overlaps {other} of {holder}",
                "choose a free subnet in catalog_overrides.networks, with ip_range and gateway inside it",
            )


def _is_default(subnet: str) -> bool:
    # A VPN that takes the default route does so by its two halves, 0.0.0.0/1 and 128.0.0.0/1.
    return ipaddress.ip_network(subnet).prefixlen <= 1


def _error(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)
