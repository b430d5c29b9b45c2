# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk is shared by filesystem as memory is: floors first, the rest by weight, refused where the floors do not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget import codes
from ansible_collections.ziggie.stack.plugins.module_utils.budget.capacities import fit
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.strategies import stacks
from hypothesis import given
from hypothesis import strategies as st

HOST: dict[str, Any] = {"memory": "64g", "cpus": 16}
POLICY = {"reserve": {"disk": "10g"}, "disk": {"image": "1g", "logs": "100m"}}
STACK: dict[str, Any] = {
    "services": {
        "database": {"image": "a", "x-budget": {"priority": "high", "storage": {"data": {"class": "hot", "size": "20g"}}}},
        "metrics": {
            "image": "b",
            "x-budget": {
                "priority": "low",
                "tuning": {"tuner": "prometheus"},
                "storage": {"series": {"class": "hot", "size": "16g", "floor": "2g"}},
            },
        },
        "logs": {
            "image": "c",
            "x-budget": {
                "priority": "medium",
                "tuning": {"tuner": "loki"},
                "storage": {"lines": {"class": "log", "size": "10g", "floor": "2g"}},
            },
        },
    },
    "volumes": {"data": {}, "series": {}, "lines": {}},
}
# What lies on the disk of the stack above beside its volumes: the reserve, three images and three logs.
BESIDE = 10 * GIB + 3 * GIB + 300 * MIB


def sizes(budget: dict[str, Any]) -> dict[str, int]:
    return {
        volume: found["size"] for service in budget["services"].values() for volume, found in service["storage"].items() if "size" in found
    }


def errors(stack: Any, capacity: Any, policy: Any = None) -> list[Any]:
    with pytest.raises(BudgetError) as caught:
        solve(stack, {**HOST, **capacity}, policy)
    return [finding for finding in caught.value.findings if finding.severity == "error"]


def test_a_disk_that_holds_everything_gives_everything() -> None:
    budget = solve(STACK, {**HOST, "disk": "200g"}, POLICY).to_dict()
    assert sizes(budget) == {"data": 20 * GIB, "series": 16 * GIB, "lines": 10 * GIB}
    assert budget["totals"]["disks"]["disk"] == {
        "size": 200 * GIB,
        "volumes": 46 * GIB,
        "images": 3 * GIB,
        "logs": 300 * MIB,
        "reserve": 10 * GIB,
        "left": 200 * GIB - 46 * GIB - BESIDE,
    }


def test_a_smaller_disk_shares_the_rest_by_weight_and_history_follows() -> None:
    budget = solve(STACK, {**HOST, "disk": 24 * GIB + BESIDE + 6 * GIB}, POLICY).to_dict()
    assert sizes(budget) == {"data": 20 * GIB, "series": 4 * GIB, "lines": 6 * GIB}
    assert budget["services"]["metrics"]["tuning"]["settings"]["storage.tsdb.retention.size"] == "3276MB"
    assert budget["services"]["logs"]["tuning"]["settings"]["retention_period"] == "336h"
    assert budget["services"]["metrics"]["explain"]["disk.series"] == (
        "floor 2048 MiB + 1 x 2048.0 MiB of the shared remainder, in whole MiB = 4096 MiB of a size of 16384 MiB "
        "(weighted max-min, weight low = 1), class hot"
    )
    assert budget["totals"]["disks"]["disk"]["left"] == 0


def test_the_floors_do_not_fit() -> None:
    solve(STACK, {**HOST, "disk": 24 * GIB + BESIDE}, POLICY)
    (problem,) = errors(STACK, {"disk": 23 * GIB + BESIDE}, POLICY)
    assert (problem.code, problem.path, problem.amount) == (codes.DISK_ABOVE_POOL, "capacity.disk", GIB)
    assert problem.message == (
        "volumes at their floors 24576 MiB + images 3072 MiB + logs 300 MiB + the system's reserve 10240 MiB are 38188 MiB, "
        "1024 MiB more than the 37164 MiB of the filesystem"
    )
    assert "leave out metrics (3172 MiB)" in problem.fix


def test_each_filesystem_is_counted_for_itself() -> None:
    disks = {
        "/": {"size": "30g", "classes": ["log"], "engine": True, "system": True},
        "/mnt/nvme": {"size": "25g", "classes": ["hot"]},
    }
    budget = solve(STACK, {**HOST, "disks": disks}, POLICY).to_dict()
    assert sizes(budget) == {"data": 20 * GIB, "series": 5 * GIB, "lines": 10 * GIB}
    assert budget["services"]["logs"]["explain"]["disk.lines"].endswith("class log on /")
    totals = budget["totals"]["disks"]
    assert (totals["/mnt/nvme"]["images"], totals["/mnt/nvme"]["reserve"], totals["/mnt/nvme"]["left"]) == (0, 0, 0)
    assert (totals["/"]["images"], totals["/"]["reserve"]) == (3 * GIB, 10 * GIB)
    (problem,) = errors(STACK, {"disks": {**disks, "/mnt/nvme": {"size": "21g", "classes": ["hot"]}}}, POLICY)
    assert (problem.path, problem.amount) == ("capacity.disks./mnt/nvme", GIB)


