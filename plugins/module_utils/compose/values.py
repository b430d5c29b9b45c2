# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read single values of a Compose document; a value of another shape counts as absent.

These functions never raise. The budget's parser reports what has the wrong shape; every other reader only needs what is there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

# The conditions of depends_on.
STARTED, HEALTHY, COMPLETED = "service_started", "service_healthy", "service_completed_successfully"

_SPAN = re.compile(r"(?:([0-9.]+)h)?(?:([0-9.]+)m(?!s))?(?:([0-9.]+)s)?(?:([0-9.]+)ms)?(?:[0-9.]+[un]s)?")
_SECONDS = (3600, 60, 1, 0.001)


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping, empty for any other value."""
    # What is absent and what is a dict are told first: asking the abstract class costs most of reading a large document.
    return {} if value is None else value if isinstance(value, (dict, Mapping)) else {}


def sequence(value: object) -> Sequence[Any]:
    """Return a list, empty for any other value."""
    return value if isinstance(value, (list, tuple)) else ()


def items(value: object) -> Sequence[Any]:
    """Return the items of a list, or the one item of a text: Compose accepts both for `dns`, `tmpfs` and `env_file`."""
    return [value] if isinstance(value, str) and value else sequence(value)


def dig(value: object, *keys: str) -> Any:
    """Return the value under keys of nested mappings, `None` where a key is missing."""
    for key in keys:
        value = mapping(value).get(key)
    return value


def text(value: object) -> str:
    """Return a scalar as Compose writes it; null is empty."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def variables(value: object) -> dict[str, str | None]:
    """Return `[A=1, B]` or `{A: 1, B: null}` by name; `None` stands for a variable whose value comes from the shell."""
    if value is None:
        return {}
    if isinstance(value, (dict, Mapping)):
        return {str(name): None if entry is None else text(entry) for name, entry in value.items()}
    split = (text(entry).partition("=") for entry in sequence(value))
    return {name: entry if equals else None for name, equals, entry in split}


def pairs(value: object) -> dict[str, str]:
    """Return `[a=1, b]` or `{a: 1, b: null}` as texts by name; a name without a value is empty."""
    return {name: entry or "" for name, entry in variables(value).items()}


def words(value: object) -> tuple[str, ...]:
    """Return a command's words, `$$` read as `$`; a line whose quotes do not match is split at spaces."""
    try:
        return tuple([word.replace("$$", "$") for word in written_words(value)])
    except ValueError:
        return tuple(text(value).replace("$$", "$").split())


def written_words(value: object) -> list[str]:
    """Return a command's words as written. The only reader that raises: `ValueError` where the quotes of a line do not match."""
    return shlex.split(value) if isinstance(value, str) else [text(word) for word in sequence(value)]


def parsed(parse: Callable[[object], T], value: object) -> T | None:
    """Return the result of a parser, `None` where it raises `ValueError`."""
    if value is None:
        return None
    try:
        return parse(value)
    except ValueError:
        return None


def whole(value: object) -> int | None:
    """Return a whole number, `None` for any other value."""
    # A bool is no number. pylint: disable-next=unidiomatic-typecheck
    if type(value) is int and abs(value) < 10**18:
        return value
    digits = text(value).strip()
    negative = digits.startswith("-")
    return int(digits) if digits[negative:].isascii() and digits[negative:].isdigit() and len(digits) < 19 else None


def seconds(value: object) -> float | None:
    """Return the seconds of a duration such as `1m30s`, `None` for any other value."""
    span = text(value).strip()
    match = _SPAN.fullmatch(span) if span else None
    if match is None:
        return None
    return sum(
        float(part) * unit for part, unit in zip(match.groups(), _SECONDS, strict=True) if part and part.count(".") < 2 and part != "."
    )
