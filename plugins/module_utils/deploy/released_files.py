# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a release on the host, compared with the release and with what the containers have read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..engine.container import Container
from ..host import atomic
from .release import STALE, Release, ReleasedService, fingerprint


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
    return tuple(
        path for path, remembered in service.parts.items() if path.startswith("config/") and _fingerprint(directory / path) != remembered
    )


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
