# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe is: one program's way to say its settings, and when two of its values are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .subject import Subject


def as_written(_name: str, value: str) -> str:
    """Take a value as it stands."""
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One tuning engine's probe.

    `ask` returns the settings that the running program has, by the names that the Budget uses, and raises `UnknownError` where it
    does not say. `normal` brings a value into one form, so that what is written in the program's unit grammar and what the
    program answers can be compared; it raises `ValueError` for what is no value.
    """

    engine: str
    ask: Callable[[Subject], Mapping[str, str]]
    normal: Callable[[str, str], object] = as_written
