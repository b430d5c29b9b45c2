# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalog fragments and inventory overrides become one Compose definition."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ..compose.project import Project
from ..compose.values import dig, items, mapping, text
from ..problems import Finding, suggestion
from ..units import shown
from .codes import OVERRIDE_SHAPE, UNKNOWN_PRESET, UNKNOWN_SECTION, UNKNOWN_SERVICE
from .credentials import IMAGES

SECTIONS = ("configs", "name", "networks", "secrets", "services", "volumes")


# The preset that is a whole catalog.
WHOLE = "report"


def merge(
    fragments: Iterable[Mapping[str, Any]],
    overrides: Any,
    excluded: Collection[str] = (),
    included: Collection[str] = (),
    images: Any = None,
) -> tuple[dict[str, Any], list[Finding]]:
    """Merge fragments in order, leave services out, and merge the images and the overrides over the rest.

    Left out are the `excluded` services and those whose fragment says `x-budget.optional: true`, unless they are `included`.
    `images` names an image by service. A service whose fragment requires `stack_images.<its name>` goes on requiring it, and is off, until its image
    is named there or in the overrides; without a mapping, the image of the fragment counts as named.
    Mappings merge key by key, `null` removes a key, everything else replaces. Returns the definition and what is wrong with
    the overrides: an unknown service (one that has neither a fragment nor an image), an unknown section, a wrong shape.
    """
    merged: dict[str, Any] = {}
    for fragment in fragments:
        merged = deep_merge(merged, fragment)
    services = mapping(merged.get("services"))
    findings = [
        Finding(
            code=UNKNOWN_SERVICE,
            severity="error",
            path=path,
            message=f"{name!r} is not a service of the catalog",
            fix=suggestion(name, services),
        )
        for path, name in [*_paths("catalog_excluded", excluded), *_paths("catalog_included", included)]
        if name not in services
    ]
    optional = {name for name, service in services.items() if _is_optional(service)} - {*included}
    merged["services"] = {name: _decided(service) for name, service in services.items() if name not in {*excluded, *optional}}
    named = set(merged["services"]) if images is None else {*_image_names(images, merged["services"], services, findings)}
    for name in named if images is not None else ():
        merged["services"][name] = {**mapping(merged["services"][name]), "image": images[name]}
    if not isinstance(overrides, Mapping):
        merged["services"] = _with_images(merged["services"], named)
        return merged, [*findings, _shape("catalog_overrides", overrides)]
    usable: dict[str, Any] = {}
    for section, value in overrides.items():
        if section not in SECTIONS and not str(section).startswith("x-"):
            findings.append(_unknown_section(str(section)))
        elif section != "name" and not isinstance(value, Mapping):
            findings.append(_shape(f"catalog_overrides.{section}", value))
        elif section == "services":
            wrong = _check_services(value, merged["services"], optional)
            findings.extend(wrong.values())
            usable[section] = {name: service for name, service in value.items() if name not in wrong}
        else:
            usable[section] = value
    # What can be merged is, so that all that is wrong with it is found in the same run.
    named |= {name for name, service in mapping(usable.get("services")).items() if {"image", "build"} & mapping(service).keys()}
    whole = deep_merge(merged, usable)
    return drop_unused({**whole, "services": _with_images(whole["services"], named)}), findings


def narrowed(
    fragments: Iterable[Mapping[str, Any]], presets: Mapping[str, Any], preset: str
) -> tuple[list[Mapping[str, Any]], list[Finding]]:
    """Return the fragments of a catalog with every service that a preset does not name made optional, and what is wrong with the preset.

    `presets` are the catalog's, a list of services by name; the preset `report` is all of them.
    """
    listed = list(fragments)
    if preset == WHOLE:
        return listed, []
    if not isinstance(presets.get(preset), list):
        message, fix = f"{shown(preset)} is not a preset", suggestion(preset, [WHOLE, *presets])
        return listed, [Finding(code=UNKNOWN_PRESET, severity="error", path="catalog_preset", message=message, fix=fix)]
    services = {name for fragment in listed for name in mapping(fragment.get("services"))}
    findings = [
        Finding(
            code=UNKNOWN_PRESET,
            severity="error",
            path=f"catalog_preset.{preset}[{position}]",
            message=f"{shown(name)} is not a service of the catalog",
            fix=suggestion(name, services),
        )
        for position, name in enumerate(presets[preset])
        if name not in services
    ]
    kept = {*map(text, presets[preset])}
    return [{**fragment, "services": _optional_but(mapping(fragment.get("services")), kept)} for fragment in listed], findings


def _optional_but(services: Mapping[str, Any], kept: Collection[str]) -> dict[str, Any]:
    return {
        name: service
        if name in kept or not isinstance(service, Mapping)
        else {**service, "x-budget": {**mapping(service.get("x-budget")), "optional": True}}
        for name, service in services.items()
    }


def left_out(fragments: Iterable[Mapping[str, Any]], compose: Mapping[str, Any], excluded: Collection[str]) -> dict[str, str]:
    """Return the services of the fragments that a merged definition does not have, each with the setting that leaves it out."""
    services = {name: service for fragment in fragments for name, service in mapping(fragment.get("services")).items()}
    return {
        name: "catalog_excluded"
        if name in excluded
        else "catalog_included does not name it"
        if _is_optional(service)
        else "catalog_overrides"
        for name, service in services.items()
        if name not in compose["services"]
    }


