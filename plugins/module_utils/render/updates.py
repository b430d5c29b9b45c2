# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Newer versions as a person reads them: what each means, what is ready, and the patch."""

from __future__ import annotations

from collections.abc import Iterator

from ..observe.updates import Newer, Updates
from .terminal import PLAIN, Terminal

_READY = "ready"


def lines(found: Updates, terminal: Terminal = PLAIN) -> list[str]:
    """Return all of it as lines."""
    table = list(_table(found, terminal))
    told = [terminal.paint("UPDATES by the registries. Nothing was changed.", "title"), *(["", *table] if table else [])]
    for finding in found.findings:
        told += ["", *terminal.wrapped(terminal.paint(f"{finding.code} {finding.sentence()}", "warning"), "  ")]
    unknown: dict[str, list[str]] = {}
    for one in found.services:
        if one.unknown:
            unknown.setdefault(one.unknown, []).append(one.service)
    for why, services in sorted(unknown.items()):
        told += ["", *terminal.wrapped(f"unknown for {', '.join(services)}: {why}", "  ")]
    if not found.patch:
        asked = not found.services or any(not one.unknown for one in found.services)
        return [*told, "", "Nothing is ready." if asked else "No registry answered, so nothing is known."]
    told += ["", terminal.paint("For the inventory:", "title"), "catalog_overrides:", "  services:"]
    for service, entry in found.patch["services"].items():
        told += [f"    {service}:", f"      image: {entry['image']}"]
    return told


def _table(found: Updates, terminal: Terminal) -> Iterator[str]:
    listed = [one for one in found.services if not one.unknown]
    if not listed:
        return
    widths = [
        max(map(len, cells))
        for cells in (
            ["service", *(one.service for one in listed)],
            ["now", *(one.tag for one in listed)],
            ["newer", *(entry.tag for one in listed for entry in one.newer)],
        )
    ]
    yield terminal.paint(_row(("service", "now", "newer"), widths, "seen for", "what it means"), "faint")
    for one in sorted(listed, key=lambda one: (not one.newer and not one.notes, one.service)):
        rows = [(entry.tag, _age(entry), _meaning(entry)) for entry in one.newer] or [("-", "-", "the newest")]
        rows += [("", "", note) for note in one.notes]
        for place, (tag, age, meaning) in enumerate(rows):
            names = (one.service, one.tag) if not place else ("", "")
            hue = "good" if meaning == _READY else "warning" if tag not in ("", "-") else ""
            yield from terminal.wrapped(terminal.paint(_row((*names, tag), widths, age, meaning), hue), "  ")


def _meaning(entry: Newer) -> str:
    return _READY if entry.ready else "; ".join(entry.means) or "wait until it is older"


def _row(cells: tuple[str, ...], widths: list[int], age: str, meaning: str) -> str:
    return "  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), age.rjust(8), meaning])


def _age(entry: Newer) -> str:
    return f"{entry.hours / 24:.0f} d" if entry.hours >= 48 else f"{entry.hours:.0f} h"
