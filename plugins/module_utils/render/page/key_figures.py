# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few figures that stand for the whole."""

from __future__ import annotations

from collections.abc import Iterator

from ...budget.units import cores
from ..watched import watches
from .figures import mib, percent
from .markup import Html, tag
from .view import View


def key_figures(view: View) -> Html:
    """Return them as a list of terms."""
    return tag("dl", *(tag("div", tag("dt", term), *rest) for term, *rest in _entries(view)), class_="key-figures")


def _entries(view: View) -> Iterator[tuple[object, ...]]:
    budget, total = view.budget, view.budget["totals"]["all"]
    pool = budget["pool"]
    memory = total["memory"]
    size = pool["memory"]
    yield "Pool", _big(mib(size), "MiB"), _small(f"of {mib(budget['capacity']['memory'])} capacity")
    yield "Limits", _big(mib(memory["limit"]), "MiB"), _small(f"{percent(memory['limit'], size)} of pool")
    yield "Guaranteed", _big(mib(memory["reservation"]), "MiB"), _small(f"{percent(memory['reservation'], size)} of pool")
    yield "Asked for", _big(mib(memory["asked"]), "MiB"), _small(f"{percent(memory['asked'], size)} of pool")
    in_use = [use for use in map(view.use, view.services) if use is not None]
    if in_use:
        yield "In use", _big(mib(sum(in_use)), "MiB"), _small(f"{percent(sum(in_use), memory['limit'])} of limits")
    else:
        yield "Floors", _big(mib(memory["floor"]), "MiB"), _small(f"{percent(memory['floor'], size)} of pool")
    yield "CPUs reserved", _big(cores(total["cpus"]["reservation"]), "cores"), _small(f"of {cores(pool['cpus'])} in the pool")
    yield "Processes", _big(f"{total['pids']:,}", "pids"), _small("at most, in all")
    watching = [view.services[name]["memory"]["limit"] for name in view.services if watches(name)]
    # The verdict has counted the services; eight figures fill their rows.
    if watching:
        yield "Monitoring", _big(mib(sum(watching)), "MiB"), _small(f"{percent(sum(watching), size)} of pool, in limits")
    else:
        yield "Services", _big(f"{len(view.services) - len(view.off()):,}", "on"), _small(f"{len(view.off()):,} off")


def _big(figure: str, unit: str) -> Html:
    return tag("dd", figure, " ", tag("small", unit), class_="big")


def _small(words: str) -> Html:
    return tag("dd", words, class_="note")
