# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before anything is touched: the budget and every problem, all at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..backup.codes import NOTHING_BACKED_UP
from ..budget.capacities import fit
from ..budget.capacity import Capacity
from ..budget.codes import NO_SUCH_SERVER
from ..budget.model import Budget
from ..budget.parse import parse_stack
from ..budget.policy import parse_policy
from ..budget.solve import solve
from ..budget.surge import Job
from ..catalog.merge import running as running_of
from ..compose.codes import MEANINGS as SPECIFICATION
from ..compose.project import Project
from ..compose.values import mapping
from ..findings.accept import accept, fold
from ..findings.inspect import inspect
from ..findings.known import KNOWN
from ..host.codes import FLEET_NOT_DEPLOYED, SETTING_UNREADABLE
from ..host.facts import Ceilings, Cgroup, Engine, Facts
from ..host.layout import Directory
from ..host_prep import changes as host_changes
from ..host_prep.assemble import documents, objections
from ..host_prep.capabilities import decide
from ..host_prep.changes import HostChange
from ..host_prep.document import Document
from ..host_prep.scheduler import Choice
from ..observe.ledger import Ledger
from ..problems import BudgetError, Finding, Problems, once
from ..render.compose import degradations
from ..render.host import Capabilities, Host
from ..settings import backup as backups
from ..settings.hooks import Hook
from ..settings.host import Settings, parse
from ..settings.repositories import OWN, RESTIC, Data
from ..settings.sources import data as data_of
from ..settings.storage import directories as class_directories
from ..storage.placement import Placement, place
from ..typed import dump
from ..units import CPUS_FIX, SIZE_FIX, parse_cpus, parse_size
from . import hooks
from .capacity import capacity_of, neighbours, others
from .checks import Requirements, check
from .data import elsewhere, unopenable
from .deployable import GENERATED, devices, dotenv, files, undeployable
from .directories import Move, lay_out, moves
from .images import moved as moved_tags
from .images import too_new
from .protection import Protection, protections
from .secrets import unsafe
from .upgrades import unprotected
from .ways_in import PublishedPort, WayIn, published_ports, ways_in

