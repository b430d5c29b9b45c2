# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a service uses and the file does not declare."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from ...compose.values import dig, mapping, sequence
from ...problems import suggestion
from ...units import shown
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
            for name, at in service.written.uses(section):
                if name not in declared and "$" not in name and not (section == "networks" and name == "default"):
                    near = f", or {suggestion(name, declared)}" if 0 < len(declared) <= _MANY else ""
                    fix = f"declare it under {section}{near}"
                    yield Hit(at=f"services.{service.name}.{at}", message=f"the file declares no {word} {shown(name)}", fix=fix)


@BOOK.stack(
    "ZB197",
    "error",
    "Waiting for a service that the file does not have",
    why="Compose refuses a file in which a service depends on one that is not there, or uses its network, its volumes or a link to it.",
    fix="name a service of the file, or write required: false",
    source="compose-spec, depends_on",
)
def _unknown_dependency(stack: Stack) -> Iterator[Hit]:
    left_out, off = mapping(stack.host.get("left_out")), sequence(stack.host.get("off"))
    for service in stack.services.values():
        for entry in service.written.depends_on:
            if entry.required and entry.name not in stack.names and "$" not in entry.name:
                at = f"services.{service.name}.depends_on.{entry.name}"
                why = left_out.get(entry.name)
                if why:
                    message = f"{entry.name} is left out of the stack ({why})"
                    yield Hit(at=at, message=message, fix=f"leave {service.name} out as well, keep {entry.name}, or write required: false")
                    continue
                fix = f"{_near(entry.name, stack)}add the service, remove the dependency, or write required: false"
                yield Hit(at=at, message=f"the file has no service {shown(entry.name)}", fix=fix)
        for server in mapping(dig(service.written.raw, "x-budget", "connections")):
            if server in left_out and server not in stack.names and service.name not in off:
                at, message = (
                    f"services.{service.name}.x-budget.connections.{server}",
                    f"{server} is left out of the stack ({left_out[server]})",
                )
                fix = f"leave {service.name} out as well, keep {server}, or remove this entry where another host serves it"
                yield Hit(at=at, message=message, fix=fix)
        for name in service.written.shares_with():
            if name not in stack.names and "$" not in name:
                message = f"it uses what belongs to the service {shown(name)}, which the file does not have"
                yield Hit(
                    at=f"services.{service.name}", message=message, fix=f"{_near(name, stack)}add the service, or remove the reference"
                )


def _near(name: str, stack: Stack) -> str:
    near = get_close_matches(name, stack.names, n=1) if len(stack.names) <= _MANY else []
    return f"write {near[0]}, " if near else ""
