# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a budget assumes of a service whose author says nothing, by what its image is known for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..budget.model import TIERS
from ..budget.parse import BUDGET_KEY
from ..budget.tune.registry import ENGINES
from ..budget.units import GIB, MIB, compose_size, parse_size
from ..findings.loose import mapping, parsed, whole, words
from ..findings.service import Service

_SMALLEST_REQUEST = 256 * MIB
_PARAMETERS = {"postgres": {"max_connections": "max_connections"}}
_MOST_CONNECTIONS = 1000
_CONNECTION = 10 * MIB


def enrich(compose: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition with `x-budget` completed where an image is known; what is written there stays."""
    services = {name: _enriched(str(name), mapping(service)) for name, service in mapping(compose.get("services")).items()}
    return {**compose, "services": services}


def _enriched(name: str, service: Mapping[str, Any]) -> dict[str, Any]:
    written = service.get(BUDGET_KEY)
    if written is not None and not isinstance(written, Mapping):
        return dict(service)
    known = Service.read(name, service)
    budget = dict(mapping(written))
    facts = known.facts
    if facts.tier in TIERS:
        budget.setdefault("tier", facts.tier)
    if facts.batch:
        budget.setdefault("batch", True)
    if facts.pids and not known.pids:
        budget.setdefault("pids", max(256, 2 * facts.pids))
    if known.floor:
        budget["memory"] = _memory(budget.get("memory"), known)
    enriched = dict(service)
    if facts.engine in ENGINES and "tuning" not in budget and _tunable(known):
        budget["tuning"] = {"engine": facts.engine, **_parameters(known)}
    if "tuning" in budget and facts.command and service.get("command") is None:
        enriched["command"] = list(facts.command)
    return {**enriched, BUDGET_KEY: budget} if budget else enriched


def _memory(written: Any, known: Service) -> Any:
    if written is not None and not isinstance(written, Mapping):
        return written
    memory, floor = dict(mapping(written)), known.floor
    request = parsed(parse_size, memory.get("request"))
    if request is None or request >= floor:
        memory.setdefault("floor", compose_size(floor))
    if not known.memory and not {"request", "asked"} & set(memory):
        memory["request"] = compose_size(max(_SMALLEST_REQUEST, _generous(known), known.reservation or 0))
    return memory


def _generous(known: Service) -> int:
    """Return what a service may have where its author asks for nothing: a database more than others, and for its connections."""
    floor = known.floor
    stores = known.facts.kind == "postgres" or (known.facts.tier == "critical" and bool(known.facts.data))
    times = 4 if stores else 2
    connections = whole(known.setting("max_connections")) or 0
    return max(floor * times if floor < GIB else floor * 3 // 2, min(connections, _MOST_CONNECTIONS) * _CONNECTION)


def _tunable(known: Service) -> bool:
    """Tell whether nothing contradicts the image's own program: another entrypoint or a script runs something else."""
    first = words(known.data.get("command"))[:1]
    return known.data.get("entrypoint") is None and (not first or first[0] not in ("sh", "bash", "/bin/sh", "/bin/bash"))


def _parameters(known: Service) -> dict[str, Any]:
    """Return what the service's own arguments ask for, in the words of its tuning engine."""
    if known.facts.engine == "redis":
        policy = known.setting("maxmemory-policy")
        keeps = known.setting("appendonly") == "yes" or known.setting("save") not in ("", "''", '""')
        return {"persistence": keeps, **({"policy": policy} if policy else {})}
    found = {}
    for parameter, setting in _PARAMETERS.get(known.facts.engine, {}).items():
        count = whole(known.setting(setting))
        if count and 10 <= count <= _MOST_CONNECTIONS:
            found[parameter] = count
    return found
