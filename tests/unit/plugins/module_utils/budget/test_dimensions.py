# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk, swap, pids, open files, /dev/shm and connections: each is added up, explained, and refused when it does not fit."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget import codes
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.strategies import stacks
from hypothesis import given

HOST: dict[str, Any] = {"memory": "16g", "cpus": 4}
POLICY = {"reserve": {"disk": "10g", "pids": 100, "files": 1000}, "disk": {"image": "5g", "logs": "100m"}}


def service(**budget: Any) -> dict[str, Any]:
    return {"image": "example", "x-budget": budget}


STACK: dict[str, Any] = {
    "services": {
        "database": service(storage={"data": {"size": "20g"}, "wal": {"size": "4g"}}, pids=300, files=5000, memory={"swap": "1g"}),
        "web": {**service(pids=50, files=2000, memory={"swap": "512m"}), "deploy": {"replicas": 2}},
    },
    "volumes": {"data": {}, "wal": {}},
}
# By dimension, what the stack above takes of it and what the policy keeps.
TAKEN = {
    "disk": (24 * GIB + 5 * GIB + 300 * MIB, 10 * GIB),
    "swap": (2 * GIB, 0),
    "pids": (400, 100),
    "files": (9000, 1000),
}
CODES = {"disk": codes.DISK_ABOVE_POOL, "swap": codes.SWAP_ABOVE_POOL, "pids": codes.PIDS_ABOVE_POOL, "files": codes.FILES_ABOVE_POOL}


def errors(stack: Any, capacity: Any = None, policy: Any = None) -> list[Any]:
    with pytest.raises(BudgetError) as caught:
        solve(stack, HOST if capacity is None else capacity, policy)
    return [finding for finding in caught.value.findings if finding.severity == "error"]


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_a_dimension_fits_to_the_last_unit_and_not_beyond(name: str) -> None:
    taken, reserve = TAKEN[name]
    budget = solve(STACK, {**HOST, name: taken + reserve}, POLICY).to_dict()
    assert budget["capacity"][name] - budget["reserve"].get(name, 0) == budget["pool"][name] == taken
    (problem,) = errors(STACK, {**HOST, name: taken + reserve - 3}, POLICY)
    assert (problem.code, problem.path, problem.amount) == (CODES[name], f"capacity.{name}", 3)
    assert "3 more" in problem.message or "(3 bytes) more" in problem.message
    assert "leave out web" in problem.fix


def test_what_is_not_stated_is_not_checked() -> None:
    budget = solve(STACK, HOST, POLICY).to_dict()
    assert budget["capacity"] == {"memory": 16 * GIB, "cpus": 4000}
    assert set(budget["pool"]) == {"memory", "cpus"}
    assert budget["totals"]["disk"] == {"volumes": 24 * GIB, "images": 5 * GIB, "logs": 300 * MIB}
    assert {name: budget["totals"]["all"][name] for name in ("pids", "files", "swap")} == {"pids": 400, "files": 9000, "swap": 2 * GIB}


def test_all_that_does_not_fit_is_told_at_once() -> None:
    found = errors(STACK, {**HOST, "disk": "30g", "swap": 0, "pids": 200, "files": 2000}, POLICY)
    assert {problem.code for problem in found} == set(CODES.values())


@pytest.mark.parametrize("capacity", [{"disk": "2x"}, {"swap": -1}, {"pids": 0}, {"files": "many"}, {"inodes": 5}])
def test_a_wrong_capacity_is_told(capacity: dict[str, Any]) -> None:
    (problem,) = errors({"services": {"web": {}}}, {**HOST, **capacity})
    assert problem.path == f"capacity.{next(iter(capacity))}"


def test_sizes_are_explained_and_kept() -> None:
    database = solve(STACK, HOST, POLICY).to_dict()["services"]["database"]
    assert database["storage"]["data"]["size"] == 20 * GIB
    assert database["disk"] == 24 * GIB
    assert database["explain"]["disk"] == "data 20480 MiB + wal 4096 MiB = 24576 MiB, from x-budget.storage"
    assert database["explain"]["disk.wal"] == "4096 MiB: the size is met in full (floor 4096 MiB), class hot"
    assert database["explain"]["files"] == "5000 for each process, from x-budget.files"


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"ulimits": {"nofile": 7000}}, 7000),
        ({"ulimits": {"nofile": {"soft": 1024, "hard": "65536"}}}, 65536),
        ({"ulimits": {"nofile": -1}}, 1024),
        ({"ulimits": {"nproc": 5}}, 1024),
        ({"ulimits": {"nofile": 7000}, "x-budget": {"files": 300}}, 300),
        ({}, 1024),
    ],
)
def test_open_files_come_from_the_budget_or_the_ulimit(service: dict[str, Any], expected: int) -> None:
    assert solve({"services": {"web": service}}, HOST).to_dict()["services"]["web"]["files"] == expected


