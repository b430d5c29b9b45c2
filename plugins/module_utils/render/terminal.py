# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the reader's terminal is like: whether it shows colours, and how wide it is."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

_HUES = {
    "title": "1",
    "faint": "2",
    "error": "31",
    "accepted": "32",
    "good": "32",
    "warning": "33",
    "info": "36",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Colours or none; `width` in columns, `None` where lines may be of any length, as in a file."""

    colour: bool = False
    width: int | None = None

    def paint(self, text: str, hue: str) -> str:
        """Return a text in a hue: title, faint, error, warning, info, accepted or good; an empty one stays as it is."""
        return f"\x1b[{_HUES[hue]}m{text}\x1b[0m" if self.colour and hue and text else text

    def wrapped(self, text: str, indent: str = "") -> list[str]:
        """Return a text as lines that fit, all of them after the first indented; what cannot be broken stays whole."""
        if self.width is None:
            return text.splitlines()
        lines = []
        for line in text.splitlines():
            deeper = indent + line[: len(line) - len(line.lstrip(" -"))]
            folded = textwrap.wrap(
                line, self.width, subsequent_indent=" " * len(deeper), break_long_words=False, break_on_hyphens=False, drop_whitespace=True
            )
            lines += folded or [""]
        return lines


PLAIN = Terminal()
