# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which newer versions a stack's images have, what each would mean, and which tags name another image than before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from ..compose.values import mapping
from ..images.data_format import one_way
from ..images.facts import Facts
from ..images.name import ImageName
from ..images.table import facts_of
from ..problems import Finding
from ..typed import dump
from . import codes
from .ledger import Ledger, repository_of
from .registry import Registry, RegistryError

# A registry slows down who asks much at once.
_WORKERS = 4
_TAG = re.compile(r"(\D*?)(\d+(?:\.\d+)*)(.*)")
_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """A newer version: its tag and digest, the hours since that was first seen, and what changing to it means.

    `ready` tells whether it is old enough and can be taken back.
    """

    tag: str
    digest: str
    hours: float
    means: tuple[str, ...]
    ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What is known of one service's image: the digest that its tag names now, and newer versions; `unknown` says why nothing is."""

    service: str
    image: str
    tag: str = ""
    digest: str = ""
    newer: tuple[Newer, ...] = ()
    notes: tuple[str, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """Of all services, with findings about tags, and the patch of what is ready."""

    services: tuple[Update, ...]
    findings: tuple[Finding, ...]
    patch: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "services": dump(self.services),
            "findings": [finding.to_dict() for finding in self.findings],
            "patch": dict(self.patch),
        }


def updates(
    compose: Mapping[str, Any], registry: Callable[[str], Registry], ledger: Ledger, now: float, age: float, *, pin: bool = False
) -> Updates:
    """Return what the registries have; what is seen is noted in the ledger. `registry` gives one by its name, `age` is in seconds.

    With `pin` the patch also has the digests of what the tags name now, but for those that are pinned or moved.
    """
    images = {
        str(name): str(image)
        for name, service in sorted(mapping(compose.get("services")).items())
        if (image := mapping(service).get("image"))
    }
    distinct = sorted(set(images.values()))
    with ThreadPoolExecutor(_WORKERS) as pool:
        told = dict(zip(distinct, pool.map(lambda image: _ask(image, registry), distinct), strict=True))
    noted = {image: _noted(image, answer, ledger, now, age) for image, answer in told.items()}
    listed = tuple(replace(noted[image][0], service=name) for name, image in images.items())
    findings = tuple(
        Finding(code=codes.TAG_MOVED, severity="warning", path=f"services.{name}.image", message=moved[0], fix=moved[1])
        for name, image in images.items()
        for moved in noted[image][1]
    )
    settled = {name for name, image in images.items() if noted[image][1] or ImageName.parse(image).digest}
    wanted = {one.service: (one.tag, one.digest) for one in listed if pin and one.digest and one.service not in settled}
    wanted |= {one.service: (entry.tag, entry.digest) for one in listed for entry in one.newer if entry.ready}
    patch = {name: {"image": f"{_without_tag(images[name])}:{tag}@{digest}"} for name, (tag, digest) in sorted(wanted.items())}
    return Updates(services=listed, findings=findings, patch={"services": patch} if patch else {})


def newer_tags(tag: str, tags: Iterable[str]) -> tuple[str, ...]:
    """Return the newest tag of the same line, of the same major version, and of all, without doubles, where they are newer.

    Only tags that are built alike count: the same words, and as many numbers.
    """
    own = _key(tag)
    if own is None:
        return ()
    shape, numbers = own
    found = sorted(
        (key[1], other)
        for other in set(tags)
        if (key := _key(other))
        and key[0] == shape
        and key[1] > numbers
        and (len(numbers[0]) > 1 or key[1][0][0] < 10 * (numbers[0][0] + 1))
    )
    lines = (
        [other for key, other in found if len(key[0]) > 1 and key[0][:-1] == numbers[0][:-1]],
        [other for key, other in found if key[0][0] == numbers[0][0]],
        [other for _key, other in found],
    )
    return tuple(dict.fromkeys(line[-1] for line in lines if line))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    digest: str = ""
    newer: tuple[tuple[str, str], ...] = ()
    error: str = ""


def _key(tag: str) -> tuple[tuple[str, str, int], tuple[tuple[int, ...], tuple[int, ...]]] | None:
    """Return how a tag is built, and its numbers; None where it carries none."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    numbers = tuple(int(number) for number in match[2].split("."))
    beside = tuple(int(number) for number in re.findall(r"\d+", match[3]))
    return (match[1], re.sub(r"\d+", "0", match[3]), len(numbers)), (numbers, beside)


def _ask(image: str, registry: Callable[[str], Registry]) -> _Answer:
    name = ImageName.parse(image)
    if not name.repository or "$" in image:
        return _Answer(error="its name is not known before Compose reads it")
    repository, tag = repository_of(name), name.tag or "latest"
    try:
        asked = registry(name.registry)
        digest = asked.digest(repository, tag)
        newer = newer_tags(tag, asked.tags(repository))
        return _Answer(digest=digest, newer=tuple((other, asked.digest(repository, other)) for other in newer))
    except RegistryError as error:
        return _Answer(error=str(error))


def _noted(image: str, answer: _Answer, ledger: Ledger, now: float, age: float) -> tuple[Update, list[tuple[str, str]]]:
    name = ImageName.parse(image)
    tag, bare = name.tag or "latest", f"{name.registry}/{repository_of(name)}"
    update = Update(service="", image=_without_tag(image), tag=tag, unknown=answer.error)
    if name.digest:
        # Its age begins also where the registry is not reached, or its tag names another one by now.
        ledger.note(f"{bare}:{tag}", name.digest, now)
    if answer.error:
        return update, []
    ledger.note(f"{bare}:{tag}", answer.digest, now)
    facts = facts_of(name)
    newer = []
    for other, digest in answer.newer:
        seen = ledger.note(f"{bare}:{other}", digest, now)
        means, back = _means(facts, facts_of(replace(name, tag=other, digest="")), tag, other)
        newer.append(Newer(tag=other, digest=digest, hours=(now - seen) / _HOUR, means=means, ready=back and now - seen >= age))
    ended = facts.past_support()
    notes = (*((f"support of {ended[0]} ended on {ended[1]}",) if ended else ()), *((facts.ended,) if facts.ended else ()))
    return replace(update, digest=answer.digest, newer=tuple(newer), notes=notes), list(_moved(name, tag, bare, answer.digest, ledger))


def _moved(name: ImageName, tag: str, bare: str, digest: str, ledger: Ledger) -> Iterable[tuple[str, str]]:
    """Yield what is to be said of a tag that names another image than before, or than the definition pins."""
    before = ledger.before(f"{bare}:{tag}", digest)
    was = name.digest or (before[0] if before else digest)
    if was != digest:
        message = f"{bare}:{tag} was {was[:19]} and is now {digest[:19]}: whoever pulls it gets another image"
        yield message, f"look at what its publisher says of it, and pin the one that you trust, such as {bare}:{tag}@{was}"


def _means(old: Facts, new: Facts, tag: str, other: str) -> tuple[tuple[str, ...], bool]:
    """Return what a change means, and whether it can be taken back without a backup."""
    told = [f"one-way: {why}" for why in one_way(old, new)]
    back = not told
    if new.old_data and new.old_data != old.old_data:
        back = False
        told.append(f"breaking: it refuses a mount at {new.old_data}")
    first, then = _key(tag), _key(other)
    if first and then and first[1][0][0] != then[1][0][0]:
        back = False
        told.append("a new major version: read its release notes")
    return tuple(told), back


def _without_tag(image: str) -> str:
    """Return an image's name as it is written, without tag and digest."""
    name = image.partition("@")[0]
    return name[: name.rfind(":")] if name.rfind(":") > name.rfind("/") else name
