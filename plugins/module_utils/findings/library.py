# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All books of rules."""

from __future__ import annotations

from collections.abc import Mapping

from .rule import Book, Rule
from .rules import (
    alerts,
    applications,
    databases,
    environment,
    exposure,
    images,
    lifecycle,
    limits,
    mongodb,
    monitoring,
    networks,
    postgres,
    probes,
    quotas,
    redis,
    references,
    refused,
    runtimes,
    secrets,
    storage,
)

BOOKS: tuple[Book, ...] = tuple(
    module.BOOK
    for module in (
        images,
        limits,
        quotas,
        probes,
        secrets,
        exposure,
        storage,
        lifecycle,
        networks,
        references,
        refused,
        environment,
        postgres,
        redis,
        mongodb,
        databases,
        runtimes,
        applications,
        monitoring,
        alerts,
    )
)
RULES: Mapping[str, Rule] = {rule.code: rule for book in BOOKS for rule in book.rules}
