# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`x-budget` as a JSON schema, for editors: which keys there are, what each takes and what it means.

What depends on other values, such as a floor above its request, is told by the plan only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..budget.parse import BUDGET_KEY, CPU_KEYS, FAIR, KEYS, MEMORY_KEYS, OFF, STORAGE_KEYS
from ..budget.reload import KEYS as RELOAD_KEYS
from ..budget.reload import LONGEST, SIGNALS
from ..budget.tune.registry import TUNERS
from ..catalog.routes import KEYS as ROUTE_KEYS
from ..settings.repositories import ENGINES
from ..settings.sources import KEYS as BACKUP_KEYS
from ..tiers import PRIORITIES, TIERS
from ..units import DECIMAL_PATTERN, SIZE_PATTERN

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SIZE = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": f"^(?:{SIZE_PATTERN})$"},
    ]
}
_CPUS = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": f"^(?:{DECIMAL_PATTERN})$"}]}
_WORDS = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
_DURATION = {"type": ["string", "integer"]}
_FLAG = {"type": "boolean"}
_TEXT = {"type": "string"}


def schema() -> dict[str, Any]:
    """Return the schema of a Compose file, or of a fragment of a catalog, as far as the budget reads it beyond Compose."""
    service = {"type": ["object", "null"], "properties": {BUDGET_KEY: {"$ref": "#/$defs/budget"}}}
    return {
        "$schema": DIALECT,
        "title": "x-budget of ziggie.stack, in a Compose file",
        "type": "object",
        "properties": {"services": {"type": "object", "additionalProperties": service}},
        "$defs": {
            "budget": _budget(),
            "memory": _memory(),
            "storage": _storage(),
            "backup": _backup(),
            "reload": _reload(),
            "route": _route(),
        },
    }


def _budget() -> dict[str, Any]:
    return _mapping(
        # What decides whether a fragment counts at all is read before its budget is.
        (*KEYS, "optional"),
        {
            "optional": _said("it is left out of a catalog unless catalog_included names it", _FLAG),
            "tier": _said("what is protected first, and given up last", {"enum": [*TIERS]}),
            "priority": _said("its weight where services of a tier share, 4 : 2 : 1", {"enum": [*PRIORITIES]}),
            "memory": {"$ref": "#/$defs/memory"},
            "cpus": _mapping(
                CPU_KEYS,
                {
                    "reservation": _said("cores that it gets when all want some; it becomes its weight", _CPUS),
                    "limit": _said("cores that it can use at most; a quota only where the policy says so", _CPUS),
                },
            ),
            "pids": _said("the most processes and threads", {"type": "integer", "minimum": 1}),
            "files": _said("the most open files of a process", {"type": "integer", "minimum": 1}),
            "io": _said("its weight at the disk", {"type": "integer", "minimum": 10, "maximum": 1000}),
            "batch": _said("it works in the background: a quota confines it", _FLAG),
            "tuning": _said(
                "how its program's own settings follow from its limit", {"anyOf": [{"const": OFF}, *map(_tuning, sorted(TUNERS))]}
            ),
            "storage": _said(
                "where each of its volumes lies, by the volume's name",
                {"type": "object", "additionalProperties": {"$ref": "#/$defs/storage"}},
            ),
            "backup": _said(
                "how each of its volumes and mounted directories is saved",
                {"type": "object", "additionalProperties": {"$ref": "#/$defs/backup"}},
            ),
            "connections": _said(
                "the most connections that it opens, by the service that it opens them to",
                {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 1_000_000}},
            ),
            "reload": {"$ref": "#/$defs/reload"},
            "requires": _said("credentials without which it is off", {"type": "array", "items": _TEXT}),
            "route": _said(
                "how it can be reached by name",
                {"anyOf": [{"$ref": "#/$defs/route"}, {"type": "array", "items": {"$ref": "#/$defs/route"}}]},
            ),
            "complete": _said("Compose's own limits here were written by a budget and are nobody's demand", _FLAG),
        },
    )


