# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogue fragments and inventory overrides become one Compose definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..budget.problems import Finding, suggestion
from ..host.sections import mappings
from .codes import OVERRIDE_SHAPE, UNKNOWN_SECTION, UNKNOWN_SERVICE

SECTIONS = ("configs", "name", "networks", "secrets", "services", "volumes")


def merge(fragments: Iterable[Mapping[str, Any]], overrides: Any, excluded: Iterable[str]) -> tuple[dict[str, Any], list[Finding]]:
    """Merge fragments in order, leave the excluded services out, and merge the overrides over the rest.

    Mappings merge key by key, `null` removes a key, everything else replaces. Returns the definition and what is wrong with
    the overrides: an unknown service (one that has neither a fragment nor an image), an unknown section, a wrong shape.
    """
    merged: dict[str, Any] = {}
    for fragment in fragments:
        merged = deep_merge(merged, fragment)
    services = merged.get("services", {})
    findings = [
        _unknown_service(f"catalog_excluded[{position}]", name, services) for position, name in enumerate(excluded) if name not in services
    ]
    merged["services"] = {name: service for name, service in services.items() if name not in set(excluded)}
    if not isinstance(overrides, Mapping):
        return merged, [*findings, _shape("catalog_overrides", overrides)]
    for section, value in overrides.items():
        if section not in SECTIONS and not str(section).startswith("x-"):
            findings.append(_unknown_section(str(section)))
        elif section != "name" and not isinstance(value, Mapping):
            findings.append(_shape(f"catalog_overrides.{section}", value))
        elif section == "services":
            findings.extend(_check_services(value, merged["services"]))
    if findings:
        return drop_unused(merged), findings
    return drop_unused(deep_merge(merged, overrides)), []


def deep_merge(base: Any, over: Any) -> Any:
    """Lay one value over another: mappings merge, `None` removes, everything else replaces."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    merged = dict(base)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = deep_merge(merged[key], value) if key in merged else value
    return merged


def _check_services(services: Mapping[str, Any], known: Mapping[str, Any]) -> list[Finding]:
    findings = []
    for name, service in services.items():
        path = f"catalog_overrides.services.{name}"
        if service is not None and not isinstance(service, Mapping):
            findings.append(_shape(path, service))
        elif name not in known and not (service and ("image" in service or "build" in service)):
            findings.append(_unknown_service(path, str(name), known))
    return findings


def _unknown_service(path: str, name: str, known: Iterable[str]) -> Finding:
    fix = f"{suggestion(name, known)}, or give the new service an image"
    return Finding(code=UNKNOWN_SERVICE, severity="error", path=path, message=f"{name!r} is no service of the catalogue", fix=fix)


def _unknown_section(section: str) -> Finding:
    return Finding(
        code=UNKNOWN_SECTION,
        severity="error",
        path=f"catalog_overrides.{section}",
        message=f"{section!r} is no section of a Compose file",
        fix=suggestion(section, SECTIONS),
    )


def _shape(path: str, value: Any) -> Finding:
    return Finding(
        code=OVERRIDE_SHAPE,
        severity="error",
        path=path,
        message=f"{value!r} is no mapping",
        fix="write it as in a Compose file, services.<name>.<key>",
    )


def drop_unused(compose: dict[str, Any]) -> dict[str, Any]:
    """Leave out volumes and secrets that only excluded services would use."""
    services = [service for _name, service in mappings(compose.get("services"))]
    used = {
        "secrets": {_source(entry) for service in services for entry in service.get("secrets") or []},
        "volumes": {_source(entry) for service in services for entry in service.get("volumes") or []},
    }
    kept = {
        section: {name: value for name, value in (compose.get(section) or {}).items() if name in names}
        for section, names in used.items()
        if section in compose
    }
    return compose | kept


def _source(entry: Any) -> str:
    return str(entry.get("source", "")) if isinstance(entry, Mapping) else str(entry).split(":", maxsplit=1)[0]
