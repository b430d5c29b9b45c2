# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus's rules, from a Budget."""

from __future__ import annotations

from typing import Any

from ..watched import Watched
from . import api, budget, databases, host, monitoring, services
from .rule import Rule

GROUPS = {
    "host": host.rules,
    "services": services.rules,
    "databases": databases.rules,
    "api": api.rules,
    "monitoring": monitoring.rules,
}


def rules(watched: Watched) -> list[Rule]:
    """Return every alert for what runs."""
    return [rule for group in GROUPS.values() for rule in group(watched)]


def document(watched: Watched) -> dict[str, Any]:
    """Return the rules file: the Budget as series, then the alerts that compare with it."""
    groups = [{"name": "budget", "interval": "1m", "rules": budget.series(watched)}]
    for name, group in GROUPS.items():
        found = [rule.to_dict(watched) for rule in group(watched)]
        if found:
            groups.append({"name": name, "interval": "30s", "rules": found})
    return {"groups": groups}
