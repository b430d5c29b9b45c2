# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a Compose definition, read once and laid over each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...module_utils.adopt import codes
from ...module_utils.adopt.combine import combine
from ...module_utils.adopt.extends import Extender
from ...module_utils.adopt.interpolate import dot_env
from ...module_utils.budget.problems import Finding
from ...module_utils.findings.loose import mapping
from .document import LARGEST, Document, parse

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OVERRIDES = tuple(name.replace(".y", ".override.y") for name in NAMES)


@dataclass(slots=True)
class Source:
    """What was read.

    `documents` are the files that were named, `others` those that they extend, `whole` is the definition that all of them make,
    `contents` what stands for the content of files by name.
    """

    contents: Mapping[str, str] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    others: dict[str, Document | None] = field(default_factory=dict)
    whole: dict[str, Any] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)

    def last(self, service: str) -> Document | None:
        """Return the last of the files that has a service: what it says counts."""
        return next((document for document in reversed(self.documents) if service in mapping(document.data.get("services"))), None)

    def where(self, path: str) -> str:
        """Return the file and line of a finding's path, empty where no file has it."""
        parts = path.split(".")
        document = self.last(parts[1]) if parts[0] == "services" and len(parts) > 1 else None
        if document is None:
            document = next((one for one in reversed(self.documents) if parts[0] in one.data), None)
        return f"{document.name}:{document.line(path)}" if document else ""


def named(written: Iterable[str]) -> list[str]:
    """Return the files that are meant: a directory stands for the Compose files in it."""
    found = []
    for name in written:
        path = Path(name).expanduser()
        inside = [path / entry for entries in (NAMES, _OVERRIDES) for entry in entries if (path / entry).is_file()] if path.is_dir() else []
        found += [str(file) for file in inside] or [str(path)]
    return found


def read(files: Iterable[str], contents: Mapping[str, str] | None = None) -> Source:
    """Read files in their order and resolve what extends; `contents` stand for what is on the disk."""
    source = Source(contents=contents or {})
    for file in files:
        document = _document(source, file, "it is to be adopted")
        if document is not None:
            source.documents.append(document)
    extender = Extender(load=lambda file, wanted: _load(source, file, wanted), report=lambda *told: _extends(source, *told))
    for document in source.documents:
        source.whole = combine(source.whole, extender.resolve(document.name, document.data))
        if "include" in document.data:
            fix, message = "name them as further files", "files that are included are not read"
            source.problems.append(Finding(code=codes.NOT_FOLLOWED, severity="warning", path="include", message=message, fix=fix))
    return source


def variables(file: str) -> dict[str, str]:
    """Return what the .env beside a file says, as Compose reads it."""
    path = Path(file).parent / ".env"
    try:
        return dot_env(path.read_text(encoding="utf-8")) if path.is_file() and path.stat().st_size < LARGEST else {}
    except (OSError, UnicodeDecodeError):
        return {}


def _document(source: Source, file: str, why: str) -> Document | None:
    try:
        content = source.contents[file] if file in source.contents else _text(file)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        said = getattr(error, "strerror", None) or "it is no UTF-8 text"
        message = f"the file cannot be read, though {why}: {said}"
        source.problems.append(Finding(code=codes.UNREADABLE, severity="error", path=file, message=message, fix="name a Compose file"))
        return None
    document, problems = parse(file, content)
    source.problems.extend(problems)
    return document


def _text(file: str) -> str:
    """Return a file's text; of one that is far too large, something that is too large."""
    path = Path(file)
    return path.read_bytes().decode("utf-8") if path.stat().st_size <= 4 * LARGEST else " " * (LARGEST + 1)


def _load(source: Source, file: str, wanted: str) -> tuple[str, Mapping[str, Any]] | None:
    path = str(Path(file).parent / wanted)
    if path not in source.others:
        known = next((document for document in source.documents if document.name == path), None)
        source.others[path] = known or _document(source, path, "a service extends it")
    document = source.others[path]
    return None if document is None else (path, document.data)


def _extends(source: Source, file: str, path: str, message: str, fix: str) -> None:
    document = next((one for one in [*source.documents, *source.others.values()] if one and one.name == file), None)
    at = f"{file}:{document.line(path)}: {path}" if document else path
    problem = Finding(code=codes.BAD_EXTENDS, severity="error", path=at, message=message, fix=fix)
    if problem not in source.problems:
        source.problems.append(problem)
