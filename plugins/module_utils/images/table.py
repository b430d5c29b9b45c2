# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of images: what is known of each, looked up by name, version, variant and role. What it holds is data, in `families/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from .facts import OF_THE_IMAGE, UNKNOWN, Facts, Family, Role, Theme, Version, version
from .name import ImageName
from .read import read
from .role import role_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """What is known: the themes as they are written, each family with what it takes over, by its name and by its images."""

    themes: tuple[Theme, ...]
    families: Mapping[str, Family]
    images: Mapping[str, Family]

    @classmethod
    def of(cls, themes: Iterable[Theme]) -> Table:
        """Return the table of themes."""
        themes = tuple(themes)
        written = {family.name: family for theme in themes for family in theme.families}
        families = {name: _complete(family, written) for name, family in written.items()}
        return cls(themes=themes, families=families, images={image: family for family in families.values() for image in family.images})

    def family_of(self, image: ImageName) -> Family | None:
        """Return the entry for an image, None where there is none."""
        for name in image.names():
            if name in self.images:
                return self.images[name]
        return None

    def facts_of(
        self, image: ImageName, entrypoint: Sequence[str] | None = None, command: Sequence[str] | None = None, *, completes: bool = False
    ) -> Facts:
        """Return what is known of a container of an image; `UNKNOWN` where the table does not have the image.

        `entrypoint` and `command` are the words that the service writes, None where it leaves the image's own. `completes` says that other
        services wait for it to end with success. Without them the container is the image's server.
        """
        family = self.family_of(image)
        if family is None:
            return UNKNOWN
        return _facts(self, family.name, _version(image, family), image.tag, role_of(family, entrypoint, command, completes))


@cache
def table() -> Table:
    """Return the collection's own table. Raises `BudgetError` where a file of it is wrong."""
    files = sorted(Path(__file__).with_name("families").glob("*.toml"))
    return Table.of(read({path.name: path.read_text(encoding="utf-8") for path in files}))


def facts_of(
    image: ImageName, entrypoint: Sequence[str] | None = None, command: Sequence[str] | None = None, *, completes: bool = False
) -> Facts:
    """Return what the collection's own table knows, see `Table.facts_of`."""
    return table().facts_of(image, entrypoint, command, completes=completes)


def _complete(family: Family, written: Mapping[str, Family]) -> Family:
    """Return a family with what it takes over from the one that it is like."""
    if not family.like:
        return family
    other = _complete(written[family.like], written)
    return replace(
        family,
        kind=family.kind or other.kind,
        servers=family.servers or other.servers,
        workers=family.workers or other.workers,
        runtime=family.runtime or other.runtime,
        ends=family.ends or other.ends,
        tuner=other.tuner if family.tuner is None else family.tuner,
        tier=family.tier or other.tier,
        batch=family.batch or other.batch,
        statements=(*other.statements, *family.statements),
    )


def _version(image: ImageName, family: Family) -> Version | None:
    found = image.version(family.marker)
    return version(family.newest) if found is None and family.newest and image.is_newest() else found


@lru_cache(maxsize=4096)
def _facts(known: Table, name: str, found: Version | None, tag: str, role: Role) -> Facts:
    family = known.families[name]
    values: dict[str, Any] = {}
    for statement in family.statements:
        if statement.holds(found, tag):
            here = role in statement.roles
            values.update((key, value) for key, value in statement.values.items() if here or key in OF_THE_IMAGE)
    facts = Facts(**values, family=name, role=role, version=found)
    if role not in ("server", "worker"):
        return facts
    return replace(facts, kind=family.kind, tuner=family.tuner or "", tier=family.tier, batch=family.batch)
