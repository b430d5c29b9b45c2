# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Close every published port to the world except the public ones, whichever backend the engine uses.

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
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ..compose.entries import Port
from ..compose.project import section
from ..compose.values import dig, mapping
from ..host.codes import FIREWALL_IMPOSSIBLE, SETTING_UNREADABLE
from ..host.facts import Facts, Published, RunningContainer
from ..problems import Finding
from ..systemd import MARK
from .document import DAEMON_RELOAD, Command, Document
from .paths import FIREWALL_RULES, FIREWALL_UNIT, FIREWALL_WANTED

TABLE = "inet ziggie"

# Bridges of the engine: docker0, docker_gwbridge, and br- with the network's id. A bridge with a name of its own is in the definition.
_BRIDGES = ("docker*", "br-*")
_INTERFACE = re.compile(r"[A-Za-z0-9_.@:-]{1,15}\*?")
_DIGEST = 12
_MOST = 65535
_UNLOAD = f"if nft list table {TABLE} >/dev/null 2>&1; then nft delete table {TABLE}; fi"


def documents(compose: Mapping[str, Any], ports: Iterable[Any], trusted: Iterable[str], facts: Facts, *, wanted: bool) -> list[Document]:
    """Return the rules, the unit that loads them before the engine starts, and what makes the engine want it.

    `ports` are those that the world may reach, `trusted` interfaces from which everything published is reachable.
    """
    wanted = wanted and facts.systemd and not facts.engine.rootless
    text = render(compose, ports, trusted, facts) if wanted else ""
    undo: Command = (
        "sh",
        "-c",
        f"systemctl stop ziggie-firewall.service 2>/dev/null\n{_UNLOAD}",
    )
    apply: tuple[Command, ...] = (DAEMON_RELOAD, ("systemctl", "restart", "ziggie-firewall.service")) if wanted else (undo, DAEMON_RELOAD)
    effect = (
        _effect(facts, {int(port) for port in ports})
        if wanted
        else "every port that the engine publishes is open to the world; nothing restarts"
    )
    return [
        Document(path=FIREWALL_UNIT, content=_UNIT if wanted else None, apply=apply, effect=effect),
        Document(path=FIREWALL_WANTED, content=_WANTED if wanted else None, apply=(DAEMON_RELOAD,)),
        Document(
            path=FIREWALL_RULES,
            content=text or None,
            apply=apply,
            due=wanted and facts.firewall.table != digest(text),
            effect=effect,
        ),
    ]


def _effect(facts: Facts, public: Collection[int]) -> str:
    shut: dict[str, set[int]] = {}
    for container, port in closed(facts, public):
        shut.setdefault(container.title, set()).add(port.port)
    if not shut:
        return "no published port closes; nothing restarts"
    named = "; ".join(f"{name}: {', '.join(str(port) for port in sorted(ports))}" for name, ports in sorted(shut.items()))
    return f"these published ports close to the world: {named}; nothing restarts"


def render(compose: Mapping[str, Any], ports: Iterable[Any], trusted: Iterable[str], facts: Facts) -> str:
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


def published_ports(compose: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Yield `path`, host address and host port of every published TCP port; the address of all is 0.0.0.0."""
    for name, service in section(compose, "services").items():
        for port in Port.read_all(service):
            if port.protocol == "tcp":
                yield from ((f"services.{name}.{port.where}", port.address or "0.0.0.0", number) for number in port.numbers())


def impossible(ports: Iterable[Any], trusted: Iterable[Any], facts: Facts, *, wanted: bool) -> Iterator[Finding]:
    """Yield what is wrong with the settings, and why a host cannot have the firewall."""
    for position, port in enumerate(ports):
        if not (isinstance(port, int) or str(port).isdigit()) or isinstance(port, bool) or not 0 < int(port) <= _MOST:
            yield _error(
                SETTING_UNREADABLE, f"stack_public_ports[{position}]", f"{port!r} is not a port", f"write a number from 1 to {_MOST}"
            )
    for position, name in enumerate(trusted):
        if not _INTERFACE.fullmatch(str(name)):
            yield _error(
                SETTING_UNREADABLE, f"stack_host.trusted[{position}]", f"{name!r} is not an interface", "write its name as ip link shows it"
            )
    if wanted and not facts.systemd:
        yield Finding(
            code=FIREWALL_IMPOSSIBLE,
            severity="warning",
            path="stack_host.firewall",
            message="the host has no systemd, which would load it at boot, so published ports are as open as the engine makes them",
            fix="load a firewall of your own, and set stack_host.firewall to false",
        )
    if wanted and facts.engine.rootless:
        yield Finding(
            code=FIREWALL_IMPOSSIBLE,
            severity="warning",
            path="stack_host.firewall",
            message="the engine is rootless: its ports are those of a program like any other, which the host's own firewall sees",
            fix="set stack_host.firewall to false",
        )


def _named(compose: Mapping[str, Any]) -> Iterator[str]:
    for network in mapping(compose.get("networks")).values():
        name = dig(network, "driver_opts", "com.docker.network.bridge.name")
        if name and not any(_matches(str(name), pattern) for pattern in _BRIDGES):
            yield str(name)


def _uplinks(bridges: Iterable[str], facts: Facts) -> list[str]:
    """Return the interfaces of the default routes that look like the engine's bridges: a host may reach the world through one."""
    return sorted({name for name in facts.uplinks if any(_matches(name, bridge) for bridge in bridges)})


def _matches(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _listeners(compose: Mapping[str, Any], public: Collection[int], facts: Facts) -> Iterator[str]:
    ours = [Published(address=address, port=port, protocol="tcp") for _path, address, port in published_ports(compose)]
    for entry in (*ours, *facts.published):
        address = _open_address(entry)
        if address is None or entry.port in public:
            continue
        served = f"{entry.protocol} dport {entry.port}"
        if not address.is_unspecified:
            yield f"{'ip' if address.version == 4 else 'ip6'} daddr {address} {served}"
        else:
            # The engine serves both families where no address is written.
            yield f"meta nfproto {'ipv4' if address.version == 4 else 'ipv6'} {served}"
            if entry in ours:
                yield f"meta nfproto ipv6 {served}"


def _open_address(entry: Published) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address of a port that the world may reach, nothing for one on the loopback or of another protocol."""
    try:
        address = ipaddress.ip_address(entry.address)
    except ValueError:
        return None
    return None if address.is_loopback or entry.protocol not in ("tcp", "udp") else address


def closed(facts: Facts, public: Collection[int]) -> list[tuple[RunningContainer, Published]]:
    """Return the published ports that the rules would close to the world and that are open now, with the containers that publish them.

    While our rules are loaded, only what they let through is open: the public ports of the run that wrote them.
    """
    before = _public(facts.file(FIREWALL_RULES).text or "") if facts.firewall.table else None
    return [
        (container, port)
        for container in facts.engine.containers
        for port in container.published
        if _open_address(port) and port.port not in public and (before is None or port.port in before)
    ]


def _public(rules: str) -> set[int]:
    """Return the ports that rendered rules let the world reach."""
    found = re.search(r"original proto-dst \{ ([0-9, ]+) \} accept", rules)
    return {int(port) for port in found[1].split(",")} if found else set()


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
ExecStart=/usr/sbin/nft --file {FIREWALL_RULES}
ExecReload=/usr/sbin/nft --file {FIREWALL_RULES}
ExecStop=/usr/sbin/nft delete table {TABLE}
"""

_WANTED = f"""\
{MARK}
[Unit]
Wants=ziggie-firewall.service
After=ziggie-firewall.service
"""
