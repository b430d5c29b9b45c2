# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New images of running services that were not seen for long enough, and tags that name another image than the release remembers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ..compose.project import Project
from ..compose.service import Service
from ..engine.container import familiar
from ..host import codes
from ..host.facts import DeployedContainer, Facts, LocalImage
from ..images.data_format import dotted
from ..images.name import ImageName
from ..observe.ledger import Ledger, reference
from ..problems import Finding, Problems
from ..settings import upgrade as settings

_HOUR = 3600.0
_DIGITS = len("sha256:") + 12
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{12,64}")


def too_new(
    compose: Mapping[str, Any],
    facts: Facts,
    ledger: Ledger,
    now: float,
    written: Mapping[str, Any],
    acknowledged: object,
    upgrading: str = "",
) -> Iterator[Finding]:
    """Yield an error for each service that has containers and would get an image that is younger, by the ledger, than `stack_upgrade.image_age`.

    An image that a kept release has run, one that was made on the host, and the upgrade that was asked for are not held up; what is wrong with the
    settings is told where backups are asked for.
    """
    policy, named = settings.parse(written, Problems()), settings.acknowledged(acknowledged, Problems())
    for service, container in _changed(compose, facts) if policy.image_age else ():
        name = ImageName.parse(service.image)
        there = _there(facts, name)
        digest = name.digest or (there.digest if there else ledger.newest(reference(name)))
        if (there and not digest) or digest in facts.ran or service.name == upgrading:
            continue
        versions = _versions(name)
        if any((service.name, version) in named for version in versions):
            continue
        seen = ledger.seen(reference(name), digest)
        if seen is not None and now - seen >= policy.image_age:
            continue
        age = "was never seen before" if seen is None else f"was first seen {max(now - seen, 0.0) / _HOUR:.0f} hours ago"
        what = f"{service.image} ({digest[:_DIGITS]})" if digest and not name.digest else service.image
        yield Finding(
            code=codes.IMAGE_TOO_NEW,
            severity="error",
            path=f"services.{service.name}.image",
            message=f"{what} {age}, and a running service takes an image once it was seen for {policy.image_age / _HOUR:g} hours",
            fix=f"{'run ziggie.stack.updates, which remembers it, and wait' if seen is None else 'wait'}; "
            f"or add -e {settings.ACKNOWLEDGED}={service.name}@{versions[0]}; or keep {container.image}",
        )


def moved(facts: Facts, ledger: Ledger) -> Iterator[Finding]:
    """Yield a warning for each tag that names another image on the host than the release remembers."""
    for service, pin in sorted(facts.pins.items()):
        named = facts.engine.images.get(familiar(pin.reference))
        if named is None or named.id == pin.id or "@" in pin.reference:
            continue
        new, old = named.digest or named.id, pin.digest or pin.id
        seen = ledger.seen(reference(ImageName.parse(pin.reference)), new)
        first = f", first seen on {time.strftime('%Y-%m-%d', time.gmtime(seen))}" if seen is not None else ""
        since = f" since {named.tagged.replace('T', ' ')} UTC" if named.tagged else ""
        keeps = (
            "the service keeps the old one"
            if pin.digest
            else "no registry has the old one, so the service gets the new one with its next container"
        )
        yield Finding(
            code=codes.TAG_MOVED,
            severity="warning",
            path=f"services.{service}.image",
            message=f"{pin.reference} was {old[:_DIGITS]} when it was released and is {new[:_DIGITS]} on this host{since}{first}; {keeps}",
            fix=f"look at what its publisher says of it; to take it, write {pin.reference}@{new}"
            if named.digest
            else "tag the one that you mean",
        )


def _changed(compose: Mapping[str, Any], facts: Facts) -> Iterator[tuple[Service, DeployedContainer]]:
    """Yield the services that have containers of another image than they would get, each with one."""
    for service in Project.read(compose).services.values():
        for container in facts.engine.deployed:
            if (
                service.image
                and not service.raw.get("build")
                and container.project == facts.project
                and container.service == service.name
                and not _same(ImageName.parse(service.image), container, facts)
            ):
                yield service, container
                break


def _same(new: ImageName, container: DeployedContainer, facts: Facts) -> bool:
    """Tell whether a container is of an image, through whatever registry that was pulled."""
    pin, written = facts.pins.get(container.service), container.image
    if _ID.fullmatch(written):
        # Its tag was moved, so the engine tells no more than this.
        if pin is None:
            return not new.digest
        written = pin.pinned
    old, there = ImageName.parse(written), facts.engine.images.get(familiar(written))
    if (old.repository.rpartition("/")[2], old.tag or "latest") != (new.repository.rpartition("/")[2], new.tag or "latest"):
        return False
    return not new.digest or new.digest == (old.digest or (pin.digest if pin else there.digest if there else ""))


def _there(facts: Facts, name: ImageName) -> LocalImage | None:
    """Return what the tag of an image names on the host, also through a mirror of another name."""
    tag = f"{name.repository.removeprefix('library/')}:{name.tag or 'latest'}"
    return next((image for known, image in facts.engine.images.items() if known == tag or known.endswith(f"/{tag}")), None)


def _versions(name: ImageName) -> tuple[str, ...]:
    """Return by what a change to an image is acknowledged: its version, its tag, the beginning of its digest."""
    version = name.version()
    return tuple(filter(None, (dotted(version) if version else "", name.tag, name.digest[:_DIGITS]))) or ("latest",)
