# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`stack_fleet`: what an inventory says about where services run, and about the hosts that they run on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..budget.codes import BAD_CHOICE, BAD_SHAPE
from ..compose.reader import Reader
from ..problems import Problems, suggestion
from ..units import shown

PATH = "stack_fleet"
REPORT = "report"
PRESETS = (REPORT,)
ALL = "all"
_KEYS = ("preset", "services", "hosts")
_OF_SERVICE = ("host", "zone", "affinity", "anti_affinity")
_OF_HOST = ("zone", "capacity", "holds", "drain")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceWish:
    """Where a service is to run: a `host` (a pin) or any host of a `zone`, with the services of `affinity`, and without those of `anti_affinity`."""

    host: str = ""
    zone: str = ""
    affinity: tuple[str, ...] = ()
    anti_affinity: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostWish:
    """What is said of a host: its `zone`, the `capacity` that it has (then it is not asked), which services' data it `holds`, whether to `drain` it."""

    zone: str = ""
    capacity: Mapping[str, Any] | None = None
    holds: tuple[str, ...] = ()
    drain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSettings:
    """All of `stack_fleet`. `preset` names a split that places every service for which `services` says nothing; it is empty where there is none."""

    preset: str = ""
    services: Mapping[str, ServiceWish] = field(default_factory=dict)
    hosts: Mapping[str, HostWish] = field(default_factory=dict)

    def host(self, name: str) -> HostWish:
        """Return what is said of a host."""
        return self.hosts.get(name, HostWish())


def parse(data: object, hosts: Collection[str], services: Collection[str], problems: Problems) -> FleetSettings:
    """Return the settings as the inventory writes them: a mapping, or the name of a preset. `hosts` and `services` are all that there are."""
    if isinstance(data, str) and data:
        data = {"preset": data}
    if not isinstance(data, Mapping) or not data:
        got = "nothing" if data in (None, "", (), []) or data == {} else shown(data)
        fix = "write {services: {postgres: {host: vps1}}, hosts: {vps2: {capacity: {memory: 16g, cpus: 4}}}}, or report for the report's split"
        problems.error(BAD_SHAPE, PATH, f"expected what is placed where, got {got}", fix)
        return FleetSettings()
    reader = Reader(data, PATH, problems, _KEYS)
    of_hosts, of_services = reader.section("hosts"), reader.section("services")
    _known(of_hosts.data, of_hosts.path, "host of group stack", hosts, problems)
    _known(of_services.data, of_services.path, "service of this stack", services, problems)
    read = {
        str(name): _host(Reader(entry, f"{of_hosts.path}.{name}", problems, _OF_HOST), services) for name, entry in of_hosts.data.items()
    }
    zones = {host.zone for host in read.values() if host.zone}
    return FleetSettings(
        preset=reader.choice("preset", "", PRESETS),
        hosts=read,
        services={
            str(name): _service(Reader(entry, f"{of_services.path}.{name}", problems, _OF_SERVICE), str(name), hosts, services, zones)
            for name, entry in of_services.data.items()
        },
    )


def _host(reader: Reader, services: Collection[str]) -> HostWish:
    holds = tuple(services) if reader.raw("holds") == ALL else reader.words("holds")
    _known(holds, reader.at("holds"), "service of this stack", services, reader.problems)
    capacity = reader.section("capacity").data if reader.has("capacity") else None
    return HostWish(zone=reader.text("zone", ""), capacity=capacity, holds=holds, drain=reader.flag("drain", False))


def _service(reader: Reader, name: str, hosts: Collection[str], services: Collection[str], zones: Collection[str]) -> ServiceWish:
    wish = ServiceWish(
        host=reader.text("host", ""),
        zone=reader.text("zone", ""),
        affinity=reader.words("affinity"),
        anti_affinity=reader.words("anti_affinity"),
    )
    problems = reader.problems
    _known([wish.host] if wish.host else [], reader.at("host"), "host of group stack", hosts, problems)
    _known([wish.zone] if wish.zone else [], reader.at("zone"), f"zone of a host in {PATH}.hosts", zones, problems)
    for key, named in (("affinity", wish.affinity), ("anti_affinity", wish.anti_affinity)):
        _known(named, reader.at(key), "service of this stack", services, problems)
        if name in named:
            problems.error(BAD_CHOICE, reader.at(key), f"{name} names itself", "name other services only")
    return wish


def _known(names: Iterable[object], path: str, noun: str, known: Collection[str], problems: Problems) -> None:
    for name in names:
        if name not in known:
            fix = suggestion(name, known) if known else "there is none"
            problems.error(BAD_CHOICE, path, f"{shown(name)} is not a {noun}", fix)
