# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether each program has its settings, each service answers now, each password opens its door, and each exporter sees its server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .check import Check, failed, judged, passed, unknown


def settings(measured: Mapping[str, Any]) -> Iterator[Check]:
    """Judge the settings that each program runs with beside those that the Budget gave it."""
    for service, found in measured.items():
        differences = ", ".join(f"{entry['key']} is {entry['live']}, not {entry['desired']}" for entry in found["differences"])
        if differences:
            yield failed("compliance.settings", service, figure=f"{len(found['differences'])} differ", sentence=differences)
        elif found["unknown"]:
            yield unknown("compliance.settings", service, sentence=f"{found['tuner']}: {'; '.join(found['unknown'])}")
        else:
            yield passed("compliance.settings", service, figure=f"{len(found['live'])} agree")


def probes(measured: Mapping[str, Any]) -> Iterator[Check]:
    """Judge every service's own probe."""
    for service, found in measured.items():
        if found["well"] is None:
            yield unknown("health.probe", service, sentence="it has no probe, so nothing tells whether it serves; write a healthcheck")
            continue
        yield judged(
            "health.probe", service, well=found["well"], figure="", sentence=f"it runs and does not answer its own probe: {found['said']}"
        )


def logins(measured: Mapping[str, Any]) -> Iterator[Check]:
    """Judge the logins of every database."""
    for service, found in measured.items():
        if found["refused"]:
            told = ", ".join(f"{user} ({said})" for user, said in found["refused"].items())
            yield failed(
                "health.login",
                service,
                figure=f"{len(found['refused'])} of {found['tried']} refused",
                sentence=f"its clients cannot log in with the password that they have: {told}; set it in the server to what the secret's file holds",
            )
        elif found["error"] or not found["tried"]:
            yield unknown("health.login", service, sentence=found["error"] or "no password's file is known in its container")
        else:
            yield passed("health.login", service, figure=f"{found['tried']} users")


def exporters(measured: Mapping[str, Any]) -> Iterator[Check]:
    """Judge what Prometheus sees."""
    if measured["error"]:
        yield unknown("health.exporter", sentence=measured["error"])
    for target in measured["targets"]:
        yield judged(
            "health.exporter",
            target["job"],
            well=target["up"],
            figure="",
            sentence=f"Prometheus cannot scrape it: {target['said'] or 'not yet'}",
        )
    for server in measured["servers"]:
        yield judged(
            "health.exporter",
            server["metric"],
            well=server["up"],
            figure="",
            sentence=f"the exporter of job {server['job']} answers and cannot reach its server; look at its credentials",
        )
