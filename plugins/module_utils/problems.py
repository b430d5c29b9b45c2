# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings, and the one error that carries all of them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]

_ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One stated problem. `fix` may hold several lines, cheapest first; `amount` is the number it is about, in bytes or millicores."""

    code: str
    severity: Severity
    path: str
    message: str
    fix: str = ""
    amount: int | None = None

    def sentence(self) -> str:
        """Return the finding as a person reads it: path, what is wrong, what would be right."""
        head = f"{self.path}: {self.message}"
        fixes = self.fix.splitlines()
        if len(fixes) > 1:
            return "\n".join([f"{head}; any one of these is enough, cheapest first:", *(f"  - {fix}" for fix in fixes)])
        return f"{head}; {self.fix}" if self.fix else head

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        plain: dict[str, Any] = {
            "code": self.code,
            "severity": self.severity,
            "path": self.path,
            "message": self.message,
            "fix": self.fix,
        }
        return plain if self.amount is None else plain | {"amount": self.amount}


class BudgetError(Exception):
    """Everything that is wrong, at once. `findings` also holds the warnings met on the way."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = ordered(findings)
        super().__init__("\n".join(finding.sentence() for finding in self.findings if finding.severity == "error"))


@dataclass(slots=True)
class Problems:
    """Collects findings, so that all of them are reported together."""

    findings: list[Finding] = field(default_factory=list)

    def error(self, code: str, path: str, message: str, fix: str = "", amount: int | None = None) -> None:
        """Note what makes a budget impossible."""
        self._add("error", code, path, message, fix, amount)

    def warning(self, code: str, path: str, message: str, fix: str = "", amount: int | None = None) -> None:
        """Note what works otherwise than its author may think."""
        self._add("warning", code, path, message, fix, amount)

    def info(self, code: str, path: str, message: str, fix: str = "", amount: int | None = None) -> None:
        """Note what is worth knowing."""
        self._add("info", code, path, message, fix, amount)

    def failed(self) -> bool:
        """Tell whether there is an error."""
        return any(finding.severity == "error" for finding in self.findings)

    def raise_errors(self) -> None:
        """Raise all findings if one of them is an error."""
        if self.failed():
            raise BudgetError(self.findings)

    def _add(self, severity: Severity, code: str, path: str, message: str, fix: str, amount: int | None) -> None:
        self.findings.append(Finding(code=code, severity=severity, path=path, message=message, fix=fix, amount=amount))


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, each once, in an order that does not depend on the order of the input: errors first, then by path."""
    return tuple(
        sorted(dict.fromkeys(findings), key=lambda finding: (_ORDER[finding.severity], finding.path, finding.code, finding.message))
    )


def once(findings: Iterable[Finding], general: Collection[str]) -> list[Finding]:
    """Return findings without errors of general codes about places of which another error says more."""
    listed = list(findings)
    told = {finding.path for finding in listed if finding.severity == "error" and finding.code not in general}
    return [finding for finding in listed if finding.code not in general or finding.path not in told]


def suggestion(word: object, known: Iterable[str]) -> str:
    """Return what to write instead of an unknown word."""
    names = sorted(known)
    near = difflib.get_close_matches(str(word), names, n=1)
    if near:
        return f"write {near[0]}"
    return f"use one of {', '.join(names)}" if names else "leave it out"
