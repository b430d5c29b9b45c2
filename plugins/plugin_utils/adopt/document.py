# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A YAML file as text, as nodes that know where they stand, and as plain data.

Anything may be in the file: what is too large, too deep, ambiguous or no YAML becomes findings with their line, and a file that
expands without end is refused before it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ...module_utils.adopt import codes
from ...module_utils.budget.problems import Finding

LARGEST = 8 * 1024 * 1024
MOST_VALUES = 200_000
DEEPEST = 60
MERGE = "<<"

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WIDEST_INDENT = 400
_DEEPEST_BRACKETS = 1000

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_MOST_DIGITS = 18
_CONSTANTS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: value for value in (True, False) for word in (str(value).lower(), str(value), str(value).upper())
}


@dataclass(slots=True)
class Document:
    """A file that was read: `data` is its plain data, `root` the node at its top."""

    name: str
    text: str
    root: MappingNode
    data: dict[str, Any]

    def line(self, path: str) -> int:
        """Return the line of the value that a finding's path leads to, or of what is nearest above it."""
        node, line = self.root, self.root.start_mark.line
        for part in _parts(path):
            found = _step(node, part)
            if found is None:
                break
            node, line = found
        return int(line) + 1


def parse(name: str, text: str) -> tuple[Document | None, list[Finding]]:
    """Return a file's document and what is wrong with it; no document where nothing can be made of it."""
    if len(text) > LARGEST:
        return None, [_problem(codes.TOO_MUCH, name, f"the file has more than {LARGEST} characters", "split it")]
    odd = _UNPRINTABLE.search(text)
    if odd:
        where = f"{name}:{text.count(chr(10), 0, odd.start()) + 1}"
        return None, [_problem(codes.NOT_YAML, where, f"the character {odd[0]!r} is not allowed in YAML", "save the file as UTF-8 text")]
    if _too_deep(text):
        return None, [_problem(codes.TOO_MUCH, name, "it is nested too deeply", f"keep it below {DEEPEST} levels")]
    try:
        root = yaml.compose(text, Loader=_LOADER)
        if not isinstance(root, MappingNode):
            return None, [_problem(codes.NOT_COMPOSE, name, "it holds no mapping", "write services: {name: {image: …}}")]
        _measure(root)
        problems = [*_duplicates(name, root), *_names(name, root)]
        return Document(name=name, text=text, root=root, data=plain(root)), problems
    except yaml.YAMLError as error:
        return None, [_broken(name, error)]
    except _TooMuchError as error:
        return None, [_problem(codes.TOO_MUCH, f"{name}:{error.line}", str(error), "write it out with fewer aliases")]


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


def _measure(root: Node) -> None:
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
                message = f"'{key.value}' is written twice, in line {first[key.value]} already"
                yield _problem(codes.DUPLICATE_KEY, f"{name}:{line}: {at}", message, "keep one of them")
            pending.append((value, at))


def _names(name: str, root: MappingNode) -> Iterator[Finding]:
    services = next((value for key, value in root.value if key.value == "services"), None)
    if services is None or not isinstance(services, MappingNode):
        line = 1 if services is None else services.start_mark.line + 1
        yield _problem(codes.NOT_COMPOSE, f"{name}:{line}", "it has no services", "write services: {name: {image: …}}")
        return
    for key, value in services.value:
        where = f"{name}:{key.start_mark.line + 1}: services.{key.value}"
        if not isinstance(key, ScalarNode) or (key.value != MERGE and not isinstance(_scalar(key), str)):
            yield _problem(codes.BAD_NAME, where, "the service's name is no text", "put it in quotes")
        elif key.value != MERGE and not re.fullmatch(r"[a-zA-Z0-9._-]+", key.value):
            yield _problem(codes.BAD_NAME, where, "Compose takes letters, digits, ., _ and - in a service's name", "rename it")
        elif not isinstance(value, MappingNode) and _scalar_or_none(value) is not None:
            yield _problem(codes.NOT_COMPOSE, where, "the service is no mapping", "write image: … below it")


def plain(node: Node) -> Any:
    """Return a node's value as plain data: aliases written out, merge keys merged, what is `!reset` gone."""
    if node.tag == "!reset":
        return None
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


def _scalar_or_none(node: Node) -> Any:
    return _scalar(node) if isinstance(node, ScalarNode) else node


def _broken(name: str, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    why = getattr(error, "problem", None) or str(error).splitlines()[0]
    return _problem(
        codes.NOT_YAML, f"{name}:{mark.line + 1}" if mark else name, f"it is no YAML: {' '.join(str(why).split())}", "mend the line"
    )


def _problem(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)


def _parts(path: str) -> Iterator[str]:
    for part in re.finditer(r"\[[0-9]+\]|[^.\[\]]+", path):
        yield part[0]


def _step(node: Node, part: str) -> tuple[Any, int] | None:
    if part.startswith("["):
        position = int(part[1:-1])
        if isinstance(node, SequenceNode) and position < len(node.value):
            return node.value[position], node.value[position].start_mark.line
        return None
    for key, value in node.value if isinstance(node, MappingNode) else ():
        if key.value == part:
            return value, key.start_mark.line
    return None