def test_a_class_that_is_named_lies_where_it_is_named() -> None:
    disks = {"/": {"size": "300g", "engine": True, "system": True}, "/srv": {"size": "25g", "classes": ["hot"]}}
    totals = solve(STACK, {**HOST, "disks": disks}, POLICY).to_dict()["totals"]["disks"]
    assert (totals["/"]["volumes"], totals["/srv"]["volumes"]) == (10 * GIB, 25 * GIB)


def test_an_image_of_several_services_is_there_once() -> None:
    stack = {"services": {name: {"image": "same"} for name in "abc"}}
    assert solve(stack, HOST).to_dict()["totals"]["disk"]["images"] == GIB
    assert fit(stack, {**HOST, "disk": 11 * GIB + 300 * MIB}).shortfalls == {}


@pytest.mark.parametrize(
    ("capacity", "sentence"),
    [
        ({"disks": {"/": {}}}, "capacity.disks./.size: the filesystem does not say how large it is; write size: 200g"),
        ({"disks": {"/": {"size": "1x"}}}, "capacity.disks./.size: '1x' is no size; write 1g, 1024m or bytes"),
        ({"disks": {"/": {"size": "200g", "class": "hot"}}}, "capacity.disks./.class: nothing reads 'class'; write classes"),
        ({"disks": "/"}, "capacity.disks: '/' is no mapping; write key: value pairs"),
    ],
)
def test_a_wrong_filesystem_is_told(capacity: dict[str, Any], sentence: str) -> None:
    assert [problem.sentence() for problem in errors(STACK, capacity)] == [sentence]


@pytest.mark.parametrize("volume", [{"floor": "2g"}, {"floor": "2g", "size": "1g"}])
def test_a_floor_above_the_size_is_refused(volume: dict[str, Any]) -> None:
    stack = {"services": {"web": {"x-budget": {"storage": {"data": volume}}}}, "volumes": {"data": {}}}
    (problem,) = errors(stack, {})
    assert (problem.code, problem.path) == (codes.FLOOR_ABOVE_REQUEST, "services.web.x-budget.storage.data.floor")


DISKS = st.builds(
    lambda first, second, apart: (
        {"disks": {"a": {"size": first, "classes": ["hot"], "engine": True}, "b": {"size": second, "system": True}}}
        if apart
        else {"disk": first + second}
    ),
    st.integers(1, 400).map(lambda size: size * MIB),
    st.integers(1, 400 * MIB),
    st.booleans(),
)
SMALL = {"reserve": {"disk": "20m"}, "disk": {"image": "10m", "logs": "1m"}}


@given(stacks(), DISKS)
def test_law_1_and_4_a_filesystem_is_never_overfull_nor_wasted(stack: Any, disks: Any) -> None:
    try:
        budget = solve(stack, {**HOST, **disks}, SMALL).to_dict()
    except BudgetError:
        assert {problem.code for problem in errors(stack, disks, SMALL)} == {codes.DISK_ABOVE_POOL}
        return
    volumes = [volume for service in budget["services"].values() for volume in service["storage"].values() if "size" in volume]
    assert all(volume["floor"] <= volume["size"] <= volume["request"] for volume in volumes)
    assert all(taken["left"] >= 0 for taken in budget["totals"]["disks"].values())
    assert sum(taken["volumes"] for taken in budget["totals"]["disks"].values()) == budget["totals"]["disk"]["volumes"]
    hungry = [volume for volume in volumes if volume["size"] < volume["request"]]
    assert not hungry or min(taken["left"] for taken in budget["totals"]["disks"].values()) < MIB
    assert json.loads(json.dumps(budget)) == budget
    assert solve(stack, budget["capacity"] | {"cpus": HOST["cpus"]}, budget["policy"]).to_dict() == budget


@given(stacks(), st.integers(1, 400 * MIB), st.integers(1, 300 * MIB))
def test_law_2_and_3_more_disk_gives_no_volume_less_and_a_shortfall_is_exact(stack: Any, size: int, more: int) -> None:
    try:
        before = sizes(solve(stack, {**HOST, "disk": size}, SMALL).to_dict())
    except BudgetError:
        (problem,) = errors(stack, {"disk": size}, SMALL)
        assert problem.amount is not None
        solve(stack, {**HOST, "disk": size + problem.amount}, SMALL)
        assert errors(stack, {"disk": size + problem.amount - 1}, SMALL)[0].amount == 1
        return
    after = sizes(solve(stack, {**HOST, "disk": size + more}, SMALL).to_dict())
    assert all(after[volume] >= size for volume, size in before.items())
