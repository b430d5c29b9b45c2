# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`x-budget` in the order and form in which a person writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..budget.parse import KEYS
from ..compose.values import mapping

_MEMORY = ("floor", "reservation", "request", "asked", "swap")


def arranged(complete: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """Return a complete `x-budget` with what its author wrote as it was written."""
    budget = {key: complete[key] for key in (*KEYS, *complete) if key in complete}
    for section, order in (("memory", _MEMORY), ("cpus", ("reservation", "limit"))):
        if isinstance(budget.get(section), Mapping):
            own = mapping(written.get(section))
            figures = {key: _number(value) for key, value in budget[section].items()}
            budget[section] = {key: own.get(key, figures.get(key)) for key in (*order, *own) if key in figures or key in own}
    return {**budget, **{key: value for key, value in written.items() if key not in ("memory", "cpus")}}


def _number(value: Any) -> Any:
    """Return a number of cores as a number."""
    if not isinstance(value, str) or not value.replace(".", "", 1).isdigit():
        return value
    return float(value) if "." in value else int(value)
