# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a tier did not come up, as sentences that name the service."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .settle import is_up


def explain(containers: Iterable[Mapping[str, Any]], services: Collection[str], refused: Mapping[str, str]) -> list[str]:
    """Return one sentence for each container of these services that is not running or not healthy.

    `refused` holds, by service, why the engine would not start it.
    """
    return [
        *(f"{name}: the engine cannot start it: {refused[name].rstrip('.')}." for name in sorted(refused)),
        *(_sentence(container) for container in containers if container["service"] in services and not is_up(container)),
    ]


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
