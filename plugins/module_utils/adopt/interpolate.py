# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compose's variables: `$NAME`, `${NAME}`, `${NAME:-default}` and its relatives; `$$` stays as it is.

A variable that has neither a value nor a default is left as it is written: a plan needs no passwords.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_START = re.compile(r"\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*))?")
_BRACE = re.compile(r"\$\{|\}")
_DEEPEST = 8


class BadVariableError(ValueError):
    """A variable that Compose refuses."""


def interpolate(value: Any, variables: Mapping[str, str], report: Callable[[str, str], None], path: str = "") -> Any:
    """Return plain data with its variables replaced; `report` is called with the path and the text of each bad one."""
    if isinstance(value, str):
        try:
            return text(value, variables)
        except BadVariableError as error:
            report(path, str(error))
            return value
    if isinstance(value, Mapping):
        return {key: interpolate(entry, variables, report, f"{path}.{key}" if path else str(key)) for key, entry in value.items()}
    if isinstance(value, list):
        return [interpolate(entry, variables, report, f"{path}[{position}]") for position, entry in enumerate(value)]
    return value


def text(written: str, variables: Mapping[str, str], depth: int = 0) -> str:
    """Return one text with its variables replaced."""
    if depth > _DEEPEST:
        raise BadVariableError(f"variables within variables deeper than {_DEEPEST}")
    parts: list[str] = []
    position = 0
    while (match := _START.search(written, position)) is not None:
        parts.append(written[position : match.start()])
        if match[3] is None:
            parts.append(_plain(match, written, variables))
            position = match.end()
            continue
        end = _closing(written, match.end())
        whole, rest = written[match.start() : end + 1], written[match.end() : end]
        parts.append(_braced(match[3], rest, whole, variables, depth))
        position = end + 1
    return "".join([*parts, written[position:]])


def _plain(match: re.Match[str], written: str, variables: Mapping[str, str]) -> str:
    if match[1]:
        return "$$"
    if match[2] is None:
        raise BadVariableError(f"'{written[match.start() : match.start() + 12]}' is no variable; write $$ for a dollar")
    return variables.get(match[2], match[0])


def _braced(name: str, rest: str, whole: str, variables: Mapping[str, str], depth: int) -> str:
    value = variables.get(name)
    operator = next((operator for operator in (":-", ":+", ":?", "-", "+", "?") if rest.startswith(operator)), "")
    if rest and not operator:
        raise BadVariableError(f"'{whole}' is no variable that Compose reads")
    word = rest.removeprefix(operator)
    filled = bool(value) if operator.startswith(":") else value is not None
    if operator.endswith("+"):
        return text(word, variables, depth + 1) if filled else ""
    if filled:
        return value or ""
    return text(word, variables, depth + 1) if operator.endswith("-") else whole


def _closing(written: str, start: int) -> int:
    depth = 1
    for match in _BRACE.finditer(written, start):
        depth += -1 if match[0] == "}" else 1
        if depth == 0:
            return match.start()
    raise BadVariableError(f"'{written[max(0, start - 12) : start + 12]}' has a variable without its closing brace")


def dot_env(content: str) -> dict[str, str]:
    """Return the variables of a .env file."""
    found = {}
    for line in content.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            bare = value.strip()
            quoted = len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "'\""
            found[name.strip()] = bare[1:-1] if quoted else bare.partition(" #")[0].strip()
    return found
