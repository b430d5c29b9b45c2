# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiling: idempotent, careful with what is not ours, honest about the host."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget import codes
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError, Finding
from ansible_collections.ziggie.stack.plugins.module_utils.render import compose as core
from ansible_collections.ziggie.stack.plugins.module_utils.render.host import Host
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.strategies import CAPACITIES, POLICIES, stacks
from hypothesis import given
from hypothesis import strategies as st

HOST = {"memory": "16g", "cpus": 4}
HOSTS = st.sampled_from(
    [
        None,
        {"io_weight": True},
        {"io_weight": False, "swap_limit": False, "memory_reservation": False, "oom_score_adj": False},
        {"memlock_unlimited": False, "nofile_max": 4096, "start_interval": False, "slices": True, "core_ids": [5, 2, 3]},
        {"slices": True, "project": "my-stack", "devices": {"/dev/vda": "/dev/vda", "/dev/vda1": "/dev/vda"}},
        {"registry_map": {"docker.io": "mirror:5000/docker.io", "ghcr.io": "mirror:5000/ghcr.io"}},
    ]
)
OURS = {
    "mem_limit", "memswap_limit", "mem_reservation", "cpu_shares", "cpus", "pids_limit", "oom_score_adj", "blkio_config", "deploy", "ulimits",
    "healthcheck", "environment", "command", "image", "cgroup_parent", "x-budget",
}  # fmt: skip


def compile_stack(compose: dict[str, Any], budget: Budget, target: str = "compose", host: dict[str, Any] | None = None) -> dict[str, Any]:
    return core.compile_stack(compose, budget, target, Host.from_dict(host))


def degradations(compose: dict[str, Any], budget: Budget, host: dict[str, Any] | None = None, target: str = "compose") -> list[Finding]:
    return core.degradations(compose, budget, Host.from_dict(host), target)


def budget_of(compose: Any, policy: Any = None, capacity: Any = None) -> Budget:
    return solve(compose, capacity or HOST, policy)


def compiled(compose: Any, target: str = "compose", host: Any = None, policy: Any = None) -> dict[str, Any]:
    return compile_stack(compose, budget_of(compose, policy), target=target, host=host)


def service(target: str = "compose", host: Any = None, policy: Any = None, **keys: Any) -> dict[str, Any]:
    found: dict[str, Any] = compiled({"services": {"web": keys}}, target, host, policy)["services"]["web"]
    return found


@given(stacks(), CAPACITIES, POLICIES, HOSTS, st.sampled_from(["compose", "swarm"]))
def test_law_6_compiling_what_was_compiled_changes_nothing(stack: Any, capacity: Any, policy: Any, host: Any, target: str) -> None:
    budget = budget_of(stack, policy, capacity)
    once = compile_stack(stack, budget, target, host)
    assert compile_stack(once, budget, target, host) == once
    again = budget_of(once, policy, capacity)
    assert compile_stack(once, again, target, host) == once
    for name, share in budget.services.items():
        for group in ("memory", "cpus", "pids", "io", "tier", "priority", "replicas"):
            assert getattr(again.services[name], group) == getattr(share, group)


@given(stacks(), HOSTS, st.sampled_from(["compose", "swarm"]))
def test_law_6_what_is_not_ours_passes_through(stack: Any, host: Any, target: str) -> None:
    before = copy.deepcopy(stack)
    result = compiled(stack, target, host)
    assert stack == before
    changed = {"services"} if target == "compose" else {"services", "name"}
    assert {key: value for key, value in result.items() if key not in changed} == {
        key: value for key, value in stack.items() if key not in changed
    }
    for name, written in stack["services"].items():
        found = result["services"][name]
        assert {key: value for key, value in found.items() if key not in OURS} == {
            key: value for key, value in written.items() if key not in OURS
        }
        assert {key: value for key, value in found["x-budget"].items() if key in ("tier", "priority", "batch")} == {
            key: value for key, value in (written.get("x-budget") or {}).items() if key in ("tier", "priority", "batch")
        }


def test_compose_gets_limits_in_its_own_keys() -> None:
    found = service(
        image="web",
        deploy={"resources": {"limits": {"memory": "1g", "cpus": "2"}, "reservations": {"devices": ["gpu"]}}, "replicas": 1},
        **{"x-budget": {"tier": "critical", "batch": True, "memory": {"swap": "512m"}, "pids": 9}},
    )
    assert {key: value for key, value in found.items() if key != "x-budget"} == {
        "image": "web",
        "deploy": {"resources": {"reservations": {"devices": ["gpu"], "memory": "64m"}}, "replicas": 1},
        "mem_limit": "1024m",
        "memswap_limit": "1536m",
        "mem_reservation": "64m",
        "cpu_shares": 204,
        "cpus": "2",
        "pids_limit": 9,
        "oom_score_adj": 100,
    }


