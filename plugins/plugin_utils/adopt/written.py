# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Format new values for a file that a person wrote: long ones as blocks, short ones on one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from .document import MERGE

INDENT = 2
_WIDE = 10_000
_FLOW = ("memory", "cpus", "tuning", "limits", "reservations", "requires")


class Raw(str):
    """Text that is written as it is."""


def lines(entries: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a block mapping."""
    for name, value in entries.items():
        if isinstance(value, Mapping) and value and name not in _FLOW:
            yield f"{scalar(name)}:"
            yield from (" " * INDENT + line for line in lines(value))
        elif isinstance(value, list) and value and name not in _FLOW:
            yield f"{scalar(name)}:"
            yield from (f"{' ' * INDENT}- {flow(item)}" for item in value)
        else:
            yield f"{name if name == MERGE else scalar(name)}: {flow(value)}"


def flow(value: Any) -> str:
    """Return a value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name if name == MERGE else scalar(name)}: {flow(entry)}" for name, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """Return a scalar, in quotes where any reader of YAML needs them."""
    if isinstance(value, Raw):
        return str(value)
    line: str = yaml.safe_dump([value], default_flow_style=True, width=_WIDE, allow_unicode=True)
    return line.strip()[1:-1]
