# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiers and priorities: what they mean where nothing else is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TierTraits:
    """The defaults of a tier.

    One point of `oom_score_adj` weighs as a thousandth of the host's memory (oom_kill.c, oom_badness), so 45 % of it lie between two
    tiers: of processes smaller than that the kernel ends management's first, then workflow's, then critical's, and all of them before
    the host's own, which have 0, and the engine (-500).
    """

    priority: str
    io_weight: int
    oom_score_adj: int


# In the order in which they are brought up.
TIERS: Mapping[str, TierTraits] = {
    "critical": TierTraits(priority="high", io_weight=800, oom_score_adj=100),
    "workflow": TierTraits(priority="medium", io_weight=600, oom_score_adj=550),
    "management": TierTraits(priority="low", io_weight=200, oom_score_adj=1000),
}
PRIORITIES = ("high", "medium", "low")
