# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several definitions become one, as Compose lays a later file, or a service that extends another, over the earlier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..findings.loose import mapping, pairs

_APPENDED = (
    "ports",
    "expose",
    "dns",
    "dns_search",
    "tmpfs",
    "cap_add",
    "cap_drop",
    "security_opt",
    "env_file",
    "external_links",
    "devices",
)
_NAMED = ("environment", "labels", "annotations", "sysctls", "extra_hosts")
_MOUNTED = ("volumes", "secrets", "configs")
_ORDERED = ("depends_on", "networks")
_WHOLE = ("command", "entrypoint", "test")


def combine(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a whole definition laid over another."""
    combined = dict(base)
    for section, value in over.items():
        if section == "services":
            services = dict(mapping(base.get("services")))
            for name, service in mapping(value).items():
                services[name] = combine_service(mapping(services.get(name)), mapping(service))
            combined["services"] = services
        elif isinstance(value, Mapping) and isinstance(base.get(section), Mapping):
            combined[section] = laid(base[section], value)
        else:
            combined[section] = value
    return combined


def combine_service(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service laid over another: mappings merge, lists append, mounts replace those at the same place."""
    combined = dict(base)
    for key, value in over.items():
        combined[key] = _value(key, base[key], value) if base.get(key) is not None and value is not None else value
    return combined


def _value(key: str, base: Any, over: Any) -> Any:
    if key in _WHOLE:
        return over
    if key in _NAMED:
        return {**pairs(base), **pairs(over)}
    if key in _MOUNTED:
        return list({_target(entry): entry for entry in [*_listed(base), *_listed(over)]}.values())
    if key in _ORDERED:
        return laid(_named(base), _named(over))
    if key in _APPENDED:
        return [*_listed(base), *(entry for entry in _listed(over) if entry not in _listed(base))]
    return laid(base, over) if isinstance(base, Mapping) and isinstance(over, Mapping) else over


def laid(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping laid over another, mappings within it too."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(base.get(key), Mapping) and isinstance(value, Mapping)
        merged[key] = laid(base[key], value) if both else value
    return merged


def _named(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {str(name): None for name in _listed(value)}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _target(entry: Any) -> str:
    if isinstance(entry, Mapping):
        return str(entry.get("target") or entry.get("source"))
    parts = str(entry).split(":")
    return parts[1] if len(parts) > 1 else parts[0]
