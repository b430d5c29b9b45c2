# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release says of a service: a hash of all that needs a new container, and limits in the engine's units."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import build, limits

BUDGET = {
    "services": {
        "redis": {"tier": "critical", "priority": "high", "replicas": 1},
        "nginx": {"tier": "critical", "priority": "high", "replicas": 1},
    }
}
COMPOSE: dict[str, Any] = {
    "services": {
        "redis": {
            "image": "redis:8.0.2",
            "mem_limit": "256m",
            "memswap_limit": "256m",
            "cpu_shares": 512,
            "pids_limit": 100,
            "environment": {"A": "1", "B": "2"},
            "healthcheck": {"test": ["CMD", "redis-cli", "ping"]},
            "volumes": ["redis_data:/data"],
            "secrets": [{"source": "redis__conf", "target": "redis.conf"}],
            "x-budget": {"tier": "critical"},
        },
        "nginx": {"image": "nginx:1.26", "mem_limit": "64m"},
    },
    "volumes": {"redis_data": {"driver": "local"}, "other": {}},
    "secrets": {"redis__conf": {"file": "./secrets/redis/conf"}},
    "networks": {"default": {"name": "ziggie-network"}},
}
CONFIG = {"config/redis/redis.conf": "maxmemory 1\n", "config/nginx/nginx.conf": "events {}\n"}


def released(path: str = "", value: Any = None, config: dict[str, str] | None = None) -> dict[str, Any]:
    """Make the release of a definition in which one place is changed."""
    compose = copy.deepcopy(COMPOSE)
    if path:
        place: Any = compose
        *parents, last = path.split("/")
        for part in parents:
            place = place[part]
        place[last] = value
    return build(compose, BUDGET, CONFIG if config is None else config)


def definition(service: str, *arguments: Any, **named: Any) -> str:
    return str(released(*arguments, **named)["services"][service]["definition"])


def test_the_same_input_gives_the_same_release() -> None:
    assert released() == released()
    assert definition("redis", "services/redis/environment", {"B": "2", "A": "1"}) == definition("redis")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("services/redis/mem_limit", "512m"),
        ("services/redis/memswap_limit", "1g"),
        ("services/redis/mem_reservation", "100m"),
        ("services/redis/cpu_shares", 2),
        ("services/redis/cpus", 0.5),
        ("services/redis/pids_limit", 7),
        ("services/redis/x-budget", {"tier": "workflow"}),
        ("volumes/other", {"driver": "other"}),
        ("services/nginx/image", "nginx:2"),
    ],
)
def test_what_can_change_in_place_keeps_the_definition(path: str, value: Any) -> None:
    assert definition("redis", path, value) == definition("redis")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("services/redis/image", "redis:9"),
        ("services/redis/environment", {"A": "1"}),
        ("services/redis/command", ["--maxmemory", "1"]),
        ("services/redis/oom_score_adj", 100),
        ("services/redis/healthcheck", {"test": ["NONE"]}),
        ("volumes/redis_data", {"driver": "local", "driver_opts": {"device": "/x"}}),
        ("networks/default", {"name": "other"}),
    ],
)
def test_what_needs_a_new_container_changes_the_definition(path: str, value: Any) -> None:
    assert definition("redis", path, value) != definition("redis")


def test_a_services_own_configuration_is_part_of_it() -> None:
    changed = {**CONFIG, "config/redis/redis.conf": "maxmemory 2\n"}
    assert definition("redis", config=changed) != definition("redis")
    assert definition("nginx", config=changed) == definition("nginx")


def test_containers_carry_what_later_runs_ask_for() -> None:
    release = released("services/redis/labels", ["own=1", "bare"])
    assert release["compose"]["services"]["redis"]["labels"] == {
        "own": "1",
        "bare": "",
        "ziggie.stack.tier": "critical",
        "ziggie.stack.priority": "high",
        "ziggie.stack.definition": release["services"]["redis"]["definition"],
    }


def test_the_definition_that_was_given_is_not_touched() -> None:
    before = copy.deepcopy(COMPOSE)
    build(COMPOSE, BUDGET, CONFIG)
    assert before == COMPOSE


