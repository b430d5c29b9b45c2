# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers made by Compose, so that to Compose they are its own, and not started: that is the engine's, tier by tier."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..engine.client import Engine, EngineError
from . import compose

# Runs the words of a Compose command and returns its code and what it said.
Run = Callable[[list[str]], tuple[int, str]]


class MakeError(Exception):
    """Containers could not be made; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The services that got containers, and what Compose was asked for to that end."""

    created: list[str] = field(default_factory=list)
    recreated: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def __add__(self, more: Made) -> Made:
        return Made(
            created=self.created + more.created,
            recreated=self.recreated + more.recreated,
            commands=self.commands + more.commands,
        )


def make(
    engine: Engine,
    run: Run,
    project: str,
    services: Mapping[str, Mapping[str, Any]],
    *,
    create: Iterable[str],
    recreate: Iterable[str],
    renew: Iterable[str],
) -> Made:
    """Make the containers of `create` that are still absent, and those of `recreate` anew, in one go.

    `services` are those of the release. First come the images of all that is to be made in this run, `renew` included: one that
    cannot be had ends the run while everything is as it was.
    """
    present = {service for _identifier, service in engine.listed(project)}
    absent = [name for name in create if name not in present]
    anew = [name for name in recreate if name not in absent]
    commands = []
    wanted = [name for name in dict.fromkeys((*absent, *anew, *renew)) if _is_missing(engine, str(services[name]["image"]))]
    if wanted:
        commands.append(compose.pull(wanted))
        images = _listed([f"{services[name]['image']} of {name}" for name in wanted])
        _run(run, commands[-1], f"not every image can be had of {images}")
    if absent or anew:
        commands.append(compose.make([*absent, *anew], anew=bool(anew)))
        _run(run, commands[-1], f"Compose cannot make the containers of {_listed([*absent, *anew])}")
    return Made(created=absent, recreated=anew, commands=[" ".join(words) for words in commands])


@contextmanager
def alone(directory: Path, timeout: float, *, pause: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Be the only one who makes containers of the release in a directory; what a killed run left at work is waited for.

    Two Compose runs at once on one project leave containers that neither of them meant.
    """
    deadline = time.monotonic() + timeout
    handle = os.open(directory, os.O_RDONLY)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise MakeError(f"an earlier run still makes containers of {directory}, for more than {timeout:.0f} s") from None
                pause(0.2)
        yield
    finally:
        os.close(handle)


def _is_missing(engine: Engine, image: str) -> bool:
    if not image:
        # Compose builds it.
        return False
    try:
        engine.get(f"/images/{quote(image)}/json")
    except EngineError as error:
        if error.status != 404:
            raise
        return True
    return False


def _run(run: Run, words: list[str], failure: str) -> None:
    code, output = run(words)
    if code:
        raise MakeError(f"{failure}: {compose.reason(output)}")


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
