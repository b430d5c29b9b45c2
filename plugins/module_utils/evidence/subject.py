# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service as the readers of settings see it: words and variables with their places, and the configuration files it mounts."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..compose.entries import EnvFile, Mount
from ..compose.service import Figure, Service
from .setting import Setting
from .syntax import ini

# Access rules that PostgreSQL's arguments name, and scripts that start a program.
_NOT_SETTINGS = ("pg_hba.conf", "pg_ident.conf", ".sh")
_SHELLS = frozenset({"ash", "bash", "dash", "sh", "zsh"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What was read on the controller for one service.

    `files` are texts by their path inside the container. `unread` are the paths inside the container (a file's or a directory's)
    that are mounted and could not be read, each with the reason as a clause, such as "does not exist". `looked` are the directories
    inside the container in which every configuration file was read.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    looked: tuple[str, ...] = ()


NOTHING = Configuration()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """What lies at a path inside the container: `kind` is bind, volume, tmpfs, config or secret."""

    path: str
    kind: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One service. `words` are those of entrypoint and command, a shell's script split into its own words.

    `program` is the name that image facts know the program by, empty where they do not. `repository` is the image's name without
    registry, tag and digest. In `environment` the service's own variables come before those of its files, as in Compose; a variable
    whose value comes from the shell of the operator holds a `$`.

    `unread_files` are the entries of `env_file` whose content is not known. `ends` are the last part and the last two parts of the
    repository, `text` holds all words and values, as a pattern may find them, `executables` the file names of the words that can be
    programs, `named` the absolute paths that words name, alone or as the value of an option.
    """

    program: str
    repository: str
    words: tuple[Setting, ...]
    environment: Mapping[str, Setting]
    configuration: Configuration
    mounted: tuple[Mounted, ...]
    tmpfs: tuple[Mount, ...]
    shm: Figure
    unread_files: tuple[EnvFile, ...]
    ends: frozenset[str]
    text: str
    executables: frozenset[str]
    named: frozenset[str]

    @classmethod
    def of(
        cls,
        service: Service,
        *,
        program: str = "",
        repository: str = "",
        configuration: Configuration = NOTHING,
        outside: Mapping[str, str] = MappingProxyType({}),
        image: Mapping[str, str] = MappingProxyType({}),
    ) -> Subject:
        """Return the subject of a service.

        `outside` holds the values of variables that its `environment` only names, `image` those that its image sets and its author may replace.
        """
        files = ", ".join([entry.path for entry in service.env_files])
        environment = {name: Setting(value=value, where=f"the image's own {name}") for name, value in image.items()} if image else {}
        environment |= {name: Setting(value=value.replace("$$", "$"), where=f"{files}: {name}") for name, value in service.given.items()}
        for name, value in service.environment.items():
            known = outside.get(name, f"${name}") if value is None else value.replace("$$", "$")
            environment[name] = Setting(value=known, where=f"environment.{name}")
        words, parts = (*_command(service), *_supervised(configuration)), repository.split("/")
        return cls(
            program=program,
            repository=repository,
            words=words,
            environment=environment,
            configuration=configuration,
            mounted=tuple(_mounted(service)),
            tmpfs=tuple([mount for mount in service.mounts if mount.kind == "tmpfs"]),
            shm=service.declared.shm,
            unread_files=service.unread,
            ends=frozenset((parts[-1], "/".join(parts[-2:])) if repository else ()),
            # Joined as an option and its value are.
            text="=".join([setting.value for setting in (*words, *environment.values())]),
            executables=frozenset([file_name(word.value) for word in words if not word.value.startswith("-")]),
            named=_paths(words),
        )

    def is_one_of(self, images: tuple[str, ...]) -> bool:
        """Tell whether the program is called like one of these, or the image's name ends like one."""
        return self.program in images or not self.ends.isdisjoint(images)

    @property
    def followed(self) -> Iterator[tuple[Setting, Setting]]:
        """Yield each word with the one behind it, the last one with an empty word."""
        following = (*self.words[1:], Setting(value="", where=""))
        yield from zip(self.words, following, strict=False)


def file_name(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def named_by(service: Service) -> frozenset[str]:
    """Return the absolute paths that a service's command names."""
    return _paths(_command(service))


def _paths(words: Iterable[Setting]) -> frozenset[str]:
    paths = [word.value.rpartition("=")[2] for word in words]
    return frozenset([path for path in paths if path.startswith("/") and not path.endswith(_NOT_SETTINGS)])


def _command(service: Service) -> tuple[Setting, ...]:
    return (*_words(service.entrypoint, service.raw, "entrypoint"), *_words(service.command, service.raw, "command"))


def _words(words: tuple[str, ...] | None, raw: Mapping[str, Any], key: str) -> Iterator[Setting]:
    listed = isinstance(raw.get(key), (list, tuple))
    script = False
    for position, word in enumerate(words or ()):
        where = f"{key}[{position}]" if listed else key
        if script and not word.startswith("-"):
            yield from (Setting(value=part, where=where) for part in _script(word))
        else:
            yield Setting(value=word, where=where)
        script = script or file_name(word) in _SHELLS


def _supervised(configuration: Configuration) -> Iterator[Setting]:
    """Yield the words of the programs that a mounted supervisord.conf starts."""
    for path, text in sorted(configuration.files.items()):
        if "supervisor" in path:
            for name, value, line in ini("program:")(text):
                if name == "command":
                    yield from (Setting(value=part, where=f"{path}:{line}") for part in _script(value))


def _script(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=False)
    except ValueError:
        return text.split()


def _mounted(service: Service) -> Iterator[Mounted]:
    for mount in service.mounts:
        yield Mounted(path=mount.target, kind=mount.kind, where=mount.where)
    for reference in service.configs:
        yield Mounted(path=reference.target, kind="config", where=reference.where)
    for reference in service.secrets:
        yield Mounted(path=reference.target, kind="secret", where=reference.where)
