# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs of a stack, how it differs from its release, and, where asked, what it uses and what else a proof compares."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..engine.cgroup import Protection
from ..engine.client import Engine, EngineError
from ..engine.container import Container
from ..engine.usage import Use
from ..host import atomic
from ..host.run_log import PATH as LOG
from ..host.run_log import RunLog
from ..typed import OPTIONAL, dump, load
from . import released_files
from .archive import Archive, is_part
from .changes import compare
from .failures import DIRECTORY, Failures
from .release import Release, ReleasedService, ReleaseError, services_of

_RUNS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumePlace:
    """The directory that a volume is bound to, empty where there is none, and the one that was released.

    `free` and `size` are the bytes of its file system, absent where it cannot be looked at.
    """

    device: str
    released: str
    free: int | None = field(default=None, metadata=OPTIONAL)
    size: int | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: the project directory, the Compose project, the engine's socket, and what beside the containers themselves.

    `desired` are the services of a release as plain data, to compare with instead of the release that lies in the directory, `files` its
    files as plain data (`FileDigest`), `None` where they are not compared, and below an `exclusive` directory lies nothing else. `log` is that of the runs.
    """

    directory: Path
    project: str
    socket: str
    desired: Any = None
    files: Any = None
    exclusive: tuple[str, ...] = ()
    use: bool = False
    compliance: bool = False
    log: Path = Path(LOG)


def inspect(question: Question, *, warn: Callable[[str], None]) -> dict[str, Any]:
    """Return what `ziggie.stack.stack_info` answers. Raises `EngineError`, and `ReleaseError` for a release or a Budget that cannot be read.

    Where there are services to compare with, a release on the host that cannot be read is a warning: the run will write it anew.
    """
    release, services = _services(question, warn)
    engine, archive = Engine(question.socket), Archive(question.directory.parent / "releases", question.directory)
    more: dict[str, Any] = {}
    try:
        inspected = engine.containers(question.project)
        containers = [Container.of(one) for one in inspected]
        use = Use(inspected) if question.use else None
        if question.compliance:
            more["budget"] = _document(question.directory / "budget.json")
            more["release_changed"] = _changed_since_kept(archive)
            containers = [
                replace(
                    container,
                    protection=Protection.of(int(one["State"].get("Pid") or 0)),
                    changed_files=_changed(services.get(container.service), question.directory),
                )
                for container, one in zip(containers, inspected, strict=True)
            ]
        if use:
            images, used = {image: _image_id(engine, image) for image in sorted({one.image for one in containers})}, use.read()
            containers = [
                replace(container, use=used.get(container.id, {}), image_current=images[container.image]) for container in containers
            ]
            more["volumes"] = dump(_volumes(engine, question.project, release.volumes))
    finally:
        engine.close()
    if question.files is not None:
        digests = _digests(question.files)
        more["files"] = dump(released_files.differing(digests, question.exclusive))
        more["failed_before"] = _failed_before(question.directory, digests)
    stale = released_files.stale(services, containers, question.directory)
    unread = released_files.unread(services, containers, question.directory, to_write=question.desired is not None)
    now, log = time.time(), RunLog(question.log)
    return {
        "containers": [container.to_dict() for container in containers],
        "changes": compare(services, containers, stale=stale, unread=unread, released=release.services).to_dict(),
        "live_state_silent": released_files.silent(release, now),
        "release_kept": _is_kept(archive),
        "runs": dump(log.runs(_RUNS)),
        "downtimes": dump(log.downtimes()),
        "now": now,
        **more,
    }


def _services(question: Question, warn: Callable[[str], None]) -> tuple[Release, Mapping[str, ReleasedService]]:
    try:
        release = Release.read(question.directory) or Release()
    except ReleaseError as error:
        if question.desired is None:
            raise
        warn(f"{error}.")
        release = Release()
    if question.desired is None:
        return release, release.services
    try:
        return release, services_of(question.desired, "desired")
    except ValueError as error:
        raise ReleaseError(f"{error}; give the services that ziggie.stack.release returns") from error


def _digests(files: Any) -> list[released_files.FileDigest]:
    try:
        return load(list[released_files.FileDigest], files, "files")
    except ValueError as error:
        raise ReleaseError(f"{error}; give the digests that ziggie.stack.release returns") from error


def _failed_before(directory: Path, digests: list[released_files.FileDigest]) -> str:
    """Say when and why a release with just these files failed, unless it has come up since; empty where it did not."""
    home = directory.parent
    files = {path: one.sha256 for one in digests if is_part(path := os.path.relpath(one.path, directory))}
    failure = Failures(home / DIRECTORY).of(files)
    if failure is None or any(
        kept.identifier == failure.release and kept.at > failure.at for kept in Archive(home / "releases", directory).kept()
    ):
        return ""
    return failure.told()


def _is_kept(archive: Archive) -> bool:
    try:
        return archive.is_kept()
    except OSError:
        # What cannot be read is not what was kept.
        return False


def _changed_since_kept(archive: Archive) -> list[str] | None:
    try:
        return archive.changed()
    except OSError as error:
        raise ReleaseError(f"the release cannot be read: {atomic.why(error)}; remove it and run the site playbook again") from error


def _document(path: Path) -> dict[str, Any]:
    """Return a JSON document that is a mapping, empty where there is none. Raises `ReleaseError`."""
    try:
        text = atomic.read(path)
        found = json.loads(text) if text is not None else {}
        if not isinstance(found, dict):
            raise ValueError("it is not a mapping")
    except (OSError, ValueError, RecursionError) as error:
        wrong = error.strerror if isinstance(error, OSError) else "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise ReleaseError(f"{path} cannot be read ({wrong}); run the site playbook again") from error
    return found


def _changed(service: ReleasedService | None, directory: Path) -> tuple[str, ...]:
    return released_files.changed(service, directory) if service else ()


def _image_id(engine: Engine, reference: str) -> str:
    """Return the id of the image that a reference points to now, empty where there is none."""
    try:
        return str(engine.get(f"/images/{reference}/json")["Id"])
    except EngineError:
        return ""


def _volumes(engine: Engine, project: str, released: Mapping[str, str]) -> dict[str, VolumePlace]:
    listed = engine.get("/volumes", filters={"label": [f"com.docker.compose.project={project}"]})["Volumes"] or []
    devices = {
        (volume.get("Labels") or {}).get("com.docker.compose.volume"): (volume.get("Options") or {}).get("device", "") for volume in listed
    }
    return {name: VolumePlace(device=devices.get(name) or "", released=place, **_room(place)) for name, place in released.items()}


def _room(directory: str) -> dict[str, int]:
    try:
        system = os.statvfs(directory)
    except OSError:
        return {}
    return {"free": system.f_bavail * system.f_frsize, "size": system.f_blocks * system.f_frsize}
