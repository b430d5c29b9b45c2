# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Plan is made of what a run's tasks returned, as Ansible hands it over."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ziggie.stack.plugins.filter.plan import plan as plan_filter
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.released_files import FileDigest
from ansible_collections.ziggie.stack.plugins.module_utils.plan import text
from ansible_collections.ziggie.stack.plugins.module_utils.plan.plan import Plan
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, prepare
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump
from ansible_collections.ziggie.stack.plugins.plugin_utils.plan import Answers, plan_of
from ansible_collections.ziggie.stack.tests.unit.samples import container, released

COMPOSE = {"name": "shop", "services": {"redis": {"image": "redis:8", "x-budget": {"memory": {"floor": "64m"}}}}}
RELEASE = {"services": {"redis": dump(released())}, "digests": [dump(FileDigest.of("/opt/ziggie/stack/compose.yml", b"", "0644"))]}


def prepared(memory: str = "8g", **engine: bool) -> dict[str, Any]:
    found = prepare(COMPOSE, None, Wish(declared={"memory": memory, "cpus": 2})).to_dict()
    found["host"]["engine"] |= engine
    return found


def seen(*containers: Any) -> dict[str, Any]:
    return {
        "changes": compare({"redis": released()}, containers).to_dict(),
        "files": [{"path": "/old", "action": "remove"}],
        "failed": False,
    }


def made(found: dict[str, Any], release: Any = None, live: Any = None, *, asked: bool = True) -> Plan:
    return plan_of(Answers.given(found, release, live, "vps", asked))


def test_what_was_compared_is_in_the_plan() -> None:
    plan = made(prepared(installed=True, running=True), RELEASE, seen(container(image="redis:0")))
    assert [(change.service, change.impact) for change in plan.containers or ()] == [("redis", "recreated")]
    assert [(change.path, change.action) for change in plan.files or ()] == [("/old", "remove")]
    assert (plan.host, plan.asked, plan.assumed) == ("vps", True, "")


def test_what_protects_data_is_in_the_plan_and_a_host_that_was_not_asked_says_so() -> None:
    wish = Wish(declared={"memory": "8g", "cpus": 2}, backup={"repositories": [{"url": "/srv/backup"}]})
    [own] = made(prepare(COMPOSE, None, wish).to_dict(), RELEASE, asked=False).data
    assert (own.place, own.point) == ("@host", "not asked of 26 h")
    assert made(prepared(), RELEASE).data == ()


def test_a_release_that_failed_before_is_a_warning_and_no_obstacle() -> None:
    live = seen(container(image="redis:0")) | {"failed_before": "this very release failed on Monday: it died"}
    plan = made(prepared(installed=True, running=True), RELEASE, live)
    assert plan.verdict == "feasible with changes"
    [finding] = plan.failed_before
    assert (finding.severity, finding.message) == ("warning", "this very release failed on Monday: it died")
    severities = [one.severity for one in plan.findings]
    assert severities == sorted(severities, key=["error", "warning", "accepted", "info"].index)
    assert made(prepared(installed=True, running=True), RELEASE, seen()).failed_before == ()


def test_on_a_host_without_an_engine_everything_is_new() -> None:
    plan = made(prepared(installed=False, running=False), RELEASE, {"skipped": True})
    assert [(change.service, change.impact) for change in plan.containers or ()] == [("redis", "new")]
    assert [(change.path, change.action) for change in plan.files or ()] == [("/opt/ziggie/stack/compose.yml", "write")]
    assert plan.assumed != ""


def test_an_engine_that_is_stopped_may_have_containers_so_nothing_is_compared() -> None:
    plan = made(prepared(installed=True, running=False), RELEASE, {"skipped": True})
    assert (plan.files, plan.containers) == (None, None)


def test_an_imagined_host_is_compared_with_nothing() -> None:
    plan = made(prepared(), RELEASE, asked=False)
    assert (plan.files, plan.containers, plan.assumed, plan.verdict) == (None, None, "", "feasible")


def test_a_stack_that_does_not_fit_says_which_host_would_hold_it() -> None:
    plan = made(prepared("100m"), asked=False)
    assert plan.verdict == "infeasible"
    assert plan.fitting is not None
    assert plan.fitting.smallest.memory > 100 << 20


def test_what_is_something_else_is_refused_with_its_place() -> None:
    with pytest.raises(AnsibleFilterError, match=r"The plan cannot be made of what is given: create: this key is missing\.$"):
        plan_filter(prepared(running=True, installed=True), RELEASE, {"files": [], "changes": {"services": 5}}, host="vps")


def test_files_of_secrets_that_would_be_written_are_a_change_of_their_own() -> None:
    path = "/opt/ziggie/stack/secrets/redis/password"
    live = seen(container()) | {"files": []}
    assert made(prepared(installed=True, running=True), RELEASE, live).verdict == "feasible"
    plan = plan_of(Answers.given(prepared(installed=True, running=True), RELEASE, live, "vps", secrets=[path]))
    assert (plan.verdict, plan.secrets) == ("feasible with changes", (path,))
    assert text.changes(plan)[:2] == ["A run would write or remove 1 file with secrets:", f"  {path}"]
