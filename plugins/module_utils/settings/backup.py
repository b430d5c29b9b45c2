# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator says about backups: `stack_backup`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..backup import codes
from ..budget.surge import Job
from ..compose.reader import Reader
from ..problems import Problems
from ..units import MIB
from .repositories import Repository, Retention

_KEYS = ("repositories", "retention", "at", "memory", "key_escrow", "drill")
_REPOSITORY_KEYS = ("url", "environment_file")
_URL = re.compile(r"(?:/|(?:sftp|rest|s3|b2|azure|gs|swift|rclone):)\S+")
_AT = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
DEFAULT_MEMORY = 256 * MIB
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """When backups are drilled every week, and what the throw-away container of a drill may use of memory."""

    day: str = "Sun"
    at: str = "04:30"
    memory: int = DEFAULT_MEMORY


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where backups go, when they are made, how many are kept, what one may use of memory, where a copy of the key is kept, and how they are drilled."""

    repositories: tuple[Repository, ...] = ()
    retention: Retention = field(default_factory=Retention)
    at: str = "02:30"
    memory: int = DEFAULT_MEMORY
    key_escrow: str = ""
    drill: Drill = field(default_factory=Drill)


def parse(written: Mapping[str, Any], problems: Problems) -> Settings:
    """Return complete settings; without repositories there are no backups."""
    reader = Reader(written, "stack_backup", problems, _KEYS)
    retention = reader.section("retention", ("daily", "weekly", "monthly"))
    kept = Retention()
    escrow = reader.text("key_escrow", "")
    if escrow and not escrow.startswith(("/", "~")):
        fix = "write an absolute path of the controller, such as ~/keys/myhost.backup"
        problems.error(codes.BACKUP_INVALID, "stack_backup.key_escrow", f"{escrow!r} is relative to nothing that stays", fix)
    settings = Settings(
        repositories=_repositories(reader, problems),
        retention=Retention(
            daily=retention.count("daily", kept.daily, 0, 3650),
            weekly=retention.count("weekly", kept.weekly, 0, 520),
            monthly=retention.count("monthly", kept.monthly, 0, 120),
        ),
        at=_time(reader, "02:30"),
        memory=reader.size("memory", DEFAULT_MEMORY),
        key_escrow=escrow,
        drill=_drill(reader.section("drill", ("day", "at", "memory"))),
    )
    if settings.repositories:
        _advise(settings, problems)
    elif written:
        problems.error(
            codes.BACKUP_INVALID, "stack_backup.repositories", "there is none, so nothing is backed up", "write [{url: /srv/backup}]"
        )
    return settings


def jobs(settings: Settings) -> tuple[Job, ...]:
    """Return the jobs that the host runs beside the services, one at a time. A restore's container takes the place of the one that it stops."""
    if not settings.repositories:
        return ()
    lower = "lower stack_backup.memory, or floors of services"
    program = [
        Job(
            name=name,
            parts={"stack_backup.memory": settings.memory},
            otherwise="it runs all the same, in the memory that the operating system keeps",
            fix=lower,
        )
        for name in ("backup", "restore")
    ]
    drill = Job(
        name="drill",
        parts={"stack_backup.memory": settings.memory, "stack_backup.drill.memory": settings.drill.memory},
        otherwise="it runs while so much is available, and fails otherwise",
        fix="lower stack_backup.drill.memory, or floors of services",
    )
    return (*program, drill)


def _time(reader: Reader, default: str) -> str:
    at = reader.text("at", default)
    if not _AT.fullmatch(at):
        reader.problems.error(codes.BACKUP_INVALID, reader.at("at"), f"{at!r} is not a time of day", f'write "{default}", in quotes')
    return at


def _drill(reader: Reader) -> Drill:
    usual = Drill()
    return Drill(day=reader.choice("day", usual.day, DAYS), at=_time(reader, usual.at), memory=reader.size("memory", usual.memory))


def _repositories(reader: Reader, problems: Problems) -> tuple[Repository, ...]:
    written = reader.raw("repositories") or []
    if not isinstance(written, (list, tuple)):
        problems.error(codes.BACKUP_INVALID, "stack_backup.repositories", "expected a list", "write [{url: /srv/backup}]")
        return ()
    found = []
    for position, entry in enumerate(written):
        one = Reader(entry, f"stack_backup.repositories[{position}]", problems, _REPOSITORY_KEYS)
        url = one.text("url", "")
        if not _URL.fullmatch(url):
            fix = "write /srv/backup, sftp:user@host:/srv/backup, rest:https://host:8000/ or s3:https://host/bucket"
            problems.error(codes.BACKUP_INVALID, one.at("url"), f"{url!r} is not a repository", fix)
        found.append(Repository(url=url, environment_file=one.text("environment_file", "")))
    return tuple(found)


def _advise(settings: Settings, problems: Problems) -> None:
    if all(repository.url.startswith("/") for repository in settings.repositories):
        message = "all repositories are directories of this host: a lost host loses its backups too"
        problems.warning(
            codes.BESIDE_THE_DATA, "stack_backup.repositories", message, "add one on another machine, such as sftp:user@host:/srv/backup"
        )
    elif len(settings.repositories) == 1:
        message = "there is one place only: what damages it damages the only copy"
        problems.warning(codes.ONE_REPOSITORY, "stack_backup.repositories", message, "add a second one at another place")
    if not settings.key_escrow:
        message = "the key of the backups is on this host only: without it they cannot be read"
        problems.warning(
            codes.KEY_ON_HOST_ONLY, "stack_backup.key_escrow", message, "name a file on the controller that a copy is written to"
        )
