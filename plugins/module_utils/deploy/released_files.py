# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a release on the host, compared with the release and with what the containers have read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..engine.container import Container
from ..host import atomic
from ..typed import dump, load
from .changes import Difference
from .release import STALE, Release, ReleasedService, fingerprint

# Beside the release.
READS = "reloads.json"
_NOT_READ = "written since it was read"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDigest:
    """A file that a release has on the host: absolute path, SHA-256 of its content in hexadecimal, octal mode. Root owns it."""

    path: str
    sha256: str
    mode: str

    @classmethod
    def of(cls, path: str, content: bytes, mode: str) -> FileDigest:
        """Return the digest of a content."""
        return cls(path=path, sha256=hashlib.sha256(content).hexdigest(), mode=mode)

    def holds(self) -> bool:
        """Tell whether the file lies on this host just so."""
        path = Path(self.path)
        try:
            content = atomic.read(path)
            return (
                content is not None
                and self.sha256 == hashlib.sha256(content).hexdigest()
                and atomic.Ownership(uid=0, gid=0, mode=int(self.mode, 8)).holds(path)
            )
        except OSError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """A file that a release writes or removes."""

    path: str
    action: Literal["write", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """When a process, by when its container was `started`, has read its configuration again."""

    started: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """Which containers have read their configuration again, by id.

    It is kept beside the release. Where it is lost, a configuration that was written after the container was started counts as not read, and is read again.
    """

    containers: Mapping[str, Read] = field(default_factory=dict)

    @classmethod
    def read(cls, directory: Path) -> Reads:
        """Return what is known beside the release of a project directory; a file that cannot be read says nothing."""
        try:
            content = atomic.read(directory.parent / READS)
            return cls() if content is None else load(cls, json.loads(content))
        except (OSError, ValueError, RecursionError):
            return cls()

    def since(self, container: Container) -> float:
        """Return when a container has read its configuration the last time, as far as that is known."""
        found = self.containers.get(container.id)
        return found.at if found is not None and found.started == container.started else container.started

    def note(self, directory: Path, container: Container, at: float, there: Iterable[str]) -> Reads:
        """Note that a container has read its configuration, and forget those that are no longer `there`. Raises `OSError`."""
        known = {*there}
        kept = {identifier: one for identifier, one in self.containers.items() if identifier in known}
        noted = Reads(containers={**kept, container.id: Read(started=container.started, at=at)})
        text = json.dumps(dump(noted), sort_keys=True).encode()
        atomic.write(directory.parent / READS, text, atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o600))
        return noted


def differing(wanted: Iterable[FileDigest], exclusive: Iterable[str]) -> list[FileChange]:
    """Return what differs from a release's files on this host; below an `exclusive` directory lies nothing else."""
    listed = list(wanted)
    declared = {one.path for one in listed}
    changes = [FileChange(path=one.path, action="write") for one in listed if not one.holds()]
    for directory in exclusive:
        for parent, _directories, names in os.walk(directory):
            found = (f"{parent}/{name}" for name in sorted(names))
            changes += [FileChange(path=path, action="remove") for path in found if path not in declared]
    return changes


def stale(services: Mapping[str, ReleasedService], containers: Iterable[Container], directory: Path) -> list[str]:
    """Name the services with a secret file written after their container was made: the mount still shows the old file."""
    # Of several containers the oldest one decides.
    oldest: dict[str, Container] = {}
    for container in sorted(containers, key=lambda one: one.created):
        oldest.setdefault(container.service, container)
    return [name for name, service in services.items() if name in oldest and is_stale(service, oldest[name], directory)]


def is_stale(service: ReleasedService, container: Container, directory: Path) -> bool:
    """Tell whether a secret file of a service was written after one of its containers was made."""
    return any(_written(directory / secret) > container.created for secret in service.secrets)


def silent(release: Release, now: float) -> bool:
    """Tell whether the host should write its services' live state and has stopped, or not begun."""
    if release.live_state is None:
        return False
    written = _written(Path(release.live_state.file))
    return not written or now - written > STALE


def changed(service: ReleasedService, directory: Path) -> tuple[str, ...]:
    """Name a service's configuration files whose content is not that of the release."""
    released = {**{path: value for path, value in service.parts.items() if path.startswith("config/")}, **service.reloadable}
    return tuple(path for path, remembered in released.items() if _fingerprint(directory / path) != remembered)


def unread(
    services: Mapping[str, ReleasedService], containers: Iterable[Container], directory: Path, *, to_write: bool = False
) -> dict[str, tuple[Difference, ...]]:
    """Return by service in which files that it can read again a running container differs from the release: those that it has not read as they are released.

    What lies on the host is what a container has read, unless it was written since. `to_write` tells whether the release is still to be written; where it
    lies there, a service whose files were changed by hand is left alone: what they say now is nothing that it should read.
    """
    found: dict[str, tuple[Difference, ...]] = {}
    reads = Reads.read(directory)
    for container in containers:
        service = services.get(container.service)
        if service is not None and service.reload is not None and container.state == "running":
            different = tuple(_unread(container.service, service, directory, reads.since(container), to_write=to_write))
            found[container.service] = tuple(dict.fromkeys((*found.get(container.service, ()), *different)))
    return {name: different for name, different in found.items() if different}


def newest(name: str, service: ReleasedService, directory: Path) -> float:
    """Return when the files that a service can read again, or their directories, were written the last time."""
    home = directory / "config" / name
    return max(map(_written, (home, *(directory / path for path in service.reloadable), *_directories(home))))


def _unread(name: str, service: ReleasedService, directory: Path, since: float, *, to_write: bool) -> Iterator[Difference]:
    there = {path: _fingerprint(directory / path) for path in _there(name, service, directory)}
    if there != service.reloadable and not to_write:
        return
    different = False
    for path in sorted({*there, *service.reloadable}):
        wanted, is_there = service.reloadable.get(path), there.get(path)
        if wanted != is_there:
            different = True
            yield Difference(key=path, desired=wanted, live=is_there)
        elif _written(directory / path) > since:
            different = True
            yield Difference(key=path, desired=wanted, live=_NOT_READ)
    if not different and newest(name, service, directory) > since:
        yield Difference(key=f"config/{name}", desired="as released", live=_NOT_READ)


def _there(name: str, service: ReleasedService, directory: Path) -> Iterator[str]:
    """Yield the files on the host that a service can read again."""
    home = directory / "config" / name
    for parent in (home, *_directories(home)):
        for path in sorted(parent.iterdir()) if parent.is_dir() else ():
            released = path.relative_to(directory).as_posix()
            is_read = service.reload is not None and service.reload.reads(path.relative_to(home).as_posix())
            if is_read and path.is_file() and released not in service.parts:
                yield released


def _directories(home: Path) -> list[Path]:
    return sorted(path for path in home.rglob("*") if path.is_dir())


def _written(path: Path) -> float:
    """Return when a file was written, 0 where there is none."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _fingerprint(path: Path) -> str:
    try:
        return fingerprint((atomic.read(path) or b"").decode())
    except (OSError, ValueError):
        return ""
