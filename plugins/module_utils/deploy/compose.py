# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Docker Compose is asked for: to make containers, so that to Compose they are its own. Starting them is the engine's, in their order."""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..engine.client import Engine, EngineError
from ..engine.container import PINS, PinnedImage, digest_of
from ..host import atomic
from ..typed import dump, load
from .release import ReleasedService

# Runs the words of a Compose command and returns its code and what it said.
Run = Callable[[list[str]], tuple[int, str]]


# Which of those images the definition is overridden with, as long as a tag names another one on this host.
HELD = "images.held.json"
_DAEMON = re.compile(r"^(?:time=\S+ level=\w+ msg=)?\"?(?:Error response from daemon: |error: )*(.*?)\"?$", re.IGNORECASE)


class MakeError(Exception):
    """Containers could not be made; the text is one sentence. `busy` tells that another run makes some."""

    def __init__(self, text: str, *, busy: bool = False) -> None:
        super().__init__(text)
        self.busy = busy


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
    services: Mapping[str, ReleasedService],
    *,
    directory: Path,
    create: Iterable[str],
    recreate: Iterable[str],
    renew: Iterable[str],
) -> Made:
    """Make the containers of `create` that are still absent, and those of `recreate` anew, in one command.

    `services` are those of the release. The images of all that is to be made in this run, `renew` included, are pulled first: one that
    cannot be pulled ends the run while everything is as it was.

    A service keeps the image that its tag first named, also where the tag names another one meanwhile: `images.json` beside the definition remembers it.
    """
    present = {service: identifier for identifier, service in engine.listed(project)}
    absent = [name for name in create if name not in present]
    anew = [name for name in recreate if name not in absent]
    commands = []
    touched = [name for name in dict.fromkeys((*absent, *anew, *renew)) if services[name].image]
    pins = _pins(directory)
    images = {name: _held(engine, services[name].image, pins.get(name), present.get(name, "")) for name in touched}
    _override(directory, {name: image for name, image in images.items() if image != services[name].image})
    wanted = [name for name in touched if _inspected(engine, images[name]) is None]
    if wanted:
        commands.append(_pull(wanted))
        held = any(images[name] != services[name].image for name in wanted)
        why = f" that {directory / PINS} remembers (empty that file, and the tags are followed)" if held else ""
        _run(run, commands[-1], f"cannot pull the images {_listed([f'{images[name]} of {name}' for name in wanted])}{why}")
    _pin(directory, pins, {name: pin for name in touched if (pin := _pinned(engine, services[name].image, images[name]))}, services)
    if absent or anew:
        commands.append(_make([*absent, *anew], anew=bool(anew)))
        _run(run, commands[-1], f"Compose cannot make the containers of {_listed([*absent, *anew])}")
    return Made(created=absent, recreated=anew, commands=[" ".join(words) for words in commands])


def add(engine: Engine, run: Run, project: str, service: str, more: int) -> Made:
    """Make so many more containers of a service, and leave those that are there as they are."""
    there = _count(engine, project, service)
    words = [*_make([service], anew=False)[:-2], "--scale", f"{service}={there + more}", "--", service]
    _run(run, words, f"Compose cannot make another container of {service}")
    if _count(engine, project, service) <= there:
        raise MakeError(f"Compose made no other container of {service}")
    return Made(recreated=[service], commands=[" ".join(words)])


