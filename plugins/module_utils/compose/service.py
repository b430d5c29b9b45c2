# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service of a Compose document, short and long syntax read alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..units import parse_cpus, parse_size
from .dotenv import parse_env
from .entries import Dependency, EnvFile, Mount, Port, Probe, Reference, Ulimit
from .values import STARTED, dig, items, mapping, pairs, parsed, sequence, text, variables, whole, words

_LIMITS, _RESERVATIONS = "deploy.resources.limits.", "deploy.resources.reservations."
# A mount of these types is of a volume by its name.
_NAMED = ("volume", "cluster")
_IO_WEIGHT = ("blkio_config", "weight")
_FIGURES = frozenset(
    ("mem_limit", "mem_reservation", "memswap_limit", "shm_size", "cpus", "cpu_shares", "pids_limit", "blkio_config", "deploy")
)
_START_HOOKS = ("pre_start", "post_start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that the author wrote: its value, and the path within the service where it stands.

    `value` is `None` and `at` empty where nothing is written; `value` is `None` and `at` a path where it does not parse or is 0,
    which means unlimited.
    """

    value: int | None = None
    at: str = ""


_NONE = Figure()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the author wrote of a container's limits: memory in bytes, CPUs in millicores, pids a count.

    `swap` is `memswap_limit`, memory and swap together in bytes, -1 for unlimited. Where a figure is written in two places, the
    service's own key comes before `deploy.resources`, as in Compose.
    """

    memory: Figure = _NONE
    reservation: Figure = _NONE
    swap: Figure = _NONE
    shm: Figure = _NONE
    cpus: Figure = _NONE
    cpu_reservation: Figure = _NONE
    cpu_shares: Figure = _NONE
    pids: Figure = _NONE
    io_weight: Figure = _NONE

    @classmethod
    def read(cls, service: Mapping[str, Any]) -> Declared:
        """Read a service's own keys and `deploy.resources`."""
        if _FIGURES.isdisjoint(service):
            return _UNDECLARED
        resources = mapping(dig(service, "deploy", "resources"))
        limits, reservations = mapping(resources.get("limits")), mapping(resources.get("reservations"))

        def figure(parse: Callable[[object], int], own: str = "", limit: str = "", reservation: str = "") -> Figure:
            for places, key, path in ((service, own, ""), (limits, limit, _LIMITS), (reservations, reservation, _RESERVATIONS)):
                if key and places.get(key) is not None:
                    return Figure(value=parsed(parse, places[key]), at=path + key)
            return _NONE

        return cls(
            memory=figure(parse_size, "mem_limit", limit="memory"),
            reservation=figure(parse_size, "mem_reservation", reservation="memory"),
            swap=figure(_swap, "memswap_limit"),
            shm=figure(parse_size, "shm_size"),
            cpus=figure(parse_cpus, "cpus", limit="cpus"),
            cpu_reservation=figure(parse_cpus, reservation="cpus"),
            cpu_shares=figure(_count, "cpu_shares"),
            pids=figure(_count, "pids_limit", limit="pids"),
            io_weight=Figure(value=parsed(_count, dig(service, *_IO_WEIGHT)), at=".".join(_IO_WEIGHT))
            if dig(service, *_IO_WEIGHT) is not None
            else _NONE,
        )

    @property
    def beyond(self) -> int | None:
        """Return the bytes of swap beyond the memory limit; `None` where nothing bounds them."""
        if self.memory.value is None or self.swap.value is None or self.swap.value < self.memory.value:
            return None
        return self.swap.value - self.memory.value


_UNDECLARED = Declared()


def _swap(value: object) -> int:
    return -1 if text(value) == "-1" else parse_size(value)


def _count(value: object) -> int:
    count = whole(value)
    if count is None:
        raise ValueError("not a whole number")
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Extends:
    """The service that this one is built on; `file` is empty where both stand in one file."""

    service: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service with its values read; `raw` is the mapping as written.

    `command` and `entrypoint` are `None` where the image's own counts, empty where the author cleared it. In `environment`,
    `None` stands for a variable whose value comes from the shell; `given` are the variables of those env files whose content is
    known, `unread` the files whose content is not. `networks` is empty where the service is on the default network.
    """

    name: str
    raw: Mapping[str, Any]
    image: str
    command: tuple[str, ...] | None
    entrypoint: tuple[str, ...] | None
    environment: Mapping[str, str | None]
    env_files: tuple[EnvFile, ...]
    given: Mapping[str, str]
    unread: tuple[EnvFile, ...]
    labels: Mapping[str, str]
    declared: Declared
    ulimits: Mapping[str, Ulimit]
    replicas: int
    restart: str
    mounts: tuple[Mount, ...]
    ports: tuple[Port, ...]
    depends_on: tuple[Dependency, ...]
    networks: tuple[str, ...]
    secrets: tuple[Reference, ...]
    configs: tuple[Reference, ...]
    profiles: tuple[str, ...]
    extends: Extends | None

    @classmethod
    def read(cls, name: str, service: object, files: Mapping[str, str] | None = None) -> Service:
        """Read a service; what has the wrong shape counts as not written. `files` are the contents of env files by path as written."""
        data, contents = mapping(service), files or {}
        extends, env_files = data.get("extends"), tuple(EnvFile.read_all(data))
        return cls(
            name=name,
            raw=data,
            image=text(data.get("image")),
            command=None if data.get("command") is None else words(data["command"]),
            entrypoint=None if data.get("entrypoint") is None else words(data["entrypoint"]),
            environment=variables(data.get("environment")),
            env_files=env_files,
            given=_given(env_files, contents),
            unread=tuple([entry for entry in env_files if entry.path not in contents]),
            labels=pairs(data.get("labels")),
            declared=Declared.read(data),
            ulimits=Ulimit.read_all(data),
            replicas=_replicas(data),
            restart="no" if data.get("restart") in (None, False, "") else text(data["restart"]),
            mounts=tuple(Mount.read_all(data)),
            ports=tuple(Port.read_all(data)),
            depends_on=tuple(Dependency.read_all(data)),
            networks=_names(data.get("networks")),
            secrets=tuple(Reference.read_all(data, "secrets")),
            configs=tuple(Reference.read_all(data, "configs")),
            profiles=tuple([text(profile) for profile in items(data.get("profiles"))]),
            extends=_extends(extends) if extends else None,
        )

    @property
    def probe(self) -> Probe | None:
        """Return the health check, `None` where none is written. It is read when it is asked for: the budget never does."""
        return Probe.read(self.raw.get("healthcheck"))

    @property
    def variables(self) -> dict[str, str | None]:
        """Return all variables that the container is known to get; its own environment comes before its env files."""
        return {**self.given, **self.environment}

    @property
    def has_container(self) -> bool:
        """Tell whether Compose makes a container: a service with a `provider` is run by another program."""
        return not self.raw.get("provider")

    @property
    def has_gpu(self) -> bool:
        """Tell whether it gets a GPU, which has memory of its own."""
        devices = sequence(dig(self.raw, "deploy", "resources", "reservations", "devices"))
        wanted = any("gpu" in map(text, sequence(mapping(device).get("capabilities"))) for device in devices)
        return wanted or bool(self.raw.get("gpus")) or text(self.raw.get("runtime")) == "nvidia"

    @property
    def has_start_hooks(self) -> bool:
        """Tell whether Compose runs commands before or after the container's start, which an engine alone does not."""
        return any(self.raw.get(hook) for hook in _START_HOOKS)

    def shares_with(self) -> Iterator[str]:
        """Yield the services whose namespaces or volumes this one uses; their containers must exist first."""
        for key in ("network_mode", "ipc", "pid"):
            mode, _colon, name = text(self.raw.get(key)).partition(":")
            if mode == "service" and name:
                yield name
        for entry in sequence(self.raw.get("volumes_from")):
            if not text(entry).startswith("container:"):
                yield text(entry).partition(":")[0]
        for entry in sequence(self.raw.get("links")):
            yield text(entry).partition(":")[0]

    def after(self) -> dict[str, str]:
        """Return Compose's condition by the name of each service that this one is started after, written or implied, sorted."""
        found = dict.fromkeys(self.shares_with(), STARTED) | {entry.name: entry.condition for entry in self.depends_on}
        return dict(sorted(found.items()))

    def uses(self, section: str) -> Iterator[tuple[str, str]]:
        """Yield the name and place of each volume, network, secret or config that the service refers to."""
        if section == "volumes":
            yield from ((mount.source, mount.where) for mount in self.mounts if mount.kind in _NAMED and mount.source)
        elif section == "networks":
            named = isinstance(self.raw.get("networks"), Mapping)
            yield from ((name, f"networks.{name}" if named else f"networks[{at}]") for at, name in enumerate(self.networks))
        elif section in ("secrets", "configs"):
            yield from ((entry.source, entry.where) for entry in (self.secrets if section == "secrets" else self.configs))


def _given(env_files: Iterable[EnvFile], contents: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of env files, those of a later file before those of an earlier one.

    A variable that their values refer to and that no file sets stays as written: what Compose puts there is not known.
    """
    found: dict[str, str] = {}
    for entry in env_files:
        found |= parse_env(contents.get(entry.path, ""), found, raw=entry.raw, unset=None)
    return found


def _replicas(service: Mapping[str, Any]) -> int:
    """Return how many containers are asked for on one host."""
    if "deploy" not in service and "scale" not in service:
        return 1
    if dig(service, "deploy", "mode") in ("global", "global-job"):
        return 1
    written = whole(dig(service, "deploy", "replicas"))
    found = whole(service.get("scale")) if written is None else written
    return 1 if found is None or found < 0 else found


def _names(value: object) -> tuple[str, ...]:
    return () if value is None else tuple([text(name) for name in (value if isinstance(value, Mapping) else sequence(value))])


def _extends(value: object) -> Extends:
    long = mapping(value)
    return Extends(service=text(long.get("service") if isinstance(value, Mapping) else value), file=text(long.get("file")))
