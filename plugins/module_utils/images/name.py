# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image's name, whatever registry it is pulled through, and the version that its tag carries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_NUMBERS = re.compile(r"(?:v|version-|release-|r)?(\d{1,5}(?:\.\d+)*)(?=$|[-+_]|\.[a-z]|(?:alpha|beta|rc|pre|a|b|p|m)\.?\d)", re.IGNORECASE)
_DEFAULTED = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?-([^{}]*)\}")
_NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)[^{}]*\}")
_DATE = re.compile(r"RELEASE\.(\d{4})-(\d{2})-(\d{2})")
# Words of a tag that name a base or a variant, not another version than the newest.
_NEWEST = re.compile(
    r"(?:latest|alpine[\d.]*|slim|bookworm|trixie|bullseye|debian|ubuntu|noble|jammy|ubi[89]?|apache|fpm|cli|management|community|ce|"
    r"amd64|arm64|arm64v8|full|standalone|distroless|server|otel|perl|scratch|busybox|glibc)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageName:
    """`registry/repository:tag@digest` in its parts; `tag` and `digest` are empty where they are not written."""

    registry: str = ""
    repository: str = ""
    tag: str = ""
    digest: str = ""

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> ImageName:
        """Split a name as Docker does. A text that is not a name gives parts that no table has.

        A variable of Compose counts as its default, `${TAG:-17}` as 17; one without stays as `$TAG`.
        """
        text = _NAMED.sub(r"$\1", _DEFAULTED.sub(r"\1", text))
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
        else:
            yield f"*/{parts[-1]}"
            yield f"{parts[-2]}/*"

    def version(self, marker: str = "") -> tuple[int, ...] | None:
        """Return the version that the tag carries, None where it carries none.

        `marker` is what precedes it where the tag begins with something else: `pg` in `0.8.0-pg17` and `latest-pg17`.
        """
        if marker:
            marked = re.search(rf"(?:^|[-.]){re.escape(marker)}(\d+(?:\.\d+)*)(?=$|[-.])", self.tag)
            if marked is not None:
                return _numbers(marked[1])
        date = _DATE.match(self.tag)
        if date is not None:
            return tuple(int(part) for part in date.groups())
        match = _NUMBERS.match(self.tag)
        return _numbers(match[1]) if match else None

    def is_newest(self) -> bool:
        """Tell whether the image is whatever is newest: no tag, `latest`, or only a variant such as `alpine` or `latest-slim`."""
        if self.digest or not self.repository:
            return False
        return all(_NEWEST.fullmatch(word) for word in self.tag.split("-")) if self.tag else True


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split("."))
