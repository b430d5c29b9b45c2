# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the services' data lies on the host."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePosixPath
from typing import Any

from ..budget.problems import Finding
from ..host.codes import STORAGE_CLASS_UNKNOWN, STORAGE_PATH_SHARED, STORAGE_WOULD_MOVE


def lay_out(
    budget: Mapping[str, Any], classes: Mapping[str, str], released: Mapping[str, str], moving: Collection[str] = ()
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Return the directories that a Budget's storage needs, and what is wrong with them.

    `released` maps the volumes on the host to their directories; the data of the services in `moving` are about to be
    moved. Each directory has `path`, `owner`, `group`, `mode`. Wrong are a class without a
    directory, one path for two volumes or one inside of the other, and a volume that would leave its data behind.
    """
    directories: dict[str, dict[str, Any]] = {}
    holders: dict[str, str] = {}
    paths: dict[str, str] = {}
    findings = []
    for name, service in budget.get("services", {}).items():
        for volume, storage in service["storage"].items():
            path = f"services.{name}.x-budget.storage.{volume}"
            if storage["class"] not in classes:
                findings.append(
                    _error(
                        STORAGE_CLASS_UNKNOWN,
                        f"{path}.class",
                        f"{storage['class']!r} is no storage class",
                        f"use one of {', '.join(sorted(classes))}, or add it to stack_storage_classes",
                    )
                )
                continue
            directory = f"{classes[storage['class']].rstrip('/')}/{storage['path']}"
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
            owner = {key: storage[key] for key in ("owner", "group", "mode")}
            directories[directory] = {"path": directory, **owner}
    for directory, inner in paths.items():
        for above in PurePosixPath(directory).parents:
            if str(above) in paths:
                holder = holders[str(above)]
                message = f"{directory} lies inside of {above}, the directory of {holder}, whose service could change or remove it"
                findings.append(_error(STORAGE_PATH_SHARED, inner, message, "give each volume a path beside the others"))
    return [directories[path] for path in sorted(directories)], findings


def moves(
    budget: Mapping[str, Any], classes: Mapping[str, str], released: Mapping[str, str], moving: Collection[str]
) -> list[dict[str, str]]:
    """Return which volumes of the services in `moving` lie elsewhere than they should: `volume`, `source`, `target`."""
    found = []
    for name, service in budget.get("services", {}).items():
        for volume, storage in service["storage"].items() if name in moving else ():
            target = f"{classes[storage['class']].rstrip('/')}/{storage['path']}" if storage["class"] in classes else ""
            if target and released.get(volume, target) != target:
                found.append({"volume": volume, "source": released[volume], "target": target})
    return found


def _error(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)
