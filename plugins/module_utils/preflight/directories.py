# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the services' data lies on the host."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..budget.model import Budget, VolumeShare
from ..host.codes import STORAGE_CLASS_UNKNOWN, STORAGE_PATH_SHARED, STORAGE_WOULD_MOVE
from ..host.layout import Directory
from ..problems import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A volume whose data has to move from one directory to another."""

    volume: str
    source: str
    target: str


def lay_out(
    budget: Budget, classes: Mapping[str, str], released: Mapping[str, str], moving: Collection[str] = ()
) -> tuple[list[Directory], list[Finding]]:
    """Return the directories that a Budget's storage needs, and what is wrong with them.

    `classes` maps storage classes to directories, `released` the volumes on the host to theirs; the data of the services in `moving`
    is about to be moved. Wrong are a class without a directory, one path for two volumes or one inside of the other, and a volume that
    would leave its data behind.
    """
    directories: dict[str, Directory] = {}
    holders: dict[str, str] = {}
    paths: dict[str, str] = {}
    findings = []
    for name, volume, storage in _volumes(budget):
        path = f"services.{name}.x-budget.storage.{volume}"
        directory = _directory(storage, classes)
        if not directory:
            findings.append(
                _error(
                    STORAGE_CLASS_UNKNOWN,
                    f"{path}.class",
                    f"{storage.storage_class!r} is not a storage class",
                    f"use one of {', '.join(sorted(classes))}, or add it to stack_storage_classes",
                )
            )
            continue
        if holders.setdefault(directory, volume) != volume:
            findings.append(
                _error(
                    STORAGE_PATH_SHARED,
                    f"{path}.path",
                    f"{directory} is already the directory of {holders[directory]}",
                    "give each volume a path of its own",
                )
            )
            continue
        if released.get(volume, directory) != directory and name not in moving:
            findings.append(
                _error(
                    STORAGE_WOULD_MOVE,
                    path,
                    f"{volume} lies in {released[volume]} and would be empty in {directory}",
                    f"keep its class and path, or move its data: ansible-playbook ziggie.stack.migrate_storage -e migrate_service={name}",
                )
            )
        paths[directory] = f"{path}.path"
        directories[directory] = Directory(path=directory, owner=storage.owner, group=storage.group, mode=storage.mode)
    for directory, inner in paths.items():
        for above in PurePosixPath(directory).parents:
            if str(above) in paths:
                holder = holders[str(above)]
                message = f"{directory} lies inside of {above}, the directory of {holder}, whose service could change or remove it"
                findings.append(_error(STORAGE_PATH_SHARED, inner, message, "give each volume a path beside the others"))
    return [directories[path] for path in sorted(directories)], findings


def moves(budget: Budget, classes: Mapping[str, str], released: Mapping[str, str], moving: Collection[str]) -> list[Move]:
    """Return the volumes of the services in `moving` that lie elsewhere than they should."""
    found = []
    for name, volume, storage in _volumes(budget):
        target = _directory(storage, classes)
        if name in moving and target and released.get(volume, target) != target:
            found.append(Move(volume=volume, source=released[volume], target=target))
    return found


def _volumes(budget: Budget) -> Iterator[tuple[str, str, VolumeShare]]:
    for name, share in ((name, share) for name, share in budget.services.items() if share.enabled):
        for volume, storage in share.storage.items():
            yield name, volume, storage


def _directory(storage: VolumeShare, classes: Mapping[str, str]) -> str:
    """Return the directory of a volume, empty where its class has none."""
    parent = classes.get(storage.storage_class)
    return f"{parent.rstrip('/')}/{storage.path}" if parent else ""


def _error(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)
