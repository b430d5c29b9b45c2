# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All programs whose settings are read, and which of them run in a service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .program import Program
from .programs import caches, databases, guests, jvm, ledgers, models, monitoring, runtimes
from .spelling import Traces, matches
from .subject import Subject

# A runtime comes before the servers: what these say of it counts on top.
PROGRAMS = tuple(program for room in (jvm, runtimes, databases, caches, monitoring, models, guests, ledgers) for program in room.PROGRAMS)
RUNTIMES = tuple(program for program in PROGRAMS if program.runtime)
SERVERS = tuple(program for program in PROGRAMS if not program.runtime)


def _index(keys: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, words in keys.items():
        for word in words:
            found[word] = (*found.get(word, ()), name)
    return found


_OF_RUNTIMES = Traces.union(spelling.traces for program in RUNTIMES for spelling in program.spellings)
_BY_NAME = _index({program.name: (program.name, *program.names, *program.images) for program in SERVERS})
_BY_EXECUTABLE = _index({program.name: program.executables for program in SERVERS})
_BEGINNINGS = tuple(beginning for program in SERVERS for beginning in program.variables)
_BY_VARIABLE = tuple((beginning, program.name) for program in SERVERS for beginning in program.variables)


def programs_of(subject: Subject) -> tuple[Program, ...]:
    """Return the programs that can have settings in a service: its servers, by their name, its command or its variables, after the runtimes.

    Most services have no setting of any runtime, and these are not asked one by one then.
    """
    names = {name for key in (subject.program, *subject.ends) for name in _BY_NAME.get(key, ())}
    names.update(name for word in subject.executables for name in _BY_EXECUTABLE.get(word, ()))
    for variable in subject.environment:
        if variable.startswith(_BEGINNINGS):
            names.update(name for beginning, name in _BY_VARIABLE if variable.startswith(beginning))
    runtimes = RUNTIMES if _OF_RUNTIMES.are_in(subject) else ()
    return (*runtimes, *(program for program in SERVERS if program.name in names)) if names else runtimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the configuration of a program lies inside a container.

    `files` are patterns of paths, `folders` directories, `main` tells whether any file that the command names is one.
    """

    files: tuple[str, ...]
    folders: frozenset[str]
    main: bool

    @classmethod
    def of(cls, programs: Iterable[Program]) -> Places:
        """Return the places of some programs."""
        rows = tuple(spelling for program in programs for spelling in program.spellings)
        return cls(
            files=tuple(pattern for row in rows for pattern in row.files),
            folders=frozenset(folder for row in rows for folder in row.folders),
            main=any(row.main for row in rows),
        )

    def has(self, path: str) -> bool:
        """Tell whether a file at this path is configuration."""
        return matches(path, self.files)


EVERYWHERE = Places.of(PROGRAMS)
BELOW = Places.of(RUNTIMES)
PLACES = {program.name: Places.of([*RUNTIMES, program]) for program in SERVERS}