def test_secrets_are_named_by_their_files() -> None:
    assert released()["services"]["redis"]["secrets"] == ["secrets/redis/conf"]


@pytest.mark.parametrize(
    ("healthcheck", "probe"),
    [
        ({"test": ["CMD", "true"]}, True),
        ({"test": "true"}, True),
        ({"test": ["NONE"]}, False),
        ({"test": ["CMD", "true"], "disable": True}, False),
        ({"interval": "5s"}, False),
        (None, False),
    ],
)
def test_a_probe_is_a_test_that_is_not_switched_off(healthcheck: Any, probe: bool) -> None:
    assert released("services/redis/healthcheck", healthcheck)["services"]["redis"]["probe"] is probe


def test_limits_are_in_the_engines_units() -> None:
    service = {
        "mem_limit": "1g",
        "memswap_limit": "1536m",
        "mem_reservation": 1048576,
        "cpu_shares": 100,
        "cpus": 0.25,
        "pids_limit": 50,
        "oom_score_adj": 300,
        "blkio_config": {"weight": 800},
        "cpuset": "0-1",
    }
    assert limits(service) == {
        "memory": 1 << 30,
        "memory_swap": 1536 << 20,
        "memory_reservation": 1048576,
        "cpu_shares": 100,
        "cpu_quota": 250,
        "pids": 50,
        "io_weight": 800,
        "oom_score_adj": 300,
        "cpuset": "0-1",
    }


def test_what_is_not_limited_is_zero_and_swap_unsaid() -> None:
    unlimited = {"memory": 0, "memory_swap": -1, "memory_reservation": 0, "cpu_shares": 0, "cpu_quota": 0, "pids": 0}
    assert limits({"pids_limit": -1}) == {**unlimited, "io_weight": 0, "oom_score_adj": 0, "cpuset": ""}


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({}, {}),
        ({"depends_on": ["b", "a"]}, {"a": "service_started", "b": "service_started"}),
        ({"depends_on": {"a": {"condition": "service_healthy"}, "b": None}}, {"a": "service_healthy", "b": "service_started"}),
        ({"network_mode": "service:a", "ipc": "host", "pid": "service:b"}, {"a": "service_started", "b": "service_started"}),
        ({"volumes_from": ["a:ro", "container:x"], "links": ["b:alias"]}, {"a": "service_started", "b": "service_started"}),
        ({"network_mode": "service:a", "depends_on": {"a": {"condition": "service_healthy"}}}, {"a": "service_healthy"}),
    ],
)
def test_what_a_service_is_started_after(service: dict[str, Any], expected: dict[str, str]) -> None:
    assert released("services/nginx", {"image": "nginx:1", **service})["services"]["nginx"]["after"] == expected


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({}, True),
        ({"restart": "no"}, True),
        ({"restart": False}, True),
        ({"restart": "on-failure:3"}, True),
        ({"restart": "unless-stopped"}, False),
        ({"restart": "always"}, False),
        ({"restart": "no", "healthcheck": {"test": ["CMD", "true"]}}, False),
    ],
)
def test_a_job_is_what_nobody_restarts_and_nobody_probes(service: dict[str, Any], expected: bool) -> None:
    assert released("services/nginx", {"image": "nginx:1", **service})["services"]["nginx"]["ends"] is expected


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"secrets": ["file"], "configs": [{"source": "file"}]}, False),
        ({"secrets": [{"source": "variable"}]}, True),
        ({"configs": ["inline"]}, True),
        ({"post_start": [{"command": "true"}]}, True),
        ({"provider": {"type": "x"}}, True),
    ],
)
def test_what_only_compose_can_start(service: dict[str, Any], expected: bool) -> None:
    compose = copy.deepcopy(COMPOSE)
    compose["services"]["nginx"] = {"image": "nginx:1", **service}
    compose["secrets"] |= {"file": {"file": "./a"}, "variable": {"environment": "A"}}
    compose["configs"] = {"file": {"file": "./a"}, "inline": {"content": "a"}}
    assert build(compose, BUDGET, CONFIG)["services"]["nginx"]["by_compose"] is expected
