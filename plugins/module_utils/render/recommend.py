# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advice on memory as a person reads it: what each service needs, the patch, who gains and who pays. Memory is in MiB."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..observe.resolve import Line, Outcome
from ..units import MIB
from .terminal import PLAIN, Terminal

_DASH = "-"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# What YAML 1.1 reads as something else than text.
_WORDS = ("y", "yes", "n", "no", "true", "false", "on", "off", "null")


def lines(outcome: Outcome, source: str, terminal: Terminal = PLAIN) -> list[str]:
    """Return all of it as lines; `source` says where the history comes from."""
    told = [terminal.paint(f"RECOMMENDATION from {source}. Nothing was changed.", "title"), "", *_table(outcome, terminal), ""]
    for note in outcome.notes:
        told += [*terminal.wrapped(note, ""), ""]
    if outcome.problems:
        told.append(terminal.paint("The budget with these floors cannot be kept:", "error"))
        for problem in outcome.problems:
            told += terminal.wrapped(f"  {problem}", "  ")
        told.append("")
    if not outcome.patch:
        known = any(not line.advice.thin for line in outcome.lines)
        return [*told, "No floor has to change." if known else "No history is long enough to recommend anything yet."]
    several = len({project for project, _service in outcome.owners.values()}) > 1
    for project, patch in outcome.patches.items():
        told.append(terminal.paint(_heading(outcome, project if several else ""), "title"))
        if several and not project:
            told += [*terminal.wrapped(", ".join(_single(patch)), "  "), ""]
        else:
            told += ["catalog_overrides:", *(f"  {line}" for line in _yaml(patch)), ""]
    return [*told[:-1], *_moves(outcome, terminal)]


def _heading(outcome: Outcome, project: str) -> str:
    """Return what a patch is for; one that does not fit yet is not offered as if it did."""
    several = len({owner for owner, _service in outcome.owners.values()}) > 1
    where = f"the inventory of project {project}" if project else "containers of no Compose project" if several else "the inventory"
    return f"For {where}{', once there is room' if outcome.problems else ''}:"


def _single(patch: Mapping[str, Any]) -> Iterator[str]:
    """Yield what containers need that no inventory describes."""
    for name, service in patch["services"].items():
        yield f"{name} {service['x-budget']['memory']['floor']}"


def _table(outcome: Outcome, terminal: Terminal) -> Iterator[str]:
    width = max((len(line.service) for line in outcome.lines), default=0)
    yield terminal.paint(f"{'service'.ljust(width)}  {'need':>6}  {'floor':>6}  {'then':>6}  {'limit':>6}  {'then':>6}  why", "faint")
    for line in sorted(outcome.lines, key=lambda line: (line.wanted == line.floor or line.wanted is None, line.service)):
        figures = (line.advice.need, line.floor, line.wanted, line.limit, line.limit_then)
        cells = "  ".join(_mib(figure).rjust(6) for figure in figures)
        changed = line.wanted is not None and line.wanted != line.floor
        row, hue = f"{line.service.ljust(width)}  {cells}", "warning" if changed else ""
        if terminal.width and len(row) + 2 + len(line.advice.why) > terminal.width:
            yield terminal.paint(row, hue)
            yield from terminal.wrapped(f"  {line.advice.why}", "  ")
        else:
            yield terminal.paint(f"{row}  {line.advice.why}", hue)


def _moves(outcome: Outcome, terminal: Terminal) -> Iterator[str]:
    moved = [(line, line.limit_then - line.limit) for line in outcome.lines if line.limit is not None and line.limit_then is not None]
    for word, those in (("gains", [one for one in moved if one[1] > 0]), ("pays", [one for one in moved if one[1] < 0])):
        if those:
            yield ""
            parts = ", ".join(
                f"{line.service} {_signed(change)} ({_share(line, change)})" for line, change in sorted(those, key=lambda one: -abs(one[1]))
            )
            yield from terminal.wrapped(f"{word}: {parts}", "  ")


def _share(line: Line, change: int) -> str:
    return f"{100 * change / line.limit:+.0f} %" if line.limit else "new"


def _signed(size: int) -> str:
    return f"{size / MIB:+.0f}"


def _mib(size: int | None) -> str:
    return _DASH if size is None else str(-(-size // MIB))


def _yaml(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    for key, entry in value.items():
        if isinstance(entry, Mapping):
            yield f"{indent}{_word(str(key))}:"
            yield from _yaml(entry, f"{indent}  ")
        else:
            yield f"{indent}{_word(str(key))}: {entry}"


def _word(text: str) -> str:
    """Return a key as YAML reads it back: `on` would be true, and `1` a number."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else json.dumps(text)
