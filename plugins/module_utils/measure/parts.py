# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a measurement: the quiet ones disturb nothing and are measured together, the loud ones one after the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..engine.client import Engine
from ..host.root import Root
from ..host.slices import describe
from ..typed import dump
from . import api, exporters, figures, load, logins, ollama, probes, restart, settings
from .api import Run, Which
from .scene import Found, Scene, Tuned, together

QUIET: Mapping[str, Callable[[Scene], Found]] = {
    "probes": probes.measure,
    "logins": logins.measure,
    "exporters": exporters.measure,
    "figures": figures.measure,
    "settings": settings.measure,
    "slices": lambda scene: {tier: dump(state) for tier, state in describe(Root(), scene.project).items()},
}
LOUD = ("load", "api", "ollama", "restart")
# What a restart does to the services changes the host.
CHANGING = "restart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be measured of the release in a directory: `url`, `requests` and `concurrency` are for the API, `services` and `doors` for restarts.

    `run` runs a program on the host, `which` finds one.
    """

    parts: Collection[str]
    directory: Path
    project: str
    socket: str
    run: Run
    which: Which
    url: str
    requests: int
    concurrency: int
    services: Collection[str] = ()
    doors: Mapping[str, str] = field(default_factory=dict)


def measure(wish: Wish, *, check: bool = False) -> Iterator[dict[str, Found]]:
    """Yield what is measured as it comes, by part; with `check`, only the quiet parts. Raises `EngineError`."""
    with closing(Engine(wish.socket)) as engine:
        inspected = engine.containers(wish.project)
    scene = Scene(inspected=inspected, tunings=_tunings(wish.directory), project=wish.project, socket=wish.socket)
    yield together({part: partial(QUIET[part], scene) for part in wish.parts if part in QUIET})
    loud: Mapping[str, Callable[[], Found]] = {
        "load": partial(load.measure, scene),
        "api": partial(api.measure, wish.run, wish.which, url=wish.url, requests=wish.requests, concurrency=wish.concurrency),
        "ollama": partial(ollama.measure, scene),
        "restart": partial(restart.measure, scene, doors=wish.doors, only=wish.services),
    }
    for part in wish.parts:
        if part in loud and not check:
            yield {part: loud[part]()}


def _tunings(directory: Path) -> dict[str, Tuned]:
    """Return by service what the Budget in a directory tuned; nothing where there is no Budget of ours."""
    try:
        shares = json.loads((directory / "budget.json").read_bytes())["services"]
        return {
            str(name): Tuned(tuner=str(tuning["tuner"]), settings={str(key): str(value) for key, value in tuning["settings"].items()})
            for name, share in shares.items()
            if (tuning := share["tuning"])["tuner"]
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
