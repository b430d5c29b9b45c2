# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before anything is touched: the budget and every problem, all at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ..budget.capacities import fit
from ..budget.problems import BudgetError, Finding
from ..budget.solve import solve
from ..budget.units import CPUS_FIX, SIZE_FIX, parse_cpus, parse_size
from ..findings.accept import accept
from ..findings.inspect import inspect
from ..findings.known import KNOWN
from ..host.checks import Requirements, check
from ..host.codes import SETTING_UNREADABLE
from ..host.imagined import imagined
from ..host.weights import Choice
from ..host_prep.assemble import documents, objections, surroundings
from ..host_prep.checks import taken
from ..host_prep.settings import parse
from ..render.compose import degradations
from ..storage.classes import directories as paths
from ..storage.place import place
from .capacity import capacity_of, others
from .storage import lay_out, moves


def prepare(
    compose: Mapping[str, Any],
    *,
    host: Mapping[str, Any],
    policy: Mapping[str, Any],
    declared: Mapping[str, Any],
    credentials: Iterable[str],
    classes: Mapping[str, Any],
    disk_free: Any,
    pretend: bool,
    accepted: Mapping[str, Any] | None = None,
    known: Iterable[Mapping[str, Any]] = (),
    project: str = "ziggie",
    settings: Mapping[str, Any] | None = None,
    moving: Collection[str] = (),
    sysctl: Mapping[str, Any] | None = None,
    public_ports: Collection[Any] = (),
    packages: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Solve the budget and check the host; an empty host is an imagined one that has what is declared.

    `declared` is the capacity that the inventory states, empty for what the kernel reports; `pretend` allows it to be more
    than the host has, as in a lab; `credentials` are the names that the operator has set; `classes` maps storage classes to
    directories or to mappings with `path` and `device`; `accepted` maps codes of findings to why they are right here; `known` are
    findings from earlier steps; `settings` say what is done to the host itself, `project` is the Compose project; `moving`
    are the services whose data are about to be moved; `sysctl` are kernel parameters with their values, `public_ports` those that the world
    may reach, `packages` the packages that the stack needs by a file of theirs.
    Returns `host`, `budget` (a dict, empty where there is none), `fitting` (`smallest`, the least host for the whole stack, and
    `leave_out`, what to do without on this one, in order; empty where the stack fits or no host would help), `directories` and `files` (as
    the `files` module takes them), `packages` (to be installed), `storage` (the steps of each class whose device is not yet in place), `moves` (the
    volumes of `moving` that lie elsewhere than they should), `findings`, and `problems` (the errors, as sentences).
    """
    # An imagined host has what is declared: there is nothing to compare it with.
    compared = declared if host else {}
    host = host or imagined()
    findings = [Finding(**finding) for finding in known]
    placement = place(classes, host)
    # What is about to be mounted counts as if it were.
    host = {**host, "disks": placement.disks}
    capacity = capacity_of(host, declared, paths(classes))
    budget: dict[str, Any] = {}
    fitting: dict[str, Any] = {}
    try:
        budget = solve(compose, capacity, {**policy, "credentials": sorted(credentials)}).to_dict()
        findings.extend(Finding(**finding) for finding in budget["findings"])
        findings.extend(degradations(compose, budget, host["capabilities"]))
    except BudgetError as error:
        findings.extend(error.findings)
        fitting = _fitting(compose, capacity, policy)
    requirements = Requirements(
        disk_free=_read(parse_size, disk_free, "preflight_disk_free", SIZE_FIX, findings),
        # A capacity that does not parse is one of the budget's findings already.
        declared_memory=_read(parse_size, compared.get("memory"), "stack_capacity.memory", SIZE_FIX, []),
        declared_cpus=_read(parse_cpus, compared.get("cpus"), "stack_capacity.cpus", CPUS_FIX, []),
        declared_disk=_read(parse_size, compared.get("disk"), "stack_capacity.disk", SIZE_FIX, []),
        pretend=pretend,
    )
    findings.extend(check(host, compose, requirements))
    findings.extend(others(host, budget))
    findings.extend(inspect(compose, {**host, "public_ports": list(public_ports)}))
    directories, wrong = lay_out(budget, paths(classes), host["volumes"], moving)
    findings.extend(wrong)
    findings.extend(placement.findings)
    prepared, wrong = parse(settings or {})
    findings.extend(wrong)
    files = []
    # There is nothing to prepare on an imagined host.
    if budget and "slices" in host:
        findings.extend(taken(host, project))
        wrong = list(objections(host, prepared, sysctl or {}, public_ports))
        findings.extend(wrong)
        if not any(finding.severity == "error" for finding in wrong):
            wanted = [
                *documents(budget, host, prepared, project, Choice.of(host)),
                *surroundings(compose, budget, host, prepared, sysctl or {}, public_ports),
            ]
            files = [document.to_dict() for document in wanted]
    findings = accept(findings, accepted, KNOWN)
    return {
        "host": host,
        "budget": budget,
        "fitting": fitting,
        "directories": directories,
        "storage": placement.steps,
        "files": files,
        "packages": _missing(packages or {}, placement.packages, host, firewall=bool(files) and prepared.firewall),
        "moves": moves(budget, paths(classes), host["volumes"], moving),
        "findings": [finding.to_dict() for finding in findings],
        "problems": [finding.sentence() for finding in findings if finding.severity == "error"],
    }


def _missing(packages: Mapping[str, str], tools: Collection[str], host: Mapping[str, Any], *, firewall: bool) -> list[str]:
    """Return the packages that have to be installed: those whose file is absent, and those with the tools that a run needs."""
    files = [package for file, package in packages.items() if not host["files"].get(file)]
    return sorted({*files, *tools, *(["nftables"] if firewall and not host["firewall"]["nft"] else [])})


def _fitting(compose: Mapping[str, Any], capacity: Mapping[str, Any], policy: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = fit(compose, capacity, policy)
    except BudgetError:
        return {}
    leave_out = [dropped.name for dropped in found.dropped]
    return {"smallest": found.smallest.to_dict(), "leave_out": leave_out if found.budget else []}


def _read(parse: Callable[[object], int], value: object, path: str, fix: str, findings: list[Finding]) -> int | None:
    if value is None:
        return None
    try:
        return parse(value)
    except ValueError as error:
        findings.append(Finding(code=SETTING_UNREADABLE, severity="error", path=path, message=str(error), fix=fix))
        return None
