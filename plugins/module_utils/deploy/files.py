# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a release on the host, beside what the release says and what the containers have read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..engine.live import service as service_of
from ..engine.moment import seconds
from ..render.live_state import STALE
from .release import fingerprint


def stale(services: Mapping[str, Mapping[str, Any]], inspected: Iterable[Mapping[str, Any]], directory: Path) -> list[str]:
    """Name the services with a secret file written after their container was made: the mount still shows the old file."""
    created: dict[str, float] = {}
    for container in inspected:
        name, made = service_of(container), seconds(container["Created"])
        # Of several containers the oldest one decides.
        created[name] = min(made, created.get(name, made))
    found = []
    for name, service in services.items():
        paths = [directory / secret for secret in service["secrets"]]
        if name in created and any(path.exists() and path.stat().st_mtime > created[name] for path in paths):
            found.append(name)
    return found


def silent(release: Mapping[str, Any], now: float) -> bool:
    """Tell whether the host should write its services' live state (`live_state` of the release) and has stopped, or not begun."""
    place = (release.get("live_state") or {}).get("file")
    if place is None:
        return False
    try:
        return now - Path(place).stat().st_mtime > STALE
    except OSError:
        return True


def changed(service: Mapping[str, Any], directory: Path) -> list[str]:
    """Name a service's configuration files whose content is not that of the release."""
    return [
        path
        for path, remembered in service.get("parts", {}).items()
        if path.startswith("config/") and _fingerprint(directory / path) != remembered
    ]


def _fingerprint(path: Path) -> str:
    try:
        return fingerprint(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
