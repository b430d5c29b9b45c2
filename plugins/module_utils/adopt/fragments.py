# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogue fragments: one file for each service, with what it uses and its `x-budget`, and one for what all share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..budget.parse import BUDGET_KEY
from ..budget.problems import Finding
from ..findings.loose import dig, mapping, text
from ..findings.service import Service
from ..findings.stack import Stack
from . import codes
from .arrange import arranged

_LEFT_OUT = ("mem_limit", "memswap_limit", "mem_reservation", "cpu_shares", "cpus", "pids_limit", "oom_score_adj", "profiles", "deploy")
_DECLARED = ("volumes", "secrets", "configs")


def fragments(compose: Mapping[str, Any], compiled: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """Return the fragments of a definition by path, and what needs a hand before `site` can run them.

    The services are those of `compose`, without the limits and the tuning that each host gives them anew; their `x-budget` is
    the complete one of `compiled`.
    """
    stack = Stack.read(compose, None, None)
    files: dict[str, Any] = {"stack.yml": {key: compose[key] for key in ("name", "networks") if compose.get(key)} or {"services": {}}}
    for name, service in stack.services.items():
        declared = {section: _used(stack, service, section) for section in _DECLARED}
        own = {"services": {name: _authored(service.data, compiled["services"][name])}}
        files[f"services/{name}.yml"] = own | {section: entries for section, entries in declared.items() if entries}
    return files, list(_remarks(stack))


def _used(stack: Stack, service: Service, section: str) -> dict[str, Any]:
    declared = stack.section(section)
    return {name: dict(declared[name]) for name, _unused in stack.uses(service, section) if name in declared}


def _authored(service: Mapping[str, Any], compiled: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in service.items() if key not in (*_LEFT_OUT, BUDGET_KEY)}
    deploy = {"deploy": compiled["deploy"]} if "deploy" in compiled else {}
    return {**kept, **deploy, BUDGET_KEY: arranged(compiled[BUDGET_KEY], mapping(service.get(BUDGET_KEY)))}


def _remarks(stack: Stack) -> Iterator[Finding]:
    for service in stack.services.values():
        at = f"services.{service.name}"
        if "build" in service.data:
            yield _remark(f"{at}.build", "a host that is deployed to builds nothing", "push the image to a registry and name it")
        for mount in service.mounts:
            if mount.kind == "bind" and mount.source.startswith((".", "~")):
                fix = "put the file among the service's templates, or on the host"
                yield _remark(f"{at}.{mount.where}", f"{mount.source} is a path of this machine", fix)
        if service.data.get("env_file"):
            yield _remark(f"{at}.env_file", "it is a file of this machine", "write its variables here, its secrets as mounted files")
        for name, value in service.environment.items():
            if "${" in value:
                fix = "write it, or mount a secret with x-secret"
                yield _remark(f"{at}.environment.{name}", f"nobody says what {value} is on the host", fix)
    for name, secret in stack.section("secrets").items():
        if "x-secret" not in secret and text(dig(secret, "file")):
            yield _remark(f"secrets.{name}", "it is a file of this machine", "let it be made on the host with x-secret")


def _remark(path: str, message: str, fix: str) -> Finding:
    return Finding(code=codes.NEEDS_A_HAND, severity="warning", path=path, message=message, fix=fix)
