# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a service uses and the file does not declare."""

from __future__ import annotations

from collections.abc import Iterator

from ...budget.problems import suggestion
from ...budget.units import shown
from ..loose import mapping, sequence, text
from ..rule import Book, Hit
from ..stack import Stack

BOOK = Book("References")

_SECTIONS = {"volumes": "volume", "secrets": "secret", "configs": "config", "networks": "network"}
_MANY = 200


@BOOK.stack(
    "ZB196",
    "error",
    "A name that the file does not declare",
    why="Compose refuses a file in which a service uses a volume, network, secret or config that no top-level section declares.",
    fix="declare it",
    source="compose-spec",
)
def _undeclared(stack: Stack) -> Iterator[Hit]:
    for service in stack.services.values():
        for section, word in _SECTIONS.items():
            declared = stack.section(section)
            for name, at in stack.uses(service, section):
                if name not in declared and "$" not in name and not (section == "networks" and name == "default"):
                    near = f", or {suggestion(name, declared)}" if 0 < len(declared) <= _MANY else ""
                    fix = f"declare it under {section}{near}"
                    yield Hit(at=f"services.{service.name}.{at}", message=f"the file declares no {word} {shown(name)}", fix=fix)


@BOOK.stack(
    "ZB197",
    "error",
    "Waiting for a service that the file does not have",
    why="Compose refuses a file in which a service depends on one that is not there.",
    fix="name a service of the file, or write required: false",
    source="compose-spec, depends_on",
)
def _unknown_dependency(stack: Stack) -> Iterator[Hit]:
    for service in stack.services.values():
        wanted = service.data.get("depends_on")
        entries = dict(wanted) if isinstance(wanted, dict) else {text(name): None for name in sequence(wanted)}
        for name, entry in entries.items():
            if name not in stack.services and mapping(entry).get("required") is not False:
                at = f"services.{service.name}.depends_on.{name}"
                yield Hit(
                    at=at,
                    message=f"the file has no service {shown(name)}",
                    fix=suggestion(name, stack.services) if len(stack.services) <= _MANY else "",
                )
