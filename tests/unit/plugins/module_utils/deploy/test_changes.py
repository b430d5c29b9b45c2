# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that mends each difference, and nothing where there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import Changes, Difference, ServiceChange, TierChange, compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import ReleasedService
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import Container
from ansible_collections.ziggie.stack.plugins.module_utils.limits import KernelLimits
from ansible_collections.ziggie.stack.tests.unit import samples
from ansible_collections.ziggie.stack.tests.unit.samples import container, released

LIMITS = replace(samples.LIMITS, cpu_quota=0, io_weight=0, cpuset="")
DESIRED = released(limits=LIMITS)
KERNEL = {"memory": 256 << 20, "pids": 100, "cpu_quota": 0, "cpu_shares": 512, "cpuset": "0-3"}
LIVE = container(limits=LIMITS, kernel=KernelLimits(values=KERNEL))


def action(live: list[Container], desired: ReleasedService = DESIRED, stale: tuple[str, ...] = ()) -> str:
    return compare({"redis": desired}, live, stale=stale).services["redis"].action


def limits(**changes: int | str) -> dict[str, Any]:
    return {"limits": replace(LIMITS, **changes)}


def kernel(**values: int | str) -> dict[str, Any]:
    return {"kernel": KernelLimits(values=values)}


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ({}, "none"),
        ({"labels": {"definition": "other"}}, "recreate"),
        ({"labels": {}}, "recreate"),
        ({"image": "redis:7"}, "recreate"),
        ({"state": "exited", "exit_code": 0}, "recreate"),
        ({"state": "created", "health": "none"}, "start"),
        ({"state": "created", "health": "none", "image": "redis:7"}, "recreate"),
        # What never ran is as cheaply made anew as mended.
        ({"state": "created", "health": "none", **limits(pids=5)}, "recreate"),
        ({"state": "restarting"}, "recreate"),
        ({"state": "paused"}, "recreate"),
        ({"health": "unhealthy"}, "recreate"),
        ({"health": "starting"}, "wait"),
        ({"health": "none"}, "wait"),
        (limits(memory=128 << 20), "update"),
        (limits(memory_swap=-1), "update"),
        (limits(memory_reservation=0), "update"),
        (limits(cpu_shares=1024), "update"),
        # The engine takes 0 for "as it is": a quota that nobody asked for goes only with the container.
        (limits(cpu_quota=500), "recreate"),
        (limits(pids=0), "update"),
        (limits(oom_score_adj=0), "recreate"),
        (limits(cpuset="0"), "update"),
        (kernel(memory=0), "update"),
        (kernel(pids=0), "update"),
        (kernel(cpu_quota=100), "recreate"),
        (kernel(cpu_shares=1024), "update"),
        # What cannot be read is not known to differ; the weight of v2 depends on the runtime.
        (kernel(), "none"),
        (kernel(cpu_weight=20), "none"),
        ({"health": "starting", **limits(pids=5)}, "update"),
        ({"image": "redis:7", **limits(pids=5)}, "recreate"),
    ],
)
def test_the_worst_difference_decides(live: dict[str, Any], expected: str) -> None:
    assert action([replace(LIVE, **live)]) == expected


@pytest.mark.parametrize(
    ("engine", "held", "expected"),
    [
        ("0-1", "0-1", "none"),
        ("0-1", "0,1", "none"),
        ("", "0-3", "update"),
        ("0", "0", "update"),
        ("0-1", "0-3", "update"),
        ("0-1", None, "none"),
    ],
)
def test_other_cores_are_given_in_place(engine: str, held: str | None, expected: str) -> None:
    live = replace(LIVE, **limits(cpuset=engine), **(kernel() if held is None else kernel(cpuset=held)))
    assert action([live], replace(DESIRED, **limits(cpuset="0-1"))) == expected


def test_what_does_not_run_is_created() -> None:
    assert action([]) == "create"


@pytest.mark.parametrize(
    ("wanted", "there", "expected"),
    [(2, 2, "none"), (2, 1, "recreate"), (2, 3, "recreate"), (2, 0, "create"), (0, 0, "none"), (0, 1, "recreate")],
)
def test_as_many_containers_as_the_release_wants(wanted: int, there: int, expected: str) -> None:
    assert action([LIVE] * there, replace(DESIRED, replicas=wanted)) == expected


def test_one_sick_replica_of_two_is_enough() -> None:
    assert action([LIVE, replace(LIVE, state="exited")]) == "recreate"


def test_a_container_whose_image_is_held_by_its_digest_is_of_the_tag() -> None:
    held = "redis:1@sha256:aa"
    assert action([replace(LIVE, image=held)]) == "none"
    for image in ("redis:2", "redis:1@sha256:bb"):
        assert action([replace(LIVE, image=held)], replace(DESIRED, image=image)) == "recreate"


def test_secrets_newer_than_the_container_need_a_new_one() -> None:
    assert action([LIVE], stale=("redis",)) == "recreate"
    assert action([LIVE], stale=("postgres",)) == "none"


def test_a_service_without_a_probe_is_not_waited_for() -> None:
    assert action([replace(LIVE, health="none")], replace(DESIRED, probe=False)) == "none"


