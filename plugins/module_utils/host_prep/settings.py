# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator wants done to a host; what is not said has its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..budget.problems import Finding, suggestion
from ..budget.units import SIZE_FIX, parse_size, shown
from ..host.codes import SETTING_UNREADABLE
from . import huge_pages, swap

PATH = "stack_host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is done to a host.

    Whether there are `slices`, whether the host's own services are protected (`plane`), which `io` scheduler is chosen, whether
    there is a `firewall` and from which interfaces it is not (`trusted`), who gets `huge_pages`, and what the host swaps to (`swap`),
    of `swap_size` bytes.
    """

    slices: bool = True
    plane: bool = True
    io: str = "auto"
    firewall: bool = True
    trusted: tuple[str, ...] = ()
    huge_pages: str = "auto"
    swap: str = "keep"
    swap_size: int = 2 << 30


CHOICES: Mapping[str, tuple[Any, ...]] = {
    "slices": (True, False),
    "plane": (True, False),
    "io": ("auto", "bfq", "cost", "keep"),
    "firewall": (True, False),
    "huge_pages": huge_pages.CHOICES,
    "swap": swap.CHOICES,
}


def parse(data: Mapping[str, Any]) -> tuple[Settings, list[Finding]]:
    """Return the settings, complete, and what is wrong with them; a wrong one has its default."""
    known = {field.name for field in fields(Settings)}
    findings: list[Finding] = []
    given: dict[str, Any] = {}
    for key, value in data.items():
        if key not in known:
            findings.append(_error(key, "nothing reads this key", suggestion(key, known)))
        elif key == "swap_size":
            try:
                given[key] = parse_size(value)
            except ValueError as error:
                findings.append(_error(key, str(error), SIZE_FIX))
        elif key == "trusted":
            if isinstance(value, (list, tuple)):
                given[key] = tuple(str(name) for name in value)
            else:
                findings.append(_error(key, f"{shown(value)} is no list", "write a list of interfaces"))
        elif not any(value is choice or (isinstance(choice, str) and value == choice) for choice in CHOICES[key]):
            choices = ", ".join(str(choice).lower() for choice in CHOICES[key])
            findings.append(
                _error(key, f"{shown(value)} is none of {choices}", suggestion(value, (str(choice).lower() for choice in CHOICES[key])))
            )
        else:
            given[key] = value
    return Settings(**given), findings


def _error(key: str, message: str, fix: str) -> Finding:
    return Finding(code=SETTING_UNREADABLE, severity="error", path=f"{PATH}.{key}", message=message, fix=fix)
