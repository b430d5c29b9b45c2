# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML as strings that know whether they are escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_VOID = frozenset({"br", "col", "link", "meta"})

# What no HTML file may hold: control characters, and halves of characters that UTF-8 cannot write.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Html(str):
    """Text that is markup already; any other text is escaped where it is put in."""

    __slots__ = ()


def text(value: object) -> Html:
    """Return a value as escaped text."""
    return value if isinstance(value, Html) else Html(html.escape(_UNWRITABLE.sub("\ufffd", str(value))))


def tag(element: str, /, *children: object, **attributes: object) -> Html:
    """Return an element. Children that are None are left out, as are attributes that are None or False.

    In an attribute's name a trailing underscore is dropped and the others become hyphens: `class_`, `aria_label`.
    """
    start = f"<{element}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    return Html(start) if element in _VOID else Html(f"{start}{join(children)}</{element}>")


def join(parts: Iterable[object], between: str = "") -> Html:
    """Return parts one after the other, each escaped unless it is markup."""
    return Html(text(between).join(text(part) for part in parts if part is not None))


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.removesuffix("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(value)}"'
