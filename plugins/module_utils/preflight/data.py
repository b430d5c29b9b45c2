# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data on the host that a service's new image does not open, and stacks that a run would start beside themselves."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..compose.project import Project
from ..compose.service import Service
from ..host import codes
from ..host.facts import Facts, VolumeContent
from ..images.data_format import dotted
from ..images.facts import Facts as ImageFacts
from ..images.facts import Version, version
from ..images.name import ImageName
from ..images.table import facts_of
from ..problems import Finding

_VERSION = re.compile(r"\d+(?:\.\d+)*")
_SNAPSHOT = re.compile(r"REDIS(\d{4})")
_DUMP = "dump the data with the version that opens them, and restore the dump into an empty volume"


def unopenable(compose: Mapping[str, Any], facts: Facts, project_src: str, upgrading: str = "") -> Iterator[Finding]:
    """Yield an error for each service whose image does not open the data that it has, by the data themselves or by the image that wrote them.

    The data of the service `upgrading` are about to be upgraded, and checked on the host.
    """
    for service in Project.read(compose).services.values():
        image = facts_of(ImageName.parse(service.image), service.entrypoint, service.command)
        if image.role != "server" or service.name == upgrading:
            continue
        marks = list(_marks(service, image, facts, project_src))
        found = _snapshots(image, marks) if image.newest_rdb else _versions(service, image, marks, facts)
        if found:
            message, fix = found
            path = f"services.{service.name}.image"
            yield Finding(code=codes.DATA_UNREADABLE, severity="error", path=path, message=message, fix=fix)


def elsewhere(facts: Facts, project_src: str) -> Iterator[Finding]:
    """Yield an error where the stack was deployed from another directory or as another project: a run would start beside its data."""
    ours = [one for one in facts.engine.deployed if one.ours]
    home = posixpath.dirname(project_src)
    for directory in sorted({one.directory for one in ours if one.project == facts.project} - {"", project_src}):
        before = posixpath.dirname(directory)
        yield Finding(
            code=codes.DIRECTORY_CHANGED,
            severity="error",
            path="stack_directory",
            message=f"the containers of project {facts.project} were deployed from {before}, where their release and their secrets are; "
            f"{home} would get new secrets that do not fit their data",
            fix=f"write stack_directory: {before}; to move it, run on the host 'docker compose --project-name {facts.project} down' and "
            f"'mv {before} {home}', then site: the data stay in their volumes",
        )
    for project in sorted({one.project for one in ours if one.directory == project_src} - {facts.project, ""}):
        yield Finding(
            code=codes.PROJECT_CHANGED,
            severity="error",
            path="stack_project",
            message=f"the stack in {home} was deployed as project {project}, whose volumes hold its data; "
            f"project {facts.project} would start beside it, with empty volumes",
            fix=f"write stack_project: {project}, or give the new project a stack_directory of its own",
        )


def _marks(service: Service, image: ImageFacts, facts: Facts, project_src: str) -> Iterator[tuple[str, str]]:
    """Yield the files that tell the format of a service's data, with their text."""
    for mount in service.mounts:
        key, words = mount.kept_in(project_src)
        for path, text in facts.contents.get(key, VolumeContent()).formats.items():
            if path.endswith(image.data_marks or ("\0",)):
                yield f"{words}, {path}", text


def _snapshots(image: ImageFacts, marks: list[tuple[str, str]]) -> tuple[str, str] | None:
    for place, text in marks:
        match = _SNAPSHOT.match(text)
        if match and int(match[1]) > image.newest_rdb:
            message = f"{_title(image)} loads snapshots up to format {image.newest_rdb}, the data are of format {int(match[1])} ({place})"
            return message, f"deploy the version that wrote them; to go back, {_DUMP}"
    return None


def _versions(service: Service, image: ImageFacts, marks: list[tuple[str, str]], facts: Facts) -> tuple[str, str] | None:
    if image.version is None or not image.data_line:
        return None
    told = [(place, version(match[0])) for place, text in marks if (match := _VERSION.match(text))]
    # Without a mark, what ran last wrote the data.
    there = told or list(_ran(service, image, facts))
    wrong = [(place, data, refused) for place, data in there if (refused := _refusal(service.name, image, image.version, data))]
    if not wrong or len(wrong) < len(there):
        # A server that keeps its data by version finds its own among them.
        return None
    place, data, (why, fix) = wrong[0]
    return f"{_title(image)} {why}, and its data are of version {dotted(data)} ({place})", fix


def _ran(service: Service, image: ImageFacts, facts: Facts) -> Iterator[tuple[str, Version]]:
    for container in facts.engine.deployed:
        if container.project == facts.project and container.service == service.name:
            before = facts_of(ImageName.parse(container.image), service.entrypoint, service.command)
            if before.kind == image.kind and before.version:
                yield f"written by {container.image}", before.version


def _refusal(service: str, image: ImageFacts, own: Version, data: Version) -> tuple[str, str] | None:
    """Return why a version does not open data of another one and what to deploy instead; what is not written of a version tells nothing."""
    line = image.data_line
    if not _differs(own[:line], data[:line]):
        return None
    if image.oldest_data == "own":
        way = f"to go back, {_DUMP}" if data[:line] > own[:line] else f"to upgrade, {_DUMP}"
        if image.kind == "postgres" and data[:line] < own[:line]:
            way = f"to upgrade, run ziggie.stack.upgrade -e upgrade_service={service} -e upgrade_to={dotted(own[:line])}"
        return "opens only data of its own version", f"keep version {dotted(data[:2])}; {way}"
    if data[:line] > own[:line]:
        return "does not open data of a newer version", f"keep version {dotted(data[:2])}; to go back, {_DUMP}"
    oldest = version(image.oldest_data)
    if _differs(data, oldest) and data < oldest:
        return (
            f"opens data from version {image.oldest_data} on",
            f"upgrade step by step, with version {image.oldest_data} as the last step before this one",
        )
    return None


def _differs(one: Version, other: Version) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] != other[:shared]


def _title(image: ImageFacts) -> str:
    return f"{image.family} {dotted(image.version or ())}".strip()
