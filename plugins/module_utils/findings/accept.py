# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings that an operator has looked at and accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..compose.values import mapping, sequence, text
from ..problems import Finding, suggestion
from ..units import shown
from .rule import listed

BAD_ACCEPTANCE = "ZB100"
ACCEPTED_KEY = "x-accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Finding):
    """A finding that no longer stops a run; `was` is its severity, `reason` why it is accepted."""

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


def sentence(plain: Mapping[str, Any]) -> str:
    """Return a finding that has become plain data as a person reads it, with all paths that it holds for."""
    path = listed([str(path) for path in plain.get("paths", [plain["path"]])])
    known = {key: plain[key] for key in ("message", "fix", "amount", "was", "reason") if key in plain}
    kind = Accepted if plain["severity"] == "accepted" else Finding
    return kind(code=plain["code"], severity="info", path=path, **known).sentence()


def told(plain: Mapping[str, Any]) -> str:
    """Return a finding that has become plain data as a person reads it: code and sentence."""
    return f"{plain['code']} {sentence(plain)}"


def fold(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as plain data, those that say the same of several places as one with all `paths`.

    Accepted findings of a code with the same reason are one, too.
    """
    groups: dict[tuple[str, ...], tuple[dict[str, Any], dict[str, None]]] = {}
    for finding in findings:
        plain = finding.to_dict()
        said = (plain["reason"],) if isinstance(finding, Accepted) else (plain["message"], plain["fix"], str(plain.get("amount")))
        _first, paths = groups.setdefault((plain["code"], plain["severity"], *said), (plain, {}))
        paths[plain["path"]] = None
    return [plain if len(paths) == 1 else {**plain, "paths": list(paths)} for plain, paths in groups.values()]


def accepted_in(compose: object) -> dict[str, dict[str, str]]:
    """Return what a definition itself accepts: the reason of each `x-accepted: {CODE: reason}`, by code and path.

    It may stand in a service, a network, a volume, a secret or a config, and holds for what lies below that.
    """
    found: dict[str, dict[str, str]] = {}
    for section, entries in mapping(compose).items():
        for name, entry in mapping(entries).items():
            for code, reason in mapping(mapping(entry).get(ACCEPTED_KEY)).items():
                found.setdefault(text(code), {})[f"{section}.{name}"] = text(reason).strip()
    return found


def accept(findings: Iterable[Finding], accepted: object, known: Iterable[str], compose: object = None) -> list[Finding]:
    """Return the findings with those accepted marked, and what is wrong with the acceptances.

    `accepted` is `{code: reason}` or `{code: {reason: …, paths: [services.a, services.*.ports…]}}`; `compose` is a definition that may
    accept some itself (see `accepted_in`).
    """
    codes, entries, own = frozenset(known), mapping(accepted), accepted_in(compose)
    bad = [finding for code, entry in entries.items() for finding in _check(f"accepted.{code}", str(code), _read(entry)[0], codes)]
    if accepted is not None and not isinstance(accepted, Mapping):
        bad = [_bad("accepted", f"expected a mapping, got {shown(accepted)}", "write {ZB101: why it is right here}")]
    bad += [
        finding
        for code, places in own.items()
        for path, reason in places.items()
        for finding in _check(f"{path}.{ACCEPTED_KEY}.{code}", code, reason, codes)
    ]
    return [*bad, *(_marked(finding, entries.get(finding.code), own.get(finding.code, {})) for finding in findings)]


def _marked(finding: Finding, entry: object, own: Mapping[str, str]) -> Finding:
    reason, paths = _read(entry)
    if not reason or not (paths is None or any(_covers(path, finding.path) for path in paths)):
        reason = next((own[path] for path in _above(finding.path) if path in own), "") if own else ""
    if not reason or isinstance(finding, Accepted):
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


def _above(path: str) -> Iterator[str]:
    """Yield a path and all that it lies below: `services.a`, `services`."""
    yield path
    yield from (path[: match.start()] for match in re.finditer(r"[.\[]", path))


def _covers(pattern: str, path: str) -> bool:
    return path == pattern or path.startswith((f"{pattern}.", f"{pattern}[")) or fnmatchcase(path, pattern)


def _check(path: str, code: str, reason: str, known: frozenset[str]) -> list[Finding]:
    if code not in known:
        return [_bad(path, f"no finding has the code {shown(code)}", suggestion(code, known))]
    if not reason:
        return [_bad(path, "it is accepted without a reason", "write why it is right here")]
    return []


def _bad(path: str, message: str, fix: str) -> Finding:
    return Finding(code=BAD_ACCEPTANCE, severity="error", path=path, message=message, fix=fix)