def test_swarm_gets_limits_in_deploy_and_nothing_that_it_rejects() -> None:
    found = service("swarm", mem_limit="1g", cpu_shares=9, blkio_config={"weight": 90, "device_read_bps": []}, policy={"cpu_quota": "all"})
    assert {key: value for key, value in found.items() if key != "x-budget"} == {
        "deploy": {
            "resources": {
                "limits": {"memory": "1024m", "pids": 4096, "cpus": "4"},
                "reservations": {"cpus": "0.004", "memory": "64m"},
            }
        },
    }


@pytest.mark.parametrize(
    ("tier", "policy", "host", "written", "expected"),
    [
        ("management", "critical", {}, None, "0-2"),
        ("management", "critical", {"core_ids": [7, 4, 5, 1]}, None, "1,4-5"),
        ("management", "critical", {}, "1,3", "1"),
        ("management", "critical", {}, "3", "0-2"),
        ("management", "none", {}, "3", "3"),
        ("management", "none", {}, None, None),
        ("critical", "critical", {}, None, None),
        ("critical", "critical", {}, "3", "3"),
        ("management", "split", {}, None, "0-2"),
        ("critical", "split", {}, None, "3"),
        ("critical", "split", {"core_ids": [7, 4, 5, 1]}, "1", "7"),
    ],
)
def test_cores_that_are_kept_are_left_out(tier: str, policy: str, host: Any, written: str | None, expected: str | None) -> None:
    asked = {"cpuset": written} if written else {}
    stack = {"services": {"api": {"x-budget": {"tier": "critical"}}, "web": {**asked, "x-budget": {"tier": tier}}}}
    assert compiled(stack, host=host, policy={"cpuset": policy})["services"]["web"].get("cpuset") == expected
    swarm = compiled(stack, "swarm", host, {"cpuset": policy})
    assert "cpuset" not in swarm["services"]["web"]
    said = {finding.path for finding in degradations(stack, budget_of(stack, {"cpuset": policy}), host, "swarm")}
    assert ("host.cpuset" in said) is (expected is not None)


@pytest.mark.parametrize(("policy", "able", "said"), [("lower", False, 1), ("lower", True, 0), ("none", False, 0)])
def test_a_host_that_cannot_slow_the_lower_tiers_is_said(policy: str, able: bool, said: int) -> None:
    stack = {"services": {"api": {"x-budget": {"tier": "critical"}}, "web": {}}}
    found = degradations(stack, budget_of(stack, {"memory_high": policy}), {"slices": able})
    named = [finding.sentence() for finding in found if finding.path == "host.memory_high"]
    assert len(named) == said
    assert all("web" in sentence and "api" not in sentence for sentence in named)


@pytest.mark.parametrize(
    ("policy", "able", "said"), [("critical", False, 1), ("split", False, 1), ("critical", True, 0), ("none", False, 0)]
)
def test_an_engine_on_the_cores_that_are_kept_is_said(policy: str, able: bool, said: int) -> None:
    stack = {"services": {"api": {"x-budget": {"tier": "critical"}}, "web": {}}}
    host = {"engine_cores": able, "reasons": {"engine_cores": "it is so"}}
    found = [finding for finding in degradations(stack, budget_of(stack, {"cpuset": policy}), host) if finding.path == "host.engine_cores"]
    assert len(found) == said
    assert all("it is so" in finding.sentence() and "api" in finding.sentence() and "web" not in finding.sentence() for finding in found)


@pytest.mark.parametrize(
    ("host", "written", "expected"),
    [
        ({"slices": True}, None, "ziggie-workflow.slice"),
        ({"slices": True, "project": "my-stack"}, None, "my\\x2dstack-workflow.slice"),
        ({"slices": True}, "batch.slice", "batch.slice"),
        # What was compiled for another tier, or for a host that could.
        ({"slices": True}, "ziggie-critical.slice", "ziggie-workflow.slice"),
        ({"slices": False}, "ziggie-workflow.slice", None),
        ({"slices": False}, "batch.slice", "batch.slice"),
        ({}, None, None),
    ],
)
def test_a_service_lies_in_the_slice_of_its_tier(host: Any, written: str | None, expected: str | None) -> None:
    keys = {"cgroup_parent": written} if written else {}
    assert service(host=host, **keys).get("cgroup_parent") == expected
    assert service("swarm", host, **keys).get("cgroup_parent") == (written if written == "batch.slice" else None)


