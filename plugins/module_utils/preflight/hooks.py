# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks that could not be run, before anything is touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..compose.project import section
from ..host.codes import HOOK_PROGRAM_ABSENT
from ..host.facts import Facts
from ..problems import Finding
from ..settings.hooks import Hook, parse

_FIX = "put it there, or write another program"


def checked(data: Any, compose: Mapping[str, Any], facts: Facts | None) -> tuple[tuple[Hook, ...], list[Finding]]:
    """Return the hooks of a stack that can be run, and what is wrong with the others, or with their program on the host, where one was asked."""
    found, findings = parse(data, section(compose, "services"))
    return found, [*findings, *(_absent(found, facts) if facts is not None else ())]


def _absent(hooks: Iterable[Hook], facts: Facts) -> Iterator[Finding]:
    for hook in hooks:
        if hook.command:
            state = facts.file(hook.command[0])
            path, program = f"{hook.path}.command[0]", hook.command[0]
            if not state.kind:
                yield _error(path, f"the host has no {program}", _FIX)
            elif state.kind not in ("file", "link"):
                yield _error(path, f"{program} is not a program but a {state.kind}", _FIX)
            elif state.kind == "file" and not int(state.mode or "0", 8) & 0o111:
                yield _error(path, f"{program} has mode {state.mode}, so nobody may run it", f"run chmod +x {program} on the host")


def programs(data: Any) -> list[str]:
    """Return the programs of hooks, by their paths."""
    return [hook.command[0] for hook in parse(data)[0] if hook.command]


def _error(path: str, message: str, fix: str) -> Finding:
    return Finding(code=HOOK_PROGRAM_ABSENT, severity="error", path=path, message=message, fix=fix)
