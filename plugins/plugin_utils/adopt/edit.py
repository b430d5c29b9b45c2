# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change values of a YAML file and nothing else: each change is spliced into the text where the value stands.

What is not changed stays as it is to the byte: comments, quotes, indentation, line ends, anchors. A value that is shared by
an anchor or a merge key is not changed where it is shared; the service gets one of its own.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .document import MERGE, Document, plain
from .written import INDENT, Raw, flow, lines, scalar


class CannotEditError(Exception):
    """The file is written in a way in which one value cannot be changed without touching others."""


@dataclass(frozen=True, slots=True)
class Splice:
    """Text that takes the place of what stands between two positions."""

    start: int
    end: int
    text: str


def edited(document: Document, services: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the file's text with these services as they are wanted; raises `CannotEditError` where that takes more than those."""
    editor = _Editor(document.text)
    nodes = {key.value: (key, value) for key, value in _services(document)}
    for name, (_unused, value) in nodes.items():
        if name in services and isinstance(value, MappingNode) and not set(_inherited(value)) <= set(services[name]):
            raise CannotEditError(name)
    splices = [splice for name, wanted in services.items() if name in nodes for splice in editor.entry(*nodes[name], wanted)]
    text = document.text
    for _position, splice in sorted(enumerate(splices), key=lambda numbered: (numbered[1].start, numbered[0]), reverse=True):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


@dataclass(frozen=True, slots=True)
class _Editor:
    text: str

    def entry(self, key: ScalarNode, value: Node, wanted: Any) -> Iterator[Splice]:
        """Yield the splices that give a key the wanted value."""
        if plain(value) == wanted:
            return
        alias = self._alias(key, value)
        if isinstance(value, MappingNode) and isinstance(wanted, Mapping) and value.value and set(_inherited(value)) <= set(wanted):
            yield from [self._laid_over(key, value, wanted)] if alias else self._mapping(value, wanted)
        elif isinstance(value, SequenceNode) and isinstance(wanted, list) and wanted and _plain_block(value) and not alias:
            yield from self._sequence(value, wanted)
        elif (
            isinstance(value, ScalarNode)
            and value.value
            and not isinstance(wanted, (Mapping, list))
            and value.style not in ("|", ">")
            and not alias
        ):
            yield Splice(self._past_anchor(value), value.end_mark.index, scalar(wanted))
        else:
            yield from self._whole(key, value, wanted)

    def _mapping(self, node: MappingNode, wanted: Mapping[str, Any]) -> Iterator[Splice]:
        have, own = plain(node), dict.fromkeys(key.value for key, _unused in _own(node))
        for key, value in _own(node):
            if key.value in wanted:
                yield from self.entry(key, value, wanted[key.value])
            else:
                yield self._removal(node, key, value)
        added = {name: value for name, value in wanted.items() if name not in own and (name not in have or have[name] != value)}
        if added:
            yield self._addition(node, added)

    def _addition(self, node: MappingNode, added: Mapping[str, Any]) -> Splice:
        if node.flow_style:
            inner = ", ".join(f"{scalar(name)}: {flow(value)}" for name, value in added.items())
            end = self.text.rindex("}", node.start_mark.index, node.end_mark.index)
            head = self.text[:end].rstrip()
            return Splice(len(head), len(head), f"{'' if head.endswith(',') else ','} {inner}")
        first = node.value[0][0]
        column = first.start_mark.column
        position = self._line_end(self._end(node))
        return Splice(position, position, self._block(added, column))

    def _block(self, entries: Mapping[str, Any], column: int) -> str:
        return "".join(f"{self._eol}{' ' * column}{line}" for line in lines(entries))

    def _removal(self, node: MappingNode, key: ScalarNode, value: Node) -> Splice:
        if node.flow_style:
            end = self._end(value)
            following = re.match(r"\s*,\s*", self.text[end:])
            if following:
                return Splice(key.start_mark.index, end + following.end(), "")
            before = re.search(r",\s*\Z", self.text[: key.start_mark.index])
            return Splice(before.start() if before else key.start_mark.index, end, "")
        return self._lines_of(key.start_mark.index, max(self._end(value), key.end_mark.index))

    def _lines_of(self, start: int, end: int) -> Splice:
        first = self.text.rfind("\n", 0, start) + 1
        last = self._line_end(end)
        if last < len(self.text):
            return Splice(first, last + len(self._break(last)), "")
        return Splice(max(0, first - len(self._eol)), last, "")

    def _sequence(self, node: SequenceNode, wanted: list[Any]) -> Iterator[Splice]:
        have = [plain(item) for item in node.value]
        dashes = [self.text.rindex("-", 0, item.start_mark.index) for item in node.value]
        column = dashes[0] - (self.text.rfind("\n", 0, dashes[0]) + 1)
        for kind, start, end, first, last in difflib.SequenceMatcher(None, _keys(have), _keys(wanted), autojunk=False).get_opcodes():
            if kind == "equal":
                continue
            for position in range(start, end):
                yield self._lines_of(dashes[position], self._end(node.value[position]))
            if first < last:
                before = self._end(node.value[end - 1]) if end else node.value[0].start_mark.index
                position = self._line_end(before)
                yield Splice(position, position, "".join(f"{self._eol}{' ' * column}- {flow(item)}" for item in wanted[first:last]))

    def _laid_over(self, key: ScalarNode, value: MappingNode, wanted: Mapping[str, Any]) -> Splice:
        """Turn `name: *anchor` into a mapping that merges the anchor and says what differs."""
        start, end = self._alias_at(key)
        have = plain(value)
        merging = {MERGE: Raw(self.text[start:end]), **{name: entry for name, entry in wanted.items() if have.get(name, ...) != entry}}
        if self._in_flow(key):
            return Splice(start, end, flow(merging))
        return Splice(len(self.text[:start].rstrip()), end, self._block(merging, key.start_mark.column + INDENT))

    def _alias_at(self, key: ScalarNode) -> tuple[int, int]:
        match = re.compile(r"\*[^\s,\]}]+").search(self.text, key.end_mark.index)
        if match is None:
            raise CannotEditError(key.value)
        return match.span()

    def _colon(self, key: ScalarNode) -> int:
        """Return where a key's colon ends."""
        match = re.compile(r"\s*:").match(self.text, key.end_mark.index)
        if match is None:
            raise CannotEditError(key.value)
        return match.end()

    def _whole(self, key: ScalarNode, value: Node, wanted: Any) -> Iterator[Splice]:
        """Write an entry anew."""
        start = key.start_mark.index
        end = max(self._value_end(key, value), self._colon(key))
        if self._in_flow(key):
            yield Splice(start, end, f"{scalar(key.value)}: {flow(wanted)}")
            return
        entry = f"{self._eol}{' ' * key.start_mark.column}".join(lines({key.value: wanted}))
        yield Splice(start, end, entry)

    def _value_end(self, key: ScalarNode, value: Node) -> int:
        if self._alias(key, value):
            return self._alias_at(key)[1]
        if isinstance(value, ScalarNode) and not value.value and not value.style:
            colon = self._colon(key)
            return max(colon, value.end_mark.index) if self.text[colon : value.end_mark.index].strip() else colon
        return self._end(value)

    def _end(self, node: Node) -> int:
        """Return where a value's last character ends: a block's marks reach beyond it, over comments that are not its own."""
        if not isinstance(node, (MappingNode, SequenceNode)):
            length = len(self.text[node.start_mark.index : node.end_mark.index].rstrip())
            return int(node.start_mark.index) + length
        if node.flow_style or not node.value:
            return int(node.end_mark.index)
        if isinstance(node, SequenceNode):
            last = node.value[-1]
            if last.start_mark.index >= node.start_mark.index:
                return self._end(last)
            return len(self.text[: node.end_mark.index].rstrip())
        key, value = node.value[-1]
        return max(int(key.end_mark.index) + 1, self._value_end(key, value))

    def _past_anchor(self, value: ScalarNode) -> int:
        match = re.compile(r"&\S+\s+").match(self.text, value.start_mark.index)
        return match.end() if match else int(value.start_mark.index)

    def _alias(self, key: ScalarNode, value: Node) -> bool:
        return bool(value.start_mark.index < key.start_mark.index)

    def _in_flow(self, key: ScalarNode) -> bool:
        line = self.text[self.text.rfind("\n", 0, key.start_mark.index) + 1 : key.start_mark.index]
        return bool(line.strip(" ?-"))

    def _line_end(self, position: int) -> int:
        end = self.text.find("\n", position)
        if end < 0:
            return len(self.text)
        return end - 1 if self.text.startswith("\r\n", end - 1) and end > position else end

    def _break(self, position: int) -> str:
        return "\r\n" if self.text.startswith("\r\n", position) else "\n"

    @property
    def _eol(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"


def _services(document: Document) -> Iterable[tuple[ScalarNode, Node]]:
    value = next((value for key, value in document.root.value if key.value == "services"), None)
    return _own(value) if isinstance(value, MappingNode) else ()


def _own(node: MappingNode) -> Iterable[tuple[ScalarNode, Node]]:
    """Return a mapping's own entries: what it merges belongs to others."""
    return [(key, value) for key, value in node.value if isinstance(key, ScalarNode) and key.value != MERGE]


def own_entries(document: Document, name: str) -> dict[str, Any]:
    """Return what a service of the file says itself, without what it merges from an anchor."""
    service = {key.value: value for key, value in _services(document)}.get(name)
    if service is None or not isinstance(service, MappingNode):
        return {}
    return {key.value: plain(value) for key, value in _own(service)}


def _plain_block(node: SequenceNode) -> bool:
    """Tell whether a list is written line by line, and no line is an alias."""
    return bool(node.value) and not node.flow_style and all(item.start_mark.index >= node.start_mark.index for item in node.value)


def _inherited(node: MappingNode) -> Iterator[str]:
    """Yield what a mapping has from others only."""
    own = {key.value for key, _unused in _own(node)}
    return (name for name in plain(node) if name not in own)


def _keys(values: list[Any]) -> list[str]:
    return [repr(value) for value in values]
