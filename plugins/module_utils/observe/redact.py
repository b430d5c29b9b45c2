# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are replaced by a reference before anything leaves the host; whether something is a secret stays visible to the findings."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = re.compile(r"PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL|DSN|SALT|SIGNATURE|COOKIE|PRIVATE|AUTH$", re.IGNORECASE)
_FLAG = re.compile(r"(--?[a-z0-9-]*(?:requirepass|masterauth|pass|passwd|password|secret|token|key|auth)[a-z0-9-]*)", re.IGNORECASE)
_URL = re.compile(r"([a-z][a-z0-9+.-]*://[^/\s:@]*:)([^/\s@]+)(@)", re.IGNORECASE)
_PAIR = re.compile(r"((?:pass|passwd|password|pwd|secret|token|accountkey|api_?key)\s*=\s*)([^;&\s\"']+)", re.IGNORECASE)
# Text that only a generator writes: a key by any name.
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{32,}={0,2}")
_HARMLESS = re.compile(r"(?:|true|false|yes|no|on|off|[0-9]{1,4}|/.*|\$.*)", re.IGNORECASE)


def value(name: str, text: str) -> str:
    """Return the value of a variable as an audit may show it; `$` is doubled, as Compose writes it."""
    if _HARMLESS.fullmatch(text) or name.endswith("_FILE"):
        return _literal(text)
    if _NAME.search(name) or _RANDOM.fullmatch(text):
        return f"${{{name}}}"
    return _inside(text)


def words(command: Iterable[str]) -> list[str]:
    """Return a command's words as an audit may show them."""
    shown: list[str] = []
    hide = False
    for word in command:
        if hide and not word.startswith("-"):
            shown.append("${SECRET}" if not _HARMLESS.fullmatch(word) else _literal(word))
            hide = False
            continue
        flag, equals, given = word.partition("=")
        hide = bool(_FLAG.fullmatch(flag)) and not equals
        if _FLAG.fullmatch(flag) and equals and not _HARMLESS.fullmatch(given):
            shown.append(f"{flag}=${{SECRET}}")
        else:
            shown.append(_script(word))
    return shown


def told(text: str) -> str:
    """Return what a program printed without passwords in URLs and in `name=value`."""
    return _PAIR.sub(r"\1${SECRET}", _URL.sub(r"\1${SECRET}\3", text))


def _script(word: str) -> str:
    """Return a word in which a whole shell script may stand."""
    hidden = re.sub(rf"{_FLAG.pattern}([= ]+)(?![\"']?[/$`-])(\S+)", r"\1\2${SECRET}", _inside(word), flags=re.IGNORECASE)
    # `redis-cli -a password`, `mysqladmin -ppassword`.
    return re.sub(r"(-cli\b.*? -a |mysqladmin\b.*? -p)(?![\"']?[/$`-])(\S+)", r"\1${SECRET}", hidden)


def _inside(text: str) -> str:
    return told(_literal(text))


def _literal(text: str) -> str:
    return text.replace("$", "$$")
