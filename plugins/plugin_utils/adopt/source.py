# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a Compose project, read once: as they are written, and as Compose understands them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...module_utils.adopt import codes
from ...module_utils.compose import loader
from ...module_utils.compose.entries import EnvFile
from ...module_utils.compose.loader import Loader, Problem, Scope
from ...module_utils.compose.project import project_name
from ...module_utils.compose.service import Service
from ...module_utils.compose.values import mapping, text
from ...module_utils.problems import Finding, Severity
from ..files import text_of
from .document import LARGEST, Document, parse

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OVERRIDES = tuple(name.replace(".y", ".override.y") for name in NAMES)
_KINDS: dict[str, tuple[str, Severity]] = {
    loader.INCLUDE: (codes.BAD_INCLUDE, "error"),
    loader.EXTENDS: (codes.BAD_EXTENDS, "error"),
    loader.VARIABLE: (codes.BAD_VARIABLE, "error"),
    loader.REMOTE: (codes.NOT_FOLLOWED, "warning"),
}


@dataclass(slots=True)
class Source:
    """What was read.

    `documents` are those of the named files and of the files that they include, later ones over earlier ones; `whole` is the
    definition that they make with variables as written, `compose` the same with variables replaced. `profiles` are those of
    COMPOSE_PROFILES, `project` is the project's name, `known` the variables with a value.
    `files` are the contents of the files of variables that the services name, by
    path; `contents` stands for the content of Compose files by name.
    """

    contents: Mapping[str, str] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    whole: dict[str, Any] = field(default_factory=dict)
    compose: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    profiles: frozenset[str] = frozenset()
    project: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    _read: dict[str, list[Document]] = field(default_factory=dict)

    def last(self, service: str) -> Document | None:
        """Return the last of the documents that has a service: what it says counts."""
        return next((document for document in reversed(self.documents) if service in mapping(document.data.get("services"))), None)

    def texts(self) -> dict[str, str]:
        """Return the text of each file by its name."""
        return {document.name: document.text for document in self.documents}

    def marks(self) -> dict[str, str]:
        """Return the byte order mark of each file by its name, empty where it has none."""
        return {document.name: document.mark for document in self.documents}

    def given(self, service: str) -> Mapping[str, str]:
        """Return the variables that a service's env files give it."""
        return Service.read(service, mapping(self.compose.get("services")).get(service), self.files).given

    def where(self, path: str) -> str:
        """Return the file and line of a finding's path, of the last file that has most of it; empty where no file has any."""
        reached = [(*document.reached(path), document.name) for document in reversed(self.documents)]
        length, line, name = max(reached, key=lambda found: found[0], default=(0, 0, ""))
        return f"{name}:{line}" if length else ""

    def parts(self, file: str, why: str) -> Sequence[Document]:
        """Return the documents of a file."""
        if file not in self._read:
            content = self._content(file, why, "name a Compose file") if file not in self.contents else self.contents[file]
            self._read[file], problems = parse(file, content) if content is not None else ([], [])
            self.problems.extend(problems)
        return self._read[file]

    def variables(self, file: str, why: str) -> str:
        """Return the text of a file of variables; without a reason for it, one that is missing is empty."""
        if not why and not Path(file).is_file():
            return ""
        return self._content(file, why or "it lies beside the Compose file", "name a file of variables") or ""

    def report(self, problem: Problem) -> None:
        """Take what the loader says as a finding with its file and line."""
        code, severity = _KINDS[problem.kind]
        document = problem.part
        line = document.line(problem.path) if isinstance(document, Document) else 1
        at = f"{document.name}:{line}: {problem.path}"
        self._add(Finding(code=code, severity=severity, path=at, message=problem.message, fix=problem.fix))

    def _content(self, file: str, why: str, fix: str) -> str | None:
        try:
            return _text(file)
        except (OSError, UnicodeDecodeError, ValueError) as error:
            said = getattr(error, "strerror", None) or "it is not UTF-8 text"
            message = f"the file cannot be read, though {why}: {said}"
            self._add(Finding(code=codes.UNREADABLE, severity="error", path=file, message=message, fix=fix))
            return None

    def _add(self, finding: Finding) -> None:
        if finding not in self.problems:
            self.problems.append(finding)


def named(written: Iterable[str], given: Mapping[str, str] | None = None, env_files: Sequence[str] = ()) -> list[str]:
    """Return the files that are meant: a directory stands for those that Compose would read in it.

    These are the files that COMPOSE_FILE names, which may stand in `.env`, else the first of the usual names and its override
    (https://docs.docker.com/compose/how-tos/environment-variables/envvars/).
    """
    found = []
    for name in written:
        path = Path(name).expanduser()
        found += [str(file) for file in _inside(path, given or {}, env_files)] if path.is_dir() else [str(path)]
    return found


def _inside(path: Path, given: Mapping[str, str], env_files: Sequence[str]) -> list[Path]:
    source = Source()
    reader = Loader(parts=source.parts, content=source.variables, report=source.report)
    known = {**reader.variables(env_files, str(path), given), **given}
    separator = known.get("COMPOSE_PATH_SEPARATOR") or ":"
    listed = [path / entry for entry in known.get("COMPOSE_FILE", "").split(separator) if entry]
    usual = [next((path / entry for entry in entries if (path / entry).is_file()), None) for entries in (NAMES, _OVERRIDES)]
    return listed or [entry for entry in usual if entry is not None] or [path]


def read(
    files: Sequence[str],
    given: Mapping[str, str] | None = None,
    env_files: Sequence[str] = (),
    contents: Mapping[str, str] | None = None,
) -> Source:
    """Read files in their order with all that they include and extend.

    `given` are variables that come before those of files; `env_files` take the place of the `.env` beside the first file;
    `contents` stands for what is on the disk.
    """
    source = Source(contents=contents or {})
    files = [os.path.normpath(file) for file in files]
    directory = os.path.dirname(files[0]) if files else ""  # noqa: PTH120 - a path as it is written, which may be empty
    reader = Loader(parts=source.parts, content=source.variables, report=source.report)
    known = {**reader.variables(env_files, directory, given or {}), **(given or {})}
    source.known = known
    scope = Scope(directory=directory, variables=known)
    source.profiles = frozenset(filter(None, known.get("COMPOSE_PROFILES", "").split(",")))
    source.compose = reader.load(files, scope)
    source.project = project_name(text(source.compose.get("name")), Path(directory).absolute().name, known)
    source.documents = list({id(part): part for part in reader.order if isinstance(part, Document)}.values())
    source.whole = Loader(parts=source.parts, content=source.variables, report=source.report, raw=True).load(files, scope)
    for service in mapping(source.compose.get("services")).values():
        for entry in EnvFile.read_all(mapping(service)):
            _env_file(source, directory, entry)
    return source


def _env_file(source: Source, directory: str, entry: EnvFile) -> None:
    """Read a file of variables for a container; one that cannot be read stays unread, which is for the rules to consider."""
    path = Path(directory, entry.path).expanduser()
    if entry.path in source.files or "$" in entry.path:
        return
    try:
        source.files[entry.path] = _text(str(path)) if entry.required or path.is_file() else ""
    except (OSError, UnicodeDecodeError, ValueError):
        return


def _text(file: str) -> str:
    """Return a file's text; of one that is too large, so much that it is refused."""
    return text_of(Path(file), LARGEST)
