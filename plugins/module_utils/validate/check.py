# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check is: one question, its answer, the figure that the answer rests on, and a sentence."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One answer. `name` is `<part>.<question>` and `subject` what it was asked of, mostly a service."""

    name: str
    subject: str = ""
    outcome: str
    figure: str = ""
    sentence: str = ""

    @property
    def path(self) -> str:
        """Return name and subject as one text."""
        return f"{self.name}[{self.subject}]" if self.subject else self.name

    def to_dict(self) -> dict[str, Any]:
        """Return the check as plain data."""
        return asdict(self)


def passed(name: str, subject: str = "", *, figure: str = "") -> Check:
    """Return a check whose answer is as it should be."""
    return Check(name=name, subject=subject, outcome=PASS, figure=figure)


def failed(name: str, subject: str = "", *, figure: str = "", sentence: str) -> Check:
    """Return a check whose answer is not as it should be, and what to do about it."""
    return Check(name=name, subject=subject, outcome=FAIL, figure=figure, sentence=sentence)


def unknown(name: str, subject: str = "", *, sentence: str) -> Check:
    """Return a check that has no answer, and why."""
    return Check(name=name, subject=subject, outcome=UNKNOWN, sentence=sentence)


def judged(name: str, subject: str = "", *, well: bool, figure: str, sentence: str) -> Check:
    """Return a check that passes or fails; the sentence is for when it fails."""
    return passed(name, subject, figure=figure) if well else failed(name, subject, figure=figure, sentence=sentence)
