# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New images that change their data for good: refused without a fresh backup of what they change, and until they are acknowledged by name and version."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..backup.codes import DATA_NOT_BACKED_UP, DIRECTORY_NOT_BACKED_UP
from ..compose.project import Project
from ..compose.service import Service
from ..host import codes
from ..host.backup_status import DRILLED, STORED
from ..host.facts import Facts
from ..images.data_format import dotted, one_way
from ..images.facts import Facts as ImageFacts
from ..images.name import ImageName
from ..images.table import facts_of
from ..problems import Finding, Problems
from ..settings import upgrade as settings
from ..settings.sources import sources

_HOUR = 3600
# An application's own database may be one of these, where it waits for it at its start.
_DATABASES = ("postgres", "mysql", "mongodb")
_POOLERS = ("pgbouncer",)
# How far a clock may have gone back since the backup.
_BACK = -300


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A service whose new image changes data for good: from which image to which version, and why that does not go back."""

    service: Service
    before: str
    version: str
    why: tuple[str, ...]

    @property
    def words(self) -> str:
        """Return what is acknowledged by."""
        return f"{self.service.name}@{self.version}"


def changes(compose: Mapping[str, Any], facts: Facts) -> Iterator[Change]:
    """Yield the changes of image that do not go back, by what runs now."""
    for service in Project.read(compose).services.values():
        new = _image(service, service.image)
        if new.role != "server":
            continue
        for container in facts.engine.deployed:
            if (
                container.project == facts.project
                and container.service == service.name
                and (why := one_way(_image(service, container.image), new))
            ):
                yield Change(service=service, before=container.image, version=dotted(new.version or ()), why=why)
                break


def unprotected(
    compose: Mapping[str, Any],
    facts: Facts,
    written: Mapping[str, Any],
    acknowledged: object,
    refused: Collection[str],
    project_src: str,
    upgrading: str = "",
) -> Iterator[Finding]:
    """Yield an error for each such change that is not protected; `refused` are the paths of images that are refused anyway.

    The upgrade of the service `upgrading` was asked for by name and version.
    """
    problems = Problems()
    policy, named = settings.parse(written, problems), settings.acknowledged(acknowledged, problems)
    yield from problems.findings
    for change in changes(compose, facts):
        path = f"services.{change.service.name}.image"
        if path in refused:
            continue
        missing, undrilled = _backups(compose, facts, change.service, policy.backup_hours, project_src)
        told = change.service.name == upgrading or (change.service.name, change.version) in named
        if not missing and told:
            yield from (_warning(path, volume) for volume in undrilled)
            continue
        what = [*missing, *([] if told else ["it is not acknowledged"])]
        fixes = [*(["run ziggie.stack.backup"] if missing else []), *([] if told else [f"add -e {settings.ACKNOWLEDGED}={change.words}"])]
        yield Finding(
            code=codes.UPGRADE_UNPROTECTED,
            severity="error",
            path=path,
            message=f"the change from {change.before} to {change.version} does not go back ({'; '.join(change.why)}), and {' and '.join(what)}",
            fix=f"{', and '.join(fixes)}; or keep {change.before}",
        )


def _warning(path: str, volume: str) -> Finding:
    return Finding(
        code=codes.UPGRADE_UNDRILLED,
        severity="warning",
        path=path,
        message=f"the data of volume {volume} are changed for good, and no backup of them was ever drilled",
        fix="drill one first: it is not known yet that it comes back",
    )


def _backups(compose: Mapping[str, Any], facts: Facts, service: Service, hours: int, project_src: str) -> tuple[list[str], list[str]]:
    """Return what is wrong with the backups of the data that a service changes, and the volumes of which none was ever drilled."""
    changed, problems = _changed(compose, service), Problems()
    missing: list[str] = []
    undrilled: list[str] = []
    for source in sources(compose, facts.project, problems, project_src):
        if source.service in [one.name for one in changed]:
            ages = facts.backups.get(source.volume, {})
            if wrong := _stale(source.volume, ages, hours):
                missing.append(wrong)
            elif DRILLED not in ages:
                undrilled.append(source.volume)
    kept = tuple(f"services.{one.name}." for one in changed)
    unkept = (DATA_NOT_BACKED_UP, DIRECTORY_NOT_BACKED_UP)
    missing += [finding.message for finding in problems.findings if finding.code in unkept and finding.path.startswith(kept)]
    return missing, undrilled


def _stale(volume: str, ages: Mapping[str, int], hours: int) -> str:
    """Return why the backups of a volume do not count, empty where one does. Once one was drilled, only those that were do."""
    state, kind = (DRILLED, "drilled backup") if DRILLED in ages else (STORED, "backup")
    if state not in ages:
        return f"no backup of volume {volume} was ever made"
    if ages[state] < _BACK:
        return f"the newest {kind} of volume {volume} is of a time that has not come yet"
    if ages[state] > hours * _HOUR:
        return f"the newest {kind} of volume {volume} is {ages[state] // _HOUR} hours old, {hours} are allowed"
    return ""


def _changed(compose: Mapping[str, Any], service: Service) -> list[Service]:
    """Return whose data a service changes: its own, and those of the databases that it waits for, if only behind a pooler."""
    services = Project.read(compose).services
    found = {service.name: service}
    if _image(service, service.image).kind in _DATABASES:
        return [service]
    waiting = [service]
    while waiting:
        for name in [entry.name for entry in waiting.pop().depends_on if entry.name in services and entry.name not in found]:
            kind = _image(services[name], services[name].image).kind
            if kind in _DATABASES:
                found[name] = services[name]
            elif kind in _POOLERS:
                waiting.append(services[name])
    return list(found.values())


def _image(service: Service, image: str) -> ImageFacts:
    return facts_of(ImageName.parse(image), service.entrypoint, service.command)
