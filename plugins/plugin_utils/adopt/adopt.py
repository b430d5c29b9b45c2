# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any Compose files become a plan, the same files with their limits, and catalog fragments."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...module_utils.adopt import codes
from ...module_utils.adopt.desired import FIGURES, Target
from ...module_utils.adopt.fragments import fragments
from ...module_utils.adopt.routes import proposed
from ...module_utils.budget.knowledge import Insight
from ...module_utils.budget.parse import BUDGET_KEY
from ...module_utils.budget.solve import solve
from ...module_utils.compose.project import Project
from ...module_utils.compose.service import Service
from ...module_utils.compose.values import dig, items, mapping, text
from ...module_utils.findings.accept import fold, sentence
from ...module_utils.findings.inspect import inspect
from ...module_utils.observe.budget import host_of, of_project
from ...module_utils.observe.model import Audit
from ...module_utils.preflight.capacity import memory_left, neighbours
from ...module_utils.problems import BudgetError, Finding, ordered
from ...module_utils.render.compose import compile_stack
from ..configuration import collect
from ..specification.check import against_specification
from .dump import dump
from .rewrite import rewrite
from .source import Source, named, read

# What these find wrong may be in a file that was not read.
_OF_NAMES = frozenset({"ZB149", "ZB196", "ZB197"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an operator said.

    A capacity (empty for what the audited host has beside other projects' containers) and a policy as the budget takes them, active
    profiles (without any, those of COMPOSE_PROFILES), accepted findings, what the host has, values of variables, files of variables in
    place of `.env`, the directory of a catalog to make, empty for none, and an audit of the host that runs these files, `audit_named`
    where it was asked for and has to hold something of them.
    """

    capacity: Mapping[str, Any]
    policy: Mapping[str, Any]
    profiles: frozenset[str]
    accepted: Mapping[str, Any]
    host: Mapping[str, Any]
    variables: Mapping[str, str] = field(default_factory=dict)
    env_files: tuple[str, ...] = ()
    catalog: str = ""
    audit: Audit | None = None
    audit_named: bool = False


def adopt(files: Iterable[str], wish: Wish) -> dict[str, Any]:
    """Return what adopting these files gives; nothing is written.

    `problems` are sentences about what stops it, `findings` those of the stack as it would be written, `mended` those that
    writing it removes, `files` the path, content and mode of each file and whether it `changed`, `fragments` the
    path and content of the catalog's, `remarks` what these need before they are deployed, `routes` the lines of
    `stack_routes` that would take the place of another proxy's, `budget` the Budget.
    """
    names = named(files, wish.variables, wish.env_files)

    def again(contents: Mapping[str, str]) -> Source:
        return read(names, wish.variables, wish.env_files, contents)

    source = again({})
    found = list(source.problems)
    if source.documents and not mapping(source.compose.get("services")):
        found.append(_problem(codes.NOT_COMPOSE, names[0], "it has no services", "write services: {name: {image: …}}"))
    active = _active(source.compose, wish.profiles or source.profiles, found)
    _unset(active, found)
    if not any(finding.code == codes.NOT_FOLLOWED for finding in found):
        _nothing_to_run(active, found)
    if any(finding.severity == "error" for finding in found) or not source.documents:
        return _result(source, found)
    planned = _planned(active, found)
    project = Project.read(planned, source.files)
    folder = Path(source.documents[0].name).parent
    observed = of_project(wish.audit, source.project) if wish.audit else {}
    if wish.audit_named and not observed:
        found.append(_unobserved(wish, source.project))
        return _result(source, found)
    configurations = {name: collect(service, project, folder) for name, service in project.services.items()}
    insight = Insight(configurations=configurations, observed=observed, env_files=source.files, variables=source.known)
    hidden = _OF_NAMES if any(finding.code == codes.NOT_FOLLOWED for finding in found) else frozenset()
    known = against_specification(source.compose)
    before = _inspected(active, source, wish, hidden, known)
    try:
        budget = solve(planned, _capacity(wish, source.project, found), _granted(planned, wish.policy), insight)
    except BudgetError as error:
        return _result(source, [*found, *error.findings], before)
    found += budget.findings
    plain_budget = budget.to_dict()
    compiled = compile_stack(planned, budget)
    target = Target.of(Project.read(source.compose))
    texts = rewrite(source, compiled, plain_budget, again, target) if target else None
    written = _files(source, texts, target, found)
    made, remarks = fragments(planned, compiled, source.project) if wish.catalog else ({}, [])
    # Of the text itself: what is compiled leaves out what no run would start, and the files keep it.
    after = again(texts) if texts else source
    left = _inspected(_active(after.compose, wish.profiles or source.profiles, []), source, wish, hidden, known)
    still = set(map(_place, left))
    result = _result(source, found, left)
    return result | {
        "mended": [_sentence(source, finding) for finding in fold(finding for finding in before if _place(finding) not in still)],
        "files": written,
        "fragments": [{"path": str(Path(wish.catalog).absolute() / path), "content": dump(content)} for path, content in made.items()],
        "remarks": [_told(source, remark) for remark in remarks],
        "routes": proposed(project, {name: share.tier for name, share in budget.services.items()}),
        "budget": plain_budget,
    }


def _capacity(wish: Wish, project: str, found: list[Finding]) -> Mapping[str, Any]:
    """Return the capacity as it was stated, else what the audited host has for this project, and report what its neighbours hold."""
    if wish.capacity or wish.audit is None:
        return wish.capacity
    host = host_of(wish.audit, project)
    found.extend(neighbours(host))
    return {"memory": memory_left(host), "cpus": len(host.core_ids)}


def _unobserved(wish: Wish, project: str) -> Finding:
    projects = sorted({one.project for one in wish.audit.containers if one.project}) if wish.audit else []
    message = f"the audit has no running container of project {project}; it has {', '.join(projects) or 'no Compose project'}"
    fix = "name an audit of the host that runs these files, or set name: in the file to the project that it runs as"
    return _problem(codes.NOTHING_OBSERVED, "adopt_audit", message, fix)


def _active(compose: Mapping[str, Any], profiles: frozenset[str], findings: list[Finding]) -> dict[str, Any]:
    """Return the definition without the services whose profiles are not active."""
    services = mapping(compose.get("services"))
    read_services = {name: Service.read(name, service) for name, service in services.items()}
    off = {
        name for name, service in read_services.items() if service.profiles and not profiles & set(service.profiles) and "*" not in profiles
    }
    for name in sorted(off):
        message = "its profiles are not active, so the plan leaves it out"
        path, fix = f"services.{name}.profiles", "name them in adopt_profiles"
        findings.append(Finding(code=codes.NOT_PLANNED, severity="info", path=path, message=message, fix=fix))
    return {**compose, "services": {name: service for name, service in services.items() if name not in off}}


def _unset(compose: Mapping[str, Any], findings: list[Finding]) -> None:
    """Report figures that are variables without a value: Compose would read an empty text, which is not a figure."""
    for name, service in compose["services"].items():
        for place in FIGURES:
            value = dig(service, *place)
            if isinstance(value, str) and "$" in value:
                path = f"services.{name}.{'.'.join(place)}"
                fix = "set it in .env or in adopt_variables"
                findings.append(_problem(codes.BAD_VARIABLE, path, f"'{value}' has no value, and the plan needs one", fix))


def _nothing_to_run(compose: Mapping[str, Any], findings: list[Finding]) -> None:
    """Report services that Compose refuses, since nothing says what they run."""
    for name, service in compose["services"].items():
        if not text(dig(service, "image")) and dig(service, "build") is None and not dig(service, "provider"):
            message = "it has neither an image nor a build, and Compose refuses it"
            fix = "write one; where this file is laid over another, name both in adopt_file, in their order"
            findings.append(_problem(codes.NOTHING_TO_RUN, f"services.{name}", message, fix))


def _planned(active: Mapping[str, Any], findings: list[Finding]) -> dict[str, Any]:
    """Return the definition without the services that have no container, and report what else uses the host's memory."""
    project = Project.read(active)
    for name in sorted(project.models):
        message = "the engine's model runner loads it outside of any container, so its memory is not in the plan"
        path, fix = f"models.{name}", "reserve its memory with adopt_policy, {reserve: {memory: …}}"
        findings.append(Finding(code=codes.NOT_COUNTED, severity="warning", path=path, message=message, fix=fix))
    contained = {name: active["services"][name] for name, service in project.services.items() if service.has_container}
    return {**active, "services": contained}


def _inspected(compose: Mapping[str, Any], source: Source, wish: Wish, hidden: frozenset[str], known: Iterable[Finding]) -> list[Finding]:
    found = inspect(compose, wish.host, accepted=wish.accepted, files=source.files, known=known)
    return [finding for finding in found if finding.code not in hidden]


def _granted(compose: Mapping[str, Any], policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return the policy with every credential there: a file is written for all of its services."""
    wanted = {text(name) for service in compose["services"].values() for name in items(dig(service, BUDGET_KEY, "requires"))}
    return {**policy, "credentials": sorted(wanted)}


def _files(source: Source, texts: Mapping[str, str] | None, target: Target | None, found: list[Finding]) -> list[dict[str, Any]]:
    if target is None:
        message = "services of this version of the file format take no x-budget, so the files stay as they are"
        fix = "write version 3.9 or leave it out"
        found.append(Finding(code=codes.NOT_FOLLOWED, severity="warning", path="version", message=message, fix=fix))
    elif texts is None:
        message = "the limits could not be written without changing something else, so the files stay as they are"
        fix = "let no service merge or extend one that runs another program"
        found.append(Finding(code=codes.NOT_WRITTEN, severity="warning", path="services", message=message, fix=fix))
    before, marks = source.texts(), source.marks()
    return [
        {
            "path": os.path.realpath(name),
            "content": marks[name] + (texts or before)[name],
            "mode": f"{stat.S_IMODE(os.stat(name).st_mode):04o}",  # noqa: PTH116 - beside realpath
            "changed": (texts or before)[name] != before[name],
        }
        for name in before
    ]


def _place(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.path


def _result(source: Source, found: Iterable[Finding], left: Iterable[Finding] = ()) -> dict[str, Any]:
    stopping = [finding for finding in ordered(found) if finding.severity == "error"]
    listed = fold(ordered([*found, *left]))
    return {
        "problems": [_told(source, finding) for finding in stopping],
        "findings": [finding | {"told": _sentence(source, finding)} for finding in listed],
        "mended": [],
        "files": [],
        "fragments": [],
        "remarks": [],
        "routes": [],
        "budget": {},
    }


def _problem(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)


def _told(source: Source, finding: Finding) -> str:
    return _sentence(source, finding.to_dict())


def _sentence(source: Source, finding: Mapping[str, Any]) -> str:
    where = source.where(finding["path"])
    return f"{where}: {sentence(finding)}" if where else sentence(finding)