def test_a_server_that_needs_more_files_than_it_may_open_is_told() -> None:
    nginx = {"ulimits": {"nofile": 1024}, "x-budget": {"tuning": {"tuner": "nginx"}}}
    (finding,) = solve({"services": {"nginx": nginx}}, HOST).findings
    assert finding.code == codes.FILES_BELOW_TUNING
    assert finding.message == "a process of it may open 1024 files, and its tuned settings need 2112"


def test_shared_memory_is_within_the_limit() -> None:
    held = {"shm_size": "256m", "x-budget": {"memory": {"floor": "128m", "request": "512m"}}}
    memory = solve({"services": {"web": held}}, HOST).services["web"].memory
    # A ceiling of what may be used, and no need.
    assert (memory.shm, memory.floor, memory.limit) == (256 * MIB, 128 * MIB, 512 * MIB)
    assert solve({"services": {"web": {"shm_size": "1g"}}}, HOST).services["web"].memory.limit > 2 * GIB
    assert solve({"services": {"web": {"shm_size": "1g", "mem_limit": "512m"}}}, HOST).services["web"].memory.limit == 512 * MIB


def pools(**figures: int) -> dict[str, Any]:
    clients = {name: service(connections={"db": figure}) for name, figure in figures.items()}
    return {"services": {"db": service(memory={"floor": "1g", "request": "1g"}, tuning={"tuner": "postgres"}), **clients}}


def test_connections_are_added_up_against_what_the_server_offers() -> None:
    budget = solve(pools(api=60, jobs=37), HOST).to_dict()
    assert budget["totals"]["connections"] == {"db": {"asked": 97, "offered": 97}}
    assert budget["services"]["api"]["explain"]["connections.db"] == "60 at most from each container, from x-budget.connections.db"
    (problem,) = errors(pools(api=60, jobs=38))
    assert (problem.code, problem.amount) == (codes.CONNECTIONS_ABOVE_SERVER, 1)
    assert problem.message == "98 connections may be opened by api (60), jobs (38), 1 more than the 97 that the server offers"


def test_every_container_opens_its_own_connections() -> None:
    stack = pools(api=40)
    stack["services"]["api"]["scale"] = 3
    (problem,) = errors(stack)
    assert "api (120), 23 more" in problem.message


def test_a_floor_that_does_not_hold_the_connections_is_refused() -> None:
    stack = pools(api=90)
    stack["services"]["db"]["x-budget"]["memory"] = {"floor": "256m", "request": "2g"}
    (problem,) = errors(stack)
    assert problem.code == codes.FLOOR_BELOW_TUNER


def test_connections_to_nobody_are_told() -> None:
    stack = pools(api=5)
    stack["services"]["api"]["x-budget"]["connections"] = {"dbb": 5}
    (finding,) = (finding for finding in solve(stack, HOST).findings if finding.code == codes.NO_SUCH_SERVER)
    assert (finding.severity, finding.fix) == ("warning", "write db, add the service, or remove this entry")
    stack["services"]["api"]["x-budget"]["connections"] = {"db": 0}
    (problem,) = errors(stack)
    assert problem.path == "services.api.x-budget.connections.db"


@given(stacks())
def test_the_shortfall_of_every_dimension_is_exact(stack: Any) -> None:
    tight = {"memory": "64g", "cpus": 64, "disk": 1, "swap": 0, "pids": 1, "files": 1}
    for problem in errors(stack, tight):
        name = problem.path.removeprefix("capacity.")
        solve(stack, {"memory": "64g", "cpus": 64, name: tight[name] + problem.amount})
        assert errors(stack, {"memory": "64g", "cpus": 64, name: tight[name] + problem.amount - 1})[0].amount == 1
