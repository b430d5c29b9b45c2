# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all containers together may use and do use, against what the host has; pure arithmetic over an audit."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .model import Audit, Machine, Port, Seen, Victim, Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Memory in bytes over running containers.

    `limits` is the sum of all limits, `unlimited` counts the containers without one. `used` is the sum of working sets, of those that
    are known; `elsewhere` is what the host uses beside containers, as far as the figures allow (total - available - `used`, at least 0).
    `possible` is the most that containers may use together: the whole host where one has no limit. `peaks` sums the kernel's peaks where known.
    """

    memory: int
    available: int
    containers: int
    limits: int
    limited: int
    unlimited: int
    used: int
    used_unlimited: int
    unseen: int
    elsewhere: int
    possible: int
    peaks: int | None
    cpus: int
    cpu_used: int
    pids: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """One entry of the order in which the kernel would kill: `owner` is a container's name, empty for the host's own processes."""

    owner: str
    victim: Victim


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One thing that fills the engine's disk; `bytes` is at least this much where `complete` is false."""

    what: str
    bytes: int
    complete: bool


def running(audit: Audit) -> tuple[Seen, ...]:
    """Return the containers that have processes."""
    return tuple(container for container in audit.containers if container.running)


def sums(audit: Audit) -> Sums:
    """Return the sums of an audit."""
    live = running(audit)
    unlimited = [container for container in live if not container.limits.memory]
    used = sum(container.use.working_set or 0 for container in live)
    limits = sum(container.limits.memory for container in live)
    peaks = [container.use.memory_peak for container in live if container.use.memory_peak is not None]
    machine = audit.machine
    return Sums(
        memory=machine.memory,
        available=machine.available,
        containers=len(live),
        limits=limits,
        limited=len(live) - len(unlimited),
        unlimited=len(unlimited),
        used=used,
        used_unlimited=sum(container.use.working_set or 0 for container in unlimited),
        unseen=sum(container.use.working_set is None for container in live),
        elsewhere=max(0, machine.memory - machine.available - used),
        possible=machine.memory if unlimited else limits,
        peaks=sum(peaks) if len(peaks) == len(live) else None,
        cpus=machine.cores * 1000,
        cpu_used=sum(container.use.cpu or 0 for container in live),
        pids=sum(container.use.pids or 0 for container in live),
    )


def deaths(audit: Audit) -> tuple[Death, ...]:
    """Return the order in which the kernel would kill when the host's memory runs out, first victim first."""
    found = [Death(owner=container.name, victim=container.victim) for container in audit.containers if container.victim]
    found += [Death(owner="", victim=victim) for victim in audit.machine.victims]
    return tuple(sorted(found, key=lambda death: (-death.victim.badness, -death.victim.resident, death.owner, death.victim.pid)))


def _idle(volume: Volume, audit: Audit) -> str:
    """Say of a volume that takes room and that nothing which runs uses."""
    if not volume.used:
        return ", of no container"
    mounted = any(mount.source == volume.name for container in audit.containers if container.running for mount in container.mounts)
    return "" if mounted else ", of a container that is off"


def fills(audit: Audit) -> tuple[Room, ...]:
    """Return what fills the engine's disk, the largest first; what is unknown is left out."""
    engine = audit.engine
    rooms = [
        Room(
            what=f"volume {volume.name[:12] if len(volume.name) == 64 else volume.name}{_idle(volume, audit)}",
            bytes=volume.size.bytes,
            complete=volume.size.complete,
        )
        for volume in audit.volumes
        if volume.size and volume.kind == "volume"
    ]
    rooms += [
        Room(what=f"directory {volume.name}", bytes=volume.size.bytes, complete=volume.size.complete)
        for volume in audit.volumes
        if volume.size and volume.kind == "bind"
    ]
    if engine.image_bytes:
        rooms.append(Room(what=f"{engine.images} images, {engine.unused_images} unused", bytes=engine.image_bytes.bytes, complete=True))
    if engine.build_cache:
        rooms.append(Room(what="build cache", bytes=engine.build_cache, complete=True))
    for what, sizes in (
        ("logs of containers", [container.log for container in audit.containers]),
        ("containers' own layers", [container.writable for container in audit.containers]),
    ):
        known = [size for size in sizes if size]
        if known:
            rooms.append(
                Room(
                    what=what,
                    bytes=sum(size.bytes for size in known),
                    complete=len(known) == len(sizes) and all(size.complete for size in known),
                )
            )
    return tuple(sorted((room for room in rooms if room.bytes or not room.complete), key=lambda room: (-room.bytes, room.what)))


def reach(port: Port) -> str:
    """Return who reaches a published port by its address alone: `everyone`, `private network` or `this host`."""
    try:
        address = ipaddress.ip_address(port.address)
    except ValueError:
        return "everyone"
    if address.is_loopback:
        return "this host"
    if address.is_unspecified:
        return "everyone"
    return "private network" if address.is_private else "everyone"


def behind(machine: Machine) -> str:
    """Return what is known of a firewall in front of published ports, in a sentence."""
    if machine.own_rules:
        return "this collection's firewall is loaded: it closes every published port that is not listed as public"
    host = f"{' and '.join(machine.firewalls)} runs, but published ports pass before it; " if machine.firewalls else ""
    seen = "" if machine.own_rules is not None else "rules of this host's kernel could not be read without root; "
    return f"{host}{seen}whether a firewall outside of this host closes them is unknown"


def open_ports(audit: Audit) -> Iterator[tuple[Seen, Port, str]]:
    """Yield every published port of a running container with its reach; one that is bound on IPv4 and IPv6 alike comes once."""
    for container in running(audit):
        told: set[tuple[int, str, str]] = set()
        for port in container.ports:
            key = (port.port, port.protocol, reach(port))
            if key not in told:
                told.add(key)
                yield container, port, reach(port)


def named(containers: Iterable[Seen]) -> list[str]:
    """Return the names of containers."""
    return [container.name for container in containers]
