# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a tier did not come up, as sentences that name the service."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .settle import is_up

# What the engine says of a port that it has given away, also of one that it kept to itself: killed while it publishes a port, it never gives that
# back (seen with Engine 26.1), and only a restart of the engine does.
_PORT_HELD = "port is already allocated"
_PORT_FIX = "where no container publishes it, the engine has kept it since it was killed: systemctl restart docker, and run again"


def explain(containers: Iterable[Mapping[str, Any]], services: Collection[str], refused: Mapping[str, str]) -> list[str]:
    """Return one sentence for each container of these services that is not running or not healthy.

    `refused` holds, by service, why the engine would not start it.
    """
    return [
        *(f"{name}: the engine cannot start it: {_why(refused[name])}." for name in sorted(refused)),
        *(_sentence(container) for container in containers if container["service"] in services and not is_up(container)),
    ]


def _why(refusal: str) -> str:
    return refusal.rstrip(".") + (f"; {_PORT_FIX}" if _PORT_HELD in refusal else "")


def _sentence(container: Mapping[str, Any]) -> str:
    if container["oom_killed"]:
        return (
            f"{container['service']}: killed at its memory limit of {container['limits']['memory'] >> 20} MiB; "
            f"raise services.{container['service']}.x-budget.memory.floor in catalog_overrides."
        )
    if container["state"] != "running":
        return (
            f"{container['service']}: {container['state']} with exit code {container['exit_code']} after {container['restarts']} restarts; "
            f"look at docker logs {container['name']}."
        )
    said = container["health_output"] or "nothing"
    return f"{container['service']}: {container['health']}, its probe said: {said}; look at docker logs {container['name']}."
