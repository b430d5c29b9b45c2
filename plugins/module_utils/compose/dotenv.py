# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of variables, `.env` and `env_file`, in the grammar of compose-go's `dotenv` package.

https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .interpolate import BadVariableError, text

_NAME = re.compile(r"(?:export[ \t]+)?([^\s=:#'\"]+)[ \t]*(?:([=:])[ \t]*|(?=\n|\Z))")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a", "b": "\b", "\\": "\\", '"': '"', "'": "'"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def parse_env(content: str, outer: Mapping[str, str] | None = None, *, raw: bool = False, unset: str | None = "") -> dict[str, str]:
    """Return the variables of a file by name; a line that is none is passed over.

    Values may refer to earlier ones and to those of `outer`, which also give a name without a value its own; `unset` stands for
    those that neither has, `None` leaves them as written. With `raw` a value is the rest of its line, neither unquoted nor
    interpolated.
    """
    found: dict[str, str] = {}
    known = dict(outer or {})
    lines = content.replace("\r\n", "\n")
    position = 0
    while position < len(lines):
        end = lines.find("\n", position)
        end = len(lines) if end < 0 else end
        start = position + len(lines[position:end]) - len(lines[position:end].lstrip())
        match = _NAME.match(lines, start)
        position = end + 1
        if match is None or match.end() > end:
            continue
        name = match[1]
        if not match[2]:
            if name in known:
                found[name] = known[name]
            continue
        if raw:
            found[name] = lines[match.end() : end]
            continue
        quote = lines[match.end() : match.end() + 1]
        closing = _closing(lines, match.end() + 1, quote) if quote in ("'", '"') else -1
        if closing >= 0:
            found[name] = _unquoted(lines[match.end() + 1 : closing], quote, {**found, **known}, unset)
            following = lines.find("\n", closing)
            position = len(lines) if following < 0 else following + 1
        else:
            found[name] = _expanded(re.split(r"(?:^|\s)#", lines[match.end() : end], maxsplit=1)[0].rstrip(), {**found, **known}, unset)
    return found


def _closing(lines: str, start: int, quote: str) -> int:
    """Return where a quoted value ends, which may be several lines on; -1 where it does not."""
    position = start
    while position < len(lines) and lines[position] != quote:
        position += 2 if lines[position] == "\\" else 1
    return position if position < len(lines) else -1


def _unquoted(value: str, quote: str, known: Mapping[str, str], unset: str | None) -> str:
    if quote == "'":
        return value.replace("\\'", "'")
    return _expanded(_ESCAPE.sub(lambda match: "$$" if match[1] == "$" else _ESCAPES.get(match[1], match[0]), value), known, unset)


def _expanded(value: str, known: Mapping[str, str], unset: str | None) -> str:
    try:
        return text(value, known, unset=unset)
    except BadVariableError:
        return value
