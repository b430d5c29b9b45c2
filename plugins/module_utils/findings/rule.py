# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule is, and the book in which a theme's rules are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..problems import Severity
from .alerts import Alert
from .service import Service
from .stack import Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place where a rule fires. `at` is relative to what the rule looks at.

    `fix` and `severity` are given where they differ from the rule's. Hits with the same message and fix become one line of a report.
    """

    at: str
    message: str
    fix: str = ""
    severity: Severity | None = None


OfStack = Callable[[Stack], Iterable[Hit]]
OfService = Callable[[Service, Stack], Iterable[Hit]]
OfAlert = Callable[[Alert, Stack], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `title`, `why`, `fix` and `source` are its entry in the documentation; `look` yields hits with full paths."""

    code: str
    severity: Severity
    title: str
    why: str
    fix: str
    source: str
    look: OfStack


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of one theme, in the order in which they are written."""

    theme: str
    rules: list[Rule] = field(default_factory=list)

    def stack(self, code: str, severity: Severity, title: str, *, why: str, fix: str, source: str) -> Callable[[OfStack], OfStack]:
        """Write down a rule about the stack as a whole."""

        def write(check: OfStack) -> OfStack:
            self.rules.append(Rule(code=code, severity=severity, title=title, why=why, fix=fix, source=source, look=check))
            return check

        return write

    def service(self, code: str, severity: Severity, title: str, *, why: str, fix: str, source: str) -> Callable[[OfService], OfService]:
        """Write down a rule about each service."""

        def write(check: OfService) -> OfService:
            def look(stack: Stack) -> Iterable[Hit]:
                for service in stack.services.values():
                    for hit in check(service, stack):
                        at = f"services.{service.name}" + (f".{hit.at}" if hit.at else "")
                        yield replace(hit, at=at)

            self.stack(code, severity, title, why=why, fix=fix, source=source)(look)
            return check

        return write

    def alert(self, code: str, severity: Severity, title: str, *, why: str, fix: str, source: str) -> Callable[[OfAlert], OfAlert]:
        """Write down a rule about each alerting expression; its check returns what is wrong, empty where nothing is."""

        def write(check: OfAlert) -> OfAlert:
            def look(stack: Stack) -> Iterable[Hit]:
                for alert in stack.alerts:
                    message = check(alert, stack)
                    if message:
                        yield Hit(at=alert.path, message=f"{alert.name or 'an expression'}: {message}")

            self.stack(code, severity, title, why=why, fix=fix, source=source)(look)
            return check

        return write


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them, the first two of more than three."""
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"