def test_no_word_on_swap_asks_nothing_of_the_engine() -> None:
    unsaid = replace(DESIRED, **limits(memory_swap=-1))
    assert action([replace(LIVE, **limits(memory_swap=2 * LIMITS.memory))], unsaid) == "none"
    assert action([replace(LIVE, **limits(memory_swap=-1))], unsaid) == "none"


def test_a_difference_says_what_is_and_what_should_be() -> None:
    change = compare({"redis": DESIRED}, [replace(LIVE, **limits(pids=5))]).services["redis"]
    assert change.differences == (Difference(key="limits.pids", desired=100, live=5),)
    assert change.differences[0].limit == "pids"


def test_what_differs_in_a_definition_is_named_part_by_part() -> None:
    before = {"redis": released(definition="before", parts={"image": "redis:7", "user": "999", "command": ["x"]})}
    desired = {"redis": replace(DESIRED, parts={"image": "redis:8", "user": "999", "environment.A": "1"})}
    live = [replace(LIVE, labels={"definition": "before"})]
    assert compare(desired, live, released=before).services["redis"].differences == (
        Difference(key="command", desired=None, live=["x"]),
        Difference(key="environment.A", desired="1", live=None),
        Difference(key="image", desired="redis:8", live="redis:7"),
    )


def test_a_definition_that_no_release_knows_is_named_by_its_hash() -> None:
    before = {"redis": released(definition="other")}
    differences = compare({"redis": DESIRED}, [replace(LIVE, labels={})], released=before).services["redis"].differences
    assert differences == (Difference(key="definition", desired="redis-defini", live="none"),)


def test_services_are_sorted_into_what_their_tier_has_to_do() -> None:
    services = {
        "redis": DESIRED,
        "nginx": released("nginx"),
        "pooler": released("pooler"),
        "n8n": released("n8n", tier="workflow"),
        "loki": released("loki", tier="management"),
    }
    live = [
        replace(LIVE, **limits(pids=5)),
        container("pooler", image="redis:7"),
        container("n8n", health="starting"),
        container("loki"),
        container("old"),
    ]
    changes = compare(services, live)
    nothing = TierChange(deploy=(), recreate=(), limits=(), wait=())
    assert changes.tiers == {
        "critical": TierChange(deploy=("nginx", "pooler"), recreate=("pooler",), limits=("redis",), wait=()),
        "workflow": replace(nothing, wait=("n8n",)),
        "management": nothing,
    }
    assert (changes.create, changes.busy, changes.orphans, changes.differs) == (("nginx",), ["critical", "workflow"], ("old",), True)


def test_nothing_differs_where_nothing_differs() -> None:
    assert compare({"redis": DESIRED}, [LIVE]).differs is False
    # Nor do the samples that other tests begin with.
    assert compare({"redis": released()}, [container()]).differs is False


def test_what_runs_and_is_in_no_release_differs() -> None:
    changes = compare({}, [LIVE])
    assert (changes.services, changes.create, changes.busy, changes.orphans, changes.differs) == ({}, (), [], ("redis",), True)


def test_changes_are_plain_data_and_back() -> None:
    changes = compare({"redis": DESIRED, "nginx": released("nginx")}, [replace(LIVE, image="redis:7"), container("old")])
    assert Changes.from_dict(changes.to_dict()) == changes
    assert changes.services["nginx"] == ServiceChange(
        action="create", differences=(Difference(key="container", desired="running", live="absent"),)
    )
    assert (changes.to_dict()["busy"], changes.to_dict()["differs"]) == (["critical"], True)


@pytest.mark.parametrize("data", [{}, {"services": []}, {"services": {}, "tiers": {}, "create": [], "orphans": []}])
def test_other_data_are_no_changes(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^(services|tiers|create|orphans): "):
        Changes.from_dict(data)


def test_what_follows_a_service_is_renewed_with_it() -> None:
    names = ("redis", "pooler", "web", "other")
    services = {name: released(name) for name in names} | {
        "pooler": released("pooler", follows=("redis",)),
        "web": released("web", follows=("pooler",)),
    }
    live = [container(name) for name in names]
    assert {change.action for change in compare(services, live).services.values()} == {"none"}
    live[0] = replace(live[0], image="redis:7")
    changes = compare(services, live)
    assert changes.tiers["critical"].deploy == ("pooler", "redis", "web")
    assert changes.services["pooler"].differences[0].key == "depends_on.redis"


@pytest.mark.parametrize(("code", "expected"), [(0, "none"), (1, "recreate")])
def test_a_job_that_has_ended_well_is_not_started_again(code: int, expected: str) -> None:
    job = replace(DESIRED, probe=False, ends=True)
    assert action([replace(LIVE, state="exited", exit_code=code, health="none", **kernel())], job) == expected


@pytest.mark.parametrize(
    ("made", "started", "state", "expected"),
    [
        (10.0, 20.0, "running", "none"),
        (20.0, 10.0, "running", "recreate"),
        # It was never started: nothing in it can be of before.
        (20.0, -62135596800.0, "created", "start"),
    ],
)
def test_what_a_killed_run_left_behind_its_leader_is_renewed(made: float, started: float, state: str, expected: str) -> None:
    services = {"redis": released(), "pooler": released("pooler", follows=("redis",))}
    live = [container(created=made, started=30.0), container("pooler", created=5.0, started=started, state=state)]
    assert compare(services, live).services["pooler"].action == expected
