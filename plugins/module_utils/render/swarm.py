# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Swarm stack says differently: its schema refuses keys that Compose has, and takes limits under `deploy` only."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..budget.model import Share
from ..compose.entries import Dependency, Port
from ..compose.values import dig, mapping, sequence, text
from ..limits import Limits
from .host import Host

_BRIDGE_OPTION = "com.docker.network.bridge."


def able(host: Host) -> Host:
    """Return what remains of a host's abilities when a stack is deployed to it."""
    withheld: dict[str, Any] = {
        limit.needs: False for limit in Limits.table() if limit.needs and not (limit.resource and limit.resource.section == "limits")
    }
    return dataclasses.replace(host, slices=False, **withheld)


def deploy(written: Mapping[str, Any] | None, share: Share) -> dict[str, Any]:
    """Return `deploy` with a service's limits and reservations; the latter only place it on a node."""
    deploy = dict(mapping(written))
    resources = dict(mapping(deploy.get("resources")))
    for limit in Limits.table():
        place, value = limit.resource, limit.reserved(share)
        if place and value is not None:
            resources[place.section] = {**mapping(resources.get(place.section)), place.key: value}
    return {**deploy, "resources": resources}


def definition(compiled: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition without what a stack's schema refuses; the stack's name is given when it is deployed."""
    stack = {key: value for key, value in compiled.items() if key != "name"}
    stack["services"] = {name: _service(service) for name, service in compiled["services"].items()}
    if mapping(stack.get("networks")):
        stack["networks"] = {name: _network(network) for name, network in stack["networks"].items()}
    return stack


def unpublishable(service: Mapping[str, Any]) -> list[Any]:
    """Return the ports of a service that are for one address of the host: a stack would publish them on every address."""
    return [port for port in sequence(service.get("ports")) if Port.read(port).address not in ("", "0.0.0.0", "::")]


def _service(service: Mapping[str, Any]) -> dict[str, Any]:
    stacked, withheld = dict(service), unpublishable(service)
    if "depends_on" in service:
        stacked["depends_on"] = [entry.name for entry in Dependency.read_all(service)]
    if withheld:
        stacked["ports"] = [port for port in service["ports"] if port not in withheld]
    return stacked


def _network(network: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a network as an overlay: it spans nodes, and the schema knows no more of its addresses than the subnet."""
    written = dict(mapping(network))
    if written.get("external"):
        return written
    if written.get("driver") in (None, "bridge"):
        written["driver"] = "overlay"
    written.pop("enable_ipv6", None)
    options = {key: value for key, value in mapping(written.pop("driver_opts", None)).items() if not text(key).startswith(_BRIDGE_OPTION)}
    subnets = [{"subnet": entry["subnet"]} for entry in sequence(dig(written.pop("ipam", None), "config")) if "subnet" in mapping(entry)]
    return written | ({"driver_opts": options} if options else {}) | ({"ipam": {"config": subnets}} if subnets else {})
