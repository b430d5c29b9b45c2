# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The expressions of Prometheus rule files, read as text, so that a template is read as well as what it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_KEY = re.compile(r"^(\s*(?:-\s+)?)(alert|record|expr):\s*(.*)$")
_BLOCK = re.compile(r"[|>][+-]?[0-9]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One expression: `path` is file:line, `name` is that of the rule."""

    path: str
    name: str
    expression: str


def read(files: Mapping[str, str]) -> Iterator[Alert]:
    """Yield the expressions of files by name and text."""
    for file, content in files.items():
        name, lines = "", content.splitlines()
        for number, line in enumerate(lines):
            match = _KEY.match(line)
            if match is None:
                continue
            indent, key, value = len(match[1]), match[2], match[3].strip()
            if key != "expr":
                name = value.strip("'\"")
                continue
            if _BLOCK.fullmatch(value):
                value = " ".join(_deeper(lines[number + 1 :], indent))
            yield Alert(path=f"{file}:{number + 1}", name=name, expression=value)


def _deeper(lines: list[str], indent: int) -> Iterator[str]:
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return
        yield line.strip()