@contextmanager
def alone(directory: Path, timeout: float, *, pause: Callable[[float], None] = time.sleep) -> Iterator[int]:
    """Be the only one who makes containers of the release in a directory; a Compose that a killed run left at work is waited for.

    Two Compose runs at once on one project leave containers that neither of them meant. Yields the open file that holds the kernel's lock: a command that
    inherits it holds the lock until it ends, also when this process is killed.
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
                    raise MakeError(
                        f"an earlier run still makes containers of {directory}, for more than {timeout:.0f} s", busy=True
                    ) from None
                pause(0.2)
        yield handle
    finally:
        os.close(handle)


def _count(engine: Engine, project: str, service: str) -> int:
    return sum(name == service for _identifier, name in engine.listed(project))


def _inspected(engine: Engine, image: str) -> Mapping[str, Any] | None:
    """Return what the engine has of an image, `None` where it does not have it."""
    try:
        found: Mapping[str, Any] = engine.get(f"/images/{quote(image)}/json")
    except EngineError as error:
        if error.status != 404:
            raise
        return None
    return found


def _pins(directory: Path) -> dict[str, PinnedImage]:
    """Return the images that are remembered by service, on a host that was recovered by the release that was kept last.

    A file that cannot be read remembers none.
    """
    releases = directory.parent / "releases"
    try:
        written = atomic.read(directory / PINS)
        if written is None and (current := atomic.read(releases / "current")):
            written = atomic.read(releases / current.decode().strip() / PINS)
        return load(dict[str, PinnedImage], json.loads(written or b"{}"))
    except (OSError, ValueError, RecursionError):
        return {}


def _held(engine: Engine, reference: str, pin: PinnedImage | None, container: str) -> str:
    """Return what a service's containers are made of: its reference, or that with the digest where its tag names another image by now, or none."""
    if pin is None or pin.reference != reference:
        pin = _running(engine, reference, container)
    if pin is None or not pin.digest or "@" in reference:
        return reference
    named = _inspected(engine, reference)
    return reference if named is not None and named["Id"] == pin.id else pin.pinned


def _running(engine: Engine, reference: str, container: str) -> PinnedImage | None:
    """Return the image of a container that was made of this reference, `None` where there is none; whoever made it may have remembered nothing."""
    try:
        inspected = engine.get(f"/containers/{container}/json") if container else None
    except EngineError as error:
        if error.status != 404:
            raise
        return None
    if inspected is None or inspected["Config"]["Image"] != reference:
        return None
    return _pinned(engine, reference, str(inspected["Image"]))


def _pinned(engine: Engine, reference: str, image: str) -> PinnedImage | None:
    found = _inspected(engine, image)
    if found is None:
        return None
    return PinnedImage(reference=reference, digest=digest_of(reference, found.get("RepoDigests") or ()), id=str(found["Id"]))


def _override(directory: Path, images: Mapping[str, str]) -> None:
    """Have Compose take these images instead of those of the definition, and no others."""
    path = directory / HELD
    if images:
        _write(path, {"services": {name: {"image": image} for name, image in images.items()}})
    else:
        path.unlink(missing_ok=True)


def _pin(directory: Path, pins: Mapping[str, PinnedImage], found: Mapping[str, PinnedImage], services: Iterable[str]) -> None:
    now = {name: pin for name, pin in {**pins, **found}.items() if name in services}
    if now != pins:
        _write(directory / PINS, dump(now))


def _write(path: Path, content: Any) -> None:
    text = json.dumps(content, indent=1, sort_keys=True).encode() + b"\n"
    atomic.write(path, text, atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o644))


def _run(run: Run, words: list[str], failure: str) -> None:
    code, output = run(words)
    if code:
        raise MakeError(f"{failure}: {reason(output)}")


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def command(socket: str, project: str, directory: str, *words: str, definition: str = "") -> list[str]:
    """Return a command of Compose on the release in a directory, or on another definition of it."""
    held = Path(directory, HELD)
    return [
        *("docker", "--host", f"unix://{socket}", "compose", "--ansi", "never"),
        *("--project-name", project, "--project-directory", directory, "--file", definition or f"{directory}/compose.yml"),
        *(() if definition or not held.exists() else ("--file", str(held))),
        *words,
    ]


def _make(services: Iterable[str], *, anew: bool) -> list[str]:
    """Return the words that make containers, with their networks and volumes, without starting them; `anew` replaces those that are there."""
    return ["up", "--no-start", "--no-deps", "--quiet-pull", "--force-recreate" if anew else "--no-recreate", "--", *services]


def _pull(services: Iterable[str]) -> list[str]:
    """Return the words that fetch images."""
    return ["pull", "--quiet", "--", *services]


def start(service: str) -> list[str]:
    """Return the words that start one service whose container is there, with all that only Compose does for it."""
    return ["up", "--detach", "--no-deps", "--no-recreate", "--", service]


def reason(output: str) -> str:
    """Return in one line why a command failed: what the engine said, or else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = [line for line in lines if "error response from daemon" in line.lower()] or lines
    found = _DAEMON.match(said[-1]) if said else None
    return found[1].rstrip(".") if found else "no reason given"
