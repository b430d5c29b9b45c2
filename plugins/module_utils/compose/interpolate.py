# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compose's variables: `$NAME`, `${NAME}`, `${NAME:-default}` and its relatives; `$$` stays as it is.

The grammar is that of https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md: a `$` that starts neither a name
nor a brace is literal. A variable that has neither a value nor a default stays as written: a plan needs no passwords.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_START = re.compile(r"\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)|(\{))")
_BRACE = re.compile(r"\$\{|\}")
_OPERATORS = (":-", ":+", ":?", "-", "+", "?")
_DEEPEST = 50

# Names of secrets: long words anywhere, short ones only as words of their own, dbPass among them, so that KEYCLOAK_ and VALKEY_ are none.
_SECRET = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL|(?:API|ACCESS|AUTH|PRIVATE|SIGNING|ENCRYPTION|MASTER)_?KEY"
    r"|(?:^|[_.-])(?:PASS|PWD|PSW|PW|TOKENS?|KEYS?|SALT)[0-9]*(?:$|[_.-])"
    r"|(?-i:[a-z0-9](?:Pass|Pwd|Psw|Token|Key|Salt)(?:$|[_.-]))",
    re.IGNORECASE,
)
# Where a secret may stand and no figure of the plan does.
_PRIVATE = frozenset(
    {
        "annotations",
        "build",
        "command",
        "configs",
        "develop",
        "entrypoint",
        "environment",
        "healthcheck",
        "labels",
        "logging",
        "post_start",
        "pre_start",
        "pre_stop",
        "provider",
        "secrets",
    }
)

Report = Callable[[str, str], None]


class BadVariableError(ValueError):
    """A variable that Compose refuses."""


def interpolate(document: Mapping[str, Any], variables: Mapping[str, str], report: Report) -> dict[str, Any]:
    """Return a document with its variables replaced; `report` is called with the path and the text of each bad one.

    A variable whose name looks like a secret's is replaced only where the plan needs its value, such as image, ports and sizes.
    """
    harmless = {name: value for name, value in variables.items() if not _SECRET.search(name)}

    def walk(value: Any, known: Mapping[str, str], path: tuple[str, ...]) -> Any:
        if isinstance(value, str):
            try:
                return text(value, known)
            except BadVariableError as error:
                report("".join(path).removeprefix("."), str(error))
                return value
        if isinstance(value, Mapping):
            return {
                key: walk(entry, harmless if _is_private((*path, f".{key}")) else known, (*path, f".{key}")) for key, entry in value.items()
            }
        if isinstance(value, list):
            return [walk(entry, known, (*path, f"[{position}]")) for position, entry in enumerate(value)]
        return value

    interpolated: dict[str, Any] = walk(document, variables, ())
    return interpolated


def _is_private(path: tuple[str, ...]) -> bool:
    return (len(path) == 1 and path[0].startswith((".configs", ".secrets", ".x-"))) or (
        len(path) == 3 and path[0] == ".services" and path[2].removeprefix(".") in _PRIVATE
    )


def without_value(written: str, variables: Mapping[str, str]) -> list[str]:
    """Return the names of the variables of a text that have neither a value nor a default. Raises `BadVariableError`."""
    names: dict[str, None] = {}
    text(written, variables, missing=names.setdefault)
    return list(names)


def text(
    written: str,
    variables: Mapping[str, str],
    unset: str | None = None,
    depth: int = 0,
    missing: Callable[[str], object] = lambda _name: None,
) -> str:
    """Return one text with its variables replaced; `unset` stands for those without a value, `None` leaves them as written.

    `missing` is called with the name of each of these. Raises `BadVariableError` where Compose refuses the text.
    """
    if depth > _DEEPEST:
        raise BadVariableError(f"variables are nested deeper than {_DEEPEST}")
    parts: list[str] = []
    position = 0
    while (match := _START.search(written, position)) is not None:
        parts.append(written[position : match.start()])
        position = match.end()
        if match[1]:
            parts.append("$$" if unset is None else "$")
        elif match[2]:
            if match[2] not in variables:
                missing(match[2])
            parts.append(variables.get(match[2], match[0] if unset is None else unset))
        else:
            end = _closing(written, match.end())
            whole, rest = written[match.start() : end + 1], written[match.end() : end]
            if match[4]:
                raise BadVariableError(f"'{whole}' is not a variable that Compose reads")
            parts.append(_braced(match[3], rest, whole, variables, unset, depth, missing))
            position = end + 1
    return "".join([*parts, written[position:]])


def _braced(
    name: str,
    rest: str,
    whole: str,
    variables: Mapping[str, str],
    unset: str | None,
    depth: int,
    missing: Callable[[str], object],
) -> str:
    value = variables.get(name)
    operator = next((operator for operator in _OPERATORS if rest.startswith(operator)), "")
    if rest and not operator:
        raise BadVariableError(f"'{whole}' is not a variable that Compose reads")
    word = rest.removeprefix(operator)
    filled = bool(value) if operator.startswith(":") else value is not None
    if operator.endswith("+"):
        return text(word, variables, unset, depth + 1, missing) if filled else ""
    if filled:
        return value or ""
    if operator.endswith("-"):
        return text(word, variables, unset, depth + 1, missing)
    missing(name)
    return whole if unset is None else unset


def _closing(written: str, start: int) -> int:
    depth = 1
    for match in _BRACE.finditer(written, start):
        depth += -1 if match[0] == "}" else 1
        if depth == 0:
            return match.start()
    raise BadVariableError(f"'{written[max(0, start - 12) : start + 12]}' has a variable without its closing brace")
