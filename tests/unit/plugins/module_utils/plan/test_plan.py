# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Plan: what it says follows from its parts, and it comes back from plain data as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.capacity import Capacity
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import Difference, compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.released_files import FileChange
from ansible_collections.ziggie.stack.plugins.module_utils.findings.accept import Accepted, fold
from ansible_collections.ziggie.stack.plugins.module_utils.host.codes import ENGINE_HUNG
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.changes import HostChange
from ansible_collections.ziggie.stack.plugins.module_utils.plan.plan import ContainerChange, Live, Plan, Stated, make, stated
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Fitting
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.ways_in import PublishedPort, WayIn
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Finding
from ansible_collections.ziggie.stack.tests.unit.samples import KERNEL, LIMITS, container, released
from hypothesis import given
from hypothesis import strategies as st

BUDGET = solve({"services": {"redis": {"image": "redis:8"}}}, {"memory": "8g", "cpus": 2}, {})
ERROR = Stated(code="ZB1", severity="error", path="a", message="it is bad", fix="")
MOVE = HostChange(kind="data", subject="data", before="/old", after="/new")

WORDS = st.text("abc /.", max_size=8)
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), WORDS, st.lists(WORDS, max_size=2))
FINDINGS = st.builds(
    Stated,
    code=WORDS,
    severity=st.sampled_from(["error", "warning", "accepted", "info"]),
    path=WORDS,
    message=WORDS,
    fix=WORDS,
    amount=st.none() | st.integers(),
    was=WORDS,
    reason=WORDS,
    paths=st.lists(WORDS, max_size=2).map(tuple),
    told=WORDS,
)
HOST_CHANGES = st.builds(
    HostChange,
    kind=st.sampled_from(["package", "engine", "device", "data", "directory", "file", "kernel", "command"]),
    subject=WORDS,
    before=WORDS,
    after=WORDS,
    effect=WORDS,
    diff=st.lists(WORDS, max_size=2).map(tuple),
)
CONTAINERS = st.builds(
    ContainerChange,
    service=WORDS,
    impact=st.sampled_from(["none", "in place", "reload", "started", "recreated", "new", "removed"]),
    differences=st.lists(st.builds(Difference, key=WORDS, desired=PLAIN, live=PLAIN), max_size=2).map(tuple),
)


def several(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(kind, max_size=3).map(tuple)


@given(
    st.builds(
        Plan,
        host=WORDS,
        asked=st.booleans(),
        assumed=WORDS,
        budget=st.none() | st.just(BUDGET),
        fitting=st.none()
        | st.builds(Fitting, smallest=st.builds(Capacity, memory=st.integers(), cpus=st.integers()), leave_out=several(WORDS)),
        findings=several(FINDINGS),
        host_changes=several(HOST_CHANGES),
        files=st.none() | several(st.builds(FileChange, path=WORDS, action=st.sampled_from(["write", "remove"]))),
        containers=st.none() | several(CONTAINERS),
        ways_in=several(st.builds(WayIn, url=WORDS, target=WORDS, who=WORDS, login=WORDS)),
        ports=several(st.builds(PublishedPort, service=WORDS, published=WORDS, open=st.booleans())),
    )
)
def test_a_plan_comes_back_as_it_was(plan: Plan) -> None:
    assert Plan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


def test_findings_come_back_as_they_were_folded() -> None:
    found = [
        Finding(code="ZB2", severity="info", path="a", message="m", fix="f"),
        Finding(code="ZB1", severity="error", path="b", message="m", fix="f", amount=3),
        Finding(code="ZB1", severity="error", path="c", message="m", fix="f", amount=3),
        Accepted(code="ZB3", severity="info", path="d", message="m", was="error", reason="known"),
    ]
    first, second, third = stated(fold(found))
    assert (first.code, first.paths, first.sentence()) == ("ZB1", ("b", "c"), "b, c: m; f")
    assert (second.code, second.severity, second.sentence()) == ("ZB3", "accepted", "d: m; accepted: known")
    assert third.code == "ZB2"


def test_a_finding_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match=r"findings\[0\]\.severity: expected"):
        stated([{"code": "ZB1", "severity": "bad", "path": "", "message": "", "fix": ""}])


def made(**changed: Any) -> Plan:
    live = Live(changes=compare({"redis": released()}, [container()]), files=())
    same: dict[str, Any] = {
        "asked": True,
        "engine_runs": True,
        "budget": BUDGET,
        "fitting": None,
        "findings": (),
        "host_changes": (),
        "live": live,
    }
    return make("vps", **{**same, **changed})


def differing(*containers: Any, **changed: Any) -> Live:
    return Live(changes=compare({"redis": released(**changed)}, containers), files=())


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "feasible"),
        ({"live": None}, "feasible"),
        ({"host_changes": (MOVE,)}, "feasible with changes"),
        ({"live": Live(changes=differing(container()).changes, files=(FileChange(path="/a", action="remove"),))}, "feasible with changes"),
        ({"live": differing()}, "feasible with changes"),
        ({"live": differing(container(health="starting"))}, "feasible"),
        ({"findings": (ERROR,), "live": differing(), "host_changes": (MOVE,)}, "infeasible"),
        ({"budget": None}, "infeasible"),
    ],
)
def test_the_verdict(changed: dict[str, Any], verdict: str) -> None:
    assert made(**changed).verdict == verdict


def test_a_run_that_is_refused_changes_nothing() -> None:
    refused = made(findings=(ERROR,), live=differing(), host_changes=(MOVE,))
    assert (refused.host_changes, refused.files, refused.containers) == ((), None, None)


def test_moves_are_the_changes_that_move_data() -> None:
    directory = HostChange(kind="directory", subject="/new", before="absent", after="0:0 0755")
    assert made(host_changes=(MOVE, directory)).moves == (MOVE,)


def test_containers_come_in_the_order_of_a_run() -> None:
    services = {"b": released("b", tier="workflow"), "a": released("a", tier="management"), "z": released("z")}
    plan = made(live=Live(changes=compare(services, [container("old")]), files=()))
    assert [(one.service, one.impact) for one in plan.containers or ()] == [("old", "removed"), ("z", "new"), ("b", "new"), ("a", "new")]


def test_a_difference_is_told_once() -> None:
    low, kernel = replace(LIMITS, memory=1 << 20), replace(KERNEL, values={**KERNEL.values, "memory": 1 << 20})
    twice = [container(limits=low, kernel=kernel), container(number=2, limits=low, kernel=kernel)]
    [change] = made(live=differing(*twice, replicas=2)).containers or ()
    assert [difference.key for difference in change.differences] == ["limits.memory"]
    assert change.impact == "in place"


def test_an_engine_that_does_not_run_is_assumed_only_where_a_host_was_asked() -> None:
    assert made(engine_runs=False, live=None).assumed.startswith("The Docker engine is not running")
    assert made(engine_runs=False, asked=False, live=None).assumed == ""
    # An engine that is there and does not answer is no one that a run would start.
    assert made(engine_runs=False, live=None, findings=(replace(ERROR, code=ENGINE_HUNG),)).assumed == ""
    assert made().assumed == ""
