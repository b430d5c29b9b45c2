# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole Compose document: its services and what they share. The only reader of Compose in the collection."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .service import Service
from .values import mapping, pairs, text

ONLY_SWARM = ("mode", "placement", "update_config", "rollback_config", "endpoint_mode")
SECTIONS = ("configs", "models", "networks", "secrets", "services", "volumes")


_NOT_IN_A_NAME = re.compile(r"[^-_a-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A named volume. `device` is the directory that it is bound to, empty where the engine keeps it."""

    name: str
    external: bool
    driver: str
    options: Mapping[str, str]
    device: str
    raw: Mapping[str, Any]

    @classmethod
    def read(cls, name: str, volume: object) -> Volume:
        """Read a volume; what has the wrong shape counts as not written."""
        data = mapping(volume)
        options = pairs(data.get("driver_opts"))
        driver = text(data.get("driver"))
        return cls(name=name, external=_external(data), driver=driver, options=options, device=options.get("device", ""), raw=data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network."""

    name: str
    external: bool
    driver: str
    options: Mapping[str, str]
    raw: Mapping[str, Any]

    @classmethod
    def read(cls, name: str, network: object) -> Network:
        """Read a network; what has the wrong shape counts as not written."""
        data = mapping(network)
        options = pairs(data.get("driver_opts"))
        return cls(name=name, external=_external(data), driver=text(data.get("driver")), options=options, raw=data)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileObject:
    """A secret or a config: its content comes from a `file`, from `content`, or from the variable named by `environment`."""

    name: str
    external: bool
    file: str
    content: str | None
    environment: str
    raw: Mapping[str, Any]

    @classmethod
    def read(cls, name: str, entry: object) -> FileObject:
        """Read a secret or a config; what has the wrong shape counts as not written."""
        data = mapping(entry)
        content = None if data.get("content") is None else text(data["content"])
        file, environment = text(data.get("file")), text(data.get("environment"))
        return cls(name=name, external=_external(data), file=file, content=content, environment=environment, raw=data)

    @property
    def by_compose(self) -> bool:
        """Tell whether Compose itself writes it into the container: it is not a file on the host."""
        return self.content is not None or bool(self.environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A Compose document; `raw` is the document as written, with every key that nothing here reads. Order is the author's."""

    name: str
    services: Mapping[str, Service]
    volumes: Mapping[str, Volume]
    networks: Mapping[str, Network]
    secrets: Mapping[str, FileObject]
    configs: Mapping[str, FileObject]
    models: Mapping[str, Mapping[str, Any]]
    raw: Mapping[str, Any]

    @classmethod
    def read(cls, document: object, files: Mapping[str, str] | None = None) -> Project:
        """Read a document; what has the wrong shape counts as not written. Never raises.

        `files` are the contents of files that the document names, by path as written: env files.
        """
        top = mapping(document)
        return cls(
            name=text(top.get("name")),
            services={name: Service.read(name, entry, files) for name, entry in _entries(top, "services")},
            volumes={name: Volume.read(name, entry) for name, entry in _entries(top, "volumes")},
            networks={name: Network.read(name, entry) for name, entry in _entries(top, "networks")},
            secrets={name: FileObject.read(name, entry) for name, entry in _entries(top, "secrets")},
            configs={name: FileObject.read(name, entry) for name, entry in _entries(top, "configs")},
            models=section(top, "models"),
            raw=top,
        )

    @property
    def names_swarm(self) -> bool:
        """Tell whether it uses what only Swarm carries out, so that it is probably meant for `docker stack deploy`."""
        placed = any(key in mapping(service.raw.get("deploy")) for service in self.services.values() for key in ONLY_SWARM)
        return placed or any(network.driver == "overlay" for network in self.networks.values())

    def section(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the entries of a section as written."""
        return section(self.raw, name)


def project_name(written: str, folder: str, variables: Mapping[str, str]) -> str:
    """Return the project's name as Compose chooses it: `COMPOSE_PROJECT_NAME`, the document's `name`, or the name of its `folder`.

    Source: https://docs.docker.com/compose/how-tos/project-name/ and compose-go, `loader.NormalizeProjectName`.
    """
    return variables.get("COMPOSE_PROJECT_NAME") or written or _NOT_IN_A_NAME.sub("", folder.lower()).lstrip("_-")


def section(document: object, name: str) -> dict[str, Mapping[str, Any]]:
    """Return the entries of a document's section as written; an entry that is null or has the wrong shape is empty."""
    return {key: mapping(entry) for key, entry in _entries(mapping(document), name)}


def _entries(top: Mapping[str, Any], section: str) -> Iterator[tuple[str, object]]:
    return ((str(name), entry) for name, entry in mapping(top.get(section)).items())


def _external(data: Mapping[str, Any]) -> bool:
    """Tell whether it exists already; `external: {name: x}` is the older way of saying so."""
    external = data.get("external")
    return isinstance(external, Mapping) or text(external) == "true"
