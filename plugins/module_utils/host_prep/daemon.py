# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Docker engine's own settings: daemon.json, and what a change of it does to what runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..host.facts import Ceilings, Engine, Facts

NO_CEILINGS = Ceilings(nofile=-1, memlock=-1)


def merge(existing: Mapping[str, Any], wanted: Mapping[str, Any], ceilings: Ceilings) -> str:
    """Return the text of daemon.json.

    Keys that we do not name stay as they are. Default ulimits are cut to the host's `ceilings`: an engine that may not grant a limit
    starts no container at all.
    """
    merged = {**existing, **wanted}
    ulimits = {}
    for name, limit in (merged.get("default-ulimits") or {}).items():
        ceiling = {"nofile": ceilings.nofile, "memlock": ceilings.memlock}.get(name, -1)
        ulimits[name] = {key: _cut(value, ceiling) if key in ("Soft", "Hard") else value for key, value in limit.items()}
    if ulimits:
        merged["default-ulimits"] = ulimits
    return json.dumps(merged, indent=2, sort_keys=True) + "\n"


def differs(engine: Engine, text: str) -> bool:
    """Tell whether a rendered daemon.json says something else than the one on disk."""
    return engine.daemon_config_invalid or json.loads(text) != engine.daemon_config


def restart_effect(facts: Facts) -> str:
    """Return in words what a restart of the engine does to the containers that run, other projects' included."""
    engine = facts.engine
    if not engine.running:
        return "the engine starts with it"
    if not engine.containers:
        return "the engine restarts; no container runs"
    neighbours = set(facts.neighbours)
    names = ", ".join(sorted(one.title if one in neighbours else one.name for one in engine.containers))
    if engine.live_restore:
        return f"the engine restarts; containers keep running (live-restore): {names}"
    return f"the engine restarts, and with it these containers stop and start: {names}"


def _cut(value: int, ceiling: int) -> int:
    if ceiling == -1:
        return value
    return ceiling if value == -1 else min(value, ceiling)
