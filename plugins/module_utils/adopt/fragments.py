# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalog fragments: one file for each service, with what it uses and its `x-budget`, and one for what they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..budget.parse import BUDGET_KEY
from ..compose.project import Project, Volume
from ..compose.values import dig, mapping, text
from ..findings.service import Service
from ..findings.stack import Stack
from ..problems import Finding
from . import codes
from .arrange import arranged
from .desired import LIMITS

_LEFT_OUT = (*LIMITS, "profiles", "deploy")
_DECLARED = ("volumes", "secrets", "configs")


def fragments(compose: Mapping[str, Any], compiled: Mapping[str, Any], project: str) -> tuple[dict[str, Any], list[Finding]]:
    """Return the fragments of a definition by path, and what you must do before `site` can deploy them.

    The services are those of `compose`, without the limits and the tuning that each host gives them anew; their `x-budget` is
    the complete one of `compiled`. `project` is the name under which Compose runs the definition: volumes keep the names that they have
    there, so that no database begins anew beside its data.
    """
    stack = Stack.read(compose, None, None)
    networks = {"networks": compose["networks"]} if compose.get("networks") else {}
    files: dict[str, Any] = {"stack.yml": {"name": project, **networks}}
    volumes = Project.read(compose).volumes
    for name, service in stack.services.items():
        declared = {section: _used(stack, service, section) for section in _DECLARED}
        declared["volumes"] = {key: _named(entry, volumes[key], project) for key, entry in declared["volumes"].items()}
        own = {"services": {name: _authored(service.data, compiled["services"][name])}}
        files[f"services/{name}.yml"] = own | {section: entries for section, entries in declared.items() if entries}
    return files, [*_taken_over(stack, project), *_remarks(stack)]


def _named(entry: Mapping[str, Any], volume: Volume, project: str) -> dict[str, Any]:
    """Return a volume with the name that Compose gives it."""
    return dict(entry) if volume.external or entry.get("name") else {"name": f"{project}_{volume.name}", **entry}


def _taken_over(stack: Stack, project: str) -> Iterator[Finding]:
    """Yield what takes the running project over instead of starting another one beside it."""
    fix = f"write stack_project: {project} in the inventory, and the run takes over its containers; its volumes keep their names"
    yield _remark("name", f"the project is called {project}", fix)
    for service in stack.services.values():
        for mount in service.mounts:
            if mount.kind == "volume" and not mount.source:
                path = f"services.{service.name}.{mount.where}"
                yield _remark(
                    path, f"{mount.target} is an anonymous volume, which a container of another project begins anew", "give it a name"
                )


def _used(stack: Stack, service: Service, section: str) -> dict[str, Any]:
    declared = stack.section(section)
    return {name: dict(declared[name]) for name, _unused in service.written.uses(section) if name in declared}


def _authored(service: Mapping[str, Any], compiled: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in service.items() if key not in (*_LEFT_OUT, BUDGET_KEY)}
    deploy = {"deploy": compiled["deploy"]} if "deploy" in compiled else {}
    return {**kept, **deploy, BUDGET_KEY: arranged(compiled[BUDGET_KEY], mapping(service.get(BUDGET_KEY)))}


def _remarks(stack: Stack) -> Iterator[Finding]:
    for service in stack.services.values():
        at = f"services.{service.name}"
        if "build" in service.data:
            yield _remark(f"{at}.build", "site builds no images", "push the image to a registry and name it")
        for mount in service.mounts:
            if mount.kind == "bind" and mount.source.startswith((".", "~")):
                fix = "put the file among the service's templates, or on the host"
                yield _remark(f"{at}.{mount.where}", f"{mount.source} is a path on this machine", fix)
        if service.written.env_files:
            yield _remark(f"{at}.env_file", "it is a file on this machine", "write its variables here, its secrets as mounted files")
        for name, value in service.environment.items():
            if "${" in value:
                fix = "write it, or mount a secret with x-secret"
                yield _remark(f"{at}.environment.{name}", f"{value} has no value on the host", fix)
    for name, secret in stack.section("secrets").items():
        if "x-secret" not in secret and text(dig(secret, "file")):
            yield _remark(f"secrets.{name}", "it is a file on this machine", "create it on the host with x-secret")


def _remark(path: str, message: str, fix: str) -> Finding:
    return Finding(code=codes.NEEDS_A_HAND, severity="warning", path=path, message=message, fix=fix)
