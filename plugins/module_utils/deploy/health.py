# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether containers are up, waiting until they are, and why they are not."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from ..engine.container import Container

# Compose polls every 500 ms; one look at 27 containers takes about 60 ms.
_PAUSE = 0.2
_RESTARTS = 3
# What of a log a sentence shows.
_LINES, _WIDEST = 8, 300

# What the engine says of a port that is published already, and also of one that it never gave back because it was killed while it published it
# (seen with Engine 26.1): only a restart of the engine helps then.
_PORT_HELD = "port is already allocated"
_PORT_FIX = "where no container publishes it, the engine has kept it since it was killed: systemctl restart docker, and run again"


def settle(
    look: Callable[[], list[Container]],
    services: Collection[str],
    timeout: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> tuple[list[Container], bool]:
    """Look until every named service is up, one of them has failed, or `timeout` seconds are over.

    Returns the last look and whether all are up.
    """
    deadline = clock() + timeout
    while True:
        containers = look()
        watched = [container for container in containers if container.service in services]
        present = {container.service for container in watched}
        if present >= set(services) and all(container.is_up for container in watched):
            return containers, True
        if any(has_failed(container) for container in watched) or clock() >= deadline:
            return containers, False
        pause(_PAUSE)


def has_failed(container: Container) -> bool:
    """Tell whether waiting for a container cannot help any more."""
    return (
        container.state in ("exited", "dead")
        or container.health == "unhealthy"
        or (container.state == "restarting" and container.restarts >= _RESTARTS)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What the engine still knows of a container: the last lines of its `log`, since the next run may replace it, and the code of its last `end`.

    A container that is restarted again and again is seen while it runs as often as not, and then has no exit code of its own. `end` is empty where the
    engine remembers none.
    """

    log: Callable[[Container], list[str]]
    end: Callable[[Container], str]


def explain(
    containers: Iterable[Container], services: Collection[str], refused: Mapping[str, str], witness: Witness, ends: Collection[str] = ()
) -> list[str]:
    """Return one sentence for each container of these services that is not up; `refused` holds, by service, why the engine would not start it.

    Of `ends`, jobs, what others wait for is the end.
    """
    containers = list(containers)
    return [
        *(f"{name}: the engine cannot start it: {_why(refused[name])}." for name in sorted(refused)),
        *(
            f"{one.service}: it runs and has not ended, which others wait for."
            for one in containers
            if one.service in ends and one.service in services and one.is_up
        ),
        *(tell(container, witness) for container in containers if container.service in services and not container.is_up),
    ]


def tell(container: Container, witness: Witness) -> str:
    """Return what is wrong with a container, with the last lines of its log."""
    if container.oom_killed:
        said = (
            f"{container.service}: killed at its memory limit of {container.limits.memory >> 20} MiB; "
            f"raise services.{container.service}.x-budget.memory.floor in catalog_overrides"
        )
    elif container.state == "running" and container.restarts and container.health == "starting":
        code = witness.end(container)
        ended = f"ended with exit code {code}" if code else "ended"
        said = f"{container.service}: {ended}, {_times(container.restarts)}, and starts again"
    elif container.state == "running" and not container.is_up:
        said = f"{container.service}: {container.health}, its probe said: {container.health_output or 'nothing'}"
    elif container.state == "running":
        said = f"{container.service}: ended, {_times(container.restarts)}, and runs"
    else:
        said = f"{container.service}: {container.state} with exit code {container.exit_code}, {_times(container.restarts)}"
    lines = witness.log(container)
    if not lines:
        return f"{said}; its log is empty."
    return "\n".join([f"{said}; the last lines of its log:", *(f"    {line[:_WIDEST]}" for line in lines[-_LINES:])])


def _times(count: int) -> str:
    return "never restarted" if not count else "restarted once" if count == 1 else f"restarted {count} times"


def _why(refusal: str) -> str:
    return refusal.rstrip(".") + (f"; {_PORT_FIX}" if _PORT_HELD in refusal else "")
