# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what was released is there, is up, and is what was released."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .check import Check, failed, judged, passed, unknown

REDEPLOY = "run the site playbook"
_LIMITS = ("limits.", "kernel.")
_STATE = ("container", "replicas", "state", "health")


def checks(live: Mapping[str, Any]) -> Iterator[Check]:
    """Judge every service of the release by the comparison of `deploy.changes`, and what runs beyond it."""
    changes = live["changes"]
    kernels: dict[str, Mapping[str, int]] = {}
    for container in live["containers"]:
        # One container whose limits cannot be read is enough not to know.
        if kernels.get(container["service"], True):
            kernels[container["service"]] = container["kernel"]
    for service, entry in changes["services"].items():
        yield from _service(service, entry["differences"], kernels.get(service))
    if changes["services"]:
        yield judged(
            "compliance.orphans",
            well=not changes["orphans"],
            figure=f"{len(changes['orphans'])}",
            sentence=f"{', '.join(changes['orphans'])}: runs and is in no release; {REDEPLOY}",
        )


def _service(service: str, differences: list[Mapping[str, Any]], kernel: Mapping[str, int] | None) -> Iterator[Check]:
    state = [entry for entry in differences if entry["key"] in _STATE]
    limits = [entry for entry in differences if entry["key"].startswith(_LIMITS)]
    definition = [entry for entry in differences if entry not in state and entry not in limits]
    yield _running(service, state)
    if kernel is None:
        return
    if limits:
        yield failed(
            "compliance.limits",
            service,
            figure=f"{len(limits)} differ",
            sentence=f"{_told(limits)}; {REDEPLOY}, which changes limits in place",
        )
    elif kernel:
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


def _running(service: str, state: list[Mapping[str, Any]]) -> Check:
    if not state:
        return passed("compliance.running", service)
    if state[0]["live"] in ("starting", "none"):
        return unknown("compliance.running", service, sentence=f"its health is {state[0]['live']}; ask again when it has started")
    return failed(
        "compliance.running",
        service,
        figure=str(state[0]["live"]),
        sentence=f"{_wrong(state[0])}; {REDEPLOY}",
    )


def _wrong(entry: Mapping[str, Any]) -> str:
    if entry["key"] == "replicas":
        return f"{entry['live']} containers of it are there, not {entry['desired']}"
    return f"it is {entry['live']}, not {entry['desired']}"


def _told(differences: list[Mapping[str, Any]]) -> str:
    return ", ".join(f"{entry['key']} is {entry['live']}, not {entry['desired']}" for entry in differences)
