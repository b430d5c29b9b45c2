# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading of values that anybody may have written: what is of another shape counts as absent.

That a shape is wrong is for the budget's parser to say; a rule only wants to know what is there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

_SPAN = re.compile(r"(?:([0-9.]+)h)?(?:([0-9.]+)m(?!s))?(?:([0-9.]+)s)?(?:([0-9.]+)ms)?(?:[0-9.]+[un]s)?")
_SECONDS = (3600, 60, 1, 0.001)


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping, empty where there is none."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> Sequence[Any]:
    """Return a list, empty where there is none."""
    return value if isinstance(value, (list, tuple)) else ()


def dig(value: object, *keys: str) -> Any:
    """Return what lies under keys of nested mappings."""
    for key in keys:
        value = mapping(value).get(key)
    return value


def pairs(value: object) -> dict[str, str]:
    """Return `[A=1, B]` or `{A: 1, B: null}` as texts; a name without a value is empty."""
    if isinstance(value, Mapping):
        return {str(name): text(entry) for name, entry in value.items()}
    split = (str(entry).partition("=") for entry in sequence(value))
    return {name: entry for name, _unused, entry in split}


def text(value: object) -> str:
    """Return a value as YAML means it."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def words(value: object) -> tuple[str, ...]:
    """Return a command's words, whether it is a list or a line for a shell."""
    if isinstance(value, (list, tuple)):
        return tuple(text(word).replace("$$", "$") for word in value)
    line = text(value).replace("$$", "$")
    try:
        return tuple(shlex.split(line))
    except ValueError:
        return tuple(line.split())


def parsed(parse: Callable[[object], T], value: object) -> T | None:
    """Return what a parser makes of a value, nothing where it refuses."""
    if value is None:
        return None
    try:
        return parse(value)
    except ValueError:
        return None


def whole(value: object) -> int | None:
    """Return a whole number."""
    digits = text(value).strip()
    negative = digits.startswith("-")
    return int(digits) if digits[negative:].isascii() and digits[negative:].isdigit() and len(digits) < 19 else None


def seconds(value: object) -> float | None:
    """Return the seconds of `1m30s`."""
    span = text(value).strip()
    match = _SPAN.fullmatch(span)
    if not span or match is None:
        return None
    return sum(
        float(part) * unit for part, unit in zip(match.groups(), _SECONDS, strict=True) if part and part.count(".") < 2 and part != "."
    )


def some(names: Sequence[str]) -> str:
    """Return names as a sentence lists them, not without end."""
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"