def _memory() -> dict[str, Any]:
    return _mapping(
        MEMORY_KEYS,
        {
            "floor": _said("below it the service does not work", _SIZE),
            "reservation": _said("what it is guaranteed", _SIZE),
            "request": _said(
                f"what it would like as its limit, and its ceiling; {FAIR} for a share of what is left",
                {"anyOf": [{"const": FAIR}, *_SIZE["anyOf"]]},
            ),
            "asked": _said("what was wanted before the floor raised it", _SIZE),
            "swap": _said("swap beyond its limit", _SIZE),
        },
    )


def _storage() -> dict[str, Any]:
    number = {"type": "integer", "minimum": 0}
    return _mapping(
        STORAGE_KEYS,
        {
            "class": _said("a storage class of the host, such as hot or log", _TEXT),
            "path": _said("where it lies below its class", {"type": "string", "pattern": "^[^/]"}),
            "owner": _said("the uid that owns it", number),
            "group": _said("the gid that owns it", number),
            "mode": _said("its mode, in quotes", {"type": "string", "pattern": "^[0-7]{3,4}$"}),
            "size": _said("what it may come to need", _SIZE),
            "floor": _said("the least with which the service works", _SIZE),
        },
    )


def _backup() -> dict[str, Any]:
    return _mapping(
        BACKUP_KEYS,
        {
            "engine": _said("which program reads the data", {"enum": [*ENGINES]}),
            "reconstructible": _said("why it need not be saved, in place of an engine", {"type": "string", "minLength": 1}),
            "password_file": _said("where the server's password lies in the container", _TEXT),
            "recovery_point": _said("how old the newest backup may be, such as 26h", _DURATION),
            "recovery_time": _said("how long its way back may take, such as 15m", _DURATION),
        },
    ) | {"oneOf": [{"required": ["engine"]}, {"required": ["reconstructible"]}]}


def _reload() -> dict[str, Any]:
    told = _said(
        "how its program takes a changed configuration without a restart",
        _mapping(
            RELOAD_KEYS,
            {
                "files": _said("patterns of the files that it reads again", _WORDS),
                "check": _said("a command that refuses a wrong configuration", _WORDS),
                "signal": _said("sent to the container", {"enum": [*SIGNALS]}),
                "exec": _said("run in the container, in place of a signal", _WORDS),
                "verify": _said("fails until the program took it", _WORDS),
                "timeout": _said("seconds for each command", {"type": "integer", "minimum": 1, "maximum": LONGEST}),
            },
        ),
    )
    return told | {"oneOf": [{"required": ["signal"]}, {"required": ["exec"]}]}


def _route() -> dict[str, Any]:
    who = {"anyOf": [{"enum": ["open", "password"]}, {"type": "array", "items": _TEXT, "minItems": 1}]}
    return _mapping(
        ROUTE_KEYS,
        {
            "host": _said("the name; without one, the inventory's stack_routes gives it", _TEXT),
            "port": _said("the container's port", {"type": "integer", "minimum": 1, "maximum": 65535}),
            "path": _said("what the route begins with", {"type": "string", "pattern": "^/"}),
            "tls": _said("whether plain requests are sent on to TLS", _FLAG),
            "enter": _said("open, password, or a list of addresses", who),
            "public": _said("paths that everybody may reach", {"type": "array", "items": {"type": "string", "pattern": "^/"}}),
            "own_login": _said("it has a login of its own, which a password of nginx would break", _FLAG),
            "whole_host": _said("it answers at / of a name of its own only", _FLAG),
            "stream": _said("answers come bit by bit, or over a web socket", _FLAG),
            "body": _said("the largest request", _SIZE),
            "settings": _said(
                "variables that follow from the route; @url@, @origin@ and @host@ stand for its own",
                {"type": "object", "additionalProperties": _TEXT},
            ),
        },
    )


def _tuning(name: str) -> dict[str, Any]:
    params = {key: {"type": ["string", "number", "boolean"]} for key in TUNERS[name].keys}
    tuned = {"type": "array", "items": _TEXT}
    return {
        "type": "object",
        "properties": {"tuner": {"const": name}, "tuned": tuned, **params},
        "required": ["tuner"],
        "additionalProperties": False,
    }


def _said(description: str, form: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, **form}


def _mapping(keys: Collection[str], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form of a mapping. Raises `ValueError` where the keys that are read are not the keys that are described."""
    if set(keys) != set(properties):
        raise ValueError(f"read and not described, or described and not read: {', '.join(sorted(set(keys) ^ set(properties)))}")
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}