def test_a_service_outside_of_the_slices_is_named() -> None:
    compose = {"services": {"web": {"cgroup_parent": "batch.slice"}, "api": {"cgroup_parent": "ziggie-critical.slice"}}}
    found = [finding for finding in degradations(compose, budget_of(compose), {"slices": True}) if finding.code == "ZB063"]
    assert [finding.path for finding in found] == ["services.web.cgroup_parent"]
    assert found[0].severity == "warning"


def test_why_a_host_has_no_slices_is_told() -> None:
    compose: dict[str, Any] = {"services": {"web": {}}}
    host = {"slices": False, "reasons": {"slices": "its kernel runs cgroup v1"}}
    found = [finding for finding in degradations(compose, budget_of(compose), host) if finding.path == "host.slices"]
    assert "since its kernel runs cgroup v1: left out for web" in found[0].message
    assert [finding.path for finding in degradations(compose, budget_of(compose), {"slices": True}) if finding.path == "host.slices"] == []


def test_io_settings_are_for_disks_that_the_host_has() -> None:
    blkio = {
        "device_read_bps": [{"path": "/dev/nvme9n1", "rate": "1mb"}, {"path": "/dev/vda1", "rate": "2mb"}],
        "device_write_iops": [{"path": "/dev/nvme9n1", "rate": 10}],
    }
    host = {"devices": {"/dev/vda": "/dev/vda", "/dev/vda1": "/dev/vda"}}
    assert service(host=host, blkio_config=blkio)["blkio_config"] == {"device_read_bps": [{"path": "/dev/vda", "rate": "2mb"}]}
    assert "blkio_config" not in service(host={"devices": {}}, blkio_config=blkio)
    # Of a host that nobody has looked at nothing is known.
    assert service(blkio_config=blkio)["blkio_config"] == blkio


def test_a_list_of_cores_that_is_none_is_refused() -> None:
    with pytest.raises(BudgetError, match=r"services\.web\.cpuset: '0-x' is no list of cores"):
        compiled({"services": {"web": {"cpuset": "0-x"}}})


def test_a_stack_has_no_name_lists_its_dependencies_and_spans_nodes() -> None:
    bridge = {
        "driver": "bridge",
        "driver_opts": {"com.docker.network.bridge.name": "br-web", "encrypted": "true"},
        "ipam": {"driver": "default", "config": [{"subnet": "172.28.0.0/16", "gateway": "172.28.5.254"}]},
    }
    found = compiled(
        {
            "name": "web",
            "services": {"web": {"depends_on": {"db": {"condition": "service_healthy"}}}, "db": {"depends_on": ["web"]}},
            "networks": {"default": bridge, "plain": None, "there": {"external": True}},
        },
        "swarm",
    )
    assert "name" not in found
    assert found["services"]["web"]["depends_on"] == ["db"]
    assert found["services"]["db"]["depends_on"] == ["web"]
    assert found["networks"] == {
        "default": {"driver": "overlay", "driver_opts": {"encrypted": "true"}, "ipam": {"config": [{"subnet": "172.28.0.0/16"}]}},
        "plain": {"driver": "overlay"},
        "there": {"external": True},
    }


def test_what_a_stack_cannot_do_is_said() -> None:
    compose = {"services": {"web": {"mem_limit": "1g", "memswap_limit": "1g"}}}
    said = {finding.path for finding in degradations(compose, budget_of(compose), {"io_weight": True}, target="swarm")}
    assert said == {"host.io_weight", "host.memory_reservation", "host.oom_score_adj", "host.slices", "host.swap_limit"}


def test_a_stack_opens_no_port_that_was_for_one_address() -> None:
    ports = ["80:80", "127.0.0.1:3000:3000/tcp", "[::1]:1:1", "0.0.0.0:443:443", 9, {"target": 1, "host_ip": "127.0.0.1"}, {"target": 2}]
    compose = {"services": {"web": {"ports": ports}}}
    assert compiled(compose)["services"]["web"]["ports"] == ports
    assert compiled(compose, "swarm")["services"]["web"]["ports"] == ["80:80", "0.0.0.0:443:443", 9, {"target": 2}]
    (finding,) = [finding for finding in degradations(compose, budget_of(compose), target="swarm") if finding.path.endswith("ports")]
    assert finding.message == "3 port(s) for one address of the host are left out: a stack would open them on every address"