def floors(fragments: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return by service the memory floor that fragments state, as written, before any override; the last one counts."""
    return {
        str(name): floor
        for fragment in fragments
        for name, service in mapping(fragment.get("services")).items()
        if (floor := dig(service, "x-budget", "memory", "floor")) is not None
    }


def running(compose: Mapping[str, Any], credentials: Collection[str]) -> dict[str, Any]:
    """Return a definition without the services, and what only they use, that lack what they require: they are not deployed."""
    services = mapping(compose.get("services"))
    on = {
        name: service
        for name, service in services.items()
        if not {*map(text, items(mapping(mapping(service).get("x-budget")).get("requires")))} - {*credentials}
    }
    return drop_unused({**compose, "services": on})


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


def _paths(variable: str, names: Iterable[str]) -> list[tuple[str, str]]:
    return [(f"{variable}[{position}]", name) for position, name in enumerate(names)]


def _is_optional(service: Any) -> bool:
    budget = service.get("x-budget") if isinstance(service, Mapping) else None
    return isinstance(budget, Mapping) and budget.get("optional") is True


def _decided(service: Any) -> Any:
    """Return a service without the key that has been decided on."""
    if not _is_optional(service):
        return service
    return {**service, "x-budget": {key: value for key, value in service["x-budget"].items() if key != "optional"}}


def _image_names(images: Any, kept: Mapping[str, Any], known: Mapping[str, Any], findings: list[Finding]) -> Iterator[str]:
    """Yield the services for which an image is named, and add what is wrong with the others."""
    if not isinstance(images, Mapping):
        findings.append(_shape(IMAGES, images, "write stack_images: {<service>: <image>}"))
        return
    for name, image in images.items():
        path = f"{IMAGES}.{name}"
        if not isinstance(image, str) or not image.strip():
            message = f"expected the name of an image, got {shown(image)}"
            findings.append(
                Finding(code=OVERRIDE_SHAPE, severity="error", path=path, message=message, fix=f"write {name}: registry/name:tag")
            )
        elif name not in known:
            message = f"{name!r} is not a service of the catalog"
            findings.append(Finding(code=UNKNOWN_SERVICE, severity="error", path=path, message=message, fix=suggestion(str(name), known)))
        elif name in kept:
            yield name


def _with_images(services: Mapping[str, Any], named: Collection[str]) -> dict[str, Any]:
    """Return the services; those whose image is named no longer require that it be."""
    return {name: _imaged(name, service) if name in named else service for name, service in services.items()}


def _imaged(name: str, service: Any) -> Any:
    budget = mapping(mapping(service).get("x-budget"))
    required = budget.get("requires")
    if not isinstance(required, list) or f"{IMAGES}.{name}" not in required:
        return service
    left = [entry for entry in required if entry != f"{IMAGES}.{name}"]
    kept = {key: value for key, value in budget.items() if key != "requires"}
    return {**service, "x-budget": {**kept, "requires": left} if left else kept}


def _check_services(services: Mapping[str, Any], known: Mapping[str, Any], optional: Collection[str]) -> dict[str, Finding]:
    """Return what is wrong with the overrides of services, by the service's name."""
    findings = {}
    for name, service in services.items():
        path = f"catalog_overrides.services.{name}"
        if service is not None and not isinstance(service, Mapping):
            findings[name] = _shape(path, service)
        elif name not in known and not (service and ("image" in service or "build" in service)):
            findings[name] = _unknown_service(path, str(name), known, optional)
    return findings


def _unknown_service(path: str, name: str, known: Iterable[str], optional: Collection[str]) -> Finding:
    if name in optional:
        message, fix = f"{name!r} is optional and not part of this stack", f"add {name} to catalog_included"
    else:
        message, fix = f"{name!r} is not a service of the catalog", f"{suggestion(name, known)}, or give the new service an image"
    return Finding(code=UNKNOWN_SERVICE, severity="error", path=path, message=message, fix=fix)


def _unknown_section(section: str) -> Finding:
    return Finding(
        code=UNKNOWN_SECTION,
        severity="error",
        path=f"catalog_overrides.{section}",
        message=f"{section!r} is not a section of a Compose file",
        fix=suggestion(section, SECTIONS),
    )


def _shape(path: str, value: Any, fix: str = "write it as in a Compose file, services.<name>.<key>") -> Finding:
    return Finding(
        code=OVERRIDE_SHAPE,
        severity="error",
        path=path,
        message=f"expected a mapping, got {value!r}",
        fix=fix,
    )


def drop_unused(compose: dict[str, Any]) -> dict[str, Any]:
    """Leave out volumes and secrets that only excluded services would use."""
    services = Project.read(compose).services.values()
    used = {section: {name for service in services for name, _at in service.uses(section)} for section in ("secrets", "volumes")}
    kept = {
        section: {name: value for name, value in mapping(compose.get(section)).items() if name in names}
        for section, names in used.items()
        if section in compose
    }
    return compose | kept
