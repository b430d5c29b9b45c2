# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: tags, end of support, discontinued images."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("Images")


@BOOK.service(
    "ZB101",
    "warning",
    "An image without a fixed tag",
    why="`latest`, or no tag, is another program after the next pull: a restart becomes an unplanned upgrade, across major "
    "versions of a database too.",
    fix="pin the tag that runs now, and raise it deliberately",
    source="Docker documentation, image tags",
)
def _untagged(service: Service, _stack: Stack) -> Iterator[Hit]:
    image = service.image
    moving = image.tag in ("", "latest") and not image.digest
    if image.repository and moving and "build" not in service.data and "$" not in image.repository:
        yield Hit(at="image", message="it has no tag, which is latest" if not image.tag else "the tag latest moves with each release")


@BOOK.service(
    "ZB102",
    "warning",
    "An unmaintained image",
    why="It gets no security fixes, and may not work with the next Docker Engine.",
    fix="replace it",
    source="the projects' own notices",
)
def _abandoned(service: Service, _stack: Stack) -> Iterator[Hit]:
    facts = service.facts
    if facts.ended:
        yield Hit(at="image", message=f"'{service.data['image']}' is at its end: {facts.ended}", fix=f"use {facts.instead}")


@BOOK.service(
    "ZB103",
    "warning",
    "A version past the end of its support",
    why="A major version gets fixes until a published day; after that, known vulnerabilities stay open.",
    fix="upgrade; a database's data need a dump or its upgrade tool first",
    source="the projects' own release calendars",
)
def _unsupported(service: Service, _stack: Stack) -> Iterator[Hit]:
    past = service.facts.past_support()
    if past is not None:
        yield Hit(at="image", message=f"support of {service.facts.family} {past[0]} ended on {past[1]}")


@BOOK.service(
    "ZB104",
    "warning",
    "A client too old for Docker Engine 29",
    why="Engine 29 refuses API versions below 1.44 (1.40 from 29.3) and stores images with containerd, where older clients lose containers' names.",
    fix="raise its tag before the engine",
    source="Docker Engine 29 release notes; cadvisor issue 3643, portainer issue 12934",
)
def _too_old_for_engine(service: Service, _stack: Stack) -> Iterator[Hit]:
    found, least = service.facts.version, service.facts.engine_29
    # What is at its end has no such version: another rule says what to use.
    if found is not None and least and found < least and not service.facts.ended:
        wanted = ".".join(map(str, least))
        yield Hit(at="image", message=f"{service.facts.kind} {service.image.tag} speaks to Engine 29 from {wanted} on only")
