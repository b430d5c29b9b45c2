# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases kept whole on the host, each under the hash of what it holds, so that one can be brought back.

Secrets are no part of a release: the one store that every release reads stays as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.container import PINS
from ..host import atomic
from ..typed import dump, load
from .release import FILE, Release

FILES = ("compose.yml", FILE, "budget.json", PINS)
CONFIG = "config"

_CURRENT, _STAMP = "current", "deployed_at"
# The note of a restore that is under way.
_RESTORE = ".restore"
_DIGITS = 12
# The end of the year 9999.
_LATEST = 253_402_300_800.0


class ArchiveError(Exception):
    """One sentence: what cannot be brought back, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A release that once ran: its id, when it was last deployed (seconds since the epoch), whether it is the last that was."""

    identifier: str
    at: float
    current: bool

    @property
    def title(self) -> str:
        """Return its id and when it was deployed."""
        return f"{self.identifier}, deployed {time.strftime('%Y-%m-%d %H:%M:%S UTC', time.gmtime(self.at))}"

    def __str__(self) -> str:
        return f"{self.title}{' (the last one)' if self.current else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """A restore under way: the release that is to lie in the project directory, and by path a digest of what lay there before."""

    to: str
    before: Mapping[str, str]


class Archive:
    """The releases kept below `directory`, beside the project directory that a run writes to."""

    def __init__(self, directory: Path, project: Path) -> None:
        self.directory = directory
        self.project = project
        self._ownership = atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o644)

    def identifier(self) -> str:
        """Return the id of the release that lies in the project directory, empty where none does."""
        found = contents(self.project)
        return digest(found) if found else ""

    def kept_now(self, most: int, *, check: bool = False) -> dict[str, Any]:
        """Keep the release that lies in the project directory and return what the module answers; with `check`, nothing is kept."""
        changed = not self.is_kept()
        release = self.identifier() if check else self.keep(time.time(), most)
        return {"changed": changed, "release": release, "kept": [str(kept) for kept in self.kept()]}

    def restored(self, wish: str, *, check: bool = False) -> dict[str, Any]:
        """Restore a kept release (see `choose`) and return what the module answers; with `check`, nothing is written.

        Raises `ArchiveError` where data would be left behind.
        """
        chosen = self.choose(wish)
        wanted = self.read(chosen)
        release = release_of(wanted)
        obstacles = [*self.moved(wanted), *release.unopenable(self.project, release.services)]
        if obstacles:
            raise ArchiveError(f"release {chosen.identifier}: {'; '.join(obstacles)}")
        before, paths = contents(self.project), self.differing(wanted)
        if not check:
            self.restore(wanted)
        diff = [
            {
                "before_header": path,
                "after_header": path,
                "before": before.get(path, b"").decode(errors="replace"),
                "after": wanted.get(path, b"").decode(errors="replace"),
            }
            for path in paths
        ]
        return {
            "changed": bool(paths),
            "release": chosen.identifier,
            "changed_paths": paths,
            "services": services(wanted),
            "budget": budget(wanted),
            "diff": diff,
            "kept": [str(kept) for kept in self.kept()],
        }

    def is_kept(self) -> bool:
        """Tell whether the release that lies in the project directory is the last one that was kept."""
        lying = self.identifier()
        last = next((kept for kept in self.kept() if kept.current), None)
        if not lying or last is None or last.identifier != lying:
            return False
        return atomic.read(self.project / PINS) == atomic.read(self.directory / lying / PINS)

    def changed(self) -> list[str] | None:
        """Name the files in the project directory that are not those of the last release that was kept, `None` where none was."""
        last = next((kept for kept in self.kept() if kept.current), None)
        return self.differing(contents(self.directory / last.identifier)) if last else None

    def kept(self) -> list[Kept]:
        """Return what is kept, the newest first."""
        current = _text(self.directory / _CURRENT)
        found = []
        for path in self.directory.glob(f"*/{_STAMP}"):
            name = path.parent.name
            if not name.startswith("."):
                found.append(Kept(identifier=name, at=_seconds(path), current=name == current))
        return sorted(found, key=lambda kept: (-kept.at, kept.identifier))

    def keep(self, now: float, most: int) -> str:
        """Keep the release that lies in the project directory as the last one deployed; of all keep the newest `most`."""
        found = contents(self.project)
        if not found:
            raise ArchiveError(f"there is no release in {self.project} to keep; run the site playbook first")
        name = digest(found)
        self.directory.mkdir(parents=True, exist_ok=True)
        self._sweep()
        if not self._is_whole(name):
            self._write(name, found, now)
        else:
            self._put({PINS: found[PINS]} if PINS in found else {}, self.directory / name, [PINS])
            atomic.write(self.directory / name / _STAMP, f"{now}\n".encode(), self._ownership)
        atomic.write(self.directory / _CURRENT, f"{name}\n".encode(), self._ownership)
        self.forget_restore()
        others = [kept for kept in self.kept() if kept.identifier != name]
        for old in others[max(most, 1) - 1 :]:
            shutil.rmtree(self.directory / old.identifier)
        return name

    def choose(self, wanted: str = "") -> Kept:
        """Return the kept release that begins with `wanted`.

        With nothing wanted it is the one that a killed run was about to restore, or else the last one that ran before what lies there now.
        """
        kept = self.kept()
        if not kept:
            raise ArchiveError(f"no release is kept in {self.directory}; the site playbook keeps each one that came up")
        lying = self.identifier()
        if wanted:
            fitting = [release for release in kept if release.identifier.startswith(wanted)]
            if len(fitting) != 1:
                raise ArchiveError(f"rollback_release: {len(fitting)} of the kept releases begin with '{wanted}'; kept are {_names(kept)}")
            return fitting[0]
        begun = self._restoring()
        if begun is not None and not begun.current:
            return begun
        # What lies there may be a release that never came up: then the last that did is the one to go back to.
        fitting = [release for release in kept if release.identifier != lying]
        if not fitting:
            raise ArchiveError(f"only the release that lies there is kept ({lying}); there is none before it to go back to")
        return next((release for release in fitting if release.current), fitting[0])

    def last_good(self) -> Kept | None:
        """Return the release that came up last, `None` where none is kept."""
        kept = self.kept()
        return next((release for release in kept if release.current), kept[0] if kept else None)

    def read(self, kept: Kept) -> dict[str, bytes]:
        """Return a kept release's files by relative path; one that is not what its name says is refused."""
        found = contents(self.directory / kept.identifier)
        if digest(found) != kept.identifier:
            raise ArchiveError(
                f"{self.directory / kept.identifier} is not what was kept: files in it were changed or lost; choose another one"
            )
        return found

    def differing(self, wanted: Mapping[str, bytes]) -> list[str]:
        """Name the paths below the project directory that a restore would write or remove."""
        there = contents(self.project)
        return sorted(path for path in {*wanted, *there} if wanted.get(path) != there.get(path))

    def restore(self, wanted: Mapping[str, bytes]) -> None:
        """Put a release's files in place, each by rename; of what is begun a note is taken, so that a killed restore is finished."""
        note = Restore(to=digest(wanted), before=digests(contents(self.project)))
        atomic.write(self.directory / _RESTORE, json.dumps(dump(note), sort_keys=True).encode(), self._ownership)
        self._put(wanted, self.project, self.differing(wanted))

    def finish(self) -> str:
        """Finish a restore that was killed, where what lies there is half of it; return the release's id, empty where nothing was to be done."""
        begun = self._restoring()
        if begun is None or begun.identifier == self.identifier():
            return ""
        wanted = self.read(begun)
        self._put(wanted, self.project, self.differing(wanted))
        return begun.identifier

    def forget_restore(self) -> None:
        """Take note that what was restored came up, or did not: the run that restored it has not been killed."""
        (self.directory / _RESTORE).unlink(missing_ok=True)

    def _restoring(self) -> Kept | None:
        """Return the release whose restore was begun and not ended, `None` where something else was laid in its place since."""
        try:
            note = load(Restore, json.loads(atomic.read(self.directory / _RESTORE) or b""))
        except (OSError, ValueError, RecursionError):
            return None
        kept = next((one for one in self.kept() if one.identifier == note.to), None)
        if kept is None:
            return None
        there, after = digests(contents(self.project)), digests(contents(self.directory / kept.identifier))
        known = {*note.before, *after}
        mixed = all(path in known or atomic.is_left_over(path) for path in there) and all(
            there.get(path) in (note.before.get(path), after.get(path)) for path in known
        )
        return kept if mixed and there != note.before else None

    def _put(self, wanted: Mapping[str, bytes], place: Path, paths: Iterable[str]) -> None:
        for path in paths:
            target = place / path
            if path in wanted:
                target.parent.mkdir(parents=True, exist_ok=True)
                atomic.write(target, wanted[path], self._ownership)
            else:
                target.unlink(missing_ok=True)

    def moved(self, wanted: Mapping[str, bytes]) -> list[str]:
        """Say of each volume whose directory is another in this release that its data would be left behind."""
        try:
            before = release_of(contents(self.project)).volumes
        except ArchiveError:
            # A release that cannot be read is what is to be replaced; where its data lie is then not known.
            before = {}
        after = release_of(wanted).volumes
        return [
            f"the volume {name} lies in {before[name]}, and in this release in {device}: its data would be left behind; move it there first"
            for name, device in sorted(after.items())
            if before.get(name, device) != device
        ]

    def _is_whole(self, name: str) -> bool:
        return (self.directory / name / _STAMP).exists() and digest(contents(self.directory / name)) == name

    def _write(self, name: str, found: Mapping[str, bytes], now: float) -> None:
        making = Path(tempfile.mkdtemp(dir=self.directory, prefix=f".{name}."))
        try:
            for path, content in {**found, _STAMP: f"{now}\n".encode()}.items():
                (making / path).parent.mkdir(parents=True, exist_ok=True)
                atomic.write(making / path, content, self._ownership)
            making.chmod(0o755)
            shutil.rmtree(self.directory / name, ignore_errors=True)
            making.rename(self.directory / name)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        atomic.sync_directory(self.directory)

    def _sweep(self) -> None:
        """Remove what a killed run left half made."""
        for path in self.directory.glob(".*.*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)


def contents(directory: Path) -> dict[str, bytes]:
    """Return the files of the release in a directory by relative path."""
    paths = [directory / name for name in FILES]
    for parent, _directories, names in os.walk(directory / CONFIG):
        paths.extend(Path(parent) / name for name in names)
    found = {path.relative_to(directory).as_posix(): atomic.read(path) for path in sorted(paths)}
    return {path: content for path, content in found.items() if content is not None}


def is_part(path: str) -> bool:
    """Tell whether a path relative to the project directory belongs to what is kept of a release."""
    return path in FILES or path.startswith(f"{CONFIG}/")


def digests(found: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of what a run writes of a release, by path."""
    return {path: hashlib.sha256(content).hexdigest() for path, content in _of_the_run(found)}


def _of_the_run(found: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    """Return the files that a run writes; the images that tags named are known only once it has pulled them."""
    return [(path, content) for path, content in sorted(found.items()) if path != PINS]


def digest(found: Mapping[str, bytes]) -> str:
    """Return a release's id: the first digits of a hash over its paths and contents."""
    hashed = hashlib.sha256()
    for path, content in _of_the_run(found):
        hashed.update(f"{path}\0{len(content)}\0".encode())
        hashed.update(content)
    return hashed.hexdigest()[:_DIGITS]


def services(found: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the services of a release's files, as `stack_info` compares with them. Raises `ArchiveError`."""
    return dict(release_of(found).to_dict()["services"])


def budget(found: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the Budget that a release was made from, empty where it cannot be read."""
    try:
        return dict(json.loads(found["budget.json"]))
    except (KeyError, ValueError, TypeError):
        return {}


def release_of(found: Mapping[str, bytes]) -> Release:
    """Return what a release's files say of its services. Raises `ArchiveError`."""
    try:
        return Release.parse(found.get(FILE, b""))
    except ValueError as error:
        raise ArchiveError(f"{FILE} of the kept release cannot be read ({error}); choose another release") from error


def _names(kept: list[Kept]) -> str:
    return ", ".join(release.identifier for release in kept)


def is_time(at: float) -> bool:
    """Tell whether a time stamp that was read is one that a calendar has."""
    return 0 <= at < _LATEST


def _text(path: Path) -> str:
    try:
        return (atomic.read(path) or b"").decode(errors="replace").strip()
    except OSError:
        return ""


def _seconds(path: Path) -> float:
    """Return a time stamp, 0 for what is none that a calendar has."""
    try:
        found = float(_text(path))
    except ValueError:
        return 0.0
    return found if is_time(found) else 0.0
