# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Compose's own schema refuses is said with path, value and fix; what Compose accepts draws no finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible_collections.ziggie.stack.plugins.filter.preflight import FilterModule
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read
from ansible_collections.ziggie.stack.plugins.plugin_utils.specification import check
from ansible_collections.ziggie.stack.plugins.plugin_utils.specification.check import against_specification
from ansible_collections.ziggie.stack.tests.unit.effort import growth

CATALOG = Path(__file__).resolve().parents[5] / "roles/catalog/files"


def service(**keys: Any) -> dict[str, Any]:
    return {"services": {"api": {"image": "x:1", **keys}}}


def sentences(compose: Any) -> list[str]:
    return [finding.sentence() for finding in against_specification(compose)]


@pytest.mark.parametrize(
    ("compose", "said"),
    [
        (
            service(memori="1g"),
            "services.api.memori: Compose does not know the key 'memori'; write mem_limit, or begin a key of your own with x-",
        ),
        (service(ports="80:80"), "services.api.ports: expected a list, got '80:80'; write it as a list: [\"80:80\"]"),
        (
            service(environment={"A": {"B": 1}}),
            "services.api.environment.A: expected text, a number or true or false, got a mapping; write text, a number or true or false",
        ),
        (service(labels=5), "services.api.labels: expected a mapping or a list, got 5; write it as a list: [5]"),
        (service(ulimits=5), "services.api.ulimits: expected a mapping, got 5; write key: value pairs below it"),
        (service(ulimits={"nofile": {"soft": 1}}), "services.api.ulimits.nofile.hard: this key is missing; write hard: and its value"),
        (service(healthcheck=[]), "services.api.healthcheck: expected a mapping, got a list; write key: value pairs below it"),
        (service(user=1000), "services.api.user: expected text, got 1000; put it in quotes"),
        (service(restart=False), "services.api.restart: expected text, got false; put it in quotes"),
        (service(tty=1), "services.api.tty: expected true or false or text, got 1; write true or false"),
        (service(environment=None), "services.api.environment: expected a mapping or a list, got nothing; write a value or remove the key"),
        (service(oom_score_adj=5000), "services.api.oom_score_adj: expected at most 1000, got 5000; write at most 1000"),
        (
            service(depends_on={"db": {"condition": "service_healty"}}),
            "services.api.depends_on.db.condition: Compose does not accept 'service_healty'; write service_healthy",
        ),
        (
            service(volumes=[{"type": "bnd", "source": "./x", "target": "/x"}]),
            "services.api.volumes[0].type: Compose does not accept 'bnd'; write bind",
        ),
        (service(environment={5: "x"}), "services.api.environment.5: the key 5 is not text; put it in quotes"),
        (
            {"services": {True: {"image": "x:1"}}},
            "services.true: the key true is not text (YAML reads yes, no, on and off as true and false); put it in quotes",
        ),
        ({"services": {5: {"image": "x:1"}}}, "services.5: the key 5 is not text; put it in quotes"),
        (
            {"services": {"../../etc/x": {"image": "x:1"}}},
            "services.../../etc/x: Compose does not accept the name '../../etc/x'; use only letters, digits, ., _ and -",
        ),
        (
            {"services": {"My Service!": {"image": "x:1"}}},
            "services.My Service!: Compose does not accept the name 'My Service!'; use only letters, digits, ., _ and -",
        ),
        ({"services": {"a\n": {}}}, "services.a: Compose does not accept the name 'a '; use only letters, digits, ., _ and -"),
        ({"services": {"api": "x"}}, "services.api: expected a mapping, got 'x'; write key: value pairs below it"),
        ({"services": ["api"]}, "services: expected a mapping, got a list; write key: value pairs below it"),
        ({"servces": {}}, "servces: Compose does not know the key 'servces'; write services, or begin a key of your own with x-"),
        (["services"], "the definition: expected a mapping, got a list; write key: value pairs below it"),
        ({"models": {"m": {}}}, "models.m.model: this key is missing; write model: and its value"),
    ],
)
def test_what_compose_refuses_is_a_sentence(compose: Any, said: str) -> None:
    assert sentences(compose) == [said]


