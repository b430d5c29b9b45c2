# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: each line of it is one sentence with its path and what would be right, and all are told at once."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.registry import TUNERS
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError

HOST = {"memory": "16g", "cpus": 4}


def told(compose: Any, capacity: Any = None, policy: Any = None) -> list[str]:
    with pytest.raises(BudgetError) as caught:
        solve(compose, HOST if capacity is None else capacity, policy)
    return str(caught.value).splitlines()


BUDGETS: list[tuple[Any, str]] = [
    ({"memory": {"request": "5m"}}, "x-budget.memory.floor: a floor of 5 MiB is below the least that Docker takes; write 6m or more"),
    (
        {"memory": {"reservation": "1m"}},
        "x-budget.memory.reservation: a reservation of 1 MiB is below the least that Docker takes; write 6m or more",
    ),
    ({"memroy": {}}, "x-budget.memroy: nothing reads 'memroy'; write memory"),
    ({"memory": {"flor": "1g"}}, "x-budget.memory.flor: nothing reads 'flor'; write floor"),
    ({"cpus": {"quota": 1}}, "x-budget.cpus.quota: nothing reads 'quota'; use one of limit, reservation"),
    ({"memory": "1g"}, "x-budget.memory: '1g' is no mapping; write key: value pairs"),
    ({"memory": {"floor": ""}}, "x-budget.memory.floor: '' is no size; write 1g, 1024m or bytes"),
    ({"memory": {"floor": "1gb2"}}, "x-budget.memory.floor: '1gb2' is no size; write 1g, 1024m or bytes"),
    ({"memory": {"request": True}}, "x-budget.memory.request: True is no size; write 1g, 1024m or bytes"),
    ({"memory": {"request": "0m"}}, "x-budget.memory.request: '0m' is no size: it must be above zero; write 1g, 1024m or bytes"),
    ({"memory": {"swap": -1}}, "x-budget.memory.swap: -1 is no size: it must be above zero; write 1g, 1024m or bytes"),
    (
        {"memory": {"floor": "2g", "request": "1g"}},
        "x-budget.memory.floor: the floor 2048 MiB is above the request 1024 MiB; lower the floor or raise the request",
    ),
    (
        {"memory": {"reservation": "2g", "request": "1g"}},
        "x-budget.memory.reservation: the reservation 2048 MiB is above the request 1024 MiB; lower the reservation or raise the request",
    ),
    (
        {"cpus": {"reservation": 1, "limit": 0.5}},
        "x-budget.cpus.reservation: the reservation of 1000 millicores is above the limit of 500; lower the reservation or raise the limit",
    ),
    (
        {"cpus": {"limit": "half"}},
        "x-budget.cpus.limit: 'half' is no number of CPUs; write cores with at most three decimals, such as 0.5 or 2",
    ),
    ({"tier": "critcal"}, "x-budget.tier: 'critcal' is none of critical, workflow, management; write critical"),
    ({"priority": 1}, "x-budget.priority: 1 is none of high, medium, low; use one of high, low, medium"),
    (
        {"reload": {}},
        "x-budget.reload: expected either a signal or a command; write {signal: HUP}, or {exec: [program, argument]}",
    ),
    (
        {"reload": {"signal": "HUP", "exec": ["a"]}},
        "x-budget.reload: expected either a signal or a command; write {signal: HUP}, or {exec: [program, argument]}",
    ),
    ({"reload": {"signal": "KILL"}}, "x-budget.reload.signal: expected one of HUP, USR1, USR2; write HUP"),
    (
        {"reload": {"signal": "HUP", "check": "nginx -t"}},
        "x-budget.reload.check: expected a list of texts that is not empty; write a list such as [nginx, -t], numbers in quotes",
    ),
    ({"reload": {"signal": "HUP", "timeout": True}}, "x-budget.reload.timeout: expected whole seconds from 1 to 600; write 30"),
    (
        {"reload": {"signal": "HUP", "chek": ["a"]}},
        "x-budget.reload.chek: nothing reads this key; use one of check, exec, files, signal, timeout, verify",
    ),
    ({"pids": 0}, "x-budget.pids: 0 is no whole number from 1 to 4194304; write a number such as 4096"),
    ({"pids": 1.5}, "x-budget.pids: 1.5 is no whole number from 1 to 4194304; write a number such as 4096"),
    ({"io": 5}, "x-budget.io: 5 is no whole number from 10 to 1000; write a number such as 600"),
    ({"batch": "yes"}, "x-budget.batch: 'yes' is neither true nor false; write true or false"),
    ({"requires": "token"}, "x-budget.requires: 'token' is no list of names; write a list such as [name]"),
    (
        {"tuning": {"max_connections": 3}},
        (f"x-budget.tuning.tuner: no tuner is named; write tuner: and one of {', '.join(sorted(TUNERS))}"),
    ),
    ({"tuning": {"tuner": "redis", "polcy": "x"}}, "x-budget.tuning.polcy: nothing reads 'polcy'; write policy"),
    (
        {"tuning": {"tuner": "node", "heap_share": 0.85}},
        "x-budget.tuning.heap_share: 0.85 is more than the 0.65 that is safe; write a share such as 0.6 or 60%",
    ),
    ({"storage": {"web_dta": {}}}, "x-budget.storage.web_dta: the stack declares no volume 'web_dta'; write web_data"),
    ({"storage": {"web_data": {"mode": 700}}}, 'x-budget.storage.web_data.mode: 700 is no mode; write a quoted octal mode such as "0700"'),
    (
        {"storage": {"web_data": {"path": "../etc"}}},
        "x-budget.storage.web_data.path: '../etc' is not below the storage class; write a relative path without ..",
    ),
    (
        {"storage": {"web_data": {"path": "./"}}},
        "x-budget.storage.web_data.path: './' is not below the storage class; write a relative path without ..",
    ),
]


