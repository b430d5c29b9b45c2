# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code of a finding that any part of the collection can state. A part with codes of its own adds them here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..adopt.codes import MEANINGS as OF_ADOPTING
from ..backup.codes import MEANINGS as OF_BACKUPS
from ..budget.codes import MEANINGS as OF_BUDGETS
from ..catalog.codes import MEANINGS as OF_CATALOGS
from ..compose.codes import MEANINGS as OF_THE_SPECIFICATION
from ..host.codes import MEANINGS as OF_HOSTS
from ..observe.codes import MEANINGS as OF_AUDITS
from ..render.alertmanager.codes import MEANINGS as OF_RECEIVERS
from ..storage.codes import MEANINGS as OF_STORAGE
from .accept import BAD_ACCEPTANCE
from .library import RULES


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The codes of one part of the collection, apart from the rules about Compose files, with what each means."""

    title: str
    about: str
    meanings: Mapping[str, str]


PARTS = (
    Part(
        title="The budget itself",
        about="These come from reading and solving the budget; each names the value and what would be right.",
        meanings=OF_BUDGETS,
    ),
    Part(
        title="The Compose Specification",
        about="These come from checking the merged definition against the JSON schema that Compose itself uses, before anything is touched.",
        meanings=OF_THE_SPECIFICATION,
    ),
    Part(
        title="The catalog and its overrides",
        about="These come from reading fragments and what the inventory lays over them.",
        meanings=OF_CATALOGS,
    ),
    Part(
        title="The host",
        about="These come from looking at a host before anything on it is touched.",
        meanings=OF_HOSTS,
    ),
    Part(
        title="Storage classes",
        about="These come from `stack_storage_classes` and from looking at the devices that it names, before any is touched.",
        meanings=OF_STORAGE,
    ),
    Part(
        title="Who is told of alerts",
        about="These come from reading `monitoring_receivers`.",
        meanings=OF_RECEIVERS,
    ),
    Part(
        title="Backups",
        about="These come from reading `stack_backup` and what the services' `x-budget.backup` declares.",
        meanings=OF_BACKUPS,
    ),
    Part(
        title="A host that runs",
        about="These come from `ziggie.stack.audit`, which looks at any Docker host; each names the container and the figures.",
        meanings=OF_AUDITS,
    ),
    Part(
        title="Adopting a file",
        about="These come from reading a Compose file and writing it anew; each names the file and the line.",
        meanings=OF_ADOPTING,
    ),
)
KNOWN = frozenset({BAD_ACCEPTANCE, *RULES, *(code for part in PARTS for code in part.meanings)})
