# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the settings of a configuration file, each with its line. No text makes these functions raise.

Each returns `(name, value, line)` in the order of the file; what does not look like a setting is left out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from typing import TypeAlias
from xml.etree import ElementTree

Line: TypeAlias = tuple[str, str, int]
Syntax: TypeAlias = Callable[[str], Iterator[Line]]

_NAME = r"[A-Za-z_][\w.\-]*"
_EQUALS = re.compile(rf"\s*({_NAME})\s*(?:=|\s)\s*(.*)")
_PROPERTY = re.compile(r"\s*([^\s=:#!]+)\s*[=:]\s*(.*)")
_EXPORT = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)")
_ENTRY = re.compile(r"( *)(['\"]?)([\w.\-]+)\2:(?:\s+(.*))?")
_JVM_LINE = re.compile(r"\s*(?:[0-9]+-?[0-9]*:)?(-\S.*)")
_DIRECTIVE = re.compile(r"\s*([a-z_]+)\s+([^;{}#]+);")
_LINE_OF_TAG = re.compile(r"<([A-Za-z_][\w.\-]*)")
_DEEPEST = 40


def postgresql(text: str) -> Iterator[Line]:
    """Read postgresql.conf: `name = value` or `name value`, single quotes around a value, `#` comments (PostgreSQL 19.1)."""
    for number, line in enumerate(text.splitlines(), 1):
        match = _EQUALS.fullmatch(line)
        if match:
            yield match[1].lower(), _quoted(match[2]), number


def ini(*sections: str) -> Syntax:
    """Return a reader of sections of an INI file, of all where none is named; `#` and `;` start comments."""

    def read(text: str) -> Iterator[Line]:
        section = ""
        for number, line in enumerate(text.splitlines(), 1):
            bare = line.strip()
            if bare.startswith("[") and bare.endswith("]"):
                section = bare[1:-1].strip().lower()
                continue
            match = _PROPERTY.fullmatch(bare)
            if match and not bare.startswith((";", "#")) and (not sections or section.startswith(sections)):
                yield match[1], _quoted(match[2], ";#"), number

    return read


def words(text: str) -> Iterator[Line]:
    """Read `name value value`, one directive a line, as redis.conf is written; `#` starts a comment line."""
    for number, line in enumerate(text.splitlines(), 1):
        name, *values = _split(line) or [""]
        if values and not name.startswith("#"):
            yield name.lower(), " ".join(values), number


def properties(text: str) -> Iterator[Line]:
    """Read `name=value` or `name: value` as Java and RabbitMQ do; `#` and `!` start comment lines."""
    for number, line in enumerate(text.splitlines(), 1):
        match = _PROPERTY.fullmatch(line)
        if match:
            yield match[1], _quoted(match[2], ""), number


def exports(text: str) -> Iterator[Line]:
    """Read `NAME=value` of a shell script that sets variables."""
    for number, line in enumerate(text.splitlines(), 1):
        match = _EXPORT.fullmatch(line)
        if match:
            yield match[1], _quoted(match[2]), number


def directives(text: str) -> Iterator[Line]:
    """Read `name value;` as nginx does."""
    for number, line in enumerate(text.splitlines(), 1):
        for match in _DIRECTIVE.finditer(line.partition("#")[0]):
            yield match[1], match[2].strip(), number


def jvm_options(text: str) -> Iterator[Line]:
    """Read one option of a JVM a line; a range of versions may precede it, as in Elasticsearch's jvm.options."""
    for number, line in enumerate(text.splitlines(), 1):
        match = _JVM_LINE.fullmatch(line)
        if match:
            yield "", match[1].strip(), number


def yaml(text: str) -> Iterator[Line]:
    """Read the scalars of nested block mappings under dotted names; lists and flow collections are left out."""
    above: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _ENTRY.fullmatch(line.rstrip())
        if not match:
            continue
        indent, value = len(match[1]), match[4] or ""
        while above and above[-1][0] >= indent:
            above.pop()
        name = ".".join([*(parent for _indent, parent in above), match[3]])
        value = _quoted(value)
        if value and value[0] not in "[{|>&*":
            yield name, value, number
        elif not value and len(above) < _DEEPEST:
            above.append((indent, match[3]))


def xml(text: str) -> Iterator[Line]:
    """Read the texts of nested elements under dotted names without the root's. A document with declarations is left out."""
    if "<!" in re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL):
        return
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for match in _LINE_OF_TAG.finditer(line):
            lines.setdefault(match[1], number)
    yield from ((name, value, lines.get(name.rpartition(".")[2], 1)) for name, value in _texts(root, ()))


def _texts(element: ElementTree.Element, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for child in element:
        inner = (*path, child.tag)
        value = (child.text or "").strip()
        if len(child) and len(inner) < _DEEPEST:
            yield from _texts(child, inner)
        elif value:
            yield ".".join(inner), value


def _quoted(written: str, comments: str = "#") -> str:
    """Return a value without its quotes, or without the comment behind it."""
    bare = written.strip()
    if bare[:1] in ("'", '"') and bare.find(bare[0], 1) > 0:
        return bare[1 : bare.index(bare[0], 1)]
    positions = [match.start() for match in re.finditer(r"(?:^|\s)[#;]", bare) if match[0][-1] in comments]
    return bare[: positions[0]].strip() if positions else bare


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=False)
    except ValueError:
        return line.split()
