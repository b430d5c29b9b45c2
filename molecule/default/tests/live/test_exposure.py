# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing but 80 and 443 can be reached from outside the host."""

from __future__ import annotations

import ipaddress
from typing import Any

PUBLIC = {80, 443}
STACK = ipaddress.ip_network("172.28.0.0/16")


def is_loopback(address: str) -> bool:
    return address.startswith("127.") or address in ("::1", "[::1]")


def is_inside(address: str) -> bool:
    plain = address.strip("[]").removeprefix("::ffff:")
    return plain not in ("*", "::") and ipaddress.ip_address(plain) in STACK


def test_what_the_engine_publishes(containers: dict[str, dict[str, Any]]) -> None:
    published = {
        (service, int(binding["HostPort"]))
        for service, container in containers.items()
        for bindings in (container["NetworkSettings"]["Ports"] or {}).values()
        for binding in bindings or []
        if not is_loopback(binding["HostIp"])
    }
    assert published == {("nginx", 80), ("nginx", 443)}


def test_what_the_host_serves(ask: Any) -> None:
    """Listen to the kernel, not to the engine: a container in the host's network publishes nothing and serves all the same."""
    lines = [line.split(maxsplit=5) for line in ask("ss --tcp --listening --numeric --processes --no-header").splitlines()]
    # systemd opens the lab's own doors, from the machine that the lab runs on.
    served = {tuple(line[3].rsplit(":", 1)) for line in lines if len(line) > 5 and '"systemd"' not in line[5]}
    reachable = {(address, int(port)) for address, port in served if not is_loopback(address) and not is_inside(address)}
    assert {port for _address, port in reachable} == PUBLIC


def test_who_is_let_into_the_hosts_own_namespaces(containers: dict[str, dict[str, Any]]) -> None:
    assert [service for service, container in containers.items() if container["HostConfig"]["Privileged"]] == []
    inside = {service for service, container in containers.items() if container["HostConfig"]["NetworkMode"] == "host"}
    assert inside <= {"node-exporter"}
