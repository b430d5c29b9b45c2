# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan file's part of one host is made of what a run's tasks returned, as Ansible hands it over."""

from __future__ import annotations

from typing import Any

from ansible_collections.ziggie.stack.plugins.filter.contract import contract as contract_filter
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.released_files import FileDigest
from ansible_collections.ziggie.stack.plugins.module_utils.plan.contract import HostPlan
from ansible_collections.ziggie.stack.plugins.module_utils.plan.drift import deviations, differences
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, prepare
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump
from ansible_collections.ziggie.stack.tests.unit.samples import container, released

COMPOSE = {"name": "shop", "services": {"redis": {"image": "redis:8", "x-budget": {"memory": {"floor": "64m"}}}}}
WANTED = {"redis": released(secrets=("secrets/redis/key",))}
RELEASE = {
    "services": {"redis": dump(WANTED["redis"])},
    "digests": [dump(FileDigest.of("/opt/ziggie/stack/compose.yml", b"", "0644"))],
    "secrets": [{"path": "redis/key", "content": "@key@"}],
}
KEY = "/opt/ziggie/stack/secrets/redis/key"


def prepared(**engine: Any) -> dict[str, Any]:
    found = prepare(COMPOSE, None, Wish(declared={"memory": "8g", "cpus": 2})).to_dict()
    found["host"]["engine"] |= {"installed": True, "running": True, "version": "28.0", **engine}
    found["host"]["machine"] = "id"
    return found


def seen(*containers: Any, files: bool = True) -> dict[str, Any]:
    return {
        "changes": compare(WANTED, containers).to_dict(),
        "containers": [one.to_dict() for one in containers],
        **({"files": []} if files else {}),
    }


def made(found: dict[str, Any], live: dict[str, Any], **more: Any) -> HostPlan:
    return HostPlan.from_dict(contract_filter(found, RELEASE, live, host="vps", **more))


def test_what_was_seen_is_in_it() -> None:
    part = made(prepared(), seen(container()))
    assert (part.host, part.verdict, part.observed.engine, part.actions) == ("vps", "feasible", "28.0", ())
    assert [one.service for one in part.observed.containers] == ["redis"]


def test_secrets_that_are_written_recreate_what_mounts_them() -> None:
    part = made(prepared(), seen(container()), secrets=[KEY])
    assert [(one.area, one.subject, one.impact) for one in part.actions] == [("secret", KEY, "none"), ("container", "redis", "recreated")]


def test_a_host_without_an_engine_is_planned_by_what_is_assumed_and_followed_once_it_runs() -> None:
    planned = made(prepared(installed=False, running=False, version=""), {"skipped": True}, secrets=[KEY])
    assert planned.assumed != ""
    assert [(one.area, one.impact) for one in planned.actions if one.area != "host"][-1] == ("container", "new")
    assert differences(planned, planned) == []
    # The second look has no comparison of files: they were written.
    now = made(prepared(installed=False, running=False, version=""), seen(files=False))
    assert deviations(planned, now) == []
    assert deviations(planned, made(prepared(), seen(container("old"))))[0].startswith("the plan says nothing of old; now old is removed")


def test_a_host_that_cannot_be_held_to_a_plan_says_why() -> None:
    assert contract_filter(prepared(running=False), RELEASE, {"skipped": True}, host="vps") == {
        "refused": "the Docker engine of vps is installed and does not run, so nothing was compared; start it (systemctl start docker)"
    }
    without = prepared()
    without["host"]["machine"] = ""
    assert contract_filter(without, RELEASE, seen(), host="vps")["refused"].startswith("vps has no /etc/machine-id")


def test_what_is_due_is_an_action_and_no_wish() -> None:
    found, other = prepared(), prepared()
    found["files"], other["files"] = (
        [{"path": "/a", "content": "", "mode": "0644", "state": "present", "due": due}] for due in (False, True)
    )
    assert made(found, seen(container())).inputs == made(other, seen(container())).inputs