@pytest.mark.parametrize(("budget", "sentence"), BUDGETS, ids=[sentence.split(":")[0] for _unused, sentence in BUDGETS])
def test_a_wrong_x_budget_is_told(budget: Any, sentence: str) -> None:
    assert told({"services": {"web": {"x-budget": budget}}, "volumes": {"web_data": {}}}) == [f"services.web.{sentence}"]


def test_everything_wrong_is_told_at_once() -> None:
    services = {f"service-{number}": {"x-budget": budget} for number, (budget, _unused) in enumerate(BUDGETS)}
    assert len(told({"services": services, "volumes": {"web_data": {}}}, policy={"wieghts": 1})) == len(BUDGETS) + 1


@pytest.mark.parametrize(
    ("compose", "sentences"),
    [
        ({}, ["services: the Compose definition has no services; write services: {name: {image: …}}"]),
        ([], [": [] is no mapping; write key: value pairs"]),
        ({"services": {"web": "nginx"}}, ["services.web: 'nginx' is no mapping; write key: value pairs"]),
        ({"services": {"web": {"mem_limit": "lots"}}}, ["services.web.mem_limit: 'lots' is no size; write 1g, 1024m or bytes"]),
        (
            {"services": {"web": {"mem_limit": "1g", "mem_reservation": "2g"}}},
            [
                (
                    "services.web.mem_reservation: the reservation 2048 MiB is above the request 1024 MiB; "
                    "lower the reservation or raise the request"
                )
            ],
        ),
        (
            {"services": {"web": {"deploy": {"replicas": "two"}}}},
            ["services.web.deploy.replicas: 'two' is no whole number from 0 to 10000; write a number such as 1"],
        ),
    ],
)
def test_a_wrong_definition_is_told(compose: Any, sentences: list[str]) -> None:
    assert told(compose) == sentences


@pytest.mark.parametrize(
    ("capacity", "policy", "sentence"),
    [
        ({"cpus": 4}, None, "capacity.memory: the capacity has no memory; write memory: 16g"),
        (
            {"memory": "16g", "cpus": "four"},
            None,
            "capacity.cpus: 'four' is no number of CPUs; write cores with at most three decimals, such as 0.5 or 2",
        ),
        ({"memory": "16g", "cpus": 4, "dsk": 1}, None, "capacity.dsk: nothing reads 'dsk'; write disk"),
        (None, {"memry": "fit"}, "policy.memry: nothing reads 'memry'; write memory"),
        (None, {"memory": "fits"}, "policy.memory: 'fits' is none of fit, declared; write fit"),
        (None, {"weights": {"urgent": 9}}, "policy.weights.urgent: nothing reads 'urgent'; use one of high, low, medium"),
        (None, {"weights": {"high": 0}}, "policy.weights.high: 0 is no number above zero; write a decimal number such as 2 or 1.5"),
        (
            None,
            {"overcommit": {"memory": float("inf")}},
            "policy.overcommit.memory: inf is no number; write a decimal number such as 2 or 1.5",
        ),
        (None, {"reserve": {"memory": "x"}}, "policy.reserve.memory: 'x' is no size; write 1g, 1024m or bytes"),
        (
            None,
            {"defaults": {"memory": {"floor": "1g"}}},
            "policy.defaults.memory.floor: the floor is above the request; lower the floor or raise the request",
        ),
        (None, {"defaults": {"cpus": {"limit": 2}}}, "policy.defaults.cpus.limit: nothing reads 'limit'; use one of reservation"),
    ],
)
def test_a_wrong_host_or_policy_is_told(capacity: Any, policy: Any, sentence: str) -> None:
    assert told({"services": {}}, capacity, policy) == [sentence]


@pytest.mark.parametrize("name", ["x-buget", "x_budget", "x-budgets"])
def test_a_misspelt_extension_is_told(name: str) -> None:
    (finding,) = (one for one in solve({"services": {"web": {name: {}}}}, HOST).findings if one.severity == "warning")
    assert finding.sentence() == f"services.web.{name}: '{name}' is not read; write x-budget"


def test_foreign_extensions_are_left_alone() -> None:
    assert [one.path for one in solve({"services": {"web": {"x-secret": {}, "x-mine": 1}}}, HOST).findings] == ["services"]


def test_a_wrong_shape_that_several_figures_are_read_from_is_told_once() -> None:
    found = told({"services": {"a": {"image": "b:1", "deploy": "x"}}})
    assert found == ["services.a.deploy: 'x' is no mapping; write key: value pairs"]
