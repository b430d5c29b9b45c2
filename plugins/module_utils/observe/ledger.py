# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a digest was first seen behind a tag: a registry's own times can be set by whoever built the image."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..images.name import ImageName
from ..typed import load


def repository_of(name: ImageName) -> str:
    """Return a repository as its registry knows it: Docker Hub's official images are those of `library`."""
    return name.repository if "/" in name.repository or name.registry != "docker.io" else f"library/{name.repository}"


def reference(name: ImageName) -> str:
    """Return what a ledger calls an image."""
    return f"{name.registry}/{repository_of(name)}:{name.tag or 'latest'}"


class Ledger:
    """By `registry/repository:tag` the digests that it named, each with the time when that was first seen, in seconds since 1970."""

    def __init__(self, seen: Mapping[str, Mapping[str, float]] | None = None) -> None:
        self._seen = {reference: dict(digests) for reference, digests in (seen or {}).items()}

    @classmethod
    def parse(cls, text: bytes) -> Ledger:
        """Return the ledger of a file. Raises `ValueError`."""
        return cls(load(dict[str, dict[str, float]], json.loads(text)))

    def written(self) -> bytes:
        """Return it as a file."""
        return json.dumps(self._seen, indent=1, sort_keys=True).encode() + b"\n"

    def note(self, reference: str, digest: str, now: float) -> float:
        """Note what a tag names now, and return when that was first seen; a time in the future counts as now."""
        digests = self._seen.setdefault(reference, {})
        digests[digest] = min(digests.get(digest, now), now)
        return digests[digest]

    def seen(self, reference: str, digest: str) -> float | None:
        """Return when a digest was first seen behind a tag, None for never."""
        return self._seen.get(reference, {}).get(digest)

    def newest(self, reference: str) -> str:
        """Return the digest that a tag named last, empty where it was never looked at."""
        digests = self._seen.get(reference, {})
        return max(digests, key=lambda digest: digests[digest], default="")

    def before(self, reference: str, digest: str) -> tuple[str, float] | None:
        """Return what a tag named before this digest, and when that was first seen; None where nothing else is known."""
        digests = self._seen.get(reference, {})
        earlier = [(at, other) for other, at in digests.items() if other != digest and at <= digests.get(digest, at)]
        return (max(earlier)[1], max(earlier)[0]) if earlier else None
