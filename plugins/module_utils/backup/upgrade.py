# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take PostgreSQL's data to another major version: dumped by the old server, restored by the new one beside them, compared, and only then exchanged."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..compose.project import Project
from ..deploy.compose import MakeError, alone, command, reason
from ..engine.client import DEFAULT_SOCKET, Engine, EngineError
from ..engine.container import is_of
from ..engine.duplex import output
from ..engine.execute import ExecutionError
from ..host import atomic
from ..host.backup_status import read as noted
from ..host.root import Root
from ..host.stored import content
from ..images.name import ImageName
from ..settings.repositories import Source
from ..settings.sources import volume_name
from . import switch
from .engines import postgres
from .model import BackupError, Setup
from .new_image import Inside, look_inside, with_image
from .place import container_of, directory_of, target_of, users_of
from .restore import BEFORE, healthy
from .scratch import Scratch
from .staging import Staging
from .stopped import stopped

# The directories beside the data that are being filled: what a killed run has left of them is removed by the next.
ROOM = Path("/var/lib/ziggie-backup/upgrading.json")
_UPGRADING, _DUMPED = ".upgrading", ".upgrading-dump"
_COMPOSE_TIMEOUT = 300.0
# libc has these without being asked.
_EVERYWHERE = ("C", "POSIX", "C.UTF-8", "C.utf8")
_TIMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted: the service, the version, and the file of the new Compose definition.

    From that come its image, and where it has the volume mounted and keeps its data (`pgdata`, empty for where the image does).
    """

    service: str
    to: str
    definition: str
    image: str
    target: str
    pgdata: str

    @classmethod
    def of(cls, setup: Setup, service: str, to: str, definition: str) -> Wish:
        """Return what is wanted, by the definition. Raises `BackupError` where that has no such service, or not with the volume."""
        source = _source(setup, service)
        try:
            project = Project.read(json.loads(Path(definition).read_bytes()))
        except (OSError, ValueError) as error:
            raise BackupError(f"the new definition {definition} cannot be read: {error}") from error
        wanted = project.services.get(service)
        if wanted is None or not wanted.image or not to:
            raise BackupError(f"the new definition has no service {service} with an image, or no version was given: -e upgrade_to=18")
        targets = [
            mount.target
            for mount in wanted.mounts
            if source.volume in (mount.source, volume_name(project.raw, setup.project, mount.source))
        ]
        if len(targets) != 1:
            raise BackupError(f"{service} does not mount {source.volume} in the new definition; an upgrade moves no data to another volume")
        pgdata = wanted.environment.get("PGDATA") or ""
        return cls(service=service, to=to, definition=definition, image=wanted.image, target=targets[0], pgdata=pgdata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What an upgrade does, what was checked, and what speaks against it."""

    volume: str
    directory: str
    before: str
    to: str
    image: str
    databases: tuple[str, ...]
    need: int
    free: int
    stops: tuple[str, ...]
    seconds: float | None
    checked: tuple[str, ...]
    problems: tuple[str, ...]

    def sentences(self) -> list[str]:
        """Return the plan as lines for a person."""
        down = (
            "not known, as no backup of the volume has been made"
            if self.seconds is None
            else f"about {max(round(self.seconds * _TIMES / 60), 1)} minutes: {_TIMES} times what its last backup took"
        )
        return [
            f"{self.volume}: PostgreSQL {self.before} becomes {self.to} ({self.image}): {', '.join(self.databases) or 'no database'}, and all roles",
            f"stopped meanwhile: {', '.join(self.stops) or 'none'}; downtime: {down}",
            f"the dump and the new data take {self.need >> 20} MiB beside {self.directory}, {self.free >> 20} MiB are free",
            *self.checked,
            f"the old data stay beside {self.directory} until -e upgrade_remove_old=true",
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a running server says of itself: bytes and extensions by database, locales, checksums, and what a dump does not bring along."""

    sizes: Mapping[str, int]
    extensions: Mapping[str, tuple[str, ...]]
    locales: tuple[str, ...]
    checksums: bool
    tablespaces: tuple[str, ...]
    slots: tuple[str, ...]


def plan(setup: Setup, engine: Engine, wish: Wish) -> Upgrade:
    """Return what an upgrade would do. Nothing of the stack is touched."""
    return _plan(setup, engine, wish, _source(setup, wish.service))


def upgrade(setup: Setup, engine: Engine, wish: Wish) -> dict[str, Any]:
    """Upgrade. Killed at any point, the old data are served by the old image, or the new by the new."""
    source = _source(setup, wish.service)
    _pull(setup, engine, wish)
    planned = _plan(setup, engine, wish, source)
    if planned.problems:
        raise BackupError("; ".join(planned.problems))
    began = time.monotonic()
    inspected = container_of(engine, setup.project, source)
    directory = directory_of(engine, source.volume)
    users = users_of(engine, source.volume)
    with stopped(engine, users), _room(directory) as (dump, new):
        rows = _carry_over(engine, setup, wish, inspected, source, directory, dump, new)
        old = directory.with_name(f"{directory.name}{BEFORE}{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
        with switch.switched(engine, switch.Note.of(setup, wish.service, wish.image, directory, new, old)):
            _make(setup, wish)
    healthy(engine, engine.containers(setup.project, [wish.service]))
    seconds = round(time.monotonic() - began, 1)
    return {"volume": source.volume, "before": planned.before, "to": wish.to, "rows": rows, "old": str(old), "seconds": seconds}


def _source(setup: Setup, service: str) -> Source:
    found = [source for source in setup.of(service) if source.engine == "postgres"]
    if len(found) != 1:
        raise BackupError(
            f"{service} has no volume that PostgreSQL's backup reads; an upgrade by dump and restore is known for PostgreSQL only: "
            f"other servers take their data along themselves, deploy the new image with -e upgrade_acknowledged={service}@VERSION"
        )
    return found[0]


def _plan(setup: Setup, engine: Engine, wish: Wish, source: Source) -> Upgrade:
    directory = directory_of(engine, source.volume)
    inspected = container_of(engine, setup.project, source)
    before = _format(directory)
    inside = look_inside(engine, wish.image, setup.project)
    problems = list(versions(wish, before, inside))
    if is_of(str(inspected["Config"]["Image"]), wish.image):
        problems.append(f"{wish.service} runs {wish.image} already")
    server = Server(sizes={}, extensions={}, locales=(), checksums=False, tablespaces=(), slots=())
    try:
        server = _asked(str(inspected["Id"]))
    except (BackupError, EngineError, ExecutionError, ValueError) as error:
        problems.append(f"{wish.service} does not answer, so nothing of it can be checked: {error}")
    # The dump is not compressed, and a database without bloat is not larger when it is restored.
    need = sum(server.sizes.values()) * 2 * 11 // 10
    free = shutil.disk_usage(directory).free
    if need > free:
        problems.append(f"the dump and the new data take {need >> 20} MiB, {free >> 20} MiB are free beside {directory}; make room first")
    if os.path.ismount(directory):
        problems.append(f"{directory} is a mount point, so nothing can take its place; keep the data in a directory below it")
    told, wrong = checked(server, inside, wish, inspected)
    stored = noted().volumes.get(source.volume)
    reached = stored.states.get("stored") if stored else None
    return Upgrade(
        volume=source.volume,
        directory=str(directory),
        before=before,
        to=wish.to,
        image=wish.image,
        databases=tuple(sorted(server.sizes)),
        need=need,
        free=free,
        stops=tuple(sorted(str(one["Name"]).lstrip("/") for one in users_of(engine, source.volume))),
        seconds=reached.seconds if reached else None,
        checked=tuple(told),
        problems=(*problems, *wrong),
    )


def _format(directory: Path) -> str:
    """Return the major version that the data say they are of."""
    found = sorted({text for path, text in content(Root(), str(directory)).formats.items() if path.endswith("PG_VERSION")})
    if len(found) != 1:
        raise BackupError(f"{directory} holds data of {' and '.join(found) or 'no'} version of PostgreSQL; an upgrade needs one")
    return found[0]


def versions(wish: Wish, before: str, inside: Inside | None) -> Iterator[str]:
    """Yield what is wrong with the versions, by what the image says of itself, or by its tag."""
    version = ImageName.parse(wish.image).version()
    told = inside.version if inside else ".".join(map(str, version or ()))
    if not f"{told}.".startswith(f"{wish.to}."):
        yield (
            f"the inventory's image of {wish.service} is {wish.image}, which is not version {wish.to}; "
            f"write catalog_overrides.services.{wish.service}.image first"
        )
    if _number(wish.to) <= _number(before):
        yield f"the data are of version {before}; only a newer major version is an upgrade"


def _number(text: str) -> tuple[int, ...]:
    numbers = tuple(int(number) for number in re.findall(r"\d+", text))
    return numbers[:2] if numbers < (10,) else numbers[:1]


def _asked(container: str) -> Server:
    def ask(database: str, sql: str) -> list[list[Any]]:
        return postgres.ask(container, database, sql)

    sizes = {str(name): int(size) for name, size in ask("postgres", _SIZES)}
    return Server(
        sizes=sizes,
        extensions={name: tuple(str(one) for (one,) in ask(name, _EXTENSIONS)) for name in sizes},
        locales=tuple(str(one) for (one,) in ask("postgres", _LOCALES)),
        checksums=ask("postgres", "SELECT json_build_array(current_setting('data_checksums'))")[0][0] == "on",
        tablespaces=tuple(str(one) for (one,) in ask("postgres", _TABLESPACES)),
        slots=tuple(
            str(one) for (one,) in ask("postgres", "SELECT json_build_array(slot_name) FROM pg_replication_slots ORDER BY 1::text")
        ),
    )


_SIZES = "SELECT json_build_array(datname, pg_database_size(oid)) FROM pg_database WHERE datallowconn ORDER BY 1::text"
_EXTENSIONS = "SELECT json_build_array(extname) FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1::text"
_LOCALES = """
SELECT json_build_array(l) FROM (SELECT datcollate AS l FROM pg_database UNION SELECT datctype FROM pg_database) AS found ORDER BY 1::text
"""
_TABLESPACES = "SELECT json_build_array(spcname) FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global') ORDER BY 1::text"


def checked(server: Server, inside: Inside | None, wish: Wish, inspected: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return what was checked, a sentence each, and what is wrong."""
    wrong = []
    if server.tablespaces:
        wrong.append(f"the tablespaces {', '.join(server.tablespaces)} lie outside of the volume; move their tables to pg_default first")
    if server.slots:
        wrong.append(f"the replication slots {', '.join(server.slots)} do not outlive a dump; drop them, and make them again afterwards")
    if inside is None:
        return [f"extensions and locales are checked once {wish.image} is on the host"], wrong
    lacks = {name: sorted(set(found) - inside.extensions) for name, found in server.extensions.items()}
    for database, missing in lacks.items():
        if missing:
            wrong.append(
                f"{wish.image} lacks the extensions {', '.join(missing)} of database {database}; use an image that has them, or drop them"
            )
    if inside.locales and (unknown := sorted(_plain(server.locales) - _plain(inside.locales) - _plain(_EVERYWHERE))):
        wrong.append(f"{wish.image} lacks the locales {', '.join(unknown)} of the databases; use an image that has them")
    if inside.refused and wish.target.rstrip("/") == inside.refused and not wish.pgdata:
        wrong.append(
            f"{wish.image} keeps its data in {inside.pgdata}, and refuses a volume at {wish.target}; set PGDATA: {wish.target} in the service's "
            "environment, or mount the volume at /var/lib/postgresql"
        )
    extensions = sorted({one for found in server.extensions.values() for one in found})
    arguments = str(inspected["Config"].get("Env") or "")
    after = _number(wish.to) >= (18,) or "--data-checksums" in arguments or " -k" in arguments
    return [
        f"extensions: {', '.join(extensions) or 'none'}{'' if any(lacks.values()) else f'; {wish.image} has what is needed'}",
        f"locales: {', '.join(server.locales) or 'none'}; checksums: {'on' if server.checksums else 'off'} before, {'on' if after else 'off'} after",
        f"data directory: {wish.pgdata or inside.pgdata or 'as the image has it'}, the volume at {wish.target}",
    ], wrong


def _plain(locales: Any) -> set[str]:
    return {str(one).lower().replace("-", "") for one in locales}


@contextlib.contextmanager
def _room(directory: Path) -> Iterator[tuple[Path, Path]]:
    """Make two empty directories beside the data, for the dump and for the new data, and remove what is not moved away."""
    status = directory.stat()
    dump, new = (directory.with_name(f"{directory.name}{ending}") for ending in (_DUMPED, _UPGRADING))
    ROOM.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    atomic.write(ROOM, json.dumps([str(dump), str(new)]).encode(), atomic.Ownership(uid=0, gid=0, mode=0o600))
    try:
        for path in (dump, new):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(mode=0o700)
        os.chown(new, status.st_uid, status.st_gid)
        new.chmod(stat.S_IMODE(status.st_mode))
        yield dump, new
    finally:
        clear()


def clear() -> None:
    """Remove the directories that an upgrade has made and not moved away."""
    try:
        paths = [Path(path) for path in json.loads(ROOM.read_bytes())]
    except (FileNotFoundError, ValueError):
        return
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
    ROOM.unlink()


def _carry_over(
    engine: Engine, setup: Setup, wish: Wish, inspected: Mapping[str, Any], source: Source, directory: Path, dump: Path, new: Path
) -> int:
    """Dump what the old server has, one that nobody else reaches, and restore it into the new directory; return the rows that were compared."""
    with Scratch(engine, inspected, target_of(inspected, source.volume), directory, setup.project) as scratch:
        _answers(scratch)
        staging = Staging(container=scratch.container, directory=dump)
        parts = postgres.take(staging)
        scratch.stop()
    with Scratch(engine, with_image(engine, inspected, wish.image, wish.pgdata), wish.target, new, setup.project) as scratch:
        _answers(scratch)
        postgres.restore(scratch, parts, {part.name: staging.read(part) for part in parts})
        scratch.stop()
    os.sync()
    return sum(table.rows for part in parts for table in part.tables.values())


def _answers(scratch: Scratch) -> None:
    scratch.wait(lambda: output(scratch.container, postgres.program("pg_isready", "-q", "-h", "127.0.0.1")))


def _pull(setup: Setup, engine: Engine, wish: Wish) -> None:
    """Have the image before anything is stopped."""
    if look_inside(engine, wish.image, setup.project) is None:
        _compose(setup, wish, "pull", "--quiet", "--", wish.service)


def _make(setup: Setup, wish: Wish) -> None:
    """Have Compose make the service's container anew, by the new definition."""
    _compose(setup, wish, "up", "--no-start", "--no-deps", "--force-recreate", "--", wish.service)


def _compose(setup: Setup, wish: Wish, *words: str) -> None:
    project = Path(setup.directory) / "stack"
    try:
        with alone(project, _COMPOSE_TIMEOUT) as lock:
            whole = command(DEFAULT_SOCKET, setup.project, str(project), *words, definition=wish.definition)
            done = subprocess.run(  # pylint: disable=ansible-bad-function
                whole, cwd=project, stdin=subprocess.DEVNULL, capture_output=True, text=True, pass_fds=(lock,), check=False
            )
    except MakeError as error:
        raise BackupError(str(error)) from error
    if done.returncode:
        raise BackupError(f"Compose cannot {words[0]} {wish.service} with {wish.image}: {reason(done.stderr or done.stdout)}")
