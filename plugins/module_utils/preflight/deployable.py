# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Compose accepts where the file was written and cannot be started on another host: images to build, files left behind, unset variables."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog.rotation import KEY as ROTATE
from ..catalog.rotation import faults
from ..compose.dotenv import parse_env
from ..compose.interpolate import BadVariableError, without_value
from ..compose.project import Project
from ..compose.service import Service
from ..compose.values import sequence, text
from ..host.codes import DEVICE_ABSENT, FILE_ABSENT, NO_IMAGE, SECRET_NOT_MADE, VARIABLE_UNSET
from ..host.facts import Facts
from ..problems import Finding, suggestion
from ..units import shown

# The services whose configuration the collection generates from the Budget, and the front page.
GENERATED = frozenset({"alertmanager", "grafana", "nginx-front", "prometheus"})
RECIPE = "x-secret"
_RECIPE = {"content": "a text", "gid": "a whole number", "uid": "a whole number"}
_SECTIONS = ("configs", "networks", "secrets", "volumes")
_BIND_FIX = "create it on the host, keep the data in a named volume, or put the file into a directory of release_template_directories"
_ENV_FIX = "write its variables under environment and its secrets as mounted files, or create it on the host"
_FILE_FIX = "create it on the host, or let the run create the secret with x-secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """A file or directory that must be on the host: `path` as written, `place` the absolute path there, empty where it has none."""

    at: str
    path: str
    place: str
    fix: str


def undeployable(compose: Mapping[str, Any], facts: Facts | None, *, project: str, templates: Collection[str]) -> Iterator[Finding]:
    """Yield an error for everything that cannot be deployed; no files are looked for on a host without facts.

    `project` is the project directory on the host, `templates` are the services whose `./config/<service>` the release brings.
    """
    read = Project.read(compose)
    for service in read.services.values():
        if service.has_container and not service.image:
            yield _without_image(service)
    for needed in files(read, project, templates):
        if facts and not (needed.place and facts.file(needed.place).kind):
            where = f" ({needed.place})" if needed.place not in ("", needed.path) else ""
            message = f"{needed.path}{where} is not on the host and does not come with the release"
            yield Finding(code=FILE_ABSENT, severity="error", path=needed.at, message=message, fix=needed.fix)
    yield from _absent_devices(read, facts)
    yield from _recipes(read)
    known = parse_env(facts.file(dotenv(project)).text or "", {}) if facts else {}
    for at, written in _texts({section: compose.get(section) for section in ("services", *_SECTIONS)}):
        yield from _unset(at, written, known, project)
    for section, objects in (("secrets", read.secrets), ("configs", read.configs)):
        for name, entry in objects.items():
            if entry.environment and entry.environment not in known:
                yield _without_value(f"{section}.{name}.environment", entry.environment, project)


def dotenv(project: str) -> str:
    """Return the file that Compose reads variables from, below a project directory."""
    return f"{project}/.env"


def files(read: Project, project: str, templates: Collection[str]) -> Iterator[Needed]:
    """Yield the files and directories that must be on the host before a run, each by the place that needs it."""
    for service in read.services.values():
        at = f"services.{service.name}"
        for mount in service.mounts:
            # A directory of an absolute path is the host's own affair, and a package may bring its files.
            if mount.kind == "bind" and not mount.source.startswith("/"):
                yield from _needed(f"{at}.{mount.where}", mount.source, project, templates, _BIND_FIX)
        for env_file in service.env_files:
            if env_file.required:
                yield from _needed(f"{at}.{env_file.where}", env_file.path, project, templates, _ENV_FIX)
    for section, objects in (("secrets", read.secrets), ("configs", read.configs)):
        for name, entry in objects.items():
            if entry.file and "x-secret" not in entry.raw:
                yield from _needed(f"{section}.{name}.file", entry.file, project, templates, _FILE_FIX)


def devices(read: Project) -> Iterator[tuple[str, str]]:
    """Yield the place and the path on the host of each device that a service gets; what a driver provides by its name has no path."""
    for service in read.services.values():
        for position, entry in enumerate(sequence(service.raw.get("devices"))):
            written = text(entry.get("source")) if isinstance(entry, Mapping) else text(entry).partition(":")[0]
            if written.startswith("/") and "$" not in written:
                yield f"services.{service.name}.devices[{position}]", posixpath.normpath(written)


def _absent_devices(read: Project, facts: Facts | None) -> Iterator[Finding]:
    for at, path in devices(read):
        if facts is None or path not in facts.files:
            message, fix = f"whether the host has {path} is not known, since it was not asked for it", "plan for the host itself"
            yield Finding(code=DEVICE_ABSENT, severity="info", path=at, message=message, fix=fix)
        elif not facts.file(path).kind:
            fix = "load the driver or plug the device in, correct the path, or leave the entry out"
            yield Finding(code=DEVICE_ABSENT, severity="error", path=at, message=f"the host has no {path}", fix=fix)


def _recipes(read: Project) -> Iterator[Finding]:
    """Yield what keeps a run from making a secret as its `x-secret` says."""
    for name, secret in read.secrets.items():
        if RECIPE not in secret.raw:
            continue
        at, recipe = f"secrets.{name}", secret.raw[RECIPE]
        top, *below = posixpath.normpath(secret.file or ".").split("/")
        if top != "secrets" or not below:
            fix = f"write file: ./secrets/<service>/{name}"
            yield _unmade(f"{at}.file", f"{shown(secret.file)} is not a file below ./secrets", fix)
        if not isinstance(recipe, Mapping):
            yield _unmade(f"{at}.{RECIPE}", f"expected a mapping, got {shown(recipe)}", f"write {RECIPE}: {{}}")
            continue
        for key, message, fix in faults(recipe[ROTATE]) if ROTATE in recipe else ():
            yield _unmade(".".join((at, RECIPE, ROTATE, key)).rstrip("."), message, fix)
        for key, value in recipe.items():
            if key == ROTATE:
                continue
            fits = isinstance(value, str) if key == "content" else isinstance(value, int) and not isinstance(value, bool)
            if key not in _RECIPE:
                yield _unmade(f"{at}.{RECIPE}.{key}", f"nothing reads {shown(key)}", suggestion(key, (*_RECIPE, ROTATE)))
            elif not fits:
                yield _unmade(f"{at}.{RECIPE}.{key}", f"expected {_RECIPE[key]}, got another value", f"write {_RECIPE[key]}")


def _unmade(at: str, message: str, fix: str) -> Finding:
    return Finding(code=SECRET_NOT_MADE, severity="error", path=at, message=message, fix=fix)


def _needed(at: str, path: str, project: str, templates: Collection[str], fix: str) -> Iterator[Needed]:
    if "$" in path:
        # An unset variable is a finding of its own; what a set one names is not known before Compose reads it.
        return
    place = "" if path.startswith("~") else posixpath.normpath(posixpath.join(project, path))
    top, *below = posixpath.relpath(place, project).split("/") if place else [""]
    if top == "config" and below and below[0] in templates:
        return
    # A release owns config/ and bin/: what it does not bring is removed from there.
    owned = top in ("config", "bin")
    yield Needed(at=at, path=path, place="" if owned else place, fix=fix)


def _without_image(service: Service) -> Finding:
    message = "site builds no images, and the service names none" if service.raw.get("build") else "the service names no image"
    fix = f"push the image to a registry and name it: catalog_overrides.services.{service.name}.image"
    return Finding(code=NO_IMAGE, severity="error", path=f"services.{service.name}.image", message=message, fix=fix)


def _texts(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text that Compose replaces variables in, with its path; what only this collection reads is left out."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            if not str(key).startswith("x-"):
                yield from _texts(entry, f"{at}.{key}" if at else str(key))
    elif isinstance(value, (list, tuple)):
        for position, entry in enumerate(value):
            yield from _texts(entry, f"{at}[{position}]")


def _unset(at: str, text: str, known: Mapping[str, str], project: str) -> Iterator[Finding]:
    if "$" not in text:
        return
    try:
        names = without_value(text, known)
    except BadVariableError as error:
        yield Finding(code=VARIABLE_UNSET, severity="error", path=at, message=str(error), fix="write ${NAME:-default}, or $$ for a dollar")
        return
    for name in names:
        yield _without_value(at, name, project)


def _without_value(at: str, name: str, project: str) -> Finding:
    message = f"${{{name}}} has neither a value nor a default on the host"
    fix = f"write the value in catalog_overrides, give it a default with ${{{name}:-…}}, or set it in {dotenv(project)} on the host"
    return Finding(code=VARIABLE_UNSET, severity="error", path=at, message=message, fix=fix)
