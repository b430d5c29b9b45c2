# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan that is carried out, its actions and no others, leaves nothing to do: over generated stacks, with containers that drifted in every way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import Changes, Difference, compare, with_secrets
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import ReleasedService
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import Container
from ansible_collections.ziggie.stack.plugins.module_utils.limits import KernelLimits
from ansible_collections.ziggie.stack.plugins.module_utils.plan.plan import Live, Plan, make
from ansible_collections.ziggie.stack.plugins.module_utils.tiers import TIERS
from ansible_collections.ziggie.stack.tests.unit.samples import LIMITS, container, released
from hypothesis import given
from hypothesis import strategies as st

BUDGET = solve({"services": {"redis": {"image": "redis:8"}}}, {"memory": "8g", "cpus": 2}, {})
NAMES = ("a", "b", "c", "d")
# What was started then has not read its configuration as it is now.
UNREAD = 19.0
DRIFTS: tuple[dict[str, Any], ...] = (
    {},
    {"image": "other:1"},
    {"labels": {"definition": "older"}},
    {"state": "created", "health": "none", "started": 0.0},
    {"state": "exited", "exit_code": 1},
    {"health": "unhealthy"},
    {"health": "starting"},
    {"limits": replace(LIMITS, memory=64 << 20)},
    {"limits": replace(LIMITS, oom_score_adj=0)},
    {"kernel": KernelLimits(values={"pids": 7})},
    {"started": UNREAD},
    {"started": UNREAD, "health": "starting"},
    {"started": UNREAD, "limits": replace(LIMITS, memory=64 << 20)},
)


@st.composite
def stacks(draw: st.DrawFn) -> tuple[dict[str, ReleasedService], list[Container]]:
    """Return services, each of which follows earlier ones in its tier or one before it, and the containers of some, drifted."""
    services: dict[str, ReleasedService] = {}
    containers: list[Container] = []
    for name in NAMES:
        tier = draw(st.sampled_from(list(TIERS)))
        leaders = [one for one in services if list(TIERS).index(services[one].tier) <= list(TIERS).index(tier)]
        follows = tuple(sorted(draw(st.sets(st.sampled_from(leaders))) if leaders else ()))
        services[name] = released(name, tier=tier, follows=follows, secrets=(f"secrets/{name}/key",), replicas=draw(st.integers(1, 2)))
        for number in range(draw(st.integers(0, 2))):
            drift = draw(st.sampled_from(DRIFTS))
            containers.append(container(name, number=number + 1, **{"created": draw(st.sampled_from([10.0, 30.0])), **drift}))
    orphans = [container("old")] if draw(st.booleans()) else []
    return services, [*containers, *orphans]


def made(services: dict[str, ReleasedService], containers: list[Container], stale: tuple[str, ...] = ()) -> Plan:
    unread = {one.service: (Difference(key="file", desired="a", live="b"),) for one in containers if one.started == UNREAD}
    changes = compare(services, containers, stale=stale, unread=unread, released=services)
    return make(
        "vps",
        asked=True,
        engine_runs=True,
        budget=BUDGET,
        fitting=None,
        findings=(),
        host_changes=(),
        live=Live(changes=changes, files=()),
    )


def new(name: str, desired: ReleasedService, now: float) -> list[Container]:
    return [
        container(name, number=number + 1, limits=desired.limits, kernel=KernelLimits(), created=now, started=now + 1)
        for number in range(desired.replicas)
    ]


def carried_out(plan: Plan, services: dict[str, ReleasedService], containers: list[Container]) -> list[Container]:
    """Return the containers after the actions of a plan, and no others."""
    now = 100.0
    running = list(containers)
    for change in plan.containers or ():
        now += 10
        name = change.service
        mine, others = [one for one in running if one.service == name], [one for one in running if one.service != name]
        if change.impact == "removed":
            mine = []
        elif change.impact in ("recreated", "new"):
            mine = new(name, services[name], now)
        elif change.impact == "started":
            mine = [replace(one, state="running", health="healthy", started=now) if one.state == "created" else one for one in mine]
        elif change.impact == "reload":
            limits = any(one.limit for one in change.differences)
            read = {"started": now, **({"limits": services[name].limits, "kernel": KernelLimits()} if limits else {})}
            mine = [replace(one, **read) for one in mine]
        elif change.impact == "in place":
            mine = [replace(one, limits=services[name].limits, kernel=KernelLimits()) for one in mine]
        # A run waits for everything that it touched, and for what is on its way.
        running = [*others, *(replace(one, health="healthy") if one.health == "starting" else one for one in mine)]
    return running


@given(stacks())
def test_what_was_planned_is_all_that_is_needed(stack: tuple[dict[str, ReleasedService], list[Container]]) -> None:
    services, containers = stack
    plan = made(services, containers)
    after = made(services, carried_out(plan, services, containers))
    assert after.changed == ()
    assert after.verdict == "feasible"


@given(stacks())
def test_what_is_not_in_the_plan_stays_as_it_is(stack: tuple[dict[str, ReleasedService], list[Container]]) -> None:
    services, containers = stack
    plan = made(services, containers)
    touched = {change.service for change in plan.changed}
    before = [one for one in containers if one.service not in touched]
    after = [one for one in carried_out(plan, services, containers) if one.service not in touched]
    assert {one.id: one.created for one in after} == {one.id: one.created for one in before}


@given(stacks(), st.sets(st.sampled_from(NAMES)))
def test_secrets_that_a_run_writes_are_foreseen(stack: tuple[dict[str, ReleasedService], list[Container]], written: set[str]) -> None:
    services, containers = stack
    foreseen = with_secrets(
        compare(services, containers, released=services), services, [f"/opt/ziggie/stack/secrets/{name}/key" for name in written]
    )
    seen = compare(services, containers, stale=tuple(written), released=services)
    assert actions(foreseen) == actions(seen)
    assert foreseen.tiers == seen.tiers


def actions(changes: Changes) -> dict[str, str]:
    return {name: change.action for name, change in changes.services.items()}
