# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A YAML file as text, as nodes that know where they stand, and as plain data; a file may hold several documents.

Anything may be in the file: what is too large, too deep, ambiguous or not YAML becomes findings with their line, and a file that
expands without end is refused before it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ...module_utils.adopt import codes
from ...module_utils.compose.merge import RESET, Path
from ...module_utils.compose.project import SECTIONS
from ...module_utils.problems import Finding

LARGEST = 8 * 1024 * 1024
MOST_VALUES = 200_000
DEEPEST = 60
MERGE = "<<"
_RESET, _OVERRIDE = "!reset", "!override"

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WIDEST_INDENT = 400
_DEEPEST_BRACKETS = 1000

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_MOST_DIGITS = 18
_NEXT = re.compile(r"[.\[]")
_CONSTANTS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: value for value in (True, False) for word in (str(value).lower(), str(value), str(value).upper())
}


@dataclass(slots=True)
class Document:
    """A document that was read: `data` is its plain data, `root` the node at its top, `text` the whole file's behind its byte order `mark`.

    `resets` are the paths of what is `!reset` or `!override`: it replaces what earlier documents say instead of merging with it.
    """

    name: str
    text: str
    root: MappingNode
    data: dict[str, Any]
    resets: tuple[Path, ...] = ()
    mark: str = ""
    # The entries of mappings that were looked into, since thousands of findings ask for the same ones.
    _keys: dict[int, dict[str, tuple[Node, int]]] = field(default_factory=dict, compare=False, repr=False)

    def line(self, path: str) -> int:
        """Return the line of the value that a finding's path leads to, or of the nearest one above it."""
        return self.reached(path)[1]

    def reached(self, path: str) -> tuple[int, int]:
        """Return how many characters of a finding's path lead to a value here, and its line."""
        node: Node = self.root
        length, line, rest = 0, int(self.root.start_mark.line), path
        while rest and (found := self._step(node, rest)) is not None:
            taken, node, line = found
            length += taken
            rest = rest[taken:]
        return length, line + 1

    def _step(self, node: Node, rest: str) -> tuple[int, Node, int] | None:
        """Return how much of a path is the next key or position, its node and its line; a key may hold dots."""
        if isinstance(node, SequenceNode):
            match = re.match(r"\[([0-9]+)\]", rest)
            if match and int(match[1]) < len(node.value):
                return match.end(), node.value[int(match[1])], node.value[int(match[1])].start_mark.line
        if isinstance(node, MappingNode):
            dot = int(rest.startswith("."))
            if id(node) not in self._keys:
                self._keys[id(node)] = {str(key.value): (value, key.start_mark.line) for key, value in node.value}
            keys = self._keys[id(node)]
            ends = [*(match.start() for match in _NEXT.finditer(rest, dot)), len(rest)]
            end = next((end for end in reversed(ends) if rest[dot:end] in keys), None)
            return None if end is None else (end, *keys[rest[dot:end]])
        return None


def parse(name: str, text: str) -> tuple[list[Document], list[Finding]]:
    """Return a file's documents and its problems; no document where the file cannot be read as YAML."""
    mark, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    if len(text) > LARGEST:
        return [], [_problem(codes.TOO_MUCH, name, f"the file has more than {LARGEST} characters", "split the file")]
    odd = _UNPRINTABLE.search(text)
    if odd:
        where = f"{name}:{text.count(chr(10), 0, odd.start()) + 1}"
        return [], [_problem(codes.NOT_YAML, where, f"the character {odd[0]!r} is not allowed in YAML", "save the file as UTF-8 text")]
    if _too_deep(text):
        return [], [_problem(codes.TOO_MUCH, name, "it is nested too deeply", f"keep it below {DEEPEST} levels")]
    try:
        roots = [root for root in yaml.compose_all(text, Loader=_LOADER) if not _is_empty(root)]
        odd_root = next((root for root in roots if not isinstance(root, MappingNode)), None)
        if odd_root is not None or not roots:
            where = name if odd_root is None else f"{name}:{odd_root.start_mark.line + 1}"
            return [], [_problem(codes.NOT_COMPOSE, where, "expected a mapping", "write services: {name: {image: …}}")]
        _measure(roots)
        mappings = [root for root in roots if isinstance(root, MappingNode)]
        problems = [problem for root in mappings for problem in (*_duplicates(name, root), *_names(name, root))]
        documents = [
            Document(name=name, text=text, root=root, data=plain(root), resets=tuple(_resets(root)), mark=mark) for root in mappings
        ]
        return documents, problems
    except yaml.YAMLError as error:
        return [], [_broken(name, error)]
    except _TooMuchError as error:
        return [], [_problem(codes.TOO_MUCH, f"{name}:{error.line}", str(error), "write it out with fewer aliases")]


class _TooMuchError(Exception):
    def __init__(self, message: str, node: Node) -> None:
        self.line = node.start_mark.line + 1
        super().__init__(message)


def _too_deep(text: str) -> bool:
    """Tell whether the text nests so deeply that reading it alone would take long; quotes are not looked at, so the bound is generous."""
    depth = deepest = 0
    for bracket in re.finditer(r"[\[\]{}]", text):
        depth = max(0, depth + (1 if bracket[0] in "[{" else -1))
        deepest = max(deepest, depth)
    return deepest > _DEEPEST_BRACKETS or re.search(rf"^[ ?-]{{{_WIDEST_INDENT}}}", text, re.MULTILINE) is not None


