# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that the engine publishes is reachable from outside but the public ports, whichever backend the engine uses.

The engine translates a published port's address before any filter sees it, and its own rules then accept it. So a table of our own
drops what was translated: a drop in any base chain is final, whatever other tables accept (nft(8), VERDICT STATEMENTS), so it works
beside iptables-nft, iptables-legacy and nftables, and no restart of the engine touches it. What the engine's proxy serves without
translation, as over IPv6 where the engine does not translate that, is dropped on its way in, by address and port, so that no other
program's port is.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..budget.problems import Finding
from ..host.codes import FIREWALL_IMPOSSIBLE, SETTING_UNREADABLE
from ..host.ports import published_ports
from ..host.units import MARK
from .document import DAEMON_RELOAD, Command, Document

RULES = "/etc/ziggie/firewall.nft"
UNIT = "/etc/systemd/system/ziggie-firewall.service"
WANTED = "/etc/systemd/system/docker.service.d/60-ziggie-firewall.conf"
TABLE = "inet ziggie"

# Bridges of the engine: docker0, docker_gwbridge, and br- with the network's id. A bridge with a name of its own is in the definition.
_BRIDGES = ("docker*", "br-*")
_INTERFACE = re.compile(r"[A-Za-z0-9_.@:-]{1,15}\*?")
_DIGEST = 12
_MOST = 65535
_UNLOAD = f"if nft list table {TABLE} >/dev/null 2>&1; then nft delete table {TABLE}; fi"


def documents(
    compose: Mapping[str, Any], ports: Iterable[Any], trusted: Iterable[str], facts: Mapping[str, Any], *, wanted: bool
) -> list[Document]:
    """Return the rules, the unit that loads them before the engine starts, and what makes the engine want it.

    `ports` are those that the world may reach, `trusted` interfaces from which everything published is reachable.
    """
    wanted = wanted and bool(facts["systemd"]) and not facts["engine"]["rootless"]
    text = render(compose, ports, trusted, facts) if wanted else ""
    undo: Command = (
        "sh",
        "-c",
        f"systemctl stop ziggie-firewall.service 2>/dev/null\n{_UNLOAD}",
    )
    apply: tuple[Command, ...] = (DAEMON_RELOAD, ("systemctl", "restart", "ziggie-firewall.service")) if wanted else (undo, DAEMON_RELOAD)
    return [
        Document(path=UNIT, content=_UNIT if wanted else None, apply=apply),
        Document(path=WANTED, content=_WANTED if wanted else None, apply=(DAEMON_RELOAD,)),
        Document(path=RULES, content=text or None, apply=apply, due=wanted and facts["firewall"]["table"] != digest(text)),
    ]


def render(compose: Mapping[str, Any], ports: Iterable[Any], trusted: Iterable[str], facts: Mapping[str, Any]) -> str:
    """Return the rules as nft(8) reads them. Loading them replaces the table in one transaction."""
    public = sorted({int(port) for port in ports})
    bridges = sorted({*_BRIDGES, *_named(compose)})
    listeners = sorted(set(_listeners(compose, public, facts)))
    allowed = f"{{ {', '.join(str(port) for port in public)} }}"
    lines = [
        "    chain forward {",
        "        type filter hook forward priority -10; policy accept;",
        "        ct state established,related accept",
        *(f'        iifname "{name}" goto forwarded' for name in _uplinks(bridges, facts)),
        *(f'        iifname "{name}" accept' for name in (*bridges, *trusted)),
        "        goto forwarded",
        "    }",
        "    chain forwarded {",
        *([f"        ct status dnat meta l4proto {{ tcp, udp }} ct original proto-dst {allowed} accept"] if public else []),
        '        ct status dnat meta oifkind "bridge" drop',
        *(f'        oifname "{name}" drop' for name in bridges),
        "    }",
        "    chain input {",
        "        type filter hook input priority -10; policy accept;",
        "        ct state established,related accept",
        *(f'        iifname "{name}" accept' for name in ("lo", *bridges, *trusted)),
        *(f"        {listener} drop" for listener in listeners),
        "    }",
    ]
    body = "\n".join(lines)
    return f"""\
{MARK}
table {TABLE}
delete table {TABLE}
table {TABLE} {{
    comment "{_digest(body)}"
{body}
}}
"""


