# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image of PostgreSQL has inside, and how a container's settings go over to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..engine.client import Engine, EngineError, frames
from .model import BackupError
from .scratch import LABEL

# What follows a word is of its kind until the next one.
_LOOK = (
    "echo @version; postgres --version; echo @extensions; find / -xdev -path '*/extension/*.control' 2>/dev/null; "
    "echo @locales; locale -a 2>/dev/null; true"
)
_MEMORY = 64 << 20
# From this version on the image keeps its data below a directory of the version, and refuses a volume where it was before.
_MOVED, _BEFORE = 18, "/var/lib/postgresql/data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """The server's version, the extensions and locales that are there (no locales where they cannot be listed), and where the data lie by default."""

    version: str
    extensions: frozenset[str]
    locales: frozenset[str]
    pgdata: str

    @property
    def refused(self) -> str:
        """Return the path at which the image refuses a volume unless its data are said to be there, empty where it refuses none."""
        major = self.version.partition(".")[0]
        return _BEFORE if major.isdigit() and int(major) >= _MOVED and self.pgdata != _BEFORE else ""


def look_inside(engine: Engine, image: str, project: str) -> Inside | None:
    """Return what an image has, `None` where it is not on the host. Raises `BackupError` where it is none of PostgreSQL."""
    config = _config(engine, image)
    if config is None:
        return None
    order = {
        "Image": image,
        "Entrypoint": ["sh", "-c", _LOOK],
        "Labels": {LABEL: project},
        "HostConfig": {"NetworkMode": "none", "Memory": _MEMORY, "PidsLimit": 32},
    }
    container = str(engine.post("/containers/create", order)["Id"])
    try:
        engine.post(f"/containers/{container}/start")
        engine.post(f"/containers/{container}/wait")
        said = b"".join(data for _kind, data in frames(engine.read(f"/containers/{container}/logs?stdout=1"))).decode(errors="replace")
    finally:
        with contextlib.suppress(EngineError):
            engine.delete(f"/containers/{container}?force=true&v=true")
    return read(said, image, next(_values(config, "PGDATA"), ""))


def read(said: str, image: str, pgdata: str) -> Inside:
    """Return what the look into an image says."""
    found: dict[str, list[str]] = {"@version": [], "@extensions": [], "@locales": []}
    kind = "@version"
    for line in said.splitlines():
        if line in found:
            kind = line
        elif line.strip():
            found[kind].append(line.strip())
    versions = [word for line in found["@version"] if "PostgreSQL" in line for word in line.split() if word[0].isdigit()]
    if not versions:
        raise BackupError(f"{image} has no server of PostgreSQL that says its version")
    extensions = frozenset(path.rpartition("/")[2].removesuffix(".control") for path in found["@extensions"])
    return Inside(version=versions[0], extensions=extensions, locales=frozenset(found["@locales"]), pgdata=pgdata)


def with_image(engine: Engine, inspected: Mapping[str, Any], image: str, pgdata: str) -> dict[str, Any]:
    """Return a container as if it had been made of another image: without what it only has from its own, such as the path of its programs."""
    own = _config(engine, str(inspected["Image"])) or {}
    config = dict(inspected["Config"])
    environment = [entry for entry in config.get("Env") or () if entry not in (own.get("Env") or ()) and not entry.startswith("PGDATA=")]
    config["Env"] = [*environment, *([f"PGDATA={pgdata}"] if pgdata else [])]
    for key in ("Cmd", "Entrypoint", "User", "WorkingDir", "StopSignal"):
        if config.get(key) == own.get(key):
            config.pop(key, None)
    return {**inspected, "Image": image, "Config": config}


def _config(engine: Engine, image: str) -> Mapping[str, Any] | None:
    try:
        return dict(engine.get(f"/images/{quote(image)}/json")["Config"])
    except EngineError as error:
        if error.status != 404:
            raise
        return None


def _values(config: Mapping[str, Any], name: str) -> Iterator[str]:
    for entry in config.get("Env") or ():
        key, _equals, value = entry.partition("=")
        if key == name:
            yield value
