# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was released: what each container must look like. It lies on the host as `release.json`, beside the definition that it was made from."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..budget.reload import Reload
from ..engine.container import Container
from ..host import atomic
from ..limits import Limits
from ..tiers import TIERS
from ..typed import OPTIONAL, dump_fields, load, load_fields
from .replace import Update

FILE = "release.json"
# The live state of services counts as no longer written when its file is older than this, in seconds.
STALE = 180


class ReleaseError(Exception):
    """A release cannot be read; the text is one sentence that says where, why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFormat:
    """How a database keeps its data: the program, the version that decides the format (`17`, `10.11`), and the volumes and directories that hold them.

    `mark` is the file in which the data tell their version, where the program opens only data of its own; else it is empty.
    """

    program: str
    version: str
    places: tuple[str, ...]
    mark: str = field(default="", metadata=OPTIONAL)

    def __str__(self) -> str:
        return f"{self.program} {self.version}"

    def other(self, directory: Path) -> str:
        """Return the version of the data in a directory where it is another one; empty where data of this one are there, or none that tell."""
        found = set()
        # In the directory, or below it as servers lay out their data (`data/`, `18/docker/`).
        for path in [place for depth in ("", "*/", "*/docker/") for place in directory.glob(f"{depth}{self.mark}")] if self.mark else ():
            with contextlib.suppress(OSError):
                found.add((atomic.read(path) or b"").decode(errors="replace").partition("\n")[0].strip())
        return "" if self.version in found else ", ".join(sorted(found - {""}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedService:
    """What the containers of one service must look like.

    `parts` is all that needs a new container when it changes, and `definition` their hash. `probe` tells whether its health can be asked, `replicas` how
    many containers it has. `secrets` are the files that are mounted, relative to the project directory. `follows` are the services whose new container
    it has to see from its start (`depends_on` with `restart: true`), `after` those that it is started after, each with Compose's condition.
    `ends` tells whether it is a job that may end, `by_compose` whether only Compose can start it. `data` is the format of a known database's data,
    `awaited` tells whether it is a job that another service waits for to its end, `update` what may be done with its containers when they are replaced.
    `reload` says how its program reads the files of `reloadable` again, which are no part of `parts`; `reloadable` holds their fingerprints by path.
    """

    tier: str
    image: str
    definition: str
    parts: Mapping[str, Any]
    limits: Limits
    probe: bool
    replicas: int
    secrets: tuple[str, ...]
    follows: tuple[str, ...]
    after: Mapping[str, str]
    ends: bool
    by_compose: bool
    data: DataFormat | None = field(default=None, metadata=OPTIONAL)
    awaited: bool = field(default=False, metadata=OPTIONAL)
    update: Update = field(default=Update(), metadata=OPTIONAL)
    reload: Reload | None = field(default=None, metadata=OPTIONAL)
    reloadable: Mapping[str, str] = field(default_factory=dict, metadata=OPTIONAL)

    def is_done(self, container: Container) -> bool:
        """Tell whether a container has done what this service, a job, had to do."""
        return self.ends and container.state == "exited" and container.exit_code == 0

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ReleasedService:
        """Return what `to_dict` made plain. Raises `ValueError`."""
        found = load_fields(cls, data)
        if found.tier not in TIERS:
            raise ValueError(f"tier: expected one of {', '.join(TIERS)}, got {found.tier!r}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return dump_fields(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """What the host's own program needs to write its services' live state: the project, the file to write, and where each service's backups lie."""

    project: str
    file: str
    backups: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The services by name, the directory of each volume that is bound to one, and `live_state` where the host writes it."""

    services: Mapping[str, ReleasedService] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)
    live_state: LiveState | None = field(default=None, metadata=OPTIONAL)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Release:
        """Return what `to_dict` made plain. Raises `ValueError`."""
        for name in ("services", "volumes"):
            if name not in data:
                raise ValueError(f"{name}: this key is missing")
        return load_fields(cls, data)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return dump_fields(self)

    def unopenable(self, project: Path, names: Collection[str], volume: Callable[[str], Path | None] = lambda _name: None) -> Iterator[str]:
        """Yield a sentence for each of the services whose data in a project are of a version that it does not open.

        `volume` returns where a volume is that is bound to no directory.
        """
        for name, service in sorted(self.services.items()):
            data = service.data if name in names else None
            for place in data.places if data and data.mark else ():
                directory = (
                    project / place
                    if place.startswith((".", "/"))
                    else Path(self.volumes[place])
                    if place in self.volumes
                    else volume(place)
                )
                if data and directory and (other := data.other(directory)):
                    yield (
                        f"{name}: the data in {directory} are of {data.program} {other}, and {service.image} of this release opens only those of "
                        f"{data.version}: nothing was touched. Where ziggie.stack.upgrade was interrupted, or the release is from before it, run "
                        f"ziggie.stack.site with an inventory whose image is of {other}; to go back to {data.version}, bring its data back first"
                    )

    @classmethod
    def parse(cls, text: bytes) -> Release:
        """Return the release that a document holds. Raises `ValueError`."""
        try:
            return load(cls, json.loads(text))
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error

    @classmethod
    def read(cls, directory: Path) -> Release | None:
        """Return the release in a project directory, `None` where there is none. Raises `ReleaseError` for one that cannot be read."""
        path = directory / FILE
        try:
            text = atomic.read(path)
            return None if text is None else cls.parse(text)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise ReleaseError(f"{path} cannot be read ({why}); run the site playbook again") from error

    @classmethod
    def needed(cls, directory: Path) -> Release:
        """Return the release in a project directory. Raises `ReleaseError` where there is none, too."""
        found = cls.read(directory)
        if found is None:
            raise ReleaseError(f"there is no {directory / FILE}; run the site playbook first")
        return found


def reached(after: Mapping[str, Mapping[str, str]], name: str) -> set[str]:
    """Name all that a service waits for, directly or not."""
    found: set[str] = set()
    rest = list(after[name])
    while rest:
        leader = rest.pop()
        if leader not in found:
            found.add(leader)
            rest.extend(after.get(leader, ()))
    return found


def services_of(data: Any, path: str) -> dict[str, ReleasedService]:
    """Return the services of a release as plain data as what they were. Raises `ValueError` with the path of what is wrong."""
    return load(dict[str, ReleasedService], data, path)


def digest(value: Any) -> str:
    """Return the hash of plain data."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def fingerprint(content: str) -> str:
    """Return what a release keeps of a configuration file's content to recognise it by."""
    return digest(content)[:12]
