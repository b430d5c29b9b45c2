# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Budget's settings beside those that a program runs with."""

from __future__ import annotations

from collections.abc import Mapping

from ..engine.settings import databases, programs
from ..engine.settings.subject import Probe, Subject, UnknownError
from .scene import Found, Scene, Tuned, each

# The probes by the name of the tuner.
PROBES: Mapping[str, Probe] = {probe.tuner: probe for probe in (*databases.PROBES, *programs.PROBES)}


def measure(scene: Scene) -> Found:
    """Return by service that a Budget tuned what `compare` returns."""
    asked = {name: (tuned, scene.subject(container)) for name, container, tuned in scene.tuned()}
    return each(lambda pair: compare(*pair), asked)


def compare(tuned: Tuned, subject: Subject) -> Found:
    """Return the `tuner`, the `live` settings, `differences` (`key`, `desired`, `live`), and what stays `unknown`, as sentences."""
    probe = PROBES.get(tuned.tuner)
    if probe is None:
        return _answer(tuned, {}, [], [f"there is no probe for {tuned.tuner}"])
    try:
        said = probe.ask(subject)
    except UnknownError as reason:
        return _answer(tuned, {}, [], [str(reason)])
    except (KeyError, ValueError, TypeError) as error:
        return _answer(tuned, {}, [], [f"its answer cannot be read: {type(error).__name__} {error}"])
    live, differences, unknown = {}, [], []
    for name, desired in tuned.settings.items():
        if name not in said:
            unknown.append(f"it does not say {name}")
            continue
        live[name] = said[name]
        if not _same(probe, name, desired, said[name]):
            differences.append({"key": f"settings.{name}", "desired": desired, "live": said[name]})
    return _answer(tuned, live, differences, unknown)


def _answer(tuned: Tuned, live: Mapping[str, str], differences: list[dict[str, str]], unknown: list[str]) -> Found:
    return {"tuner": tuned.tuner, "live": dict(live), "differences": differences, "unknown": unknown}


def _same(probe: Probe, name: str, desired: str, live: str) -> bool:
    try:
        return probe.normal(name, desired) == probe.normal(name, live)
    except ValueError:
        return desired == live
