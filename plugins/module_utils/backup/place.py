# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which container has a source's data, and in which directory of the host they lie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..engine.client import Engine, EngineError
from ..settings.repositories import Source
from .model import BackupError


def container_of(engine: Engine, project: str, source: Source) -> Mapping[str, Any]:
    """Return the container of a source's service, inspected. Raises `BackupError` where there is none."""
    found = engine.containers(project, [source.service])
    if not found:
        raise BackupError(f"there is no container of {source.service}; run the site playbook, which makes it")
    return found[0]


def directory_of(engine: Engine, name: str) -> Path:
    """Return where a volume's data lie, also while no container has it mounted; a path is that of a directory itself. Raises `BackupError`."""
    if name.startswith("/"):
        return _there(Path(name))
    try:
        volume = engine.get(f"/volumes/{name}")
    except EngineError as error:
        raise BackupError(f"there is no volume {name}; run the site playbook, which makes it") from error
    options = volume.get("Options") or {}
    directory = Path(options["device"] if "bind" in str(options.get("o", "")) and options.get("device") else volume["Mountpoint"])
    if volume["Driver"] != "local" or (options.get("device") and "bind" not in str(options.get("o", ""))):
        raise BackupError(f"the volume {name} is not a directory of this host (driver {volume['Driver']})")
    return _there(directory, f" of volume {name}")


def _there(directory: Path, whose: str = "") -> Path:
    if not directory.is_dir():
        raise BackupError(f"the directory {directory}{whose} is not there; make it, with the owner that the service needs")
    return directory


def target_of(inspected: Mapping[str, Any], name: str) -> str:
    """Return where a container has a volume mounted. Raises `BackupError`."""
    for mount in inspected["Mounts"]:
        if name in (mount.get("Name"), mount.get("Source")):
            return str(mount["Destination"])
    raise BackupError(f"{str(inspected['Name']).lstrip('/')} does not mount volume {name}; run the site playbook")


def users_of(engine: Engine, name: str) -> list[Mapping[str, Any]]:
    """Return every running container that mounts a volume, inspected; one that is started again and again runs."""
    listed = engine.get("/containers/json", all="true", filters={"volume": [name], "status": ["running", "restarting", "paused"]})
    return [engine.get(f"/containers/{entry['Id']}/json") for entry in listed]
