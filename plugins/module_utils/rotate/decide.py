# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a secret can be changed, how, and which services are made anew for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog.credentials import REFERENCE, content_of
from ..catalog.rotation import KEY, Way
from ..compose.project import Project
from ..compose.values import mapping
from ..deploy.changes import NONE, WAIT, Changes, with_secrets
from ..deploy.release import ReleasedService
from ..tiers import TIERS
from .journal import Rotation, SecretFile


class RefusedError(Exception):
    """A secret is not changed; the text is one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What was seen of the host: how its containers differ from the release, `None` where that is not known, and what was interrupted."""

    changes: Changes | None
    unfinished: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is done, in sentences as well."""

    rotation: Rotation
    lines: tuple[str, ...]


def decide(
    name: str, compose: Mapping[str, Any], files: Iterable[SecretFile], services: Mapping[str, ReleasedService], live: Live, *, chosen: bool
) -> Decision:
    """Return how a value is changed. `files` are those of all secrets, `chosen` tells whether the operator gives the new value. Raises `RefusedError`."""
    listed = list(files)
    known = sorted({found for one in listed for found in REFERENCE.findall(one.content)})
    if name not in known:
        raise RefusedError(f"There is no secret {name!r}; there are {', '.join(known) or 'none'}.")
    way, service = _way(name, compose, services)
    mine = tuple(one for one in listed if name in REFERENCE.findall(one.content))
    if live.changes is None:
        raise RefusedError("The Docker engine does not run, so no service can be given another value; start it (systemctl start docker).")
    differing = [name for name, one in live.changes.services.items() if one.action not in (NONE, WAIT)] + list(live.changes.orphans)
    if differing and not live.unfinished:
        raise RefusedError(
            f"What runs is not what the inventory says ({', '.join(sorted(differing))}), and a secret is changed in a stack that is whole; "
            "run ziggie.stack.site first."
        )
    changed = with_secrets(live.changes, services, [f"/secrets/{one.path}" for one in mine])
    rotation = Rotation(secret=name, method=way.method, user=way.user, service=service, files=mine)
    return Decision(rotation=rotation, lines=tuple(_lines(rotation, changed, live, chosen=chosen)))


def _way(name: str, compose: Mapping[str, Any], services: Mapping[str, ReleasedService]) -> tuple[Way, str]:
    read = Project.read(compose)
    found: list[tuple[Way, str]] = []
    for service in read.services.values():
        for entry in service.secrets if service.name in services else ():
            secret = read.secrets.get(entry.source)
            recipe = mapping(secret.raw.get("x-secret")) if secret else {}
            way = Way.read(recipe.get(KEY))
            if way and name in REFERENCE.findall(content_of(entry.source, recipe)):
                found.append((way, service.name))
    if not found:
        raise RefusedError(
            f"How {name} is changed is not known: no server says so in x-secret.rotate. Write rotate: {{method: restart}} there where services only "
            "read it when they start, or change it by hand."
        )
    way, service_name = found[0]
    if way.method == "never":
        raise RefusedError(f"{name} cannot be changed: {way.reason} are encrypted with it, and another value would not open them.")
    if len(found) > 1 and way.in_data:
        raise RefusedError(f"{name} is kept by more than one server ({', '.join(sorted(one for _way, one in found))}); change it by hand.")
    return way, service_name


def _lines(rotation: Rotation, changed: Changes, live: Live, *, chosen: bool) -> Iterable[str]:
    if live.unfinished:
        yield f"The rotation of {live.unfinished} that was interrupted is taken back first."
    source = f"Take the new value from stack_credentials.{rotation.secret}" if chosen else "Make a new value on the host"
    yield f"{source}, and keep the old one beside it."
    if rotation.method != "restart":
        yield f"Give it to the user {rotation.user} in {rotation.service}, log in with it, and see that the old one is refused."
    yield f"Write it to {', '.join(f'secrets/{one.path}' for one in rotation.files)}."
    tiers = [f"{tier}: {', '.join(changed.tiers[tier].recreate)}" for tier in TIERS if changed.tiers[tier].recreate]
    yield f"Recreate, tier by tier and each healthy before the next: {'; '.join(tiers)}."
    yield "Remove the old value when all are healthy; whatever fails before that brings it back everywhere."
