# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which data of a stack are backed up, and how: what its services declare, else what their images are known for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..backup import codes
from ..compose.entries import Mount, of_system
from ..compose.project import Project, section
from ..compose.reader import Reader
from ..compose.service import Service
from ..compose.values import dig, mapping, seconds, text
from ..images.facts import Facts
from ..images.name import ImageName
from ..images.table import facts_of
from ..problems import Problems, suggestion
from .repositories import ENGINES, RECOVERY_POINT, Data, Source

KEY = "backup"
PROJECT_SRC = "/opt/ziggie/stack"
KEYS = ("engine", "reconstructible", "password_file", "recovery_point", "recovery_time")
# Which engine reads the data of a program that is known.
_KNOWN = {"postgres": "postgres", "redis": "redis", "valkey": "redis"}
_DAY = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where data lie: the key of `x-budget.backup`, the volume's name in the engine or the directory's path, and where the container sees it."""

    key: str
    name: str
    target: str
    is_volume: bool


def sources(compose: Mapping[str, Any], project: str, problems: Problems, project_src: str = PROJECT_SRC) -> tuple[Source, ...]:
    """Return the volumes and directories that are backed up."""
    return tuple(one.source for one in data(compose, project, problems, project_src) if one.source is not None)


def data(compose: Mapping[str, Any], project: str, problems: Problems, project_src: str = PROJECT_SRC) -> tuple[Data, ...]:
    """Return the volumes and directories that services write to, by service. One that is neither backed up nor declared reconstructible is a warning."""
    found: dict[str, Data] = {}
    silent: dict[str, tuple[str, _Place]] = {}
    for name, service in sorted(Project.read(compose).services.items()):
        image = facts_of(ImageName.parse(service.image), service.entrypoint, service.command)
        places = {place.key: place for place in _places(service, image, compose, project, project_src)}
        reader = Reader(dig(section(compose, "services"), name, "x-budget", KEY), f"services.{name}.x-budget.{KEY}", problems)
        for key in reader.names():
            entry = reader.section(key, KEYS)
            if key not in places:
                fix = suggestion(key, places) if places else "leave it out"
                problems.error(codes.BACKUP_INVALID, reader.at(key), f"{name} mounts nothing of this name to write to", fix)
            else:
                declared = _declared(entry, name, places[key].name)
                found.update({places[key].name: declared} if declared else {})
        for key, place in places.items():
            engine = _known(image, place)
            if engine and key not in reader.names():
                found.setdefault(place.name, _backed_up(name, place.name, engine))
            silent.setdefault(place.name, (name, place))
    for where, (name, place) in sorted(silent.items()):
        if "," in where and where in found and found[where].source:
            # What restic calls a tag ends at a comma.
            message = f"the directory {where} has a comma in its path, so it cannot be backed up"
            problems.error(codes.BACKUP_INVALID, f"services.{name}.x-budget.{KEY}.{place.key}", message, "mount one without a comma")
        if where not in found:
            found[where] = Data(service=name, place=where)
            _tell(name, place, problems)
    return tuple(found[where] for where in sorted(found, key=lambda where: (found[where].service, where)))


def _places(service: Service, image: Facts, compose: Mapping[str, Any], project: str, project_src: str) -> list[_Place]:
    """Return what a service writes to: its volumes, and the directories of the host that are not the system's, unless its image is known to keep data there."""
    found = []
    for mount in service.mounts:
        if mount.read_only or not mount.source:
            continue
        if mount.kind == "volume":
            found.append(_Place(key=mount.source, name=volume_name(compose, project, mount.source), target=mount.target, is_volume=True))
        elif directory := _directory(mount, image, project_src):
            found.append(_Place(key=mount.source, name=directory, target=mount.target, is_volume=False))
    return found


def _directory(mount: Mount, image: Facts, project_src: str) -> str:
    directory, _words = mount.kept_in(project_src)
    no_data = of_system(directory) or directory.endswith(".sock")
    return "" if mount.kind != "bind" or (no_data and not _holds(image, mount.target)) else directory


def _declared(entry: Reader, service: str, place: str) -> Data | None:
    """Return what is declared of a place, `None` where it is wrong."""
    if entry.has("engine") == entry.has("reconstructible"):
        fix = f"write {{engine: files}}, another engine of {', '.join(ENGINES)}, or {{reconstructible: why it need not be kept}}"
        message = "expected either an engine or a reason why it is reconstructible"
        entry.problems.error(codes.BACKUP_INVALID, entry.path, message, fix)
        return None
    if entry.has("reconstructible"):
        return Data(service=service, place=place, reconstructible=entry.text("reconstructible", ""))
    point = _seconds(entry, "recovery_point", RECOVERY_POINT)
    if point < _DAY:
        message = "backups are made once a day, so this recovery point is not kept"
        entry.problems.warning(codes.PROMISE_TOO_SHORT, entry.at("recovery_point"), message, "write 26h, or more")
    return _backed_up(
        service,
        place,
        entry.choice("engine", ENGINES[0], ENGINES),
        entry.text("password_file", ""),
        point,
        _seconds(entry, "recovery_time", 0),
    )


def _backed_up(service: str, place: str, engine: str, password_file: str = "", point: int = RECOVERY_POINT, time: int = 0) -> Data:
    source = Source(service=service, volume=place, engine=engine, password_file=password_file, recovery_point=point, recovery_time=time)
    return Data(service=service, place=place, source=source)


def _seconds(entry: Reader, key: str, default: int) -> int:
    if not entry.has(key):
        return default
    found = seconds(entry.raw(key))
    if not found:
        entry.problems.error(codes.BACKUP_INVALID, entry.at(key), f"{entry.raw(key)!r} is not a duration", "write 26h, or 15m")
    return int(found or default)


def _known(image: Facts, place: _Place) -> str:
    """Return the engine that reads what a known server keeps in a place, empty where there is none."""
    return _KNOWN.get(image.kind, "") if image.role == "server" and _holds(image, place.target) else ""


def _holds(image: Facts, target: str) -> bool:
    return any(path.startswith(target.rstrip("/")) or target.startswith(path.rstrip("/")) for path in image.data)


def _tell(service: str, place: _Place, problems: Problems) -> None:
    what = f"volume {place.key}" if place.is_volume else f"directory {place.name} of the host"
    problems.warning(
        codes.DATA_NOT_BACKED_UP if place.is_volume else codes.DIRECTORY_NOT_BACKED_UP,
        f"services.{service}.x-budget.{KEY}.{place.key}",
        f"the data of {what} are not backed up",
        "write {engine: files}, or {reconstructible: why they need not be kept}",
    )


def volume_name(compose: Mapping[str, Any], project: str, volume: str) -> str:
    """Return what the engine calls a volume."""
    declared = mapping(section(compose, "volumes").get(volume))
    return text(declared.get("name")) or (volume if declared.get("external") else f"{project}_{volume}")
