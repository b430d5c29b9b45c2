# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter hands over to the core what templating gave it."""

from __future__ import annotations

from ansible_collections.ziggie.stack.plugins.filter.page import FilterModule
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page import sample


def test_it_draws_what_the_core_draws() -> None:
    solved = sample.budget(4)
    containers, changes = sample.containers(solved), sample.changes(solved)
    drawn = FilterModule().filters()["page"](
        solved, containers=containers, changes=changes, findings=[sample.finding("info")], **sample.HEADER
    )
    assert "an info it is" in drawn
    assert "service-0003" in drawn
    assert "left-over" in drawn


def test_nothing_but_a_budget_is_needed() -> None:
    assert "The containers were not read" in FilterModule().filters()["page"](sample.budget(4), **sample.HEADER)
