# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move the data of a service to another directory, so that a run that is killed at any moment loses nothing.

The data is copied while the service runs, then once more after it stopped; the copy is compared file by file, and takes its place by
rename. Where anything is wrong before that, the service starts again on its old data.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ..engine.client import Engine
from ..host import atomic
from ..host.root import Run
from . import record
from .copy import CopyError, differences, mirror, used

_MIB = 1 << 20
# How many differences of a copy are named.
_NAMED = 5
_STAGING = ".ziggie-moving"


class RefusedError(Exception):
    """The move cannot be made; the text is one sentence without its full stop, and the old data is where it was."""


@dataclass(slots=True)
class Migration:
    """The moves of one service of a project; with `check` nothing is changed."""

    engine: Engine
    project: str
    service: str
    run: Run
    check: bool
    containers: list[dict[str, Any]] = field(init=False)
    done: dict[str, record.Move] = field(init=False)

    def __post_init__(self) -> None:
        """Read what runs, and what was moved before. Raises `EngineError`."""
        self.containers = self.engine.containers(self.project)
        self.done = {move.volume: move for move in record.of(self.service)}

    def move(self, wanted: Iterable[Mapping[str, str]]) -> list[record.Move]:
        """Move what is not moved yet, then remove the old volume objects; each of `wanted` has `volume`, `source`, `target`.

        Raises `RefusedError`, `EngineError` and `OSError`.
        """
        moves = [self._move(entry) for entry in wanted]
        # The record is written before the copy is put in its place: while that waits beside it, the move is not made.
        left = [move for move in moves if self.done.get(move.volume) != move or self._staging(Path(move.target)).exists()]
        for move in left:
            self._check(move)
        if self.check or not moves:
            return moves
        if left:
            self._carry_over(left)
        for container in self._own():
            self.engine.delete(f"/containers/{container['Id']}?force=true")
        for move in moves:
            self._let_go(move)
        return moves

    def remove_old(self) -> list[str]:
        """Remove what earlier moves kept."""
        for container in self._own():
            state = container["State"]
            if not state["Running"] or (state.get("Health") or {}).get("Status", "healthy") != "healthy":
                raise RefusedError(f"{self.service} is not healthy on its new data, so the old data is kept; run again when it is")
        if self.done and not self._own():
            raise RefusedError(f"{self.service} does not run on its new data, so the old data is kept; deploy it first")
        for move in self.done.values():
            if not self.check:
                if Path(move.kept).exists():
                    shutil.rmtree(move.kept)
                record.forget(move)
        return [move.kept for move in self.done.values()]

    def _move(self, entry: Mapping[str, str]) -> record.Move:
        managed = self._managed(entry["source"])
        kept = str(Path(entry["source"]).parents[2] / "ziggie-kept" / Path(entry["source"]).parent.name) if managed else entry["source"]
        return record.Move(service=self.service, kept=kept, **entry)

    def _managed(self, source: str) -> bool:
        """Tell whether the engine made a directory, and would remove it with its volume."""
        return Path(source).name == "_data" and Path(source).parents[1].name == "volumes"

    def _own(self) -> list[dict[str, Any]]:
        return [entry for entry in self.containers if self._label(entry, "service") == self.service]

    def _label(self, container: Mapping[str, Any], name: str) -> str:
        return str(container["Config"]["Labels"].get(f"com.docker.compose.{name}", ""))

    def _check(self, move: record.Move) -> None:
        source, target = Path(move.source), Path(move.target)
        if not source.is_dir():
            raise RefusedError(f"{source}, where {move.volume} should lie, is not a directory")
        if target == source or target in source.parents or source in target.parents:
            raise RefusedError(f"{target} and {source} lie in each other")
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise RefusedError(f"{target} is not empty; empty it, or choose another path for {move.volume}")
        users = {
            self._label(container, "service")
            for container in self.containers
            for mount in container["Mounts"]
            if mount.get("Name") == f"{self.project}_{move.volume}" or mount.get("Source") == move.source
        }
        if users - {self.service}:
            raise RefusedError(
                f"{move.volume} is used by {', '.join(sorted(users - {self.service}))} too; only what one service alone uses is moved"
            )
        place = next(parent for parent in target.parents if parent.exists())
        staged = used(self._staging(target)) if self._staging(target).exists() else 0
        room, needed = os.statvfs(place), used(source) - staged
        free = room.f_bavail * room.f_frsize
        if free < needed:
            raise RefusedError(f"{free // _MIB} MiB are free at {place}, {move.volume} has {needed // _MIB} MiB still to be copied")

    def _carry_over(self, moves: Sequence[record.Move]) -> None:
        for move in moves:
            Path(move.target).parent.mkdir(parents=True, exist_ok=True)
            self._mirror(move, live=True)
        running = [container["Id"] for container in self._own() if container["State"]["Running"]]
        try:
            for container in running:
                self.engine.post(f"/containers/{container}/stop")
            for move in moves:
                self._mirror(move)
                staging = self._staging(Path(move.target))
                wrong = list(islice(differences(Path(move.source), staging), _NAMED))
                if wrong:
                    # The next run begins with a fresh copy.
                    shutil.rmtree(staging)
                    raise RefusedError(f"the copy of {move.volume} differs from its data: {'; '.join(wrong)}; run again")
        except BaseException:
            for container in running:
                self.engine.post(f"/containers/{container}/start")
            raise
        os.sync()
        for move in moves:
            target = Path(move.target)
            record.write(move)
            self._staging(target).rename(target)
            atomic.sync_directory(target.parent)

    def _mirror(self, move: record.Move, *, live: bool = False) -> None:
        try:
            mirror(Path(move.source), self._staging(Path(move.target)), self.run, live=live)
        except CopyError as error:
            raise RefusedError(f"{move.volume} cannot be copied: {error}") from error

    def _let_go(self, move: record.Move) -> None:
        """Take the old data away from the engine, then remove the volume object, which names the old directory."""
        name = f"{self.project}_{move.volume}"
        source, kept = Path(move.source), Path(move.kept)
        if kept != source and source.exists() and not kept.exists():
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            source.rename(kept)
            atomic.sync_directory(kept.parent)
        volumes = self.engine.get("/volumes", filters={"name": [name]})["Volumes"] or []
        for volume in volumes:
            place = (volume.get("Options") or {}).get("device") or volume["Mountpoint"]
            if volume["Name"] == name and place == move.source:
                self.engine.delete(f"/volumes/{name}")

    def _staging(self, target: Path) -> Path:
        return target.with_name(f"{target.name}{_STAGING}")
