# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the stack's networks fit the host: each one is written right, and nobody else has its addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from ..budget.problems import Finding
from . import codes
from .sections import mappings

_EXAMPLE = "write one such as 172.28.0.0/16"
_INSIDE = "choose it inside the subnet"


def unfit(host: Mapping[str, Any], compose: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a finding for every subnet that is no network, that overlaps another's, or that does not hold its own parts."""
    for key, network in mappings(compose.get("networks")):
        for position, config in enumerate(_configs(network)):
            path = f"networks.{key}.ipam.config[{position}]"
            try:
                subnet = ipaddress.ip_network(config["subnet"])
            except (KeyError, TypeError, ValueError):
                written = config.get("subnet") if isinstance(config, Mapping) else config
                yield _error(codes.NETWORK_INVALID, f"{path}.subnet", f"{written!r} is no network", _EXAMPLE)
                continue
            yield from _outside(path, subnet, config)
            yield from _overlaps(host, f"{path}.subnet", subnet, network, key)


def _configs(network: Mapping[str, Any]) -> list[Any]:
    ipam = network.get("ipam")
    configs = ipam.get("config") if isinstance(ipam, Mapping) else None
    return configs if isinstance(configs, list) else []


def _outside(path: str, subnet: Any, config: Mapping[str, Any]) -> Iterator[Finding]:
    if "gateway" in config:
        try:
            inside = ipaddress.ip_address(config["gateway"]) in subnet
        except ValueError:
            inside = False
        if not inside:
            yield _error(codes.NETWORK_INVALID, f"{path}.gateway", f"{config['gateway']!r} is no address in {subnet}", _INSIDE)
    if "ip_range" in config:
        try:
            inside = ipaddress.ip_network(config["ip_range"]).subnet_of(subnet)
        except (TypeError, ValueError):
            inside = False
        if not inside:
            yield _error(codes.NETWORK_INVALID, f"{path}.ip_range", f"{config['ip_range']!r} is no range in {subnet}", _INSIDE)


def _overlaps(host: Mapping[str, Any], path: str, subnet: Any, network: Mapping[str, Any], key: str) -> Iterator[Finding]:
    name = network.get("name", key)
    bridge = (network.get("driver_opts") or {}).get("com.docker.network.bridge.name")
    held = {
        other: f"the Docker network {found['name']}"
        for found in host["engine"]["networks"]
        if found["name"] != name
        for other in found["subnets"]
    }
    own = {other for found in host["engine"]["networks"] if found["name"] == name for other in found["subnets"]}
    held |= {
        route["subnet"]: f"the interface {route['interface']}"
        for route in host["routes"]
        if route["interface"] != bridge and route["subnet"] not in held and route["subnet"] not in own and not _is_default(route["subnet"])
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
