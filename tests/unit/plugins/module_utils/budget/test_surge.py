# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that run for a while have room in the pool: as much as the largest takes, where there is any."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.budget.surge import Job
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB

STACK: dict[str, Any] = {
    "services": {
        "db": {"image": "a", "x-budget": {"memory": {"floor": "512m", "request": "4g"}}},
        "web": {"image": "b", "x-budget": {"memory": {"floor": "256m", "request": "4g"}}},
    }
}
HOST = {"memory": "4g", "cpus": 2}


def job(name: str, mib: int, container: int = 0) -> Job:
    parts = {"stack_backup.memory": mib * MIB, **({"stack_backup.drill.memory": container * MIB} if container else {})}
    return Job(name=name, parts=parts, otherwise="it runs elsewhere", fix="lower it")


def test_room_is_held_for_the_largest_job_not_for_all_of_them() -> None:
    budget = solve(STACK, HOST, jobs=[job("backup", 256), job("restore", 300), job("drill", 128, 512)])
    assert [(one.name, one.memory // MIB, one.held) for one in budget.jobs] == [
        ("backup", 256, True),
        ("restore", 300, True),
        ("drill", 640, True),
    ]
    assert budget.surge == 640 * MIB
    assert budget.jobs[2].why == "128 MiB from stack_backup.memory + 512 MiB from stack_backup.drill.memory"
    assert budget.total.memory.limit <= budget.pool.memory - budget.margin - budget.surge
    assert Budget.from_dict(budget.to_dict()) == budget
    assert budget.findings == ()


def test_a_surge_that_the_operator_wrote_is_not_added_to() -> None:
    written = solve(STACK, HOST, {"surge": {"memory": "1g"}})
    with_job = solve(STACK, HOST, {"surge": {"memory": "1g"}}, jobs=[job("backup", 256)])
    assert with_job.surge == GIB
    assert with_job.services == written.services


def test_without_jobs_a_budget_is_byte_for_byte_what_it_was() -> None:
    plain = solve(STACK, HOST).to_dict()
    assert "jobs" not in plain
    assert "surge" not in plain["policy"]


@pytest.mark.parametrize("memory", ["1244m", "1294m", "1384m", "1500m"])
def test_where_there_is_no_room_the_stack_still_fits_and_the_finding_says_what_happens(memory: str) -> None:
    budget = solve(STACK, {"memory": memory, "cpus": 2}, jobs=[job("backup", 128), job("drill", 128, 512)])
    # Of what the reserve leaves, a tenth is the margin.
    room = ((int(memory[:-1]) - 384) * 9 // 10 - 768) * MIB
    held = [one.name for one in budget.jobs if one.held]
    assert held == (["backup"] if room >= 128 * MIB else [])
    assert budget.surge == (128 * MIB if held else 0)
    [drill] = [one for one in budget.findings if one.message.startswith("a drill takes 640 MiB")]
    assert (drill.code, drill.severity) == ("ZB046", "warning")
    assert f"the pool has room for {room // MIB} MiB beside the services: it runs elsewhere" in drill.message
    needed = drill.fix.rpartition("use a host with ")[2].split(" ")[0]
    assert all(one.held for one in solve(STACK, {"memory": f"{needed}m", "cpus": 2}, jobs=[job("drill", 128, 512)]).jobs)


def test_written_limits_are_kept_and_leave_room_or_do_not() -> None:
    policy = {"memory": "declared", "overcommit": {"memory": 2}}
    roomy = solve(STACK, {"memory": "6g", "cpus": 2}, policy, jobs=[job("backup", 256)])
    assert roomy.jobs[0].held
    assert roomy.services["db"].memory.limit == 4 * GIB
    tight = solve(STACK, {"memory": "5000m", "cpus": 2}, policy, jobs=[job("backup", 256)])
    assert not tight.jobs[0].held
    assert tight.services["db"].memory.limit == 4 * GIB
