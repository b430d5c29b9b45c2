# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings that an operator has looked at and accepts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..budget.problems import Finding, suggestion
from ..budget.units import shown
from .loose import mapping, sequence, text

BAD_ACCEPTANCE = "ZB100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Finding):
    """A finding that stops nothing any more; `was` is its severity, `reason` why it is accepted."""

    was: str
    reason: str

    def sentence(self) -> str:
        """Return the finding as a person reads it, with the reason."""
        return f"{self.path}: {self.message}; accepted: {self.reason}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; the severity is `accepted`."""
        plain: dict[str, Any] = {
            "code": self.code,
            "severity": "accepted",
            "path": self.path,
            "message": self.message,
            "fix": self.fix,
            "was": self.was,
            "reason": self.reason,
        }
        return plain if self.amount is None else plain | {"amount": self.amount}


def told(plain: Mapping[str, Any]) -> str:
    """Return a finding that has become plain data as a person reads it: code and sentence."""
    known = {key: plain[key] for key in ("path", "message", "fix", "amount", "was", "reason") if key in plain}
    kind = Accepted if plain["severity"] == "accepted" else Finding
    return f"{plain['code']} {kind(code=plain['code'], severity='info', **known).sentence()}"


def accept(findings: Iterable[Finding], accepted: object, known: Iterable[str]) -> list[Finding]:
    """Return the findings with those accepted marked, and what is wrong with the acceptances.

    `accepted` is `{code: reason}` or `{code: {reason: …, paths: [services.a, services.*.ports…]}}`.
    """
    entries = mapping(accepted)
    bad = [finding for code, entry in entries.items() for finding in _check(str(code), entry, frozenset(known))]
    if accepted is not None and not isinstance(accepted, Mapping):
        bad = [_bad("accepted", f"{shown(accepted)} is no mapping", "write {ZB101: why it is right here}")]
    return [*bad, *(_marked(finding, entries.get(finding.code)) for finding in findings)]


def _marked(finding: Finding, entry: object) -> Finding:
    reason, paths = _read(entry)
    if not reason or not (paths is None or any(_covers(path, finding.path) for path in paths)):
        return finding
    return Accepted(
        code=finding.code,
        severity="info",
        path=finding.path,
        message=finding.message,
        fix=finding.fix,
        amount=finding.amount,
        was=finding.severity,
        reason=reason,
    )


def _read(entry: object) -> tuple[str, list[str] | None]:
    if isinstance(entry, Mapping):
        paths = [text(path) for path in sequence(entry.get("paths"))] if "paths" in entry else None
        return text(entry.get("reason")).strip(), paths
    return text(entry).strip(), None


def _covers(pattern: str, path: str) -> bool:
    return path == pattern or path.startswith((f"{pattern}.", f"{pattern}[")) or fnmatchcase(path, pattern)


def _check(code: str, entry: object, known: frozenset[str]) -> list[Finding]:
    path = f"accepted.{code}"
    if code not in known:
        return [_bad(path, f"no finding has the code {shown(code)}", suggestion(code, known))]
    if not _read(entry)[0]:
        return [_bad(path, "it is accepted without a reason", "write why it is right here")]
    return []


def _bad(path: str, message: str, fix: str) -> Finding:
    return Finding(code=BAD_ACCEPTANCE, severity="error", path=path, message=message, fix=fix)
