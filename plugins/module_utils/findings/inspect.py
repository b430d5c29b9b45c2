# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules over one Compose definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..compose.codes import MEANINGS as SPECIFICATION
from ..problems import Finding, once, ordered
from .accept import accept
from .known import KNOWN
from .library import RULES
from .stack import Stack


def inspect(
    compose: object,
    host: Mapping[str, Any] | None = None,
    rules_files: Mapping[str, str] | None = None,
    accepted: object = None,
    files: Mapping[str, str] | None = None,
    known: Iterable[Finding] = (),
) -> list[Finding]:
    """Return the findings about any Compose definition, errors first.

    `host` is what `host_info` returns, `rules_files` the text of Prometheus rule files by name, `accepted` maps a code to why its
    findings are right here (see `accept`), `files` holds the contents of env files by path as written, `known` are
    findings of an earlier look at the definition's form, which give way where a rule says more of the same place.
    """
    found = once([*known, *_look(Stack.read(compose, host, rules_files, files))], SPECIFICATION)
    return list(ordered(accept(found, accepted, KNOWN, compose)))


def _look(stack: Stack) -> Iterable[Finding]:
    for rule in RULES.values():
        for hit in rule.look(stack):
            yield Finding(code=rule.code, severity=hit.severity or rule.severity, path=hit.at, message=hit.message, fix=hit.fix or rule.fix)
