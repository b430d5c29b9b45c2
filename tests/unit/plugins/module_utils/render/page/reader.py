# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page taken apart: elements with their attributes, text, and the tree's shape."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "col", "link", "meta"}


@dataclass(slots=True)
class Element:
    """One element and what is inside it."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def every(self, name: str = "") -> list[Element]:
        """Return all elements of a name below this one."""
        found = []
        for child in self.children:
            if name in ("", child.name):
                found.append(child)
            found.extend(child.every(name))
        return found

    def text(self) -> str:
        """Return all text below this element, as it is written."""
        return "".join(self.texts)

    def words(self) -> str:
        """Return all text below this element, as it is shown: white space is one space."""
        return re.sub(r"[ \n]+", " ", self.text()).strip()


class Reader(HTMLParser):
    """Builds the tree, and refuses what does not close as it opened."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        assert len(names) == len(set(names)), f"<{tag}> says {names} twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].name == tag, f"</{tag}> closes <{self._open[-1].name}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.texts.append(data)


def read(document: str) -> Element:
    """Return the page's tree."""
    reader = Reader()
    reader.feed(document)
    reader.close()
    assert len(reader._open) == 1, f"<{reader._open[-1].name}> is never closed"
    return reader.root
