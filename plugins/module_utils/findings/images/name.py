# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image's name, whatever registry it is pulled through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBERS = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageName:
    """`registry/repository:tag@digest` in its parts; `tag` and `digest` are empty where they are not written."""

    registry: str = ""
    repository: str = ""
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> ImageName:
        """Split a name as Docker does. A text that is no name gives parts that no table knows."""
        name, _unused, digest = text.partition("@")
        head, slash, rest = name.partition("/")
        if not slash or not ("." in head or ":" in head or head == "localhost"):
            head, rest = "docker.io", name
        colon = rest.rfind(":")
        repository, tag = (rest[:colon], rest[colon + 1 :]) if colon > rest.rfind("/") else (rest, "")
        return cls(registry=head, repository=repository, tag=tag, digest=digest)

    def names(self) -> Iterator[str]:
        """Yield what a table may call this image, the most exact first: a mirror's path ends as the original's does."""
        parts = self.repository.split("/")
        yield f"{self.registry}/{self.repository}"
        yield self.repository
        yield "/".join(parts[-2:])
        if len(parts) == 1 or parts[-2] == "library":
            yield parts[-1]

    def version(self) -> tuple[int, ...]:
        """Return the numbers that the tag begins with, empty where it begins with none."""
        match = _NUMBERS.match(self.tag)
        return tuple(int(number) for number in match[1].split(".")) if match else ()
