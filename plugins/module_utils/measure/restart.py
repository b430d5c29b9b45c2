# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each service restarted, one after the other, and how long it takes until it is healthy again.

The engine does a restart in one order: whoever is killed midway leaves a service that comes up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ..deploy.settle import settle
from ..engine.client import Engine, EngineError
from ..engine.live import describe
from .scene import Found, Scene

LONGEST = 300
GRACE = 120


def measure(
    scene: Scene, *, clock: Callable[[], float] = time.monotonic, connect: Callable[[str, float], Engine] = Engine, longest: float = LONGEST
) -> Found:
    """Return by service `seconds` and whether it `recovered`, or an `error`."""
    return {name: _restart(scene, str(container["Id"]), clock, connect, longest) for name, container in scene.running()}


def _restart(scene: Scene, container: str, clock: Callable[[], float], connect: Callable[[str, float], Engine], longest: float) -> Found:
    engine = connect(scene.socket, GRACE + 30.0)
    began = clock()
    try:
        # Without a time of ours, the engine waits as long as the service's own grace period.
        engine.post(f"/containers/{container}/restart")

        def look() -> list[dict[str, Any]]:
            found: Mapping[str, Any] = engine.get(f"/containers/{container}/json")
            return [describe(dict(found))]

        name = look()[0]["service"]
        containers, recovered = settle(look, [name], longest)
    except EngineError as error:
        return {"error": str(error)}
    finally:
        engine.close()
    return {"seconds": clock() - began, "recovered": recovered, "said": containers[0]["health_output"], "error": ""}
