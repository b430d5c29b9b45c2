# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack is looked at in one call, also where a file on the host cannot be read and is about to be written anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.tests.unit import engine as fake
from ansible_collections.ziggie.stack.tests.unit.samples import released

Run = Callable[..., dict[str, Any]]


def test_services_to_compare_with_are_enough(run: Run, tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text("{", encoding="utf-8")
    with fake.running(tmp_path) as engine:
        engine.add("redis", "running", "healthy")
        done = run("stack_info", project_src=str(tmp_path), socket=engine.path, desired={"redis": released().to_dict()})
    assert done["changes"]["services"]["redis"]["action"] == "recreate"


def test_services_of_another_shape_are_a_sentence(run: Run, tmp_path: Path) -> None:
    done = run("stack_info", project_src=str(tmp_path), socket=str(tmp_path / "none"), desired={"redis": []})
    assert done["msg"].startswith("desired.redis: expected a mapping, got []; ")


@pytest.mark.parametrize("budget", [{}, {"services": []}, {"services": {"redis": 5}}, {"services": {"redis": {"tuning": None}}}])
def test_a_budget_of_another_shape_tunes_nothing(run: Run, tmp_path: Path, budget: dict[str, Any]) -> None:
    (tmp_path / "budget.json").write_text(json.dumps(budget), encoding="utf-8")
    with fake.running(tmp_path) as engine:
        engine.add("redis", "running", "healthy")
        done = run("stack_info", project_src=str(tmp_path), socket=engine.path, compliance=True)
        measured = run("measure", parts=["settings"], project_src=str(tmp_path), socket=engine.path)
    assert done["budget"] == budget
    assert measured["measured"] == {"settings": {}}


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_budget_that_cannot_be_read_is_a_sentence(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "budget.json").write_text(text, encoding="utf-8")
    with fake.running(tmp_path) as engine:
        done = run("stack_info", project_src=str(tmp_path), socket=engine.path, compliance=True)
    assert done["msg"].startswith(f"{tmp_path}/budget.json cannot be read (")
