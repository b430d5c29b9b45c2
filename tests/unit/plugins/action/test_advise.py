# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action of advise shows, with and without an audit of the host."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Memory
from ansible_collections.ziggie.stack.plugins.module_utils.observe.report import Report
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import IMAGINED
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.observe.world import MIB, world

OFFERS = [{"name": "one", "memory": "4g", "cpus": 2, "price": 5, "current": True}, {"name": "two", "memory": "8g", "cpus": 4, "price": 9}]
COMPOSE = {"services": {"db": {"image": "example/db:1", "x-budget": {"memory": {"floor": "64m", "request": "900m"}}}}}
Run = Callable[..., dict[str, Any]]


@pytest.fixture(name="shown")
def _shown() -> list[str]:
    return []


@pytest.fixture(name="run")
def _run(monkeypatch: pytest.MonkeyPatch, shown: list[str]) -> Run:
    def run(**arguments: Any) -> dict[str, Any]:
        module = importlib.import_module("ansible_collections.ziggie.stack.plugins.action.advise")
        screen = mock.Mock(columns=79)
        screen.display = shown.append
        monkeypatch.setattr(module, "Display", lambda: screen)
        task = mock.Mock(
            args={"compose": COMPOSE, "offers": OFFERS, **arguments}, async_val=0, check_mode=False, diff=False, environment=None
        )
        action = module.ActionModule(task, mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock())
        return dict(action.run(task_vars={"inventory_hostname": "vps"}))

    return run


@pytest.fixture(name="audit")
def _audit(tmp_path: Path) -> str:
    """An audit of a database that uses 190 of 200 MiB and was killed twice."""
    with world(tmp_path) as host:
        host.add("db", use=190, limit=200, kills=2, project="shop")
        host.add("other", use=300, limit=0)
        seen = host.look()
    path = tmp_path / "audit.json"
    path.write_text(json.dumps(Report.of(seen).to_dict()), encoding="utf-8")
    return str(path)


def test_what_was_seen_is_the_floor_and_the_host_is_the_audits(run: Run, shown: list[str], audit: str) -> None:
    advice = run(audit=audit, project="shop")["advice"]
    machine = json.loads(Path(audit).read_text(encoding="utf-8"))["audit"]["machine"]
    # A quarter more than the limit under which it was killed.
    assert advice["floors"] == {"db": 250 * MIB}
    # Less what the container beside it holds, in whole steps of 64 MiB.
    assert advice["capacity"]["memory"] == machine["memory"] - 320 * MIB
    assert advice["capacity"]["cpus"] == 1000 * machine["cores"]
    assert advice["use"]["kills"] == {"db": 2}
    assert "OOM kills of db (2)" in shown[0]
    assert "cures: OOM kills of db: " in shown[0]


def test_the_facts_of_a_host_say_what_it_has(run: Run) -> None:
    facts = replace(IMAGINED, memory=Memory(total=3072 * MIB), core_ids=(0, 1))
    assert run(host=facts.to_dict())["advice"]["capacity"] == {"memory": 3072 * MIB, "cpus": 2000, "swap": 0, "cores": 2}


def test_a_stated_capacity_counts_before_the_audits(run: Run, audit: str) -> None:
    assert run(audit=audit, project="shop", capacity={"memory": "2g", "cpus": 1})["advice"]["capacity"]["memory"] == 2048 * MIB


def test_json_is_one_line(run: Run, shown: list[str]) -> None:
    done = run(capacity={"memory": "4g", "cpus": 2}, format="json")
    [line] = shown
    assert json.loads(line) == json.loads(json.dumps(done["advice"]))
    assert done["changed"] is False


def test_another_projects_audit_is_a_sentence(run: Run, audit: str) -> None:
    with pytest.raises(AnsibleActionFail, match=r"advise_audit: the audit has no running container of project ziggie; it has shop"):
        run(audit=audit)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"offers": [{"name": "a"}]}, "stack_offers[0].memory: the row has no memory; write memory: 24g"),
        ({"audit": "there/is/none.json"}, "advise_audit: there/is/none.json: expected a file that ziggie.stack.audit wrote"),
    ],
)
def test_a_wrong_question_is_a_sentence(run: Run, given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(AnsibleActionFail) as failed:
        run(**{"capacity": {"memory": "4g", "cpus": 2}, **given})
    assert sentence in str(failed.value)


def test_all_that_is_wrong_comes_at_once(run: Run) -> None:
    with pytest.raises(AnsibleActionFail) as failed:
        run(offers=[{"name": "a", "memory": "x", "cpus": 1, "price": 1}], capacity={"memory": "y", "cpus": 2})
    assert "stack_offers[0].memory: 'x' is no size" in str(failed.value)
    assert "capacity.memory: 'y' is no size" in str(failed.value)


def test_room_for_backups_is_kept_on_every_host(run: Run) -> None:
    capacity, backup = (
        {"memory": "4g", "cpus": 2},
        {"repositories": [{"url": "/srv/backup"}], "memory": "256m", "drill": {"memory": "256m"}},
    )
    large = {"services": {"db": {"image": "example/db:1", "x-budget": {"memory": {"floor": "64m", "request": "9g"}}}}}
    without, with_room = (run(compose=large, capacity=capacity, backup=each)["advice"] for each in ({}, backup))
    [before, after] = [next(one for one in each["options"] if one["kind"] == "keep")["limits"]["db"] for each in (without, with_room)]
    assert before - after == 512 * MIB
