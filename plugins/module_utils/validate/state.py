# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what was released is there, is up, and is what was released."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..deploy.changes import Difference
from .check import Check, failed, judged, passed, unknown
from .live import Live

REDEPLOY = "run the site playbook"
_STATE = ("container", "replicas", "state", "health")


def checks(live: Live) -> Iterator[Check]:
    """Judge every service of the release by the comparison of `deploy.changes`, and what runs beyond it."""
    changes = live.changes
    if live.release_changed is not None:
        yield judged(
            "compliance.release",
            well=not live.release_changed,
            figure=f"{len(live.release_changed)} differ",
            sentence=f"not as they were kept when the release came up: {', '.join(live.release_changed)}; {REDEPLOY}",
        )
    known: dict[str, bool] = {}
    for one in live.containers:
        # One container whose limits cannot be read is enough not to know.
        service = one.container.service
        known[service] = known.get(service, True) and bool(one.container.kernel.values)
    for service, change in changes.services.items():
        yield from _service(service, change.differences, known.get(service))
    if changes.services:
        yield judged(
            "compliance.orphans",
            well=not changes.orphans,
            figure=f"{len(changes.orphans)}",
            sentence=f"{', '.join(changes.orphans)}: runs and is in no release; {REDEPLOY}",
        )


def _service(service: str, differences: Sequence[Difference], known: bool | None) -> Iterator[Check]:
    state = [entry for entry in differences if entry.key in _STATE]
    limits = [entry for entry in differences if entry.limit]
    definition = [entry for entry in differences if entry not in state and entry not in limits]
    yield _running(service, state)
    if known is None:
        return
    if limits:
        yield failed(
            "compliance.limits",
            service,
            figure=f"{len(limits)} differ",
            sentence=f"{_told(limits)}; {REDEPLOY}, which changes limits in place",
        )
    elif known:
        yield passed("compliance.limits", service)
    else:
        yield unknown("compliance.limits", service, sentence="the kernel's files of its control group cannot be read")
    yield judged(
        "compliance.definition",
        service,
        well=not definition,
        figure=f"{len(definition)} differ",
        sentence=f"it is not what was released: {_told(definition)}; {REDEPLOY}",
    )


def _running(service: str, state: Sequence[Difference]) -> Check:
    if not state:
        return passed("compliance.running", service)
    if state[0].live in ("starting", "none"):
        return unknown("compliance.running", service, sentence=f"its health is {state[0].live}; ask again when it has started")
    return failed(
        "compliance.running",
        service,
        figure=str(state[0].live),
        sentence=f"{_wrong(state[0])}; {REDEPLOY}",
    )


def _wrong(entry: Difference) -> str:
    if entry.key == "replicas":
        return f"{entry.live} containers of it are there, not {entry.desired}"
    return f"it is {entry.live}, not {entry.desired}"


def _told(differences: Sequence[Difference]) -> str:
    return ", ".join(f"{entry.key} is {entry.live}, not {entry.desired}" for entry in differences)
