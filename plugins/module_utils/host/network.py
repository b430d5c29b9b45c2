# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a host's network is taken already: routes, listening sockets, firewalls."""

from __future__ import annotations

import ipaddress
import re
import shutil
import struct

from .facts import Firewall, Listener, Route
from .root import Root, Run, output

_LISTEN = "0A"
_DIGEST = re.compile(r'comment "([0-9a-f]+)"')


def routes(root: Root) -> tuple[Route, ...]:
    """Return the IPv4 networks that the host routes, without the default route."""
    found = []
    for line in root.text("/proc/net/route").splitlines()[1:]:
        fields = line.split()
        network = ipaddress.ip_network(f"{_address(fields[1])}/{_address(fields[7])}")
        if network.prefixlen:
            found.append(Route(subnet=str(network), interface=fields[0]))
    return tuple(found)


def uplinks(root: Root) -> tuple[str, ...]:
    """Return the interfaces of the default routes, of both families."""
    ipv4 = [line.split() for line in root.text("/proc/net/route").splitlines()[1:]]
    ipv6 = [line.split() for line in root.text("/proc/net/ipv6_route").splitlines()]
    found = {fields[0] for fields in ipv4 if fields[1] == fields[7] == "0" * 8}
    found |= {fields[9] for fields in ipv6 if len(fields) > 9 and fields[:2] == ["0" * 32, "00"] and fields[9] != "lo"}
    return tuple(sorted(found))


def listening(root: Root) -> tuple[Listener, ...]:
    """Return the TCP sockets that listen."""
    found = set()
    for file, words in (("/proc/net/tcp", 1), ("/proc/net/tcp6", 4)):
        for line in root.text(file).splitlines()[1:]:
            fields = line.split()
            if len(fields) > 3 and fields[3] == _LISTEN:
                address, port = fields[1].split(":")
                found.add((int(port, 16), _ip(address, words)))
    return tuple(Listener(address=address, port=port) for port, address in sorted(found))


def firewall(root: Root, run: Run) -> Firewall:
    """Return which firewalls there are, and the digest of our own rules where they are loaded."""
    code, printed = output(run, ["iptables", "--version"])
    backend = printed.strip().rpartition("(")[2].rstrip(")") if code == 0 and "(" in printed else ""
    loaded = _DIGEST.search(output(run, ["nft", "list", "table", "inet", "ziggie"])[1])
    return Firewall(
        # Before iptables 1.8 there was only the legacy backend.
        iptables=backend or ("legacy" if code == 0 else ""),
        nft=shutil.which("nft") is not None,
        ufw="ENABLED=yes" in root.text("/etc/ufw/ufw.conf").splitlines(),
        firewalld="firewalld" in root.programs(),
        table=loaded[1] if loaded else "",
    )


def _address(text: str) -> str:
    return str(ipaddress.IPv4Address(struct.pack("<I", int(text, 16))))


def _ip(text: str, words: int) -> str:
    packed = b"".join(struct.pack("<I", int(text[8 * word : 8 * word + 8], 16)) for word in range(words))
    return str(ipaddress.ip_address(packed))
