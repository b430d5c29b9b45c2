# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which data of a stack are backed up, and how: what its services declare, else what their images are known for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..backup import codes
from ..compose.project import Project, section
from ..compose.reader import Reader
from ..compose.service import Service
from ..compose.values import dig, mapping, text
from ..images.name import ImageName
from ..images.table import facts_of
from ..problems import Problems, suggestion
from .repositories import ENGINES, Source

KEY = "backup"
_KEYS = ("engine", "reconstructible", "password_file")
# Which engine reads the data of a program that is known.
_KNOWN = {"postgres": "postgres", "redis": "redis", "valkey": "redis"}


def sources(compose: Mapping[str, Any], project: str, problems: Problems) -> tuple[Source, ...]:
    """Return the volumes that are backed up. One that is neither backed up nor declared reconstructible is a warning."""
    found: dict[str, Source] = {}
    reconstructible: set[str] = set()
    mounted: dict[str, str] = {}
    for name, service in sorted(Project.read(compose).services.items()):
        volumes = {
            mount.source: mount.target for mount in service.mounts if mount.kind == "volume" and mount.source and not mount.read_only
        }
        mounted = {**dict.fromkeys(volumes, name), **mounted}
        reader = Reader(dig(section(compose, "services"), name, "x-budget", KEY), f"services.{name}.x-budget.{KEY}", problems)
        for volume in reader.names():
            entry = reader.section(volume, _KEYS)
            if volume not in volumes:
                fix = suggestion(volume, volumes) if volumes else "leave it out"
                problems.error(codes.BACKUP_INVALID, reader.at(volume), f"{name} mounts no volume of this name to write to", fix)
            elif entry.has("engine") == entry.has("reconstructible"):
                fix = f"write {{engine: files}}, another engine of {', '.join(ENGINES)}, or {{reconstructible: why it need not be kept}}"
                problems.error(
                    codes.BACKUP_INVALID, reader.at(volume), "expected either an engine or a reason why it is reconstructible", fix
                )
            elif entry.has("reconstructible"):
                entry.text("reconstructible", "")
                reconstructible.add(volume)
            else:
                engine = entry.choice("engine", ENGINES[0], ENGINES)
                found[volume] = _source(compose, project, name, volume, engine, entry.text("password_file", ""))
        for volume, engine in _known(service, volumes):
            if volume not in reader.names():
                found.setdefault(volume, _source(compose, project, name, volume, engine))
    for volume, name in sorted(mounted.items()):
        if volume not in found and volume not in reconstructible:
            problems.warning(
                codes.DATA_NOT_BACKED_UP,
                f"services.{name}.x-budget.{KEY}.{volume}",
                f"the data of volume {volume} are not backed up",
                "write {engine: files}, or {reconstructible: why they need not be kept}",
            )
    return tuple(found[volume] for volume in sorted(found, key=lambda volume: (found[volume].service, volume)))


def _known(service: Service, volumes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    facts = facts_of(ImageName.parse(service.image), service.entrypoint, service.command)
    engine = _KNOWN.get(facts.kind) if facts.role == "server" else None
    for volume, target in volumes.items() if engine else ():
        if any(path.startswith(target.rstrip("/")) or target.startswith(path.rstrip("/")) for path in facts.data):
            yield volume, str(engine)


def _source(compose: Mapping[str, Any], project: str, service: str, volume: str, engine: str, password_file: str = "") -> Source:
    declared = mapping(section(compose, "volumes").get(volume))
    name = text(declared.get("name")) or (volume if declared.get("external") else f"{project}_{volume}")
    return Source(service=service, volume=name, engine=engine, password_file=password_file)
