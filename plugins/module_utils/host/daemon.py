# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's daemon.json: what is there, with what we ask for laid over it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def merge(existing: Mapping[str, Any], wanted: Mapping[str, Any], ceilings: Mapping[str, int]) -> str:
    """Return the text of daemon.json.

    Keys that we do not name stay as they are. Default ulimits are cut to the host's `ceilings` (-1 is none): an engine that may
    not grant a limit starts no container at all.
    """
    merged = {**existing, **wanted}
    ulimits = {}
    for name, limit in (merged.get("default-ulimits") or {}).items():
        ceiling = ceilings.get(name, -1)
        ulimits[name] = {key: _cut(value, ceiling) if key in ("Soft", "Hard") else value for key, value in limit.items()}
    if ulimits:
        merged["default-ulimits"] = ulimits
    return json.dumps(merged, indent=2, sort_keys=True) + "\n"


def _cut(value: int, ceiling: int) -> int:
    if ceiling == -1:
        return value
    return ceiling if value == -1 else min(value, ceiling)
