# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can say whether a configuration file is right: the program that will read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# By path, the service whose image holds the checker, and the checker's arguments. It gets the file on its standard input.
_CHECKERS = {
    "config/prometheus/alerts.yml": ("prometheus", ("promtool", "check", "rules")),
    "config/prometheus/prometheus.yml": ("prometheus", ("promtool", "check", "config", "--syntax-only", "/dev/stdin")),
    "config/alertmanager/alertmanager.yml": ("alertmanager", ("amtool", "check-config", "/dev/stdin")),
}

# Nothing is pulled to check a file: where the image is not there yet, nothing runs that a wrong file could stop.
_RUN = ("docker", "run", "--rm", "--interactive", "--pull=never", "--network=none", "--memory=256m")


def validator(path: str, compose: Mapping[str, Any]) -> list[str] | None:
    """Return the command that accepts or refuses a file on its standard input, `None` where there is none."""
    if path not in _CHECKERS:
        return None
    service, (program, *arguments) = _CHECKERS[path]
    image = ((compose.get("services") or {}).get(service) or {}).get("image")
    return [*_RUN, f"--entrypoint={program}", str(image), *arguments] if image else None
