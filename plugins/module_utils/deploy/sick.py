# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a tier did not come up, as sentences that name the service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .settle import is_up


def explain(containers: Iterable[Mapping[str, Any]], tier: str) -> list[str]:
    """Return one sentence for each container of a tier that is not running or not healthy."""
    return [_sentence(container) for container in containers if container["labels"].get("tier") == tier and not is_up(container)]


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
