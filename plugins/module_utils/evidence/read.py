# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what a service's author configured: the settings of its program, and the memory and processes that follow from them.

Nothing here raises: a value that cannot be read is not a demand, and `Written.unresolved` and `Written.unreadable` name what is
written and not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from .demand import Demand
from .program import Program, Values, shown
from .setting import Setting, Unreadable, Written
from .subject import Subject
from .table import BELOW, EVERYWHERE, PLACES, Places, programs_of

_SUFFIXES = (".conf", ".cnf", ".ini", ".xml", ".yml", ".yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """What the author of a service configured: the settings, and what they demand. Each demand is memory of its own, so they add up."""

    written: Written
    demands: tuple[Demand, ...]


Ours = Callable[[str], bool]


def _nothing(_name: str) -> bool:
    return False


def configured(subject: Subject, ours: Ours = _nothing) -> Configured:
    """Return the settings that the author wrote for the service's program and the runtimes below it, and what they demand.

    `ours` tells by a setting's name whether a budget wrote it: then it is not the author's.
    """
    programs = programs_of(subject)
    settings: dict[str, Setting] = {}
    wanted: list[Demand] = []
    for program in programs:
        own = {name: setting for name, setting in program.read(subject).items() if not ours(name)}
        # A server's rules see the settings of the runtimes below it too.
        settings.update(own)
        seen = own if program.runtime else settings
        if seen:
            wanted += _derived(program, seen)
    server = next((program.name for program in programs if not program.runtime), "")
    return Configured(
        written=Written(program=subject.program or server, settings=settings, unreadable=tuple(_unreadable(subject, programs))),
        demands=(*wanted, *_beside(subject)),
    )


def written(subject: Subject) -> Written:
    """Return the settings alone."""
    return configured(subject).written


def demands(subject: Subject) -> tuple[Demand, ...]:
    """Return the demands alone."""
    return configured(subject).demands


def _derived(program: Program, settings: Mapping[str, Setting]) -> Iterator[Demand]:
    for rule in program.rules:
        if not settings.keys().isdisjoint(rule.settings):
            yield from rule.derive(Values(settings=settings))


def _beside(subject: Subject) -> Iterator[Demand]:
    """Yield what the container takes beside its program: the kernel charges tmpfs and /dev/shm to it (cgroup v2, memory)."""
    for mount in subject.tmpfs:
        if mount.size:
            how = f"the tmpfs at {mount.target} may hold {shown(mount.size)}, which the kernel charges to the container"
            yield Demand(amount=mount.size, kind="tmpfs", source=mount.where, sentence=how)
    if subject.shm.value:
        how = f"/dev/shm may hold {shown(subject.shm.value)}; it is charged only as far as it is used"
        yield Demand(amount=subject.shm.value, kind="shm", source=subject.shm.at, sentence=how)


def _unreadable(subject: Subject, programs: tuple[Program, ...]) -> Iterator[Unreadable]:
    """Yield the configuration of the programs that is mounted or named by the command and was not read, each path once."""
    if not (subject.mounted or subject.named or subject.configuration.unread or subject.unread_files):
        return
    servers = [program for program in programs if not program.runtime]
    places = [PLACES[program.name] for program in servers] or [BELOW]
    read, unread, seen = subject.configuration.files, subject.configuration.unread, set[str]()
    for path, where, why in (*_mounted(subject, places), *_named(subject, places)):
        if path not in seen and path not in read and path not in subject.configuration.looked:
            seen.add(path)
            yield Unreadable(path=path, where=where, why=unread.get(path) or why)
    for path, why in unread.items():
        if path not in seen and any(place.has(path) for place in places):
            yield Unreadable(path=path, where=_where(subject, path), why=why)
    if not any(_is_silent(subject, program) for program in servers):
        for entry in subject.unread_files:
            yield Unreadable(path=entry.path, where=entry.where, why="was not read")


def _mounted(subject: Subject, places: list[Places]) -> Iterator[tuple[str, str, str]]:
    for mounted in subject.mounted:
        path = mounted.path.rstrip("/")
        holds = any(folder == path or folder.startswith(path + "/") for place in places for folder in place.folders)
        if mounted.kind != "tmpfs" and (holds or any(place.has(path) for place in places)):
            yield path, mounted.where, "is in a volume" if mounted.kind == "volume" else "was not read"


def _named(subject: Subject, places: list[Places]) -> Iterator[tuple[str, str, str]]:
    mounted = {mounted.path: mounted.where for mounted in subject.mounted} if subject.words else {}
    main = any(place.main for place in places)
    for word in subject.words:
        path = word.value.rpartition("=")[2]
        if main and path in mounted and path.endswith(".sh"):
            yield path, mounted[path], "is a script that starts the program"
        likely = main and (path in mounted or path.endswith(_SUFFIXES))
        if path in subject.named and (likely or any(place.has(path) for place in places)):
            yield path, mounted.get(path, word.where), "is named by the command and was not read"


def _is_silent(subject: Subject, program: Program) -> bool:
    return subject.repository.removeprefix("library/") in program.silent


def wanted(path: str) -> bool:
    """Tell whether a path inside a container can be a configuration file of any program; other files are none of our business."""
    return "supervisor" in path or EVERYWHERE.has(path)


def _where(subject: Subject, path: str) -> str:
    parents = {path, *map(str, PurePosixPath(path).parents)}
    return next((mounted.where for mounted in subject.mounted if mounted.path in parents), "")