def _is_empty(root: Node | None) -> bool:
    """Tell whether a document says nothing, as after a `---` at a file's end."""
    return root is None or (isinstance(root, ScalarNode) and not root.style and root.value == "")


def _measure(roots: list[Node]) -> None:
    """Refuse what aliases blow up or close to a circle: each node is counted once, however often it is used."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: Node, depth: int) -> int:
        if id(node) in open_nodes:
            raise _TooMuchError("an anchor holds an alias of itself", node)
        if depth > DEEPEST:
            raise _TooMuchError(f"it is nested deeper than {DEEPEST} levels", node)
        if id(node) not in sizes:
            open_nodes.add(id(node))
            sizes[id(node)] = 1 + sum(size(child, depth + 1) for child in _children(node))
            open_nodes.discard(id(node))
        if sizes[id(node)] > MOST_VALUES:
            raise _TooMuchError(f"its aliases expand to more than {MOST_VALUES} values", node)
        return sizes[id(node)]

    for root in roots:
        size(root, 0)


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, SequenceNode):
        yield from node.value


def _duplicates(name: str, root: Node) -> Iterator[Finding]:
    seen: set[int] = set()
    pending: list[tuple[Node, str]] = [(root, "")]
    while pending:
        node, path = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            pending += [(child, f"{path}[{position}]") for position, child in enumerate(node.value)]
        if not isinstance(node, MappingNode):
            continue
        first: dict[Any, int] = {}
        for key, value in node.value:
            at = f"{path}.{key.value}" if path else str(key.value)
            line = key.start_mark.line + 1
            if isinstance(key, ScalarNode) and key.value != MERGE and first.setdefault(key.value, line) != line:
                message = f"'{key.value}' is written twice, first in line {first[key.value]}"
                yield _problem(codes.DUPLICATE_KEY, f"{name}:{line}: {at}", message, "keep one of them")
            pending.append((value, at))


def _names(name: str, root: MappingNode) -> Iterator[Finding]:
    """Yield what is wrong with the sections of a document: each maps names to mappings, and Compose restricts a service's name."""
    for section, entries in root.value:
        if section.value not in SECTIONS or _is_nothing(entries):
            continue
        if not isinstance(entries, MappingNode):
            where = f"{name}:{entries.start_mark.line + 1}: {section.value}"
            yield _problem(codes.NOT_COMPOSE, where, "expected a mapping", f"write {section.value}: {{name: {{…}}}}")
            continue
        for key, value in entries.value:
            where, service = f"{name}:{key.start_mark.line + 1}: {section.value}.{key.value}", section.value == "services"
            if service and (not isinstance(key, ScalarNode) or (key.value != MERGE and not isinstance(_scalar(key), str))):
                yield _problem(codes.BAD_NAME, where, "the service's name is not text", "put it in quotes")
            elif service and key.value != MERGE and not re.fullmatch(r"[a-zA-Z0-9._-]+", key.value):
                yield _problem(codes.BAD_NAME, where, "Compose accepts letters, digits, ., _ and - in a service's name", "rename it")
            elif not isinstance(value, MappingNode) and key.value != MERGE and not _is_nothing(value):
                yield _problem(
                    codes.NOT_COMPOSE, where, "expected a mapping", f"write {'image: … below it' if service else 'key: value pairs'}"
                )


def _is_nothing(node: Node) -> bool:
    """Tell whether a value is null or `!reset`."""
    return bool(node.tag == _RESET) or (isinstance(node, ScalarNode) and _scalar(node) is None)


def plain(node: Node) -> Any:
    """Return a node's value as plain data: aliases written out, merge keys merged, what is `!reset` as `RESET`."""
    if node.tag == _RESET:
        return RESET
    if isinstance(node, SequenceNode):
        return [plain(child) for child in node.value]
    if isinstance(node, MappingNode):
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == MERGE and not key.style:
                for source in value.value if isinstance(value, SequenceNode) else [value]:
                    merged = {**(plain(source) or {}), **merged} if isinstance(source, MappingNode) else merged
            else:
                own[str(key.value) if isinstance(key, ScalarNode) else str(plain(key))] = plain(value)
        return {**merged, **own}
    return _scalar(node) if isinstance(node, ScalarNode) else None


def _resets(node: Node, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of the keys that are `!reset` or `!override`."""
    if path and node.tag in (_RESET, _OVERRIDE):
        yield path
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            merged = isinstance(key, ScalarNode) and key.value == MERGE and not key.style
            for source in value.value if merged and isinstance(value, SequenceNode) else [value]:
                yield from _resets(source, path if merged else (*path, str(key.value)))


def _scalar(node: ScalarNode) -> Any:
    """Return a scalar as Compose reads it: YAML 1.2, and dates and octal numbers of old are text."""
    text = str(node.value)
    if node.style or (node.tag.endswith(":str") and text in ("true", "false", "null", "~")):
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(text) > _MOST_DIGITS or re.fullmatch(r"0[0-9]+", text):
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _broken(name: str, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    why = getattr(error, "problem", None) or str(error).splitlines()[0]
    return _problem(
        codes.NOT_YAML, f"{name}:{mark.line + 1}" if mark else name, f"it is not YAML: {' '.join(str(why).split())}", "correct the line"
    )


def _problem(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)
