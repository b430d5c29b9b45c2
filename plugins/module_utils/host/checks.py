# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that would stop a run on this host, found before anything on it is touched."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.problems import Finding
from . import codes
from .capabilities import major

# 20.10, the line before 23.0, is no longer maintained; community.docker's docker_compose_v2 asks for Compose 2.18.
MINIMUM_ENGINE = (23, 0)
MINIMUM_COMPOSE = (2, 18)

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What a run asks of a host: free bytes where the engine keeps images, and the capacity that was declared, if any."""

    disk_free: int | None
    declared_memory: int | None
    declared_cpus: int | None
    pretend: bool


def check(host: Mapping[str, Any], compose: Mapping[str, Any], requirements: Requirements) -> list[Finding]:
    """Return every problem of a host as `host_info` describes it, for a Compose definition."""
    return [
        *_root(host),
        *_engine(host["engine"]),
        *_network(host, compose),
        *_ports(host, compose),
        *_disk(host, requirements.disk_free),
        *_capacity(host, requirements),
    ]


def _root(host: Mapping[str, Any]) -> Iterator[Finding]:
    if not host["root"]:
        yield _error(codes.NOT_ROOT, "host.user", "the run is not root on the host", "set ansible_become: true or connect as root")


def _engine(engine: Mapping[str, Any]) -> Iterator[Finding]:
    if "_invalid" in engine["daemon_config"]:
        yield _error(
            codes.DAEMON_CONFIG_INVALID,
            "host:/etc/docker/daemon.json",
            "the file is no JSON mapping, and would be lost if it were written anew",
            "correct it or move it away",
        )
    if not engine["running"]:
        # An engine that is absent or stopped is installed or started by the run itself.
        return
    for name, text, minimum, code in (
        ("Docker Engine", engine["version"], MINIMUM_ENGINE, codes.ENGINE_TOO_OLD),
        ("Docker Compose", engine["compose_version"], MINIMUM_COMPOSE, codes.COMPOSE_TOO_OLD),
    ):
        if not text and name == "Docker Compose":
            continue
        if _version(text) < minimum:
            wanted = ".".join(str(part) for part in minimum)
            yield _error(
                code, f"host.{name.lower().replace(' ', '_')}", f"{name} {text} is too old", f"upgrade it to {wanted} or newer"
            )


def _version(text: str) -> tuple[int, int]:
    parts = [*text.split("."), "0"]
    return major(text), major(parts[1])


def _network(host: Mapping[str, Any], compose: Mapping[str, Any]) -> Iterator[Finding]:
    for key, network in _mappings(compose.get("networks")):
        name = network.get("name", key)
        bridge = (network.get("driver_opts") or {}).get("com.docker.network.bridge.name")
        for position, config in enumerate((network.get("ipam") or {}).get("config") or []):
            path = f"networks.{key}.ipam.config[{position}].subnet"
            try:
                subnet = ipaddress.ip_network(config["subnet"])
            except (KeyError, ValueError):
                yield _error(codes.NETWORK_INVALID, path, f"{config.get('subnet')!r} is no network", "write one such as 172.28.0.0/16")
                continue
            yield from _overlaps(host, path, subnet, name, bridge)


def _overlaps(host: Mapping[str, Any], path: str, subnet: Any, name: str, bridge: str | None) -> Iterator[Finding]:
    taken = {
        other: f"the Docker network {network['name']}"
        for network in host["engine"]["networks"]
        if network["name"] != name
        for other in network["subnets"]
    }
    own = {other for network in host["engine"]["networks"] if network["name"] == name for other in network["subnets"]}
    taken |= {
        route["subnet"]: f"the interface {route['interface']}"
        for route in host["routes"]
        if route["interface"] != bridge and route["subnet"] not in taken and route["subnet"] not in own
    }
    for other, holder in sorted(taken.items()):
        if ipaddress.ip_network(other).overlaps(subnet):
            yield _error(
                codes.NETWORK_OVERLAPS,
                path,
                f"{subnet} overlaps {other} of {holder}",
                "choose a free subnet in catalog_overrides.networks, with ip_range and gateway inside it",
            )


def published_ports(compose: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Yield `path`, host address and host port of every published TCP port, short and long syntax."""
    for name, service in _mappings(compose.get("services")):
        ports = service.get("ports")
        for position, entry in enumerate(ports if isinstance(ports, list) else []):
            path = f"services.{name}.ports[{position}]"
            if isinstance(entry, Mapping):
                address, published, protocol = entry.get("host_ip", ""), str(entry.get("published", "")), entry.get("protocol", "tcp")
            else:
                text, _slash, protocol = str(entry).partition("/")
                head, _colon, _container = text.rpartition(":")
                address, _colon, published = head.rpartition(":")
            if (protocol or "tcp") == "tcp" and published.isdigit():
                yield path, address.strip("[]") or "0.0.0.0", int(published)


def _ports(host: Mapping[str, Any], compose: Mapping[str, Any]) -> Iterator[Finding]:
    own = set(host["engine"]["ports"])
    listening = {(entry["address"], entry["port"]) for entry in host["listening"]}
    everywhere = {"0.0.0.0", "::"}
    for path, address, port in published_ports(compose):
        holders = {other for other, taken in listening if taken == port}
        if port in own or not holders:
            continue
        if address in everywhere or address in holders or holders & everywhere:
            yield _error(
                codes.PORT_TAKEN,
                path,
                f"port {port} is already served on {', '.join(sorted(holders))} by another program",
                "stop that program or publish another port in catalog_overrides",
            )


def _disk(host: Mapping[str, Any], needed: int | None) -> Iterator[Finding]:
    if needed is None or host["engine"]["containers"]:
        # Where the stack runs already, its images are already there.
        return
    root = host["engine"]["root"]
    disk = host["disks"].get(root)
    if disk and disk["free"] < needed:
        yield _error(
            codes.DISK_TOO_SMALL,
            f"host:{root}",
            f"{disk['free'] // _MIB} MiB are free on {disk['device'] or disk['mount']}, the run needs {needed // _MIB} MiB",
            "free some room or lower preflight_disk_free",
        )


def _capacity(host: Mapping[str, Any], requirements: Requirements) -> Iterator[Finding]:
    real = host["memory"]["total"]
    declared = requirements.declared_memory
    if declared is not None and declared > real:
        yield Finding(
            code=codes.CAPACITY_ABOVE_HOST,
            severity="warning" if requirements.pretend else "error",
            path="stack_capacity.memory",
            message=f"{declared // _MIB} MiB are declared, the kernel reports {real // _MIB} MiB",
            fix="remove stack_capacity so that the kernel's figure is taken",
        )
    if requirements.declared_cpus is not None and requirements.declared_cpus > host["cores"] * 1000:
        yield Finding(
            code=codes.CAPACITY_ABOVE_HOST,
            severity="warning" if requirements.pretend else "error",
            path="stack_capacity.cpus",
            message=f"{requirements.declared_cpus / 1000:g} cores are declared, the host has {host['cores']}",
            fix="remove stack_capacity so that the kernel's figure is taken",
        )


def _mappings(section: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the named mappings of a section; what has another shape is the budget's to report."""
    if isinstance(section, Mapping):
        yield from ((str(name), value) for name, value in section.items() if isinstance(value, Mapping))


def _error(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)
