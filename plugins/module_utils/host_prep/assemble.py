# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All files that host preparation keeps on a host, in the order in which they are put into force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..budget.problems import Finding
from ..host.codes import SYSCTL_FIXED
from ..host.weights import Choice
from . import firewall, huge_pages, kernel, plane, slices, swap, weights
from .document import Document
from .settings import Settings


def documents(budget: Mapping[str, Any], facts: Mapping[str, Any], settings: Settings, project: str, choice: Choice) -> list[Document]:
    """Return every file, also those that must not be there: what is switched off later is taken away again.

    The scheduler comes first: a slice's I/O weight is written for the one that is in force.
    """
    scheduler = weights.documents(choice, facts) if facts["systemd"] else []
    return [*scheduler, *budgeted(budget, facts, settings, project, choice)]


def budgeted(budget: Mapping[str, Any], facts: Mapping[str, Any], settings: Settings, project: str, choice: Choice) -> list[Document]:
    """Return the files whose figures are the Budget's: what another release, with a Budget of its own, has to bring along."""
    if not facts["systemd"]:
        return []
    return [
        *slices.documents(
            budget, facts, project, wanted=settings.slices and bool(facts["capabilities"]["slices"]), scheduler=choice.scheduler
        ),
        *plane.documents(budget, facts, wanted=settings.plane),
    ]


def surroundings(
    compose: Mapping[str, Any],
    budget: Mapping[str, Any],
    facts: Mapping[str, Any],
    settings: Settings,
    sysctl: Mapping[str, Any],
    ports: Iterable[Any],
) -> list[Document]:
    """Return the files of kernel settings (`sysctl`), swap, and the firewall, which lets the world reach `ports` and nothing else published."""
    return [
        *kernel.documents(sysctl, huge_pages.choose(settings.huge_pages, compose, budget, facts), facts),
        *(swap.documents(settings.swap, settings.swap_size, facts) if facts["systemd"] else []),
        *(firewall.documents(compose, ports, settings.trusted, facts, wanted=settings.firewall) if facts["systemd"] else []),
    ]


def objections(facts: Mapping[str, Any], settings: Settings, sysctl: Mapping[str, Any], ports: Iterable[Any]) -> Iterator[Finding]:
    """Yield why the host cannot be given what `surroundings` would write."""
    yield from swap.impossible(settings.swap, settings.swap_size, facts)
    yield from firewall.impossible(ports, settings.trusted, facts, wanted=settings.firewall)
    for name, value in sysctl.items():
        has = facts["sysctl"].get(name, "")
        if not has or (name in facts["sysctl_fixed"] and kernel.plain(has) != kernel.plain(value)):
            yield Finding(
                code=SYSCTL_FIXED,
                severity="warning",
                path=f"stack_sysctl.{name}",
                message=f"it stays {has} here: the host may not set it" if has else "the kernel has no such setting",
                fix="set it on the machine around this host, or take it out of stack_sysctl" if has else "take it out of stack_sysctl",
            )


def undone(facts: Mapping[str, Any], project: str) -> list[Document]:
    """Return every file that host preparation keeps, none of which is to be there any more."""
    off = Settings(slices=False, plane=False, io="keep", firewall=False, huge_pages="keep", swap="keep")
    return [*documents({}, facts, off, project, Choice()), *surroundings({}, {}, facts, off, {}, [])]


def undo(facts: Mapping[str, Any], project: str) -> dict[str, Any]:
    """Return `files` as the `files` module takes them, `mounted` (the storage classes that lie on a device), and `problems`."""
    mounted = sorted(name for name, found in facts["storage"].items() if found["target"]["source"] or found["unit"])
    running = facts["engine"]["containers"]
    problems = []
    if mounted and running:
        problems.append(
            f"stack_storage_classes.{mounted[0]}: {running} containers run on the device that would be unmounted; "
            f"stop them first: docker compose --project-name {project} down"
        )
    return {"files": [document.to_dict() for document in undone(facts, project)], "mounted": mounted, "problems": problems}
