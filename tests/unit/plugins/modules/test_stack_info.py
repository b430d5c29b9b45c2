# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack is looked at in one call; what another version of the collection left is not misread."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.format import FORMAT
from ansible_collections.ziggie.stack.tests.unit import engine as fake


@pytest.mark.parametrize(("form", "read"), [(FORMAT, True), (FORMAT + 1, False), (None, False)])
def test_a_budget_of_another_version_counts_as_absent(
    run: Callable[..., dict[str, Any]], tmp_path: Path, form: int | None, read: bool
) -> None:
    budget = {"services": {}, "policy": {}} | ({} if form is None else {"format": form})
    (tmp_path / "budget.json").write_text(json.dumps(budget), encoding="utf-8")
    with fake.running(tmp_path) as engine:
        done = run("stack_info", project_src=str(tmp_path), socket=engine.path, settings=True)
    assert done["budget"] == (budget if read else {})
