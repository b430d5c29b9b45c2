# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Budget's settings beside those that a program runs with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .probe import Probe
from .registry import PROBES
from .subject import Subject, UnknownError


def compare(tuning: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    """Return the `engine`, the `live` settings, `differences` (`key`, `desired`, `live`), and what stays `unknown`, as sentences."""
    probe = PROBES.get(tuning["engine"])
    if probe is None:
        return _answer(tuning, {}, [], [f"there is no probe for {tuning['engine']}"])
    try:
        said = probe.ask(subject)
    except UnknownError as reason:
        return _answer(tuning, {}, [], [str(reason)])
    except (KeyError, ValueError, TypeError) as error:
        return _answer(tuning, {}, [], [f"its answer cannot be read: {type(error).__name__} {error}"])
    live, differences, unknown = {}, [], []
    for name, desired in tuning["settings"].items():
        if name not in said:
            unknown.append(f"it does not say {name}")
            continue
        live[name] = said[name]
        if not _same(probe, name, desired, said[name]):
            differences.append({"key": f"settings.{name}", "desired": desired, "live": said[name]})
    return _answer(tuning, live, differences, unknown)


def _answer(tuning: Mapping[str, Any], live: Mapping[str, str], differences: list[dict[str, str]], unknown: list[str]) -> dict[str, Any]:
    return {"engine": tuning["engine"], "live": dict(live), "differences": differences, "unknown": unknown}


def _same(probe: Probe, name: str, desired: str, live: str) -> bool:
    try:
        return probe.normal(name, desired) == probe.normal(name, live)
    except ValueError:
        return desired == live