# A host that is only imagined: it has what is declared and can do everything, so the checks find nothing wrong with it.
IMAGINED = Facts(
    root=True,
    project="ziggie",
    systemd=True,
    cgroup=Cgroup(version=2),
    ceilings=Ceilings(nofile=-1, memlock=-1, can_raise=True),
    engine=Engine(root="", daemon_config={"log-driver": "local"}),
)
_RSYNC = "/usr/bin/rsync"
# So many services a sentence names.
_NAMED = 5
# Of these the error about the same place says more.
_GENERAL = frozenset({*SPECIFICATION, NO_SUCH_SERVER})
ABLE = Capabilities(io_weight=True, slices=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the inventory says about one host.

    `policy` is as the budget takes it, `declared` the capacity that is stated (empty for what the kernel reports), `pretend` allows it to be
    more than the host has, `credentials` are the names that the operator has set, `classes` is `stack_storage_classes`, `settings`
    `stack_host`, `sysctl` kernel parameters with their values, `public_ports` those that the world may reach, `packages` are packages by a file
    of theirs, which are installed where a service mounts it, `moving` the services whose data is about to be moved, `accepted` maps codes of
    findings to why they are right here, `known` are findings from earlier steps, `disk_free` is how much room images need, `directory` is where
    release, secrets and the note of pending commands lie, `engine_options` are those of daemon.json, `templates` the services that have a
    directory of templates, `builtin` tells whether the built-in catalog is part of the stack, so that its configuration is generated,
    `left_out` maps the services that the inventory leaves out to the setting that does so, `hooks` is `stack_hooks`,
    `backup` is `stack_backup`, `upgrade` `stack_upgrade`, `acknowledged` the upgrades that the operator has named, as `service@version`,
    `upgrading` the service whose data this run upgrades, `fleet` is `stack_fleet`, `ledger` tells when images were first seen, and `now` what time it is.
    """

    policy: Mapping[str, Any] = field(default_factory=dict)
    declared: Mapping[str, Any] = field(default_factory=dict)
    pretend: bool = False
    credentials: Collection[str] = ()
    classes: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    sysctl: Mapping[str, Any] = field(default_factory=dict)
    public_ports: Collection[Any] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    moving: Collection[str] = ()
    accepted: Mapping[str, Any] = field(default_factory=dict)
    known: Iterable[Mapping[str, Any]] = ()
    disk_free: Any = "10g"
    directory: str = "/opt/ziggie"
    engine_options: Mapping[str, Any] = field(default_factory=dict)
    templates: Collection[str] = ()
    builtin: bool = True
    left_out: Mapping[str, str] = field(default_factory=dict)
    hooks: Any = ()
    backup: Mapping[str, Any] = field(default_factory=dict)
    upgrade: Mapping[str, Any] = field(default_factory=dict)
    acknowledged: Any = ()
    upgrading: str = ""
    fleet: Any = None
    ledger: Ledger = field(default_factory=Ledger)
    now: float = field(default_factory=time.time)

    @property
    def project_src(self) -> str:
        """Return the directory that the Compose definition lies in."""
        return f"{self.directory}/stack"

    @property
    def configured(self) -> frozenset[str]:
        """Return the services whose configuration comes with the release."""
        return frozenset(self.templates) | (GENERATED if self.builtin else frozenset())

    @property
    def pending(self) -> str:
        """Return where the commands that are still to be run are noted."""
        return f"{self.directory}/host_prep.pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """Where a stack does not fit: the smallest host for all of it, and what to leave out on this one, in order."""

    smallest: Capacity
    leave_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What was decided for one host.

    `facts` count what is about to be mounted as mounted. `settings` are those of `stack_host`, complete. `budget` is `None` where there is
    none, `fitting` where the stack fits or no host would help. `steps` are those of each storage class whose device is not in place yet,
    `documents` the files that host preparation keeps, `packages` those to install, `moves` the volumes that lie elsewhere than they should,
    `changes` all of that as changes of the host, in the order in which a run makes them. `hooks` are those that can be run, `data` what protects
    what services write to, where backups are made. `ways_in` are the routes, and where there are any, `ports` what services publish.
    """

    facts: Facts
    settings: Settings
    capabilities: Capabilities
    budget: Budget | None
    fitting: Fitting | None
    directories: tuple[Directory, ...]
    steps: Mapping[str, tuple[str, ...]]
    documents: tuple[Document, ...]
    packages: tuple[str, ...]
    moves: tuple[Move, ...]
    changes: tuple[HostChange, ...]
    findings: tuple[Finding, ...]
    hooks: tuple[Hook, ...] = ()
    data: tuple[Protection, ...] = ()
    ways_in: tuple[WayIn, ...] = ()
    ports: tuple[PublishedPort, ...] = ()

    @property
    def problems(self) -> list[str]:
        """Return the errors as sentences."""
        return [finding.sentence() for finding in self.findings if finding.severity == "error"]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data as the roles take it."""
        return {
            "host": self.facts.to_dict(),
            "settings": dump(self.settings),
            "capabilities": self.capabilities.to_dict(),
            "budget": self.budget.to_dict() if self.budget else {},
            "fitting": dump(self.fitting) if self.fitting else {},
            "directories": dump(self.directories),
            "storage": dump(self.steps),
            "files": dump(self.documents),
            "packages": list(self.packages),
            "moves": dump(self.moves),
            "changes": dump(self.changes),
            "findings": fold(self.findings),
            "problems": self.problems,
            "data": dump(self.data),
            "ways_in": dump(self.ways_in),
            "ports": dump(self.ports),
            # Without what may be secret: a plan needs no more.
            "hooks": [dump(replace(hook, url=hook.what if hook.url else "", environment={})) for hook in self.hooks],
        }


def prepare(compose: Mapping[str, Any], facts: Facts | None, wish: Wish) -> Prepared:
    """Solve the budget and check the host; without facts, for an imagined one that has what is declared."""
    compose, real = mapping(compose), facts is not None
    facts = facts or IMAGINED
    settings, findings = parse(wish.settings)
    findings = [*(Finding(**finding) for finding in wish.known), *findings]
    placement = place(wish.classes, facts)
    # What is about to be mounted counts as if it were.
    facts = replace(facts, disks=placement.disks)
    capabilities, choice = decide(facts, settings, wish.classes) if real else (ABLE, Choice())
    capacity = capacity_of(facts, wish.declared, class_directories(wish.classes))
    running = running_of(compose, wish.credentials)
    data, jobs, of_backups = _backed_up(running, facts.project, wish)
    budget, fitting = _solved(compose, capacity, wish, findings, jobs)
    if budget:
        findings.extend(budget.findings)
        findings.extend(degradations(compose, budget, Host.of(capabilities, project=facts.project)))
        findings.extend(others(facts, budget))
    # An imagined host has nothing to compare a declared capacity with.
    findings.extend(neighbours(facts))
    findings.extend(check(facts, compose, _requirements(wish, wish.declared if real else {}, findings)))
    findings.extend(undeployable(running, facts if real else None, project=wish.project_src, templates=wish.configured))
    beside = list(elsewhere(facts, wish.project_src))
    refused = list(unopenable(running, facts, wish.project_src, wish.upgrading))
    findings.extend([*beside, *refused])
    # What is refused for its data needs no backup first.
    paths = {finding.path for finding in refused}
    findings.extend(unprotected(running, facts, wish.upgrade, wish.acknowledged, paths, wish.project_src, wish.upgrading))
    findings.extend(too_new(running, facts, wish.ledger, wish.now, wish.upgrade, wish.acknowledged, wish.upgrading))
    findings.extend(moved_tags(facts, wish.ledger))
    # The secrets of a stack that lies elsewhere are there, not lost.
    findings.extend(() if beside else unsafe(running, facts, wish.credentials, wish.project_src))
    hooked, wrong = hooks.checked(wish.hooks, compose, facts if real else None)
    findings.extend(wrong)
    findings.extend(_inspected(compose, running, facts, capabilities, wish, settings))
    findings.extend(placement.findings)
    findings.extend(of_backups)
    directories, wrong = lay_out(budget, class_directories(wish.classes), facts.volumes, wish.moving) if budget else ([], [])
    directories = [Directory(path=wish.directory), Directory(path=wish.project_src), *directories]
    findings.extend(wrong)
    # There is nothing to prepare on an imagined host.
    written = _documents(compose, budget, facts, settings, choice, wish, findings) if budget and real else []
    moved = moves(budget, class_directories(wish.classes), facts.volumes, wish.moving) if budget else []
    wanted = {**_mounted(running, wish.packages), **({RESTIC: "restic"} if wish.backup and real else {})}
    packages = _missing(wanted, placement, facts, moved, firewall=bool(written) and settings.firewall)
    changes = [
        *host_changes.packages(packages),
        *host_changes.devices(placement.classes, placement.steps, facts),
        *host_changes.moves(((one.volume, one.source, one.target) for one in moved), ", ".join(wish.moving)),
        *host_changes.directories(directories, facts),
        *host_changes.files(written, facts),
        *host_changes.parameters(wish.sysctl if settings.kernel else {}, facts),
        *host_changes.commands(wish.pending, facts),
        *host_changes.engine(facts, wish.engine_options, configured=settings.engine),
    ]
    ways = ways_in(running)
    ports = published_ports(running, wish.public_ports, firewall=settings.firewall) if ways else ()
    return Prepared(
        ways_in=ways,
        ports=tuple(ports),
        hooks=hooked,
        data=protections(data, facts if real else None),
        facts=facts,
        settings=settings,
        capabilities=capabilities,
        budget=budget,
        fitting=fitting,
        directories=tuple(directories),
        steps=placement.steps,
        documents=tuple(written),
        packages=tuple(packages),
        moves=tuple(moved),
        changes=tuple(changes) if real else (),
        # Accepting it would deploy everything on every host.
        findings=(*accept(once(findings, _GENERAL), wish.accepted, KNOWN, compose), *_of_a_fleet(wish.fleet)),
    )


def _of_a_fleet(fleet: object) -> Iterator[Finding]:
    """Refuse what would put every service on every host where the inventory wants them placed."""
    if fleet:
        yield Finding(
            code=FLEET_NOT_DEPLOYED,
            severity="error",
            path="stack_fleet",
            message="every host would get every service: services are not deployed to several hosts by a placement yet",
            fix="see the placement with ziggie.stack.fleet; leave stack_fleet out to deploy the whole stack to each host",
        )


def _solved(
    compose: Mapping[str, Any], capacity: Mapping[str, Any], wish: Wish, findings: list[Finding], jobs: Sequence[Job]
) -> tuple[Budget | None, Fitting | None]:
    policy = {**wish.policy, "credentials": sorted(wish.credentials)}
    try:
        return solve(compose, capacity, policy, jobs=jobs), None
    except BudgetError as error:
        findings.extend(error.findings)
    try:
        found = fit(compose, capacity, policy)
    except BudgetError:
        return None, None
    leave_out = tuple(dropped.name for dropped in found.dropped) if found.budget else ()
    return None, Fitting(smallest=found.smallest, leave_out=leave_out)


def _backed_up(compose: Mapping[str, Any], project: str, wish: Wish) -> tuple[tuple[Data, ...], tuple[Job, ...], list[Finding]]:
    """Return where data lie, the jobs that back them up and bring them back, and what is wrong with what is said of both."""
    problems = Problems()
    if not wish.backup:
        return (), (), list(_begin(data_of(compose, project, problems, wish.project_src)))
    settings = backups.parse(wish.backup, problems)
    found = (*data_of(compose, project, problems, wish.project_src), Data(service=OWN.service, place=OWN.volume, source=OWN))
    return found, backups.jobs(settings), problems.findings


def _begin(places: Iterable[Data]) -> Iterator[Finding]:
    """Say once for the whole stack that nothing is backed up, where a service keeps what cannot be made again."""
    services = sorted({one.service for one in places if not one.reconstructible})
    if services:
        rest = len(services) - _NAMED
        names = ", ".join(services[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
        yield Finding(
            code=NOTHING_BACKED_UP,
            severity="info",
            path="stack_backup",
            message=f"nothing is backed up, and there are data of {names}",
            fix="write {repositories: [{url: sftp:user@host:/srv/backup}]}, and site makes backups from the next night on",
        )


def _inspected(
    compose: Mapping[str, Any], running: Mapping[str, Any], facts: Facts, capabilities: Capabilities, wish: Wish, settings: Settings
) -> list[Finding]:
    known = {
        **facts.to_dict(),
        "capabilities": capabilities.to_dict(),
        "public_ports": list(wish.public_ports),
        "closes_ports": settings.firewall,
        "left_out": dict(wish.left_out),
        "off": sorted(mapping(compose.get("services")).keys() - mapping(running.get("services")).keys()),
    }
    return inspect(compose, known)


def _documents(
    compose: Mapping[str, Any],
    budget: Budget,
    facts: Facts,
    settings: Settings,
    choice: Choice,
    wish: Wish,
    findings: list[Finding],
) -> list[Document]:
    """Return the files to keep on the host; none where one of them is impossible, which is then among the findings."""
    wrong = list(objections(facts, settings, wish.sysctl, wish.public_ports))
    findings.extend(wrong)
    if any(finding.severity == "error" for finding in wrong):
        return []
    return documents(compose, budget, facts, settings, choice, sysctl=wish.sysctl, ports=wish.public_ports)


def _mounted(compose: Mapping[str, Any], packages: Mapping[str, str]) -> dict[str, str]:
    """Return the packages of which a service mounts the file."""
    mounted = {mount.source for service in Project.read(compose).services.values() for mount in service.mounts}
    return {file: package for file, package in packages.items() if file in mounted}


def _missing(packages: Mapping[str, str], placement: Placement, facts: Facts, moved: Collection[Move], *, firewall: bool) -> list[str]:
    """Return the packages that have to be installed: those whose file is absent, and those with the tools that a run needs."""
    files = [package for file, package in packages.items() if not facts.file(file).kind]
    nftables = ["nftables"] if firewall and not facts.firewall.nft else []
    rsync = ["rsync"] if moved and not facts.file(_RSYNC).kind else []
    return sorted({*files, *placement.packages, *nftables, *rsync})


def _requirements(wish: Wish, declared: Mapping[str, Any], findings: list[Finding]) -> Requirements:
    # A capacity that does not parse is one of the budget's findings already.
    return Requirements(
        disk_free=_read(parse_size, wish.disk_free, "preflight_disk_free", SIZE_FIX, findings),
        declared_memory=_read(parse_size, declared.get("memory"), "stack_capacity.memory", SIZE_FIX, []),
        declared_cpus=_read(parse_cpus, declared.get("cpus"), "stack_capacity.cpus", CPUS_FIX, []),
        declared_disk=_read(parse_size, declared.get("disk"), "stack_capacity.disk", SIZE_FIX, []),
        pretend=wish.pretend,
        builtin=wish.builtin,
    )


def _read(parse: Callable[[object], int], value: object, path: str, fix: str, findings: list[Finding]) -> int | None:
    if value is None:
        return None
    try:
        return parse(value)
    except ValueError as error:
        findings.append(Finding(code=SETTING_UNREADABLE, severity="error", path=path, message=str(error), fix=fix))
        return None


def asked_paths(compose: Mapping[str, Any], wish: Wish) -> list[str]:
    """Return the paths to ask a host for, besides those that host preparation always writes, so that `changes` are known from one answer.

    They are the stack's directories, those of its volumes, those that services keep data in without a
    volume, the note of pending commands, a file of each package, and the files that the
    definition needs and that do not come with the release.
    """
    problems = Problems()
    specs = parse_stack(compose, parse_policy(wish.policy, problems), problems)
    classes = class_directories(wish.classes)
    volumes = {
        f"{classes[storage.storage_class]}/{storage.path}"
        for spec in specs
        for storage in spec.storage.values()
        if storage.storage_class in classes
    }
    read = Project.read(compose)
    needed = {entry.place for entry in files(read, wish.project_src, wish.configured) if entry.place} | {
        path for _at, path in devices(read)
    }
    needed |= {
        place
        for service in read.services.values()
        for mount in service.mounts
        if not mount.read_only
        if (place := mount.bound(wish.project_src))
    }
    own = [wish.directory, wish.project_src, dotenv(wish.project_src), wish.pending]
    return [*own, *sorted(volumes | needed), *wish.packages, RESTIC, _RSYNC, *hooks.programs(wish.hooks)]
