# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each container restarted, one after the other, and how long it takes until it is healthy again.

A service with several containers is asked without a pause meanwhile, through the proxy: the others should answer for the one that is
away. A restart is one request to the engine: a run that is killed midway leaves a service that comes up.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext

from ..deploy.health import settle
from ..engine.client import Engine, EngineError
from ..engine.container import Container, service
from .callers import Callers
from .scene import Found, Scene

LONGEST = 300
GRACE = 120
# A proxy that looks its services up anew every second has to see the one that is back before the next one goes.
SETTLED = 3.0


def measure(
    scene: Scene,
    *,
    doors: Mapping[str, str] | None = None,
    only: Collection[str] = (),
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
    connect: Callable[[str, float], Engine] = Engine,
    call: Callable[[str], Callers] = Callers,
    longest: float = LONGEST,
) -> Found:
    """Return by container `seconds` and whether it `recovered`, or an `error`; with a door and others beside it also `asked`, `failed` and `slowest`.

    `doors` are URLs behind the proxy, by the service that answers there; `only` are the services to restart, all where it is empty.
    """
    running = list(scene.running())
    counts = Counter(service(container) for _name, container in running)
    found: Found = {}
    for name, container in running:
        if only and service(container) not in only:
            continue
        door = (doors or {}).get(service(container), "") if counts[service(container)] > 1 else ""
        with call(door) if door else nullcontext() as callers:
            found[name] = _restart(scene, str(container["Id"]), clock, connect, longest)
            if callers:
                pause(SETTLED)
        if callers:
            found[name] |= {"asked": callers.asked, "failed": dict(callers.failed), "slowest": callers.slowest}
    return found


def _restart(scene: Scene, container: str, clock: Callable[[], float], connect: Callable[[str, float], Engine], longest: float) -> Found:
    engine = connect(scene.socket, GRACE + 30.0)
    began = clock()
    try:
        # Without a time of ours, the engine waits as long as the service's own grace period.
        engine.post(f"/containers/{container}/restart")

        def look() -> list[Container]:
            return [Container.of(engine.get(f"/containers/{container}/json"), kernel=False)]

        name = look()[0].service
        containers, recovered = settle(look, [name], longest)
    except EngineError as error:
        return {"error": str(error)}
    finally:
        engine.close()
    return {"seconds": clock() - began, "recovered": recovered, "said": containers[0].health_output, "error": ""}