@pytest.mark.parametrize(
    "compose",
    [
        service(**{"x-own": {"any": ["thing"]}}) | {"x-top": 1},
        service(models={"llm": {"endpoint_var": "URL"}}) | {"models": {"llm": {"model": "ai/smollm2", "x-own": 1}}},
        {"services": {"db": {"provider": {"type": "awesomecloud", "options": {"size": 5, "tags": ["a"]}}}}},
        service(post_start=[{"command": "x"}], pre_start=[{"command": ["x"]}], pre_stop=[{"command": "y", "user": "root"}]),
        service(ports=[80, "${PORT}:80", {"target": "${TARGET}", "published": "8080"}], scale="${REPLICAS:-2}", cpus="${CPUS}"),
        service(depends_on={"db": {"condition": "${CONDITION:-service_started}", "required": "${REQUIRED:-false}"}}),
        service(depends_on={"db": {"condition": "service_started", "required": "no"}}),
        service(pull_policy="${PULL}", healthcheck={"test": "x", "retries": "3", "disable": "false"}),
        service(cap_add=["A", "A"], ports=["80:80", "80:80"]),
        service(environment={"A": None, "B": 1.5, "C": True}, command=None, deploy=None),
        service(volumes=["a:/a"], networks={"n": None}) | {"volumes": {"a": None}, "networks": {"n": None}},
        service(gpus="all", develop={"watch": [{"path": ".", "action": "sync", "target": "/x"}]}, use_api_socket=True),
        service(build={"context": ".", "args": ["A"]}, extends={"service": "base", "file": "x.yml"})
        | {"include": ["a.yml"], "version": "3"},
    ],
)
def test_what_compose_accepts_draws_no_finding(compose: dict[str, Any]) -> None:
    assert sentences(compose) == []


def test_our_own_catalog_is_as_compose_wants_it_before_and_after_the_budget() -> None:
    fragments, _unreadable = read(CATALOG)
    compose, _wrong = merge(fragments, {})
    assert sentences(compose) == []
    assert sentences(compile_stack(compose, solve(compose, {"memory": "16g", "cpus": 4}))) == []


def test_all_problems_are_said_at_once_those_of_equal_services_for_each() -> None:
    compose = {"services": {name: {"image": "x:1", "ports": "80", "memori": 1} for name in ("a", "b")}, "volumes": []}
    assert [finding.path for finding in against_specification(compose)] == [
        "volumes",
        *(f"services.{name}.{key}" for name in ("a", "b") for key in ("ports", "memori")),
    ]


@pytest.mark.parametrize(
    "compose", [service(environment="TOKEN=hunter2"), service(environment={"T": ["hunter2"]}), service(build={"args": "hunter2"})]
)
def test_a_value_that_may_be_a_secret_is_not_shown(compose: dict[str, Any]) -> None:
    (said,) = sentences(compose)
    assert "hunter2" not in said


def test_work_grows_as_the_definition() -> None:
    def definition(size: int) -> Any:
        compose = {"services": {f"s{n}": {"image": f"x:{n}", "environment": {"A": str(n)}, "restart": "always"} for n in range(size)}}
        return lambda: against_specification(compose)

    definition(1)()
    assert growth(definition, 100, 1000) < 1.1


def test_what_compose_refuses_makes_a_plan_infeasible() -> None:
    preflight = FilterModule().filters()["preflight"]
    result = preflight(service(memori="1g", mem_limit=[]), declared={"memory": "8g", "cpus": 2})
    assert sorted(problem.partition(":")[0] for problem in result["problems"]) == ["services.api.mem_limit", "services.api.memori"]


def test_the_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    check._validator.cache_clear()
    monkeypatch.setattr(check, "Draft202012Validator", None)
    with pytest.raises(AnsibleError, match=r"jsonschema is not installed .* requirements\.txt"):
        against_specification({})
    check._validator.cache_clear()
