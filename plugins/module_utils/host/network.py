# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which networks a host already knows and which ports it already serves."""

from __future__ import annotations

import ipaddress
import struct
from typing import Any

from .tree import Tree

_LISTEN = "0A"


def routes(tree: Tree) -> list[dict[str, str]]:
    """Return the IPv4 networks that the host routes, as `subnet` and `interface`, the default route left out."""
    found = []
    for line in tree.text("/proc/net/route").splitlines()[1:]:
        fields = line.split()
        network = ipaddress.ip_network(f"{_address(fields[1])}/{_address(fields[7])}")
        if network.prefixlen:
            found.append({"subnet": str(network), "interface": fields[0]})
    return found


def uplinks(tree: Tree) -> list[str]:
    """Return the interfaces through which a default route leads, of both families."""
    ipv4 = [line.split() for line in tree.text("/proc/net/route").splitlines()[1:]]
    ipv6 = [line.split() for line in tree.text("/proc/net/ipv6_route").splitlines()]
    found = {fields[0] for fields in ipv4 if fields[1] == fields[7] == "0" * 8}
    return sorted(found | {fields[9] for fields in ipv6 if len(fields) > 9 and fields[:2] == ["0" * 32, "00"] and fields[9] != "lo"})


def listening(tree: Tree) -> list[dict[str, Any]]:
    """Return the TCP sockets that listen, as `address` and `port`."""
    found = set()
    for file, words in (("/proc/net/tcp", 1), ("/proc/net/tcp6", 4)):
        for line in tree.text(file).splitlines()[1:]:
            fields = line.split()
            if len(fields) > 3 and fields[3] == _LISTEN:
                address, port = fields[1].split(":")
                found.add((_ip(address, words), int(port, 16)))
    return [{"address": address, "port": port} for address, port in sorted(found, key=lambda entry: (entry[1], entry[0]))]


def _address(text: str) -> str:
    return str(ipaddress.IPv4Address(struct.pack("<I", int(text, 16))))


def _ip(text: str, words: int) -> str:
    packed = b"".join(struct.pack("<I", int(text[8 * word : 8 * word + 8], 16)) for word in range(words))
    return str(ipaddress.ip_address(packed))
