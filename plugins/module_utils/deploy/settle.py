# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until containers are up, and give up as soon as waiting cannot help."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

# Compose polls every 500 ms; one look at 27 containers takes about 60 ms.
_PAUSE = 0.2
_RESTARTS = 3

Containers = list[dict[str, Any]]


def settle(
    look: Callable[[], Containers],
    services: Collection[str],
    timeout: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> tuple[Containers, bool]:
    """Look until every named service is up, one of them has failed, or `timeout` seconds are over.

    `look` returns described containers (`engine.live.describe`). A service is up when it runs and is healthy, or runs and
    has no probe. Returns the last look and whether all are up.
    """
    deadline = clock() + timeout
    while True:
        containers = look()
        watched = [container for container in containers if container["service"] in services]
        present = {container["service"] for container in watched}
        if present >= set(services) and all(is_up(container) for container in watched):
            return containers, True
        if any(has_failed(container) for container in watched) or clock() >= deadline:
            return containers, False
        pause(_PAUSE)


def is_up(container: Mapping[str, Any]) -> bool:
    """Tell whether a described container runs and, where it has a probe, is healthy."""
    return container["state"] == "running" and container["health"] in ("healthy", "none")


def is_over(container: Mapping[str, Any], service: Mapping[str, Any]) -> bool:
    """Tell whether a container has done what a release's service that is a job had to do."""
    return bool(service.get("ends")) and container["state"] == "exited" and container["exit_code"] == 0


def has_failed(container: Mapping[str, Any]) -> bool:
    """Tell whether waiting for a described container cannot help any more."""
    return (
        container["state"] in ("exited", "dead")
        or container["health"] == "unhealthy"
        or (container["state"] == "restarting" and container["restarts"] >= _RESTARTS)
    )
