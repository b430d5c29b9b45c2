# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to write a setting: arguments, variables, configuration files. Each is a row of a program's table, with its documentation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from typing import TypeAlias

from .setting import Setting
from .subject import Subject, file_name
from .syntax import Syntax

_OF_OTHERS = re.compile(r"mapred|executor|child|_CONF_", re.IGNORECASE)
Found: TypeAlias = "tuple[str, Setting]"
Name: TypeAlias = "Callable[[str], str]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What is quick to look for: where none of it is in a service, a spelling finds nothing there.

    `files` is any configuration file, `variables` are names, `programs` file names of words that start one, `marks` parts of any word or value.
    """

    files: bool = False
    variables: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()
    marks: tuple[str, ...] = ()

    @classmethod
    def union(cls, several: Iterable[Traces]) -> Traces:
        """Return what any of these looks for."""
        listed = tuple(several)
        return cls(
            files=any(traces.files for traces in listed),
            variables=frozenset().union(*(traces.variables for traces in listed)),
            programs=frozenset().union(*(traces.programs for traces in listed)),
            marks=tuple(dict.fromkeys(mark for traces in listed for mark in traces.marks)),
        )

    def are_in(self, subject: Subject) -> bool:
        """Tell whether any of it is in a service."""
        if self.files and subject.configuration.files:
            return True
        if not (self.variables.isdisjoint(subject.environment) and self.programs.isdisjoint(subject.executables)):
            return True
        return any(mark in subject.text for mark in self.marks)


# A text is a part of every text: such a spelling is asked in any case.
ANYTHING = Traces(marks=("",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """One way to write settings. `at` says where in words, `source` names the documentation.

    `files` are patterns of the paths inside the container that it reads, `folders` the directories whose files are read because
    the program includes them. With `main`, a file that the command names is one of them, whatever it is called.
    """

    at: str
    read: Callable[[Subject], Iterable[Found]]
    source: str
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    main: bool = False
    traces: Traces = ANYTHING


def plain(name: str) -> str:
    """Return a name as it is."""
    return name


def underscored(name: str) -> str:
    """Return a name with `_` for `-`, as PostgreSQL and MySQL read both."""
    return name.replace("-", "_")


def options(
    source: str,
    *,
    names: Mapping[str, str] | None = None,
    dashes: str = "--",
    name: Name = plain,
    at: str = "",
    many: bool = False,
    of: tuple[str, ...] = (),
) -> Spelling:
    """Return the spelling `--name=value` and `--name value`.

    `names` maps what stands after the dashes to settings, `None` reads every name. `dashes` is `-` where one dash is enough. With
    `many`, the words up to the next option are one value. With `of`, only the words behind one of these programs are read.
    """
    shown = at or ", ".join(f"`{_dashed(key, dashes)} VALUE`" for key in names or {"NAME": ""})

    def read(subject: Subject) -> Iterator[Found]:
        if subject.words:
            yield from pick(_options(behind(subject, of), dashes, many), names, name)

    owner = f" of {', '.join(of)}" if of else ""
    traces = Traces(programs=frozenset(of)) if of else Traces(marks=("-",))
    return Spelling(at=f"argument {shown}{owner}" if names else f"arguments {shown}{owner}", read=read, source=source, traces=traces)


def behind(subject: Subject, programs: tuple[str, ...]) -> list[Setting]:
    """Return the words behind the first one that is one of these programs, all words where none is named."""
    words = list(subject.words)
    if not programs or subject.executables.isdisjoint(programs):
        return [] if programs else words
    starts = (at for at, word in enumerate(words) if file_name(word.value) in programs)
    return words[next(starts, len(words)) :]


def listed(variable: str, source: str, *, names: Mapping[str, str] | None = None, dashes: str = "--", name: Name = plain) -> Spelling:
    """Return the spelling of options within a variable, such as NODE_OPTIONS."""

    def read(subject: Subject) -> Iterator[Found]:
        setting = subject.environment.get(variable)
        if setting is not None:
            words = [Setting(value=word, where=setting.where) for word in setting.value.split()]
            yield from pick(_options(words, dashes, False), names, name)

    return Spelling(at=f"options in the variable `{variable}`", read=read, source=source, traces=Traces(variables=frozenset({variable})))


def pick(found: Iterable[Found], names: Mapping[str, str] | None, name: Name = plain) -> Iterator[Found]:
    """Yield what `names` maps, under the setting's name; everything where it is `None`."""
    for key, setting in found:
        if names is None:
            if len(key) > 1:
                yield name(key), setting
        elif key in names:
            yield names[key], setting


def variables(names: Mapping[str, str], source: str, *, unit: str = "", images: tuple[str, ...] = ()) -> Spelling:
    """Return the spelling of settings as variables.

    `unit` is put behind a bare number, where the variable counts one. With `images`, the variable is read only in images whose name
    ends like that, or whose program is called so.
    """

    def read(subject: Subject) -> Iterator[Found]:
        if images and not subject.is_one_of(images):
            return
        for variable, name in names.items():
            setting = subject.environment.get(variable)
            value = "" if setting is None else setting.value.strip()
            if setting is not None and value:
                yield name, Setting(value=value + unit if value.isdecimal() else value, where=setting.where)

    owner = f" of {', '.join(images)}" if images else ""
    at = "variable " + ", ".join(f"`{variable}`" for variable in names) + owner
    return Spelling(at=at, read=read, source=source, traces=Traces(variables=frozenset(names)))


