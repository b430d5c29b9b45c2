# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Plan of one host: verdict, budget, findings, and every change of a run, in the order in which the run makes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..budget.model import Budget
from ..deploy.changes import CREATE, NONE, RECREATE, RELOAD, START, UPDATE, WAIT, Changes, Difference, ServiceChange
from ..deploy.released_files import FileChange
from ..deploy.replace import Replacement
from ..findings.accept import sentence
from ..host.codes import ENGINE_HUNG, FAILED_BEFORE
from ..host.run_log import Downtime, LoggedRun
from ..host_prep.changes import HostChange
from ..preflight.prepare import Fitting
from ..preflight.protection import Protection
from ..preflight.ways_in import PublishedPort, WayIn
from ..settings.hooks import Hook, schedule
from ..typed import OPTIONAL, dump_fields, load, load_fields

Verdict = Literal["feasible", "feasible with changes", "infeasible"]
Impact = Literal["none", "in place", "reload", "started", "recreated", "new", "removed"]
Severity = Literal["error", "warning", "accepted", "info"]

FEASIBLE: Verdict = "feasible"
CHANGES: Verdict = "feasible with changes"
INFEASIBLE: Verdict = "infeasible"

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "accepted", "info")
_IMPACTS: Mapping[str, Impact] = {
    NONE: "none",
    WAIT: "none",
    UPDATE: "in place",
    RELOAD: "reload",
    START: "started",
    RECREATE: "recreated",
    CREATE: "new",
}
_NOT_RUNNING = "The Docker engine is not running yet: what it supports is assumed, and a run decides again once it has started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A finding as it is shown: one that holds for several places has all `paths`, one that is accepted `was` a severity and has a `reason`.

    `told` is the whole sentence where it is more than what follows from the other fields, as with the line of a file.
    """

    code: str
    severity: Severity
    path: str
    message: str
    fix: str
    amount: int | None = field(default=None, metadata=OPTIONAL)
    was: str = field(default="", metadata=OPTIONAL)
    reason: str = field(default="", metadata=OPTIONAL)
    paths: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    told: str = field(default="", metadata=OPTIONAL)

    def sentence(self) -> str:
        """Return the finding as a person reads it."""
        return self.told or sentence(dump_fields(self))


def stated(findings: Any, path: str = "findings") -> tuple[Stated, ...]:
    """Return findings that `findings.accept.fold` made plain, the most severe first. Raises `ValueError`."""
    return tuple(sorted(load(tuple[Stated, ...], findings, path), key=lambda one: _SEVERITIES.index(one.severity)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerChange:
    """What becomes of the containers of one service, and because of which differences.

    `downtime` is how long it is away, where earlier runs measured that, and `replacement` how those that are recreated are.
    """

    service: str
    impact: Impact
    differences: tuple[Difference, ...] = ()
    downtime: Downtime | None = field(default=None, metadata=OPTIONAL)
    replacement: Replacement | None = field(default=None, metadata=OPTIONAL)

    @property
    def goes_away(self) -> bool:
        """Tell whether nothing of the service answers while its container is replaced."""
        return self.impact == "recreated" and (self.replacement is None or self.replacement.manner == "stop-first")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedHook:
    """A hook that a run runs: its place in `stack_hooks`, when, what (of a URL the host alone), for how many seconds at most, whether a failure counts."""

    path: str
    moment: str
    what: str
    timeout: float
    fatal: bool

    @classmethod
    def of(cls, hook: Hook) -> PlannedHook:
        """Return what a plan shows of a hook."""
        return cls(path=hook.path, moment=hook.moment, what=hook.what, timeout=hook.timeout, fatal=hook.fatal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run does to one host, in the order of its fields: the host itself, the files of the release, its secrets, the containers.

    `host` is the inventory's name. `asked` tells whether a host was asked; an imagined one has only what is declared. `assumed` is a sentence
    about what could not be asked, empty where nothing is assumed. `budget` is `None` where there is none, `fitting` where the stack fits or
    no host would help. `files` and `containers` are `None` where nothing was compared. `secrets` are paths of files that are written or removed,
    where the host was asked for them. `hooks` run before and after the containers that they are of are touched, in their order. `runs` are the latest
    runs on the host, the newest first. `data` is what protects what services write to, where backups are made. `ways_in` are the routes, and where there
    are any, `ports` what services publish.
    """

    host: str
    asked: bool
    assumed: str
    budget: Budget | None
    fitting: Fitting | None
    findings: tuple[Stated, ...]
    host_changes: tuple[HostChange, ...]
    files: tuple[FileChange, ...] | None
    secrets: tuple[str, ...] = ()
    containers: tuple[ContainerChange, ...] | None
    hooks: tuple[PlannedHook, ...] = ()
    runs: tuple[LoggedRun, ...] = ()
    data: tuple[Protection, ...] = field(default=(), metadata=OPTIONAL)
    ways_in: tuple[WayIn, ...] = field(default=(), metadata=OPTIONAL)
    ports: tuple[PublishedPort, ...] = field(default=(), metadata=OPTIONAL)

    @property
    def problems(self) -> tuple[Stated, ...]:
        """Return the findings that stop a run."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def failed_before(self) -> tuple[Stated, ...]:
        """Return the finding that this very release failed on the host before, where it did."""
        return tuple(finding for finding in self.findings if finding.code == FAILED_BEFORE)

    @property
    def changed(self) -> tuple[ContainerChange, ...]:
        """Return what becomes of the containers that a run touches."""
        return tuple(change for change in self.containers or () if change.impact != "none")

    @property
    def uncompared(self) -> str:
        """Return why containers were not compared, empty where they were."""
        if self.verdict == INFEASIBLE:
            return "a run would end before it changes anything"
        if self.containers is not None:
            return ""
        return "the Docker engine is not running" if self.asked else "no host was asked"

    @property
    def verdict(self) -> Verdict:
        """Return whether a run is possible, and whether it changes anything."""
        if self.problems or self.budget is None:
            return INFEASIBLE
        return CHANGES if self.host_changes or self.files or self.secrets or self.changed else FEASIBLE

    @property
    def off(self) -> dict[str, list[str]]:
        """Return the services that are off, with the credentials that each needs."""
        services = self.budget.services if self.budget else {}
        return {name: list(share.requires) for name, share in services.items() if not share.enabled}

    @property
    def moves(self) -> tuple[HostChange, ...]:
        """Return the changes of the host that move data."""
        return tuple(change for change in self.host_changes if change.kind == "data")

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, with what follows from it."""
        return {"verdict": self.verdict, **dump_fields(self), "off": self.off}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Plan:
        """Return what `to_dict` made plain. Raises `ValueError`."""
        return load_fields(cls, {key: entry for key, entry in data.items() if key not in ("verdict", "off")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What was compared with a release: its containers, its files, those of its secrets that are written or removed.

    `failed_before` is a sentence on when and why this very release failed, empty where it did not. `runs` are the latest runs on the host, `downtimes` how long
    services were away in them.
    """

    changes: Changes
    files: tuple[FileChange, ...]
    secrets: tuple[str, ...] = ()
    failed_before: str = ""
    runs: tuple[LoggedRun, ...] = ()
    downtimes: Mapping[str, Downtime] = field(default_factory=dict)


def make(
    host: str,
    *,
    asked: bool,
    engine_runs: bool,
    budget: Budget | None,
    fitting: Fitting | None,
    findings: Iterable[Stated],
    host_changes: Iterable[HostChange],
    live: Live | None,
    hooks: Iterable[Hook] = (),
    data: Iterable[Protection] = (),
    ways_in: Iterable[WayIn] = (),
    ports: Iterable[PublishedPort] = (),
) -> Plan:
    """Return the Plan of a host. `live` is what differs from the release that the budget makes, `None` where nothing was compared.

    `hooks` are those of the stack, of which the Plan has those that a run runs.
    """
    findings = tuple(findings)
    if live and live.failed_before:
        findings = tuple(sorted((*findings, _failed_before(live.failed_before)), key=lambda one: _SEVERITIES.index(one.severity)))
    feasible = budget is not None and not any(finding.severity == "error" for finding in findings)
    compared = live if feasible else None
    # No run starts an engine that is there already; the finding says what to do.
    hung = any(finding.code == ENGINE_HUNG for finding in findings)
    return Plan(
        host=host,
        asked=asked,
        assumed=_NOT_RUNNING if asked and not engine_runs and not hung else "",
        budget=budget,
        fitting=fitting,
        findings=findings,
        # A run that is refused changes nothing.
        host_changes=tuple(host_changes) if feasible else (),
        files=compared.files if compared else None,
        secrets=compared.secrets if compared else (),
        containers=tuple(container_changes(compared.changes, compared.downtimes)) if compared else None,
        hooks=tuple(PlannedHook.of(hook) for hook in schedule(hooks, compared.changes.touched)) if compared else (),
        runs=live.runs if live else (),
        data=tuple(data),
        ways_in=tuple(ways_in),
        ports=tuple(ports),
    )


def _failed_before(sentence: str) -> Stated:
    return Stated(
        code=FAILED_BEFORE,
        severity="warning",
        path="release",
        message=sentence,
        fix="a run tries it again, and goes back again where it fails; what is known of it lies in the directory failed, beside the release",
    )


def container_changes(changes: Changes, downtimes: Mapping[str, Downtime] | None = None) -> Iterator[ContainerChange]:
    """Yield what becomes of containers as a run does it: orphans are removed first, then tier by tier, in the order of the changes."""
    for name in changes.orphans:
        yield ContainerChange(service=name, impact="removed")
    for tier in changes.order:
        for name in _members(changes, tier):
            yield _change(name, changes.services[name], (downtimes or {}).get(name))


def _members(changes: Changes, tier: str) -> list[str]:
    one = changes.tiers[tier]
    return sorted({*one.renewed, *one.limits, *one.wait})


def _change(name: str, change: ServiceChange, downtime: Downtime | None) -> ContainerChange:
    # What the kernel holds follows what the engine was asked for, and is told by that; several containers of a service may differ alike.
    said = {difference.limit for difference in change.differences if difference.key.startswith("limits.")}
    shown: list[Difference] = []
    for difference in change.differences:
        if difference not in shown and not (difference.key.startswith("kernel.") and difference.limit in said):
            shown.append(difference)
    impact = _IMPACTS[change.action]
    return ContainerChange(
        service=name,
        impact=impact,
        differences=tuple(shown),
        downtime=downtime if impact == "recreated" and not change.by_steps else None,
        replacement=change.replacement if impact == "recreated" else None,
    )