def test_what_other_keys_said_is_kept_in_x_budget() -> None:
    assert service(mem_limit="1g", memswap_limit="1536m", pids_limit=7, cpus=2, blkio_config={"weight": 300})["x-budget"] == {
        "memory": {"asked": "1024m", "swap": "512m"},
        "cpus": {"limit": "2"},
        "pids": 7,
        "io": 300,
        "complete": True,
    }
    assert service()["x-budget"] == {"complete": True}


@pytest.mark.parametrize(
    ("host", "left_out"),
    [
        ({"swap_limit": False}, "memswap_limit"),
        ({"memory_reservation": False}, "mem_reservation"),
        ({"oom_score_adj": False}, "oom_score_adj"),
        ({"io_weight": False}, "blkio_config"),
    ],
)
def test_what_the_host_cannot_do_is_left_out_and_said(host: dict[str, bool], left_out: str) -> None:
    compose = {
        "services": {
            "web": {"image": "web", "memswap_limit": "1g", "mem_limit": "1g", "blkio_config": {"weight": 100, "weight_device": []}}
        }
    }
    able = dict.fromkeys(host, True)
    budget = budget_of(compose)
    assert left_out in compile_stack(compose, budget, host=able)["services"]["web"]
    assert left_out not in compile_stack(compose, budget, host=host)["services"]["web"]
    assert f"host.{next(iter(host))}" in {finding.path for finding in degradations(compose, budget, host)}
    assert f"host.{next(iter(host))}" not in {finding.path for finding in degradations(compose, budget, able)}


def test_io_weights_are_written_where_they_work() -> None:
    found = service(host={"io_weight": True}, blkio_config={"device_read_bps": [1]}, **{"x-budget": {"io": 700}})
    assert found["blkio_config"] == {"device_read_bps": [1], "weight": 700}


@pytest.mark.parametrize(
    ("ulimits", "host", "expected"),
    [
        (
            {"nofile": {"soft": 1024, "hard": 99999}, "memlock": -1},
            {"nofile_max": 4096},
            {"nofile": {"soft": 1024, "hard": 4096}, "memlock": -1},
        ),
        ({"nofile": 99999, "nproc": 9}, {"nofile_max": 4096}, {"nofile": 4096, "nproc": 9}),
        ({"nofile": -1}, {"nofile_max": 4096}, {"nofile": 4096}),
        ({"memlock": {"soft": -1, "hard": -1}}, {"memlock_unlimited": False}, None),
        ({"nofile": 99999}, {"nofile_max": None}, {"nofile": 99999}),
    ],
)
def test_ulimits_are_what_the_host_allows(ulimits: Any, host: Any, expected: Any) -> None:
    assert service(host=host, ulimits=ulimits).get("ulimits") == expected


def test_fast_probes_need_a_new_engine() -> None:
    probe = {"test": ["CMD", "true"], "start_interval": "1s"}
    assert service(host={"start_interval": False}, healthcheck=probe)["healthcheck"] == {"test": ["CMD", "true"]}
    assert service(healthcheck=probe)["healthcheck"] == probe


@pytest.mark.parametrize(
    ("image", "mapped"),
    [
        ("redis", "mirror:5000/hub/library/redis"),
        ("redis:8", "mirror:5000/hub/library/redis:8"),
        ("grafana/loki:3", "mirror:5000/hub/grafana/loki:3"),
        ("docker.io/library/redis:8", "mirror:5000/hub/library/redis:8"),
        ("ghcr.io/a/b@sha256:0", "mirror:5000/ghcr/a/b@sha256:0"),
        ("localhost/a", "localhost/a"),
        ("mirror:5000/hub/library/redis", "mirror:5000/hub/library/redis"),
        ("quay.io/a/b:1", "quay.io/a/b:1"),
    ],
)
def test_images_come_from_where_the_host_gets_them(image: str, mapped: str) -> None:
    assert service(host={"registry_map": {"docker.io": "mirror:5000/hub", "ghcr.io": "mirror:5000/ghcr/"}}, image=image)["image"] == mapped


def test_volumes_are_bound_to_their_storage_class() -> None:
    compose = {
        "services": {"web": {"x-budget": {"storage": {"a": {"class": "hot", "path": "x"}, "b": {"class": "cold"}, "c": {}}}}},
        "volumes": {"a": None, "b": {"labels": {"k": "v"}}, "c": {"external": True}, "d": {}},
    }
    budget = budget_of(compose)
    assert compile_stack(compose, budget)["volumes"] == compose["volumes"]
    assert compile_stack(compose, budget, host={"storage_classes": {"hot": "/hot/", "cold": "/cold"}})["volumes"] == {
        "a": {"driver": "local", "driver_opts": {"type": "none", "o": "bind", "device": "/hot/x"}},
        "b": {"labels": {"k": "v"}, "driver": "local", "driver_opts": {"type": "none", "o": "bind", "device": "/cold/b"}},
        "c": {"external": True},
        "d": {},
    }
    with pytest.raises(BudgetError, match=r"services.web.x-budget.storage.b.class: the host has no storage class 'cold'; use one of hot"):
        compile_stack(compose, budget, host={"storage_classes": {"hot": "/hot"}})


