# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of x-budget is the one in the repository, takes what the catalog writes, and refuses what the budget refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.parse import parse_stack
from ansible_collections.ziggie.stack.plugins.module_utils.budget.policy import parse_policy
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.render.schema import schema
from ansible_collections.ziggie.stack.plugins.module_utils.units import parse_cpus, parse_size
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[5]
FRAGMENTS = sorted((ROOT / "roles/catalog/files/services").glob("*.yml"))
CHECK = Draft202012Validator(schema())


def holds(budget: Any) -> bool:
    return bool(CHECK.is_valid({"services": {"app": {"image": "app:1", "x-budget": budget}}}))


def read(budget: Any) -> bool:
    """Tell whether the budget's own reader takes it."""
    problems = Problems()
    parse_stack(
        {"services": {"app": {"image": "app:1", "x-budget": budget}}, "volumes": {"data": {}}}, parse_policy({}, Problems()), problems
    )
    return not problems.failed()


def test_the_file_is_current() -> None:
    Draft202012Validator.check_schema(schema())
    written = json.loads((ROOT / "docs/x-budget.schema.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(schema())), "write it anew: .venv/bin/python tools/schema-page"


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.stem)
def test_it_takes_what_the_catalog_writes(path: Path) -> None:
    assert [error.message for error in CHECK.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize(
    "budget",
    [
        {"memroy": {"floor": "1g"}},
        {"tier": "important"},
        {"priority": "highest"},
        {"memory": {"floor": "1gb2"}},
        {"memory": {"flor": "1g"}},
        {"memory": "1g"},
        {"cpus": {"limit": "half"}},
        {"pids": 0},
        {"pids": "many"},
        {"io": 5},
        {"batch": "yes"},
        {"tuning": {"tuner": "postgers"}},
        {"tuning": {"tuner": "postgres", "max_conections": 5}},
        {"tuning": {"max_connections": 5}},
        {"storage": {"data": {"size": "big"}}},
        {"storage": {"data": {"path": "/srv"}}},
        {"storage": {"data": {"mode": "888"}}},
        {"reload": {"signal": "KILL"}},
        {"reload": {"signal": "HUP", "exec": ["x"]}},
        {"reload": {"files": ["*"]}},
        {"connections": {"db": 0}},
    ],
    ids=str,
)
def test_both_refuse_what_is_wrong(budget: Any) -> None:
    assert (holds(budget), read(budget)) == (False, False)


def test_both_take_what_is_right() -> None:
    right = {
        "tier": "critical",
        "memory": {"floor": "1g", "request": "fair"},
        "tuning": {"tuner": "postgres", "max_connections": 50},
        "storage": {"data": {"size": "1g", "mode": "0750"}},
        "reload": {"signal": "HUP"},
    }
    assert (holds(right), read(right)) == (True, True)


@pytest.mark.parametrize(
    "size", ["512m", "512M", "1g", "1.5g", "1GiB", "1 g", "64kb", 4096, "4096", "10b", "1gb2", "", "g", "-1m", "1 000m", "1,5g", "0x10"]
)
def test_sizes_are_those_that_are_read(size: str | int) -> None:
    assert holds({"storage": {"data": {"size": size}}}) == _takes(parse_size, size)


@pytest.mark.parametrize("cpus", [0.5, 2, "0.5", ".5", "2", "half", "", "1e3", "-1", "1."])
def test_cpus_are_those_that_are_read(cpus: str | float) -> None:
    assert holds({"cpus": {"limit": cpus}}) == _takes(parse_cpus, cpus)


def _takes(parse: Any, value: Any) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True