def embedded(variable: str, syntax: Syntax, source: str) -> Spelling:
    """Return the spelling of settings within a variable that holds a configuration file."""

    def read(subject: Subject) -> Iterator[Found]:
        setting = subject.environment.get(variable)
        if setting is not None:
            for name, value, _line in syntax(setting.value):
                yield name, Setting(value=value, where=setting.where)

    return Spelling(at=f"variable `{variable}`, as a file", read=read, source=source, traces=Traces(variables=frozenset({variable})))


def prefixed(prefix: str, name: Name, source: str, *, at: str = "") -> Spelling:
    """Return the spelling of every setting as a variable with a prefix; `name` makes the setting's name of what follows it."""

    def read(subject: Subject) -> Iterator[Found]:
        for variable, setting in subject.environment.items():
            if variable.startswith(prefix) and len(variable) > len(prefix):
                yield name(variable.removeprefix(prefix)), setting

    return Spelling(at=at or f"variables `{prefix}*`", read=read, source=source)


def scanned(pattern: str, mark: str, names: Callable[[re.Match[str]], tuple[str, str]], source: str, *, at: str) -> Spelling:
    """Return the spelling of settings anywhere in words and variables, wherever a pattern matches; each match begins with `mark`.

    Variables that configure what the program starts elsewhere, such as the jobs of a cluster, are left out.
    """
    compiled = re.compile(pattern)

    def read(subject: Subject) -> Iterator[Found]:
        own = (setting for name, setting in subject.environment.items() if mark in setting.value and not _OF_OTHERS.search(name))
        for setting in (*own, *_joined(subject)):
            if mark not in setting.value:
                continue
            for match in compiled.finditer(setting.value):
                name, value = names(match)
                yield name, Setting(value=value, where=setting.where)

    return Spelling(at=at, read=read, source=source, traces=Traces(marks=(mark,)))


def files(
    patterns: Iterable[str], syntax: Syntax, source: str, *, folders: Iterable[str] = (), name: Name = plain, main: bool = False
) -> Spelling:
    """Return the spelling of settings in configuration files. A pattern is of a path inside the container, with shell wildcards."""
    wanted = tuple(patterns)

    def read(subject: Subject) -> Iterator[Found]:
        named = subject.named if main else frozenset()
        for path in sorted(subject.configuration.files):
            if path in named or matches(path, wanted):
                for key, value, line in syntax(subject.configuration.files[path]):
                    yield name(key), Setting(value=value, where=f"{path}:{line}")

    at = "file " + ", ".join(f"`{pattern}`" for pattern in wanted) + (", or one that the command names" if main else "")
    return Spelling(at=at, read=read, source=source, files=wanted, folders=tuple(folders), main=main, traces=Traces(files=True))


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Tell whether a path matches one of the patterns."""
    return bool(patterns) and _compiled(patterns).match(path) is not None


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)))


def _dashed(name: str, dashes: str) -> str:
    return f"-{name}" if len(name) == 1 else f"{dashes}{name}"


def _options(words: list[Setting], dashes: str, many: bool) -> Iterator[Found]:
    for position, setting in enumerate(words):
        word, where = setting.value, setting.where
        if not word.startswith("-") or word in ("-", "--"):
            continue
        if not word.startswith("--") and dashes == "--" and len(word.partition("=")[0]) > 2:
            # `-m512` is the option m with its value.
            yield word[1], Setting(value=word[2:].removeprefix("="), where=where)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if many and " " in name.strip():
            # Redis joins its arguments, so that a directive and its values may be one word: `"--maxmemory 4gb"`.
            name, _space, value = word.lstrip("-").partition(" ")
            yield name, Setting(value=value.strip(), where=where)
            continue
        if equals:
            yield name, Setting(value=value, where=where)
            continue
        following = _following(words[position + 1 :], many)
        if following:
            yield name, Setting(value=" ".join(following), where=words[position + 1].where)


def _following(words: list[Setting], many: bool) -> list[str]:
    """Return the words up to the next option, the first one alone unless `many`; an empty word is a value, as in `--save ""`."""
    found: list[str] = []
    for word in (setting.value for setting in words):
        if word.startswith("--") or (word.startswith("-") and not word[1:2].isdigit()) or (found and not many):
            break
        found.append(word or ('""' if many else word))
    return found


def _joined(subject: Subject) -> Iterator[Setting]:
    """Yield each word, an option without a value together with the next word, so that a pattern may span both."""
    for word, following in subject.followed:
        takes = word.value.startswith("-") and "=" not in word.value and not following.value.startswith("-")
        yield Setting(value=f"{word.value}={following.value}", where=following.where or word.where) if takes else word
