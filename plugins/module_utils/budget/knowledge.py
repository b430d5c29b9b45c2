# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a service besides its figures: by its own settings, by its image, and by what it was seen to use.

Every way into the budget (catalog, adopt, the filters, audit) asks here, so that a service gets the same answer on all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from ..compose.service import Service
from ..evidence.demand import Demand, Need, need
from ..evidence.read import configured
from ..evidence.setting import Unreadable
from ..evidence.subject import NOTHING, Configuration, Subject
from ..images.facts import Facts
from ..images.name import ImageName
from ..images.table import facts_of
from ..units import MIB
from .observed import Observed, with_room
from .spec import Evidence
from .tune.registry import TUNERS
from .tune.tuner import Tuner

# The threads of an image are measured under ordinary load.
_PIDS_TIMES = 2
_SHELLS = ("sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """What is known beyond a Compose definition.

    By service, configuration files that could be read, and observed use; by path as written, the contents of files of variables;
    `variables` are the values that Compose gives to variables which an `environment` only names.
    """

    configurations: Mapping[str, Configuration] = field(default_factory=dict)
    observed: Mapping[str, Observed] = field(default_factory=dict)
    env_files: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


BLIND = Insight()


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is known of one service.

    `memory` supports its floor, `pids` its processes; `request` is the most that its settings can make it use, `beside` the part of
    that which is not the program's own (tmpfs, /dev/shm), `at_once` the most that a single setting lets it use, `peak` the most that it
    was seen to use, `vendor` what its vendor asks for. `tuner` is empty where the program is not to be tuned, and `untuned` says why
    where that is worth a word. `written` are the author's settings by the program's names.
    """

    tier: str = ""
    batch: bool = False
    swap: bool | None = None
    memory: tuple[Evidence, ...] = ()
    pids: tuple[Evidence, ...] = ()
    request: int = 0
    beside: int = 0
    at_once: Evidence | None = None
    peak: int = 0
    vendor: int = 0
    tuner: str = ""
    command: tuple[str, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)
    untuned: str = ""


UNKNOWN_PROGRAM = Knowledge()


def know(service: Service, insight: Insight = BLIND, tuner: str = "", ours: Collection[str] = (), *, completes: bool = False) -> Knowledge:
    """Return what is known of a service.

    `tuner` is the one that its author names, empty for what the image suggests. `ours` are settings that a budget wrote, not the author.
    `completes` says that others wait for it to end with success.
    """
    image = ImageName.parse(service.image)
    facts = facts_of(image, service.entrypoint, service.command, completes=completes)
    subject = Subject.of(
        service,
        outside=insight.variables,
        program=facts.kind,
        repository=image.repository,
        configuration=insight.configurations.get(service.name, NOTHING),
    )
    suggested = facts.tuner if facts.tuner in TUNERS and _runs_its_program(service) else ""
    spell = TUNERS[tuner or suggested].spell if tuner or suggested else str

    def mine(name: str) -> bool:
        return spell(name) in ours

    author = configured(subject, mine)
    total, observed = need(author.demands), insight.observed.get(service.name)
    own = need(configured(_with_own(subject, service, facts, insight), mine).demands) if facts.environment else total
    untuned = _untuned(author.written.unreadable) or "; ".join(_untouchable(service, subject, facts, TUNERS.get(suggested)))
    return Knowledge(
        tier=facts.tier,
        batch=facts.batch,
        swap=facts.swap,
        memory=tuple(_memory(author.demands, total, own, facts, observed)),
        pids=tuple(_pids(author.demands, total, facts.pids, observed)),
        request=own.request,
        beside=total.beside,
        at_once=_at_once(author.demands),
        peak=-(-with_room(observed.bound or 0) // MIB) * MIB if observed else 0,
        vendor=facts.request,
        tuner=tuner or ("" if untuned else suggested),
        command=facts.command,
        written={name: setting.value for name, setting in author.written.settings.items()},
        untuned=untuned if suggested and not tuner else "",
    )


def _with_own(subject: Subject, service: Service, facts: Facts, insight: Insight) -> Subject:
    """Return a subject with what its image sets by itself, where its author does not."""
    return Subject.of(
        service,
        outside=insight.variables,
        image=dict(entry.split("=", 1) for entry in facts.environment),
        program=subject.program,
        repository=subject.repository,
        configuration=subject.configuration,
    )


def _memory(demands: tuple[Demand, ...], total: Need, own: Need, facts: Facts, observed: Observed | None) -> list[Evidence]:
    """Return what supports a floor; `total` is what the author's settings take, `own` the same with what the image sets by itself."""
    found = []
    if total.floor:
        firm = [demand for demand in demands if demand.firm and demand.resource == "memory"]
        found.append(Evidence(kind="configured", amount=total.floor, source=_sum(firm)))
    if own.floor > total.floor:
        entries = ", ".join(facts.environment)
        found.append(
            Evidence(kind="known", amount=own.floor, source=f"the table of images, {facts.family}, which sets {entries} by itself")
        )
    # What is known of a virtual machine or a heap is what it has without its author's figure.
    if facts.floor and not any(demand.kind in ("guest", "heap") for demand in demands):
        found.append(Evidence(kind="known", amount=facts.floor, source=f"the table of images, {facts.family}"))
    if observed is not None and observed.peak:
        found.append(Evidence(kind="observed", amount=observed.need, source=observed.why))
    return found


def _at_once(demands: tuple[Demand, ...]) -> Evidence | None:
    """Return the most that one of its settings lets it use in one go: a single request, or all that lies in memory as files."""
    single = [[demand] for demand in demands if demand.kind == "request"]
    files = [demand for demand in demands if demand.beside]
    found = [Evidence(kind="configured", amount=sum(one.amount for one in each), source=_sum(each)) for each in (*single, files) if each]
    return max(found, key=lambda evidence: evidence.amount, default=None)


def _pids(demands: tuple[Demand, ...], total: Need, measured: int, observed: Observed | None) -> list[Evidence]:
    found = []
    if total.pids:
        found.append(Evidence(kind="configured", amount=total.pids, source=_sum([one for one in demands if one.resource == "pids"])))
    if measured:
        found.append(Evidence(kind="known", amount=_PIDS_TIMES * measured, source=f"{_PIDS_TIMES} x {measured} of the table of images"))
    if observed is not None and observed.pids:
        found.append(
            Evidence(kind="observed", amount=_PIDS_TIMES * observed.pids, source=f"{_PIDS_TIMES} x {observed.pids} in {observed.over}")
        )
    return found


def _sum(listed: list[Demand]) -> str:
    parts = [f"{demand.source}: {demand.sentence}" for demand in listed]
    return "; ".join(parts)


def _untuned(unreadable: tuple[Unreadable, ...]) -> str:
    return "; ".join(entry.sentence() for entry in unreadable)


def _untouchable(service: Service, subject: Subject, facts: Facts, tuner: Tuner | None) -> Iterator[str]:
    """Yield why the variables of a tuner must not be written: something else sets one, or one replaces what the image brings."""
    if tuner is None:
        return
    if not tuner.with_gpu and service.has_gpu:
        yield "it runs on a GPU, whose memory no limit of the container bounds"
    replaced = any(map(facts.replaces_configuration, service.variables))
    for name in sorted({pair[0] for setting in tuner.knows if (pair := tuner.variables(setting, "1"))}):
        given = subject.environment.get(name)
        if given is not None and (not given.known or service.environment.get(name, "") is None):
            yield f"{name} (environment.{name}) gets its value from outside of the files"
        elif given is None and facts.replaces_configuration(name) and not replaced:
            yield f"{name} would be the only variable, and as such replace the configuration that the image brings"


def _runs_its_program(service: Service) -> bool:
    """Tell whether nothing contradicts the image's own program: another entrypoint or a script runs something else."""
    first = (service.command or ())[:1]
    return service.entrypoint is None and (not first or first[0] not in _SHELLS)
