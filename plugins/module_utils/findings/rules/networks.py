# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks: addresses that do not fit, and settings that do nothing."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from ...compose.values import dig, mapping, parsed, sequence, text
from ..rule import Book, Hit
from ..stack import Stack

BOOK = Book("Networks")

Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"
T = TypeVar("T")

_IPAM = "Docker documentation, IPAM"
_POOLS = tuple(ipaddress.ip_network(pool) for pool in (*(f"172.{second}.0.0/16" for second in range(17, 32)), "192.168.0.0/16"))
_BRIDGE = "com.docker.network.bridge.name"
_LONGEST = 15
_DEFAULTS = {
    "com.docker.network.driver.mtu": "1500",
    "com.docker.network.bridge.enable_icc": "true",
    "com.docker.network.bridge.enable_ip_masquerade": "true",
}


@BOOK.stack(
    "ZB190",
    "error",
    "A gateway or range outside of its subnet",
    why="Docker refuses to create such a network, so nothing starts.",
    fix="choose them inside the subnet",
    source=_IPAM,
)
def _outside(stack: Stack) -> Iterator[Hit]:
    for at, entry, subnet in _subnets(stack):
        gateway, ranged = _read(ipaddress.ip_address, entry.get("gateway")), _read(ipaddress.ip_network, entry.get("ip_range"))
        if gateway is not None and gateway not in subnet:
            yield Hit(at=f"{at}.gateway", message=f"{gateway} is not in {subnet}")
        if ranged is not None and not _inside(ranged, subnet):
            yield Hit(at=f"{at}.ip_range", message=f"{ranged} is not in {subnet}")


@BOOK.stack(
    "ZB191",
    "info",
    "A subnet from Docker's default pools",
    why="Docker assigns these ranges to networks without one; if another network has it already, this one cannot be created: "
    "'pool overlaps'.",
    fix="choose a range outside of 172.17.0.0-172.31.255.255 and 192.168.0.0/16, or set default-address-pools in daemon.json",
    source=_IPAM,
)
def _in_default_pools(stack: Stack) -> Iterator[Hit]:
    if dig(stack.host, "engine", "daemon_config", "default-address-pools"):
        return
    for at, _entry, subnet in _subnets(stack):
        if any(_inside(subnet, pool) for pool in _POOLS):
            yield Hit(at=f"{at}.subnet", message=f"{subnet} may be taken by another network already")


@BOOK.stack(
    "ZB192",
    "error",
    "Two networks of the stack that overlap",
    why="Docker refuses to create the second.",
    fix="choose ranges that do not overlap",
    source=_IPAM,
)
def _overlapping(stack: Stack) -> Iterator[Hit]:
    widest: tuple[str, Network] | None = None
    for at, _entry, subnet in sorted(_subnets(stack), key=lambda found: (found[2].version, int(found[2].network_address))):
        if widest and subnet.version == widest[1].version and int(subnet.network_address) <= int(widest[1].broadcast_address):
            yield Hit(at=f"{at}.subnet", message=f"{subnet} overlaps {widest[1]} of {widest[0]}")
        if not widest or int(subnet.broadcast_address) > int(widest[1].broadcast_address) or subnet.version != widest[1].version:
            widest = (at, subnet)


@BOOK.stack(
    "ZB193",
    "error",
    "A bridge name that is too long",
    why="Linux knows interface names of at most 15 characters; the network cannot be made.",
    fix="shorten it",
    source="Linux, IFNAMSIZ",
)
def _long_bridge(stack: Stack) -> Iterator[Hit]:
    for name, network in stack.section("networks").items():
        bridge = text(mapping(network.get("driver_opts")).get(_BRIDGE))
        if len(bridge) > _LONGEST:
            yield Hit(at=f"networks.{name}.driver_opts.{_BRIDGE}", message=f"'{bridge}' has {len(bridge)} characters")


@BOOK.stack(
    "ZB194",
    "info",
    "A network setting that is the default",
    why="It changes nothing; but adding it to an existing network makes Compose recreate it, which stops every container on it.",
    fix="leave it out",
    source="Docker documentation, bridge driver options",
)
def _default_options(stack: Stack) -> Iterator[Hit]:
    for name, network in stack.section("networks").items():
        for option, value in mapping(network.get("driver_opts")).items():
            if _DEFAULTS.get(str(option)) == text(value):
                yield Hit(at=f"networks.{name}.driver_opts.{option}", message=f"{text(value)} is the default")


def _subnets(stack: Stack) -> Iterator[tuple[str, Mapping[str, Any], Network]]:
    for name, network in stack.section("networks").items():
        for position, entry in enumerate(sequence(mapping(network.get("ipam")).get("config"))):
            subnet = _read(ipaddress.ip_network, mapping(entry).get("subnet"))
            if subnet is not None:
                yield f"networks.{name}.ipam.config[{position}]", entry, subnet


def _read(parse: Callable[[str], T], value: object) -> T | None:
    return parsed(lambda written: parse(text(written)), value)


def _inside(inner: Network, outer: Network) -> bool:
    if isinstance(inner, ipaddress.IPv4Network):
        return isinstance(outer, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, ipaddress.IPv6Network) and inner.subnet_of(outer)
