# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules over one Compose definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..budget.problems import Finding, ordered
from .accept import accept
from .known import KNOWN
from .library import RULES
from .stack import Stack


def inspect(
    compose: object,
    host: Mapping[str, Any] | None = None,
    rules_files: Mapping[str, str] | None = None,
    accepted: object = None,
) -> list[Finding]:
    """Return what is wrong with any Compose definition, errors first.

    `host` is what `host_info` returns, `rules_files` the text of Prometheus rule files by name, `accepted` maps a code to why its
    findings are right here (see `accept`).
    """
    return list(ordered(accept(_look(Stack.read(compose, host, rules_files)), accepted, KNOWN)))


def _look(stack: Stack) -> Iterable[Finding]:
    for rule in RULES.values():
        for hit in rule.look(stack):
            yield Finding(code=rule.code, severity=rule.severity, path=hit.at, message=hit.message, fix=hit.fix or rule.fix)