def test_services_without_credentials_are_left_out_and_said() -> None:
    compose: dict[str, Any] = {
        "services": {
            "runner": {"x-budget": {"requires": ["token"], "storage": {"data": {}}}},
            "web": {"depends_on": {"runner": {"condition": "service_started"}}},
            "other": {"depends_on": ["runner", "web"]},
        },
        "volumes": {"data": {}},
    }
    budget = budget_of(compose)
    host = {"storage_classes": {"hot": "/hot"}}
    result = compile_stack(compose, budget, host=host)
    assert sorted(result["services"]) == ["other", "web"]
    assert "depends_on" not in result["services"]["web"]
    assert result["services"]["other"]["depends_on"] == ["web"]
    assert result["volumes"]["data"]["driver_opts"]["device"] == "/hot/data"
    # The budget itself says that it is off, and gives it nothing that it could be started with.
    (finding,) = [finding for finding in budget.findings if finding.code == codes.SERVICE_OFF]
    assert finding.path == "services.runner"
    assert "has no token" in finding.message
    assert [finding for finding in degradations(compose, budget) if finding.code == codes.SERVICE_OFF] == []
    assert "runner" not in compile_stack(compose, budget, host={"credentials": ["token"]})["services"]
    held = budget_of(compose, policy={"credentials": ["token"]})
    absent = degradations(compose, held, {"credentials": []})
    assert [finding.path for finding in absent if finding.code == codes.SERVICE_OFF] == ["services.runner"]
    assert "runner" in compiled(compose, policy={"credentials": ["token"]})["services"]
    assert "runner" not in compiled(compose, policy={"credentials": ["token"]}, host={"credentials": []})["services"]


def test_tuned_arguments_and_variables_are_merged() -> None:
    found = service(command="postgres -c jit=on -c log_statement=all", **{"x-budget": {"tuning": {"tuner": "postgres"}}})
    # What its author wrote stays, in its place.
    assert found["command"][:5] == ["postgres", "-c", "jit=on", "-c", "log_statement=all"]
    assert "jit=off" not in found["command"]
    assert found["command"][5:7] == ["-c", f"shared_buffers={14136 // 4}MB"]
    found = service(environment=["NODE_OPTIONS=--inspect"], **{"x-budget": {"tuning": {"tuner": "node"}}})
    assert found["environment"] == ["NODE_OPTIONS=--inspect --max-old-space-size=8481"]
    assert "command" not in found


@pytest.mark.parametrize(
    ("engine", "start"),
    [("prometheus", ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]), ("redis", ["redis-server"])],
)
def test_an_image_keeps_its_own_command_when_arguments_are_added(engine: str, start: list[str]) -> None:
    assert service(**{"x-budget": {"tuning": {"tuner": engine}}})["command"][: len(start)] == start


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"command": ["sh", "-c", "exec postgres"]}, "its command is a script for sh"),
        ({"entrypoint": "/bin/bash -c", "command": ["postgres"]}, "its entrypoint is a script for /bin/bash"),
        ({"command": "postgres 'a"}, "the quotes of its command do not match"),
    ],
)
def test_a_script_is_left_alone_and_said(keys: dict[str, Any], why: str) -> None:
    compose = {"services": {"db": {**keys, "x-budget": {"tuning": {"tuner": "postgres"}}}}}
    budget = budget_of(compose)
    assert compile_stack(compose, budget)["services"]["db"]["command"] == keys["command"]
    (finding,) = [finding for finding in degradations(compose, budget, {"io_weight": True}) if finding.code == codes.NOT_MERGED]
    assert finding.message == f"the tuned arguments were not merged: {why}"


def test_another_stacks_budget_is_refused() -> None:
    with pytest.raises(BudgetError, match=r"services.other: the budget has no such service; budget the definition that is compiled"):
        compile_stack({"services": {"other": {}}}, budget_of({"services": {"web": {}}}))


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(BudgetError, match="target: 'swam' is none of compose, swarm; write swarm"):
        compiled({"services": {}}, "swam")
