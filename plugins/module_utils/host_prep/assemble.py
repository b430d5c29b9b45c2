# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All files that host preparation keeps on a host, in the order in which they are put into force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..host.weights import Choice
from . import plane, slices, weights
from .document import Document
from .settings import Settings


def documents(budget: Mapping[str, Any], facts: Mapping[str, Any], settings: Settings, project: str, choice: Choice) -> list[Document]:
    """Return every file, also those that must not be there: what is switched off later is taken away again.

    The scheduler comes first: a slice's I/O weight is written for the one that is in force.
    """
    if not facts["systemd"]:
        return []
    return [
        *weights.documents(choice, facts),
        *slices.documents(
            budget, facts, project, wanted=settings.slices and bool(facts["capabilities"]["slices"]), scheduler=choice.scheduler
        ),
        *plane.documents(budget, facts, wanted=settings.plane),
    ]
