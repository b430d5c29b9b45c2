# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every service's own health probe, run now.

The engine's state is as old as its last probe, and turns only after several have failed.
"""

from __future__ import annotations

from ..engine.settings.subject import UnknownError
from .scene import Container, Found, Scene, each

# The engine writes nanoseconds.
_NANO = 1_000_000_000
_MOST = 15


def measure(scene: Scene) -> Found:
    """Return by service whether its probe is `well`, and what it `said` where not; `None` where there is no probe.

    All are asked at once, which the engine never does: a service that fails is asked again, alone.
    """
    running = dict(scene.running())
    asked = {name: container for name, container in running.items() if _command(container)}
    found = each(lambda container: _probe(scene, container), asked)
    answered = {name: answer if answer["well"] else _probe(scene, asked[name]) for name, answer in found.items()}
    return {name: answered.get(name, {"well": None, "said": ""}) for name in running}


def _command(container: Container) -> list[str]:
    kind, *words = (container["Config"].get("Healthcheck") or {}).get("Test") or ["NONE"]
    if kind == "CMD":
        return [str(word) for word in words]
    return ["/bin/sh", "-c", str(words[0])] if kind == "CMD-SHELL" else []


def _probe(scene: Scene, container: Container) -> Found:
    seconds = min(_MOST, max(1, int(container["Config"]["Healthcheck"].get("Timeout") or 30 * _NANO) // _NANO))
    try:
        scene.subject(container, seconds=seconds).execute(_command(container))
    except UnknownError as reason:
        return {"well": False, "said": str(reason)}
    return {"well": True, "said": ""}
