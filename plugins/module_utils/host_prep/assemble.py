# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All files that host preparation keeps on a host, in the order in which they are put into force."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ..budget.model import Budget
from ..host.facts import Facts
from ..problems import Finding
from ..settings.host import PROFILES, Settings
from . import firewall, kernel, scheduler, services, slices, swap
from .capabilities import slices_absent
from .document import Document
from .scheduler import Choice


def documents(
    compose: Mapping[str, Any],
    budget: Budget | None,
    facts: Facts,
    settings: Settings,
    choice: Choice,
    *,
    sysctl: Mapping[str, Any],
    ports: Collection[Any],
) -> list[Document]:
    """Return every file, also those that must not exist: what is switched off later is removed again.

    The scheduler comes first: a slice's I/O weight is written for the one that is in force. `sysctl` are kernel parameters with their
    values, `ports` those that the world may reach.
    """
    # Only the profile `full` closes ports of other projects; every plan names them then.
    spared = {port.port for one in facts.neighbours for port in one.published} if settings.profile != "full" else set()
    pages = kernel.huge_pages(settings.huge_pages, compose, budget, facts)
    return [
        *(scheduler.documents(Choice() if settings.io == "keep" else choice, facts) if facts.systemd else []),
        *budgeted(budget, facts, settings, choice),
        *kernel.documents(sysctl if settings.kernel else {}, pages, facts),
        *(swap.documents(settings.swap, settings.swap_size, facts) if facts.systemd else []),
        *(firewall.documents(compose, [*ports, *spared], settings.trusted, facts, wanted=settings.firewall) if facts.systemd else []),
    ]


def budgeted(budget: Budget | None, facts: Facts, settings: Settings, choice: Choice) -> list[Document]:
    """Return the files whose figures are the Budget's: another release, with a Budget of its own, brings its own."""
    if not facts.systemd:
        return []
    wanted = settings.slices and not slices_absent(facts)
    return [
        *slices.documents(budget, facts, wanted=wanted, scheduler=choice.scheduler),
        *services.documents(budget, facts, wanted=settings.services),
    ]


def objections(facts: Facts, settings: Settings, sysctl: Mapping[str, Any], ports: Iterable[Any]) -> Iterator[Finding]:
    """Yield why the host cannot be given what `documents` would write."""
    if settings.slices and not slices_absent(facts):
        yield from slices.taken(facts)
    yield from swap.impossible(settings.swap, settings.swap_size, facts)
    yield from firewall.impossible(ports, settings.trusted, facts, wanted=settings.firewall)
    yield from kernel.impossible(sysctl if settings.kernel else {}, facts)


def undone(facts: Facts) -> list[Document]:
    """Return every file that host preparation keeps, none of which is to exist any more."""
    return documents({}, None, facts, Settings(**{"profile": "limits", **PROFILES["limits"]}), Choice(), sysctl={}, ports=())


def undo(facts: Facts) -> dict[str, Any]:
    """Return `files` as the `files` module takes them, `mounted` (the storage classes that lie on a device), and `problems`."""
    mounted = sorted(name for name, state in facts.storage.items() if state.target.source or state.unit)
    problems = []
    if mounted and facts.own:
        problems.append(
            f"stack_storage_classes.{mounted[0]}: {len(facts.own)} containers run on the device that would be unmounted; "
            f"stop them first: docker compose --project-name {facts.project} down"
        )
    return {"files": [document.to_dict() for document in undone(facts)], "mounted": mounted, "problems": problems}
