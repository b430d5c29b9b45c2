# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier runs left on a host: the secrets, without their values, and what lies in the volumes."""

from __future__ import annotations

import json
import os
import posixpath
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..catalog.credentials import fault
from ..engine.container import PINS, PinnedImage
from ..typed import load
from . import atomic
from .backup_status import DRILLED, STATUS, Status
from .facts import AlteredSecret, StoredSecrets, VolumeContent
from .given import ROTATION, Given, digest
from .root import Root

# The files by which servers themselves tell the version of their data; the table of images says whose they are.
MARKS = ("PG_VERSION", "mariadb_upgrade_info", "mysql_upgrade_info", "dump.rdb")
_MOST = 64
_RDB_HEAD = len("REDIS0011")


def secrets(root: Root, project_src: str, credentials: Mapping[str, str]) -> StoredSecrets:
    """Return the state of the secrets that belong to a project directory; their values lie beside it. `credentials` are digests of the operator's own."""
    store = f"{posixpath.dirname(project_src)}/secrets"
    services = _released(root, project_src, "services")
    mounted = {file for service in services.values() if isinstance(service, Mapping) for file in _texts(service.get("secrets"))}
    given = Given(root.path(store))
    files = tuple(file for file in sorted(_below(root.path(project_src), "secrets")) if _bytes(root, f"{project_src}/{file}").strip())
    return StoredSecrets(
        store=store,
        values={name: _fault(root, f"{store}/{name}") for name in root.names(store) if not name.startswith(".")},
        files=files,
        mounted=tuple(sorted(mounted)) if services else None,
        altered=dict(_altered(root, store, given, [f"{project_src}/{file}" for file in files])),
        unfinished=_unfinished(root, f"{store}/{ROTATION}"),
        chosen=tuple(name for name, told in sorted(credentials.items()) if given.is_other(name, told)),
    )


def _unfinished(root: Root, path: str) -> str:
    if not root.exists(path):
        return ""
    try:
        return str(json.loads(_bytes(root, path))["secret"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "a secret"


def _altered(root: Root, store: str, given: Given, files: Iterable[str]) -> Iterator[tuple[str, AlteredSecret]]:
    # A file that holds a value and nothing else.
    held = {file: digest(_bytes(root, file).decode(errors="replace")) for file in files}
    for name in root.names(store):
        value = _bytes(root, f"{store}/{name}").decode(errors="replace")
        if given.is_other(name, digest(value)):
            yield (
                name,
                AlteredSecret(
                    spaces=not given.is_other(name, digest(value.strip())),
                    held_by=next((file for file, told in held.items() if not given.is_other(name, told)), ""),
                ),
            )


def content(root: Root, directory: str) -> VolumeContent:
    """Return what a volume's directory holds; nothing where it cannot be seen."""
    names = root.names(directory)
    return VolumeContent(used=bool(names), formats=dict(_formats(root, directory, names)))


def _formats(root: Root, directory: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the marks in a directory and in those below it, as servers lay out their data (`data/`, `18/docker/`)."""
    for mark in MARKS:
        if mark in names:
            yield mark, _head(root, f"{directory}/{mark}")
    for name in names:
        for mark in (*MARKS, "docker/PG_VERSION") if root.path(f"{directory}/{name}").is_dir() else ():
            if text := _head(root, f"{directory}/{name}/{mark}"):
                yield f"{name}/{mark}", text
    for name in root.names(f"{directory}/appendonlydir"):
        if name.endswith(".base.rdb"):
            yield f"appendonlydir/{name}", _head(root, f"{directory}/appendonlydir/{name}")


def _head(root: Root, path: str) -> str:
    """Return the first line of a mark, or the first letters where it is a snapshot; a snapshot may be as large as a disk."""
    try:
        if not root.path(path).is_file():
            return ""
        with root.path(path).open("rb") as file:
            text = file.read(_MOST).decode("ascii", errors="ignore")
    except OSError:
        return ""
    return text[:_RDB_HEAD] if path.endswith(".rdb") else text.partition("\n")[0].strip()


def backup_status(root: Root) -> Status:
    """Return what the host has noted of its backups; nothing where none was made."""
    try:
        return load(Status, json.loads(_bytes(root, str(STATUS))))
    except (ValueError, RecursionError):
        return Status()


def backups(status: Status) -> dict[str, dict[str, int]]:
    """Return how many seconds old the newest backup of each volume is, by its state; one of the future is not known to be any."""
    now = time.time()
    return {
        name: {state: round(age) for state in volume.states if (age := volume.age(state, now)) is not None}
        for name, volume in status.volumes.items()
    }


def drills(status: Status) -> dict[str, float]:
    """Return how many seconds the last drill of each volume took."""
    return {name: volume.states[DRILLED].seconds for name, volume in status.volumes.items() if DRILLED in volume.states}


def failed_backups(status: Status) -> dict[str, str]:
    """Return why the last backup or drill of a volume failed."""
    return {name: volume.failed.why for name, volume in status.volumes.items() if volume.failed is not None}


def pins(root: Root, project_src: str) -> dict[str, PinnedImage]:
    """Return by service what its image's tag named when the release in a directory first took it; nothing where that cannot be read."""
    try:
        return load(dict[str, PinnedImage], json.loads(_bytes(root, f"{project_src}/{PINS}") or b"{}"))
    except (ValueError, RecursionError):
        return {}


def ran(root: Root, project_src: str) -> tuple[str, ...]:
    """Return the digests that the release and those that are kept remember."""
    kept = f"{posixpath.dirname(project_src)}/releases"
    places = [project_src, *(f"{kept}/{name}" for name in root.names(kept))]
    return tuple(sorted({pin.digest for place in places for pin in pins(root, place).values() if pin.digest}))


def released_volumes(root: Root, project_src: str) -> dict[str, str]:
    """Return the directories that the release on the host binds volumes to; none where it cannot be read."""
    return {name: device for name, device in _released(root, project_src, "volumes").items() if isinstance(device, str)}


def _released(root: Root, project_src: str, key: str) -> dict[str, Any]:
    try:
        return dict(json.loads(_bytes(root, f"{project_src}/release.json"))[key])
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}


def _bytes(root: Root, path: str) -> bytes:
    try:
        return atomic.read(root.path(path)) or b""
    except OSError:
        return b""


def _below(project: Path, folder: str) -> Iterator[str]:
    for parent, _directories, names in os.walk(project / folder):
        yield from (str((Path(parent) / name).relative_to(project)) for name in names)


def _texts(value: Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _fault(root: Root, path: str) -> str:
    try:
        return fault((atomic.read(root.path(path)) or b"").decode())
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    except ValueError:
        return "it is not UTF-8 text"
