# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what is in force is what the Budget says.

A release that somebody edited agrees with itself, not with the Budget.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..budget.model import Share
from ..limits import Limits
from ..units import parse_core_list
from .check import Check, judged, unknown
from .live import Live
from .state import REDEPLOY

# The limits that every host can hold; of the others the Budget does not say whether this one was given them.
_EVERYWHERE = tuple(limit for limit in Limits.table() if not limit.needs)


def checks(live: Live) -> Iterator[Check]:
    """Compare the limits in force with the Budget's, service by service."""
    services = live.budget.services if live.budget else {}
    for one in live.containers:
        service = one.container.service
        if service not in live.changes.services:
            continue
        if service not in services:
            yield unknown(
                "compliance.budget", one.subject, sentence=f"{live.unread or 'the Budget on the host does not name it'}; {REDEPLOY}"
            )
            continue
        wrong = list(_wrong(services[service], one.container.limits))
        yield judged(
            "compliance.budget",
            one.subject,
            well=not wrong,
            figure=f"{len(wrong)} differ",
            sentence=f"{', '.join(wrong)}; {REDEPLOY}",
        )


def _wrong(share: Share, limits: Limits) -> Iterator[str]:
    for limit in _EVERYWHERE:
        wanted, held = int(limit.of_budget(share) or 0), int(getattr(limits, limit.name))
        if held != wanted:
            relation = "smaller than" if held and held < wanted else "not"
            yield f"{limit.name} is {held}, {relation} the Budget's {wanted}"
    most, cores = share.cpus.cores, parse_core_list(limits.cpuset)
    if most is not None and (not cores or len(cores) > most):
        yield f"it may run on {len(cores) or 'all'} cores, not on the Budget's {most}"
