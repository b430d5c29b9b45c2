# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service of a Compose definition, as the rules see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.units import parse_cpus, parse_size
from .images.facts import Facts
from .images.name import ImageName
from .images.table import facts_of
from .loose import dig, mapping, pairs, parsed, seconds, sequence, text, whole, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """What is mounted where: `kind` is bind, volume or tmpfs; `where` is the entry's path in the service."""

    kind: str
    source: str
    target: str
    read_only: bool
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A published port; `address` is empty where it is published on all."""

    address: str
    published: str
    target: str
    protocol: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A health check: its words without CMD and CMD-SHELL, and its times in seconds. `shell` says that a shell reads it."""

    words: tuple[str, ...]
    shell: bool
    interval: float
    timeout: float
    start_period: float | None
    retries: int

    @property
    def line(self) -> str:
        """Return the command as a line."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service with its values read; memory in bytes, CPUs in millicores, nothing where it is not written."""

    name: str
    data: Mapping[str, Any]
    image: ImageName
    facts: Facts
    command: tuple[str, ...]
    environment: Mapping[str, str]
    memory: int | None
    memory_at: str
    reservation: int | None
    cpus: int | None
    cpus_at: str
    pids: int | None
    pids_at: str
    mounts: tuple[Mount, ...]
    ports: tuple[Port, ...]
    probe: Probe | None

    @classmethod
    def read(cls, name: str, data: Mapping[str, Any]) -> Service:
        """Read a service; what does not parse counts as not written."""
        image = ImageName.parse(text(data.get("image")))
        limits, reservations = dig(data, "deploy", "resources", "limits"), dig(data, "deploy", "resources", "reservations")
        memory, memory_at = _first(data, "mem_limit", limits, "memory")
        cpus, cpus_at = _first(data, "cpus", limits, "cpus")
        pids, pids_at = _first(data, "pids_limit", limits, "pids")
        return cls(
            name=name,
            data=data,
            image=image,
            facts=facts_of(image),
            command=(*words(data.get("entrypoint")), *words(data.get("command"))),
            environment=pairs(data.get("environment")),
            memory=parsed(parse_size, memory),
            memory_at=memory_at,
            reservation=parsed(parse_size, data.get("mem_reservation") or mapping(reservations).get("memory")),
            cpus=parsed(parse_cpus, cpus),
            cpus_at=cpus_at,
            pids=whole(pids),
            pids_at=pids_at,
            mounts=(*_mounts(data), *_tmpfs(data)),
            ports=tuple(_ports(data)),
            probe=_probe(data.get("healthcheck")),
        )

    @property
    def replicas(self) -> int:
        """Return how many containers are asked for."""
        written = whole(dig(self.data, "deploy", "replicas"))
        found = whole(self.data.get("scale")) if written is None else written
        return 1 if found is None else found

    @property
    def budgeted(self) -> bool:
        """Tell whether the budget will give this service its limits."""
        return "x-budget" in self.data

    @property
    def floor(self) -> int:
        """Return the memory below which it is known not to work, 0 where nothing is known."""
        return self.facts.floor_slim if self.facts.floor_slim and "slim" in self.image.tag else self.facts.floor

    @property
    def queues(self) -> bool:
        """Tell whether it keeps a queue in Redis."""
        when = self.facts.queue_when
        return when is not None and (when == ("", "") or self.environment.get(when[0]) == when[1])

    def inside(self) -> frozenset[str] | None:
        """Return the programs inside the image, nothing where they are not known."""
        return self.facts.inside(self.image.tag, self.image.version())

    def setting(self, name: str) -> str | None:
        """Return the value of `--name value`, `--name=value` or `-c name=value`; the last one counts, as in most programs."""
        found = None
        for position, word in enumerate(self.command):
            following = self.command[position + 1] if position + 1 < len(self.command) else ""
            key, equals, value = word.lstrip("-").partition("=")
            if key == name and equals:
                found = value
            elif word in (f"--{name}", f"-{name}"):
                found = following
        return found

    def mount_over(self, path: str) -> Mount | None:
        """Return what is mounted at a path or above it."""
        return next((mount for mount in self.mounts if path == mount.target or path.startswith(mount.target.rstrip("/") + "/")), None)


def _first(data: Mapping[str, Any], name: str, limits: object, limit: str) -> tuple[Any, str]:
    if data.get(name) is not None:
        return data[name], name
    value = mapping(limits).get(limit)
    return value, "" if value is None else f"deploy.resources.limits.{limit}"


def _mounts(data: Mapping[str, Any]) -> Iterator[Mount]:
    for position, entry in enumerate(sequence(data.get("volumes"))):
        where = f"volumes[{position}]"
        if isinstance(entry, Mapping):
            kind, source, target = (text(entry.get(key)) for key in ("type", "source", "target"))
            yield Mount(kind=kind or "volume", source=source, target=target, read_only=bool(entry.get("read_only")), where=where)
            continue
        source, colon, rest = text(entry).partition(":")
        target, _unused, mode = rest.partition(":")
        if not colon:
            source, target = "", source
        kind = "bind" if source.startswith(("/", ".", "~", "$")) else "volume"
        yield Mount(kind=kind, source=source, target=target, read_only="ro" in mode.split(","), where=where)


def _tmpfs(data: Mapping[str, Any]) -> Iterator[Mount]:
    entries = data.get("tmpfs")
    for position, entry in enumerate([entries] if isinstance(entries, str) else sequence(entries)):
        yield Mount(kind="tmpfs", source="", target=text(entry).partition(":")[0], read_only=False, where=f"tmpfs[{position}]")


def _ports(data: Mapping[str, Any]) -> Iterator[Port]:
    for position, entry in enumerate(sequence(data.get("ports"))):
        where = f"ports[{position}]"
        if isinstance(entry, Mapping):
            address, published, target, protocol = (text(entry.get(key)) for key in ("host_ip", "published", "target", "protocol"))
            yield Port(address=address, published=published, target=target, protocol=protocol or "tcp", where=where)
            continue
        short, _unused, protocol = text(entry).partition("/")
        host, _unused, target = short.rpartition(":")
        address, _unused, published = host.rpartition(":")
        yield Port(address=address.strip("[]"), published=published, target=target, protocol=protocol or "tcp", where=where)


def _probe(data: object) -> Probe | None:
    check = mapping(data)
    test = check.get("test")
    parts = words(test) if isinstance(test, (list, tuple)) else (text(test).replace("$$", "$"),)
    if not test or check.get("disable") is True or parts[0] == "NONE":
        return None
    shell = isinstance(test, str) or parts[0] == "CMD-SHELL"
    retries = whole(check.get("retries"))
    return Probe(
        words=parts if isinstance(test, str) else parts[1:],
        shell=shell,
        interval=_seconds(check.get("interval"), 30),
        timeout=_seconds(check.get("timeout"), 30),
        start_period=seconds(check.get("start_period")),
        retries=3 if retries is None else retries,
    )


def _seconds(value: object, default: float) -> float:
    read = seconds(value)
    return default if read is None else read