def digest(text: str) -> str:
    """Return the digest that rendered rules carry, and that the table shows while it is loaded."""
    found = re.search(r'comment "([0-9a-f]+)"', text)
    return found[1] if found else ""


def impossible(ports: Iterable[Any], trusted: Iterable[Any], facts: Mapping[str, Any], *, wanted: bool) -> Iterator[Finding]:
    """Yield what is wrong with the settings, and why a host cannot have the firewall."""
    for position, port in enumerate(ports):
        if not (isinstance(port, int) or str(port).isdigit()) or isinstance(port, bool) or not 0 < int(port) <= _MOST:
            yield _error(SETTING_UNREADABLE, f"stack_public_ports[{position}]", f"{port!r} is no port", f"write a number from 1 to {_MOST}")
    for position, name in enumerate(trusted):
        if not _INTERFACE.fullmatch(str(name)):
            yield _error(
                SETTING_UNREADABLE, f"stack_host.trusted[{position}]", f"{name!r} is no interface", "write its name as ip link shows it"
            )
    if wanted and not facts["systemd"]:
        yield Finding(
            code=FIREWALL_IMPOSSIBLE,
            severity="warning",
            path="stack_host.firewall",
            message="the host has no systemd, which would load it at boot, so published ports are as open as the engine makes them",
            fix="load a firewall of your own, and set stack_host.firewall to false",
        )
    if wanted and facts["engine"]["rootless"]:
        yield Finding(
            code=FIREWALL_IMPOSSIBLE,
            severity="warning",
            path="stack_host.firewall",
            message="the engine is rootless: its ports are those of a program like any other, which the host's own firewall sees",
            fix="set stack_host.firewall to false",
        )


def _named(compose: Mapping[str, Any]) -> Iterator[str]:
    for network in (compose.get("networks") or {}).values():
        name = ((network or {}).get("driver_opts") or {}).get("com.docker.network.bridge.name")
        if name and not any(_matches(str(name), pattern) for pattern in _BRIDGES):
            yield str(name)


def _uplinks(bridges: Iterable[str], facts: Mapping[str, Any]) -> list[str]:
    """Return the interfaces of the default routes that look like the engine's bridges: a host may reach the world through one."""
    return sorted({name for name in facts["uplinks"] if any(_matches(name, bridge) for bridge in bridges)})


def _matches(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _listeners(compose: Mapping[str, Any], public: list[int], facts: Mapping[str, Any]) -> Iterator[str]:
    ours = [{"address": address, "port": port, "protocol": "tcp"} for _path, address, port in published_ports(compose)]
    for entry in (*ours, *facts["engine"]["published"]):
        if entry["port"] in public or entry["protocol"] not in ("tcp", "udp"):
            continue
        try:
            address = ipaddress.ip_address(entry["address"])
        except ValueError:
            continue
        if address.is_loopback:
            continue
        served = f"{entry['protocol']} dport {entry['port']}"
        if not address.is_unspecified:
            yield f"{'ip' if address.version == 4 else 'ip6'} daddr {address} {served}"
        else:
            # The engine serves both families where no address is written.
            yield f"meta nfproto {'ipv4' if address.version == 4 else 'ipv6'} {served}"
            if entry in ours:
                yield f"meta nfproto ipv6 {served}"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:_DIGEST]


def _error(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)


# Restarting nftables.service flushes every table, so this one follows it.
_UNIT = f"""\
{MARK}
[Unit]
Description=Nothing that Docker publishes is reachable from outside but the public ports
After=nftables.service
PartOf=nftables.service
Before=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft --file {RULES}
ExecReload=/usr/sbin/nft --file {RULES}
ExecStop=/usr/sbin/nft delete table {TABLE}
"""

_WANTED = f"""\
{MARK}
[Unit]
Wants=ziggie-firewall.service
After=ziggie-firewall.service
"""
