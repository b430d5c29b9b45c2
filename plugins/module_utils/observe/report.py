# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit with everything that follows from it: the one value that text, page and JSON show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.observed import Observed
from ..problems import Finding
from ..typed import dump
from .budget import Offer, observed, offer
from .evaluate import evaluate, unknown
from .model import Audit
from .sums import Death, Room, Sums, deaths, fills, sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An audit, its sums, the order of death, what fills the disk, all findings, evidence for each service, and the budget of the whole host."""

    audit: Audit
    sums: Sums
    deaths: tuple[Death, ...]
    fills: tuple[Room, ...]
    findings: tuple[Finding, ...]
    unknown: tuple[str, ...]
    observed: Mapping[str, Observed]
    offer: Offer

    @classmethod
    def of(cls, audit: Audit, *, accepted: Mapping[str, Any] | None = None, policy: Mapping[str, Any] | None = None) -> Report:
        """Work out all of it."""
        return cls(
            audit=audit,
            sums=sums(audit),
            deaths=deaths(audit),
            fills=fills(audit),
            findings=evaluate(audit, accepted),
            unknown=tuple(unknown(audit)),
            observed=observed(audit),
            offer=offer(audit, policy),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, as JSON holds it: the audit itself under `audit`."""
        return {
            "audit": self.audit.to_dict(),
            "sums": dump(self.sums),
            "deaths": dump(self.deaths),
            "fills": dump(self.fills),
            "findings": [finding.to_dict() for finding in self.findings],
            "unknown": list(self.unknown),
            "observed": dump(self.observed),
            "budget": dict(self.offer.budget),
            "problems": list(self.offer.problems),
        }
