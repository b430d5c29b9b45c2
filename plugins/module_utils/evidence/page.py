# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation page of configured demands, made from the tables."""

from __future__ import annotations

from collections.abc import Iterator

from .demand import KINDS
from .program import Program
from .table import PROGRAMS

_INTRODUCTION = """# Configured demands

<!-- Written by tools/evidence-page from plugins/module_utils/evidence/; a test keeps them equal. -->

A limit below the memory that a program is configured to take kills the program. So the settings that the author of a Compose file
already wrote are read, and what follows from them is a **demand**: the limit is never below it, and tuning never lowers the setting.

Settings are read from `entrypoint` and `command` (a shell's script included), `environment`, `env_file`, and configuration files
that are mounted from beside the Compose file or written under `configs`. Each value is read in the grammar of its program: `1m` is
1,000,000 bytes to Redis and 1,048,576 to Java. A value that still holds a variable (`${NAME}`) or that the program would refuse is
not a demand.

Where a configuration file of the program is mounted and cannot be read (it is in a volume, it does not exist where Ansible runs, it
is too large), the program is not tuned and the plan says so: a setting in that file may contradict the tuned one.

## Kinds of demands

Demands add up. The **floor** of a service holds every firm amount; its **request** holds all of them. A demand *beside* the program
is memory that the kernel charges to the container without being the program's own: a tmpfs and `/dev/shm` are never part of the
floor, since their sizes are ceilings and not use.

| Kind | Counts | Part of | What it is |
|---|---|---|---|"""


def page() -> str:
    """Return the page's text."""
    return "\n".join([_INTRODUCTION, *_kinds(), *(line for program in PROGRAMS for line in _program(program))])


def _kinds() -> Iterator[str]:
    for name, kind in KINDS.items():
        counts = "bytes" if kind.resource == "memory" else "processes"
        holds = "the floor" if kind.firm else "the request, beside the program" if kind.beside else "the request"
        yield f"| {name} | {counts} | {holds} | {kind.meaning} |"
    yield "\n## Programs\n"


def _program(program: Program) -> Iterator[str]:
    where = "for every service" if program.runtime else "where the image or the command names the program"
    yield f"### {program.name}\n\nRead {where}.\n\n| Written as | Source |\n|---|---|"
    for spelling in program.spellings:
        yield f"| {_cell(spelling.at)} | {_cell(spelling.source)} |"
    if program.rules:
        yield "\n| Demand | Source |\n|---|---|"
    for rule in program.rules:
        yield f"| {_cell(rule.formula)} | {_cell(rule.source)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
