# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several Compose files become one document: `include`, `extends`, `!reset`, `!override` and variables, in Compose's order.

Each document of a file is interpolated, then what it includes is read, then its services are extended, then it is laid over what
was read before (https://github.com/compose-spec/compose-spec/blob/main/13-merge.md and 14-include.md; compose-go, `loader`).
Paths are resolved as text and the result's are relative to the project directory, so a part of another directory means the same.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..problems import suggestion
from ..units import shown
from .dotenv import parse_env
from .entries import is_path, short_mount
from .interpolate import interpolate
from .merge import Path, merge, merge_service, removed, without_resets
from .project import SECTIONS
from .values import dig, items, mapping, text

_MANY = 200
_REMOTE = ("http://", "https://", "ssh://", "git://", "git@", "oci://", "github.com/")
_UNREAD = frozenset({"x-budget"})

INCLUDE, EXTENDS, VARIABLE, REMOTE = "include", "extends", "variable", "remote"


class Part(Protocol):
    """One YAML document of a file: its plain data, and the paths at which it says `!reset` or `!override`."""

    @property
    def name(self) -> str:
        """Return the file's path."""

    @property
    def data(self) -> Mapping[str, Any]:
        """Return the plain data."""

    @property
    def resets(self) -> Sequence[Path]:
        """Return the paths of keys that replace instead of merging."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong in a part: `kind` is one of the constants above, `path` the key's."""

    kind: str
    part: Part
    path: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a file is read with: the directory that its paths are relative to, and the values of its variables."""

    directory: str
    variables: Mapping[str, str]


@dataclass(slots=True)
class Loader:
    """Reads a project once.

    `parts` returns the documents of a file by its path and the reason why it is read, none where it cannot be read, `content` the
    text of a file of variables, `report` takes problems. `raw` leaves variables as written but for those that name other
    files. `order` fills up with the documents whose services are the project's, later ones over earlier ones.
    """

    parts: Callable[[str, str], Sequence[Part]]
    content: Callable[[str, str], str]
    report: Callable[[Problem], None]
    raw: bool = False
    order: list[Part] = field(default_factory=list)
    _root: str = ""
    # What is resolved is kept with the services it is of, so that work does not repeat and their identity stays theirs.
    _resolved: dict[tuple[int, str], tuple[Mapping[str, Any], dict[str, Any]]] = field(default_factory=dict)
    _files_read: dict[tuple[str, str], Mapping[str, Any] | None] = field(default_factory=dict)

    def load(self, files: Sequence[str], scope: Scope) -> dict[str, Any]:
        """Return the document that files make, each laid over the one before."""
        self._root = scope.directory
        return self._files(files, scope, ())

    def _files(self, files: Sequence[str], scope: Scope, chain: tuple[str, ...]) -> dict[str, Any]:
        document: dict[str, Any] = {}
        for position, file in enumerate(files):
            why = "it is to be adopted" if not chain else f"{chain[-1]} includes it"
            for part in self.parts(file, why):
                document = self._laid(document, part, scope, (*chain, file) if position == 0 or not chain else chain)
        return document

    def _laid(self, document: dict[str, Any], part: Part, scope: Scope, chain: tuple[str, ...]) -> dict[str, Any]:
        data = self._read(part, scope)
        included: dict[str, Any] = {}
        for position, entry in enumerate(items(data.pop("include", None))):
            included = merge(included, self._included(entry, f"include[{position}]", part, scope, chain))
        own = merge(removed(included, part.resets), data)
        self.order.append(part)
        if own.get("services"):
            services, extended = mapping(own["services"]), {}
            for name in services:
                extended[name] = self._extended(name, services, part, scope, ())
            own["services"] = extended
        return merge(removed(document, part.resets), own)

    def _read(self, part: Part, scope: Scope) -> dict[str, Any]:
        """Return a part's data with variables replaced and paths relative to the project directory."""
        data: dict[str, Any] = without_resets(part.data)

        def report(path: str, message: str) -> None:
            fix = "write ${NAME:-default}, or $$ for a dollar"
            self.report(Problem(kind=VARIABLE, part=part, path=path, message=message, fix=fix))

        if self.raw:
            naming = {"include": data["include"]} if "include" in data else {}
            extending = {name: {"extends": service["extends"]} for name, service in _extending(data)}
            named = interpolate({**naming, "services": extending}, scope.variables, report)
            services = {
                name: {**service, **named["services"][name]} if name in extending else service
                for name, service in mapping(data.get("services")).items()
            }
            data = {**data, **({"services": services} if extending else {}), **({"include": named["include"]} if naming else {})}
        else:
            data = interpolate(data, scope.variables, report)
        prefix = posixpath.relpath(scope.directory or ".", self._root or ".")
        return data if prefix == "." else moved(data, prefix)

    def _included(self, entry: Any, at: str, part: Part, scope: Scope, chain: tuple[str, ...]) -> dict[str, Any]:
        long = mapping(entry)
        written = [text(path) for path in items(long.get("path") if isinstance(entry, Mapping) else entry)]
        remote = [path for path in written if path.startswith(_REMOTE)]
        if remote or not written:
            message = f"{shown(remote[0])} is on another host and is not read" if remote else f"{shown(entry)} names no file"
            kind = REMOTE if remote else INCLUDE
            self.report(Problem(kind=kind, part=part, path=at, message=message, fix="include a file on this machine"))
            return {}
        files = [_joined(scope.directory, path) for path in written]
        if files[0] in chain:
            circle = " includes ".join((*chain[chain.index(files[0]) :], files[0]))
            message, fix = f"it forms a cycle: {circle}", "remove one of these includes"
            self.report(Problem(kind=INCLUDE, part=part, path=at, message=message, fix=fix))
            return {}
        if len(chain) > _MANY:
            message = f"the chain of included files is longer than {_MANY}"
            self.report(Problem(kind=INCLUDE, part=part, path=at, message=message, fix="include fewer files"))
            return {}
        wanted = text(long.get("project_directory"))
        directory = _joined(scope.directory, wanted) if wanted else posixpath.dirname(files[0])
        env_files = [_joined(scope.directory, text(path)) for path in items(long.get("env_file")) if text(path) != "/dev/null"]
        given = self.variables(env_files, directory, scope.variables) if "env_file" not in long or env_files else {}
        inner = Scope(directory=directory, variables={**given, **scope.variables})
        document = self._files(files, inner, chain)
        return {section: document[section] for section in SECTIONS if document.get(section)}

    def variables(self, env_files: Sequence[str], directory: str, outer: Mapping[str, str]) -> dict[str, str]:
        """Return what files of variables say; without any, what `.env` of the directory says, if it is there."""
        found: dict[str, str] = {}
        for file in env_files or [_joined(directory, ".env")]:
            found |= parse_env(self.content(file, "" if not env_files else "it is a file of variables"), {**found, **outer})
        return found

    def _extended(
        self, name: str, services: Mapping[str, Any], part: Part, scope: Scope, chain: tuple[tuple[str, str], ...], where: str = ""
    ) -> Any:
        """Return a service with all that it extends; `where` is the other file that `services` are of."""
        service = services[name]
        if not isinstance(service, Mapping) or not service.get("extends"):
            return service
        here = (where or part.name, name)
        if (id(services), name) in self._resolved:
            return self._resolved[id(services), name][1]
        own = {key: value for key, value in service.items() if key != "extends"}
        base = self._base(service["extends"], services, part, scope, (*chain, here), where)
        extended = merge_service({key: value for key, value in base.items() if key not in _UNREAD or key not in own}, own)
        self._resolved[id(services), name] = services, extended
        return extended

    def _base(
        self,
        extends: Any,
        services: Mapping[str, Any],
        part: Part,
        scope: Scope,
        chain: tuple[tuple[str, str], ...],
        where: str,
    ) -> Mapping[str, Any]:
        path = f"services.{chain[0][1]}.extends" if where else f"services.{chain[-1][1]}.extends"
        wanted = text(extends.get("service")) if isinstance(extends, Mapping) else text(extends)
        elsewhere, resets = text(mapping(extends).get("file")), () if where else part.resets

        def report(message: str, fix: str, kind: str = EXTENDS) -> Mapping[str, Any]:
            self.report(Problem(kind=kind, part=part, path=path, message=message, fix=fix))
            return {}

        if elsewhere.startswith(_REMOTE):
            return report(f"{shown(elsewhere)} is on another host and is not read", "extend a service of a file on this machine", REMOTE)
        if elsewhere:
            file = _joined(self._root, elsewhere)
            others = self._others(file, scope)
            if others is None:
                return report(f"the file {shown(elsewhere)} cannot be read", "name a Compose file, relative to this one")
            services, where = others, file
        if wanted not in services:
            fix = suggestion(wanted, [str(known) for known in services]) if len(services) <= _MANY else "name a service of the file"
            return report(f"there is no service {shown(wanted)} to extend", fix)
        there = (where or part.name, wanted)
        if there in chain:
            circle = " extends ".join(known for _unused, known in (*chain[chain.index(there) :], there))
            return report(f"it forms a cycle: {circle}", "remove extends from one of them")
        if len(chain) > _MANY:
            return report(f"the chain is longer than {_MANY} services", "remove extends from one of them")
        base = mapping(self._extended(wanted, services, part, scope, chain, where))
        name = chain[-1][1]
        return mapping(dig(removed({"services": {name: base}}, resets), "services", name))

    def _others(self, file: str, scope: Scope) -> Mapping[str, Any] | None:
        """Return the services of another file that one extends, `None` where it cannot be read."""
        if (file, scope.directory) not in self._files_read:
            parts = self.parts(file, "a service extends it")
            document: dict[str, Any] = {}
            for part in parts:
                there = Scope(directory=posixpath.dirname(file), variables=scope.variables)
                document = merge(removed(document, part.resets), self._read(part, there))
            self._files_read[file, scope.directory] = mapping(document.get("services")) if parts else None
        return self._files_read[file, scope.directory]


def _extending(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    services = mapping(data.get("services")).items()
    return ((name, service) for name, service in services if isinstance(service, Mapping) and service.get("extends"))


def _joined(directory: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(directory, posixpath.expanduser(path)))


def moved(document: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return a document whose relative paths lead to the same files from another directory; `prefix` leads from there to here."""
    services = mapping(document.get("services"))
    return {
        **document,
        **({"services": {name: _service(service, prefix) for name, service in services.items()}} if services else {}),
        **{
            section: {name: _with(entry, prefix, "file") for name, entry in document[section].items()}
            for section in ("configs", "secrets")
            if isinstance(document.get(section), Mapping)
        },
    }


def _service(service: Any, prefix: str) -> Any:
    if not isinstance(service, Mapping):
        return service
    found = {**service}
    if service.get("volumes"):
        found["volumes"] = [_mount(entry, prefix) for entry in items(service["volumes"])]
    if service.get("env_file"):
        found["env_file"] = [_with(entry, prefix, "path") for entry in items(service["env_file"])]
    if service.get("label_file"):
        found["label_file"] = [_path(entry, prefix) for entry in items(service["label_file"])]
    if service.get("build"):
        found["build"] = _with(service["build"], prefix, "context")
    if isinstance(service.get("extends"), Mapping):
        found["extends"] = _with(service["extends"], prefix, "file")
    return found


def _with(entry: Any, prefix: str, key: str) -> Any:
    if isinstance(entry, Mapping):
        return {**entry, key: _path(entry[key], prefix)} if entry.get(key) else entry
    return _path(entry, prefix)


def _mount(entry: Any, prefix: str) -> Any:
    if isinstance(entry, Mapping):
        return _with(entry, prefix, "source") if entry.get("type") == "bind" else entry
    source, target, options = short_mount(text(entry))
    return ":".join(filter(None, (_path(source, prefix), target, options))) if is_path(source) else entry


def _path(path: Any, prefix: str) -> Any:
    """Return a path that leads from elsewhere to the same file; absolute ones, variables and URLs stay."""
    if not isinstance(path, str) or path.startswith(("/", "~", "$", *_REMOTE)) or path[1:2] == ":" or not path:
        return path
    found = posixpath.normpath(posixpath.join(prefix, path))
    return found if found.startswith(("/", "../")) or found in (".", "..") else f"./{found}"
