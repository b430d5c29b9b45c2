# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are lost, altered or cannot be used: another value would lock services out of the data that were made with the old one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..catalog.credentials import REFERENCE, content_of
from ..catalog.rotation import KEY, Way
from ..compose.project import Project
from ..compose.service import Service
from ..compose.values import mapping
from ..host import codes
from ..host.facts import Facts, StoredSecrets, VolumeContent
from ..problems import Finding

ROTATE = "ansible-playbook ziggie.stack.rotate -e rotate_secret={}"


@dataclass(slots=True)
class _Use:
    """The files that a value is written into, how it is changed, and what was made with it, each as a few words."""

    files: set[str] = field(default_factory=set)
    way: Way | None = None
    data: dict[str, None] = field(default_factory=dict)


def unsafe(compose: Mapping[str, Any], facts: Facts, credentials: Collection[str], project_src: str) -> Iterator[Finding]:
    """Yield an error for each value that services read and that is unusable on the host, or lost or altered while data made with it are there.

    What is in `credentials` is given by the operator, and replaces what lies there. A value is not lost while a file that a service reads still
    holds it, and a secret that no earlier release had is made anew. One that services only read when they start fits any data.
    """
    stored = facts.secrets
    if stored.unfinished:
        yield Finding(
            code=codes.ROTATION_UNFINISHED,
            severity="warning",
            path=f"host:{stored.store}",
            message=f"the rotation of {stored.unfinished} was interrupted",
            fix="run ansible-playbook ziggie.stack.site, which takes it back first",
        )
    for name, use in sorted(_uses(compose, facts, project_src).items()):
        if name == stored.unfinished:
            continue
        if use.way and not use.way.in_data:
            use.data.clear()
        if name in credentials:
            if use.data and use.way and name in stored.chosen:
                yield _chosen(name, use, use.way)
            continue
        path = f"host:{stored.store}/{name}"
        wrong = stored.values.get(name)
        if wrong:
            fix = f"write the value that was there, without a line break at its end, or set stack_credentials.{name}"
            yield Finding(code=codes.SECRET_UNUSABLE, severity="error", path=path, message=f"the secret cannot be used: {wrong}", fix=fix)
        elif wrong is None and not facts.engine.hung and use.data and not use.files & set(stored.files):
            yield Finding(
                code=codes.SECRET_LOST,
                severity="error",
                path=path,
                message=f"the secret is lost, and a new one would not fit the data that were made with it: {', '.join(use.data)}",
                fix=f"restore this file from a backup, or set stack_credentials.{name} to the value that fits the data; "
                "to start anew without the data, remove them first",
            )
        elif use.data and name in stored.altered:
            yield _altered(name, use, stored)


def _chosen(name: str, use: _Use, way: Way) -> Finding:
    change = "" if way.method == "never" else f", or take the new one to the server first: {ROTATE.format(name)}"
    message = f"the value is not the one that the data were made with: {', '.join(use.data)}"
    return Finding(
        code=codes.SECRET_ALTERED,
        severity="error",
        path=f"stack_credentials.{name}",
        message=message,
        fix=f"write the value that was there{change}",
    )


def _altered(name: str, use: _Use, stored: StoredSecrets) -> Finding:
    altered, path = stored.altered[name], f"{stored.store}/{name}"
    if altered.spaces:
        fix = "remove the white space around it, which is all that differs"
    elif altered.held_by:
        fix = f"bring it back on the host: install -m 0400 {altered.held_by} {path}"
    else:
        fix = "restore this file from a backup"
    if use.way and use.way.method != "never":
        fix += f"; to change it on purpose after that: {ROTATE.format(name)}"
    return Finding(
        code=codes.SECRET_ALTERED,
        severity="error",
        path=f"host:{path}",
        message=f"the value was altered, and does not fit the data that were made with the one before: {', '.join(use.data)}",
        fix=fix,
    )


def _uses(compose: Mapping[str, Any], facts: Facts, project_src: str) -> dict[str, _Use]:
    read = Project.read(compose)
    found: dict[str, _Use] = {}
    for service in read.services.values():
        data = list(_data(service, facts, project_src))
        for entry in service.secrets:
            secret = read.secrets.get(entry.source)
            if secret is None or "x-secret" not in secret.raw:
                continue
            file = secret.file.removeprefix("./")
            for name in REFERENCE.findall(content_of(entry.source, mapping(secret.raw["x-secret"]))):
                use = found.setdefault(name, _Use())
                use.files.add(file)
                use.way = use.way or Way.read(mapping(secret.raw["x-secret"]).get(KEY))
                if facts.secrets.mounted is None or file in facts.secrets.mounted:
                    use.data.update(dict.fromkeys(data))
    return found


def _data(service: Service, facts: Facts, project_src: str) -> Iterator[str]:
    """Yield a few words on each volume and directory of a service that holds data, as far as the host shows it."""
    for mount in service.mounts:
        key, words = ("", "") if mount.read_only else mount.kept_in(project_src)
        if mount.kind == "volume" and key not in facts.volumes:
            if key and not facts.engine.running and facts.secrets.mounted is not None:
                yield f"{words} of {service.name}, as long as the Docker engine does not run to show it"
        elif facts.contents.get(key, VolumeContent()).used:
            yield f"{words} of {service.name}" + (f" ({facts.volumes[key]})" if mount.kind == "volume" else "")
