# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From any Compose files to a plan, the same files with their limits in place, and catalogue fragments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...module_utils.adopt import codes
from ...module_utils.adopt.enrich import enrich
from ...module_utils.adopt.fragments import fragments
from ...module_utils.adopt.interpolate import interpolate
from ...module_utils.budget.problems import BudgetError, Finding, ordered
from ...module_utils.budget.solve import solve
from ...module_utils.findings.inspect import inspect
from ...module_utils.findings.loose import mapping, sequence
from ...module_utils.render.compose import compile_stack
from .dump import dump
from .rewrite import rewrite
from .source import Source, named, read, variables

_SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY|CREDENTIAL", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an operator said.

    A capacity and a policy as the budget takes them, active profiles, what is accepted, what the host has, and the directory of a
    catalogue to make, empty for none.
    """

    capacity: Mapping[str, Any]
    policy: Mapping[str, Any]
    profiles: frozenset[str]
    accepted: Mapping[str, Any]
    host: Mapping[str, Any]
    catalogue: str = ""


def adopt(files: Iterable[str], wish: Wish) -> dict[str, Any]:
    """Return what adopting these files gives; nothing is written.

    `problems` are the sentences of what stops it, `findings` what is wrong with the stack as it would
    be written, `mended` what is no longer, `files` the path and content of each file and whether it `changed`, `fragments` the
    path and content of the catalogue's, `remarks` what these need before they are deployed, `budget` the Budget.
    """
    source = read(named(files))
    found = list(source.problems)
    if any(finding.severity == "error" for finding in found) or not source.documents:
        return _result(source, found)
    active = _active(source, wish, found)
    compose = _interpolated(source, active, found)
    enriched = enrich(compose)
    before = inspect(compose, wish.host, accepted=wish.accepted)
    try:
        budget = solve(enriched, wish.capacity, wish.policy)
    except BudgetError as error:
        return _result(source, [*found, *error.findings], before)
    found += budget.findings
    plain_budget = budget.to_dict()
    compiled = compile_stack(enriched, _granted(plain_budget))
    written = _files(source, rewrite(source, active, compiled, plain_budget), found)
    made, remarks = fragments(enriched, compiled) if wish.catalogue else ({}, [])
    left = inspect(compiled, wish.host, accepted=wish.accepted)
    still = set(map(_place, left))
    result = _result(source, found, left)
    return result | {
        "mended": [_told(source, finding) for finding in before if _place(finding) not in still],
        "files": written,
        "fragments": [{"path": str(Path(wish.catalogue).absolute() / path), "content": dump(content)} for path, content in made.items()],
        "remarks": [_told(source, remark) for remark in remarks],
        "budget": plain_budget,
    }


def _active(source: Source, wish: Wish, findings: list[Finding]) -> dict[str, Any]:
    """Return the definition without the services whose profiles are not active."""
    services = mapping(source.whole.get("services"))
    off = [
        str(name)
        for name, service in services.items()
        if (profiles := set(map(str, sequence(mapping(service).get("profiles")))))
        and not profiles & wish.profiles
        and "*" not in wish.profiles
    ]
    for name in off:
        message = "its profiles are not active, so the plan leaves it out"
        finding = Finding(
            code=codes.NOT_PLANNED, severity="info", path=f"services.{name}.profiles", message=message, fix="name them in profiles"
        )
        findings.append(finding)
    return {**source.whole, "services": {name: service for name, service in services.items() if name not in off}}


def _interpolated(source: Source, active: Mapping[str, Any], findings: list[Finding]) -> dict[str, Any]:
    """Return the definition with its variables replaced, but for those that look like secrets: a plan needs none."""
    known = {name: value for name, value in variables(source.documents[0].name).items() if not _SECRET.search(name)}

    def report(path: str, message: str) -> None:
        finding = Finding(
            code=codes.BAD_VARIABLE, severity="error", path=path, message=message, fix="write ${NAME:-default}, or $$ for a dollar"
        )
        findings.append(finding)

    interpolated: dict[str, Any] = interpolate(active, known, report)
    return interpolated


def _granted(budget: Mapping[str, Any]) -> dict[str, Any]:
    """Return the budget with every credential there: a file is written for all of its services."""
    wanted = sorted({name for service in budget["services"].values() for name in service["requires"]})
    return {**budget, "policy": {**budget["policy"], "credentials": wanted}}


def _files(source: Source, texts: Mapping[str, str] | None, found: list[Finding]) -> list[dict[str, Any]]:
    if texts is None:
        message = "the limits could not be written without touching something else, so the files stay as they are"
        fix = "let no service merge or extend one that runs another program"
        found.append(Finding(code=codes.NOT_WRITTEN, severity="warning", path="services", message=message, fix=fix))
    contents = texts or {document.name: document.text for document in source.documents}
    return [
        {
            "path": str(Path(document.name).absolute()),
            "content": contents[document.name],
            "changed": contents[document.name] != document.text,
        }
        for document in source.documents
    ]


def _place(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.path


def _result(source: Source, found: Iterable[Finding], left: Iterable[Finding] = ()) -> dict[str, Any]:
    stopping = [finding for finding in ordered(dict.fromkeys(found)) if finding.severity == "error"]
    listed = ordered(dict.fromkeys([*found, *left]))
    return {
        "problems": [_told(source, finding) for finding in stopping],
        "findings": [finding.to_dict() | {"where": source.where(finding.path), "sentence": _told(source, finding)} for finding in listed],
        "mended": [],
        "files": [],
        "fragments": [],
        "remarks": [],
        "budget": {},
    }


def _told(source: Source, finding: Finding) -> str:
    where = source.where(finding.path)
    return f"{where}: {finding.sentence()}" if where else finding.sentence()
