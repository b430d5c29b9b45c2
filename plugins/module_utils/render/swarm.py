# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Swarm stack says differently: its schema refuses keys that Compose has, and takes limits under `deploy` only."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..budget.units import compose_size, cores
from .host import Host

_BRIDGE_OPTION = "com.docker.network.bridge."


def able(host: Host) -> Host:
    """Return what remains of a host's abilities when a stack is deployed to it."""
    return dataclasses.replace(
        host, io_weight=False, slices=False, oom_score_adj=False, memory_reservation=False, swap_limit=False, cpuset=False
    )


def deploy(written: Mapping[str, Any] | None, share: Mapping[str, Any]) -> dict[str, Any]:
    """Return `deploy` with a service's limits and reservations; the latter only place it on a node."""
    deploy = dict(written or {})
    resources = dict(deploy.get("resources") or {})
    memory, cpus = share["memory"], share["cpus"]
    limits = {"memory": compose_size(memory["limit"]), "pids": share["pids"]}
    if cpus["quota"] is not None:
        limits["cpus"] = cores(cpus["quota"])
    reservations = {"cpus": cores(cpus["reservation"]), "memory": compose_size(memory["reservation"])}
    resources["limits"] = {**(resources.get("limits") or {}), **limits}
    resources["reservations"] = {**(resources.get("reservations") or {}), **reservations}
    return {**deploy, "resources": resources}


def definition(compiled: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition without what a stack's schema refuses; the stack's name is given when it is deployed."""
    stack = {key: value for key, value in compiled.items() if key != "name"}
    stack["services"] = {name: _service(service) for name, service in compiled["services"].items()}
    if stack.get("networks"):
        stack["networks"] = {name: _network(network) for name, network in stack["networks"].items()}
    return stack


def unpublishable(service: Mapping[str, Any]) -> list[Any]:
    """Return the ports of a service that are for one address of the host: a stack would publish them on every address."""
    return [port for port in service.get("ports") or [] if _address(port) not in ("", "0.0.0.0", "::")]


def _address(port: Any) -> str:
    if isinstance(port, Mapping):
        return str(port.get("host_ip") or "")
    address, _unused, _unused = str(port).rpartition(":")
    address, _unused, _unused = address.rpartition(":")
    return address.strip("[]")


def _service(service: Mapping[str, Any]) -> dict[str, Any]:
    stacked, withheld = dict(service), unpublishable(service)
    if isinstance(service.get("depends_on"), Mapping):
        stacked["depends_on"] = list(service["depends_on"])
    if withheld:
        stacked["ports"] = [port for port in service["ports"] if port not in withheld]
    return stacked


def _network(network: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a network as an overlay: it spans nodes, and the schema knows no more of its addresses than the subnet."""
    written = dict(network or {})
    if written.get("external"):
        return written
    if written.get("driver") in (None, "bridge"):
        written["driver"] = "overlay"
    written.pop("enable_ipv6", None)
    options = {key: value for key, value in (written.pop("driver_opts", None) or {}).items() if not key.startswith(_BRIDGE_OPTION)}
    subnets = [{"subnet": entry["subnet"]} for entry in (written.pop("ipam", None) or {}).get("config") or [] if "subnet" in entry]
    return written | ({"driver_opts": options} if options else {}) | ({"ipam": {"config": subnets}} if subnets else {})
