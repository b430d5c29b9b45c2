# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release says of a service: a hash of all that needs a new container, and limits in the engine's units."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import DataFormat
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.replace import Update
from ansible_collections.ziggie.stack.plugins.module_utils.render.release import Built, build

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


def released(path: str = "", value: Any = None, config: dict[str, str] | None = None) -> Built:
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
    return released(*arguments, **named).release.services[service].definition


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


@pytest.mark.parametrize(
    ("mount", "readable"),
    [
        ("./config/nginx:/etc/nginx/ziggie:ro", True),
        ("./config:/etc/config:ro", True),
        ({"type": "bind", "source": "./config/nginx/", "target": "/etc/nginx/ziggie"}, True),
        # Replaced by rename, the container would keep the old one.
        ("./config/nginx/nginx.conf:/etc/nginx/nginx.conf:ro", False),
        ("./config/nginx-other:/etc/nginx/ziggie:ro", False),
        ("data:/etc/nginx", False),
    ],
)
def test_a_file_that_can_be_read_again_needs_no_new_container_unless_it_is_mounted_by_itself(mount: Any, readable: bool) -> None:
    nginx = {"image": "nginx:1.26", "mem_limit": "64m", "volumes": [mount], "x-budget": {"reload": {"files": ["*.conf"], "signal": "HUP"}}}
    before = {**CONFIG, "config/nginx/start.sh": "exec nginx\n"}
    one, other = (
        released("services/nginx", nginx, config={**before, "config/nginx/nginx.conf": content}).release.services["nginx"]
        for content in "ab"
    )
    assert (one.definition == other.definition) is readable
    assert ("config/nginx/nginx.conf" in one.reloadable) is readable
    assert (one.reload is not None) is readable
    assert "config/nginx/start.sh" in one.parts
    again = {**nginx, "volumes": [mount, "./config/nginx/nginx.conf:/etc/nginx/nginx.conf:ro"]}
    assert "config/nginx/nginx.conf" in released("services/nginx", again).release.services["nginx"].parts
    started_otherwise = released("services/nginx", nginx, config={**before, "config/nginx/start.sh": "exit\n"})
    assert started_otherwise.release.services["nginx"].definition != one.definition


def test_containers_carry_what_later_runs_ask_for() -> None:
    built = released("services/redis/labels", ["own=1", "bare"])
    assert built.compose["services"]["redis"]["labels"] == {
        "own": "1",
        "bare": "",
        "ziggie.stack.tier": "critical",
        "ziggie.stack.priority": "high",
        "ziggie.stack.definition": built.release.services["redis"].definition,
    }


def test_the_definition_that_was_given_is_not_touched() -> None:
    before = copy.deepcopy(COMPOSE)
    build(COMPOSE, BUDGET, CONFIG)
    assert before == COMPOSE


def test_secrets_are_named_by_their_files() -> None:
    assert released().release.services["redis"].secrets == ("secrets/redis/conf",)


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
    assert released("services/redis/healthcheck", healthcheck).release.services["redis"].probe is probe


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
    assert released("services/nginx", {"image": "nginx:1", **service}).release.services["nginx"].after == expected


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
    assert released("services/nginx", {"image": "nginx:1", **service}).release.services["nginx"].ends is expected


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
    assert build(compose, BUDGET, CONFIG).release.services["nginx"].by_compose is expected


@pytest.mark.parametrize(
    ("volumes", "places"),
    [
        (["redis_data:/data"], ("redis_data",)),
        (["/srv/redis:/data", "/etc/localtime:/etc/localtime:ro"], ("/srv/redis",)),
        (["other:/logs"], None),
        (["redis_data:/data:ro"], None),
        ([], None),
    ],
)
def test_a_database_says_in_which_format_its_data_are_and_where(volumes: list[str], places: tuple[str, ...] | None) -> None:
    data = released("services/redis/volumes", volumes).release.services["redis"].data
    assert data == (None if places is None else DataFormat(program="redis", version="8", places=places))
    assert released().release.services["nginx"].data is None


@pytest.mark.parametrize(
    ("image", "volume", "mark"),
    [
        ("postgres:17", "pg_data:/var/lib/postgresql/data", "PG_VERSION"),
        ("postgres:17", "./data:/var/lib/postgresql/data", "PG_VERSION"),
        # Only its container knows where an anonymous volume is.
        ("postgres:17", "/var/lib/postgresql/data", ""),
        # It takes older data along.
        ("mariadb:11.8", "pg_data:/var/lib/mysql", ""),
    ],
)
def test_a_database_that_opens_only_its_own_data_says_where_they_tell_their_version(image: str, volume: str, mark: str) -> None:
    compose: dict[str, Any] = {"services": {"nginx": {"image": image, "volumes": [volume]}}, "volumes": {"pg_data": {}}}
    data = build({**COMPOSE, **compose}, BUDGET, CONFIG).release.services["nginx"].data
    assert data is not None
    assert data.mark == mark


def update(left: int = 600, **service: Any) -> Update:
    """Return what may be done with the containers of a service that asks for new ones first, where so many MiB are not allocated."""
    written = {
        "image": "web:1",
        "healthcheck": {"test": ["CMD", "true"]},
        "restart": "always",
        "deploy": {"update_config": {"order": "start-first"}},
        **service,
    }
    share = {"tier": "critical", "priority": "high", "replicas": 1, "memory": {"limit": 256 << 20}}
    budget = {"services": {"web": share, "side": share}, "totals": {"unallocated": {"memory": left << 20}}}
    compose = {"services": {"web": written, "side": {"image": "side:1", **service.get("x-side", {})}}, "volumes": {"data": {}}}
    return build(compose, budget, {}).release.services["web"].update


def test_a_service_that_holds_nothing_of_its_own_gets_its_new_container_first() -> None:
    assert update() == Update(asked=True)
    assert update().start_first
    read_only = ["./config:/etc/web:ro", {"type": "volume", "source": "data", "target": "/data", "read_only": True}]
    assert update(volumes=read_only, tmpfs=["/tmp"], ports=["80"]).start_first
    assert update(deploy={"replicas": 4}).asked is False


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ({"ports": ["127.0.0.1:80:80"]}, "it publishes port 80 of 127.0.0.1"),
        ({"ports": ["80:80"]}, "it publishes port 80 of all addresses"),
        ({"container_name": "web"}, "its container is always called web"),
        ({"network_mode": "host"}, "it uses the host's network"),
        ({"networks": {"default": {"ipv4_address": "10.0.0.2"}}}, "its address is fixed"),
        ({"volumes": ["data:/data"]}, "it may write to data"),
        ({"volumes": ["/data"]}, "it may write to /data"),
        ({"healthcheck": {"disable": True}}, "it has no healthcheck that tells when a new container can serve"),
        (
            {"left": 255},
            "a second container needs 256 MiB, and 255 MiB of the pool are not allocated: stack_policy.surge.memory keeps some",
        ),
        ({"restart": "no", "healthcheck": {}}, "it is a job"),
        ({"post_start": [{"command": "true"}]}, "only Compose can start it"),
        (
            {"image": "postgres:17", "volumes": ["data:/var/lib/postgresql/data"]},
            "it is a database, whose versions must not share their data",
        ),
        ({"x-side": {"network_mode": "service:web"}}, "side uses what is its container's own"),
    ],
)
def test_what_stands_against_a_second_container_is_told(service: dict[str, Any], said: str) -> None:
    found = update(**service)
    assert (found.start_first, found.why_not) == (False, said)


def test_how_many_at_once_and_how_long_after_each_other_is_the_authors() -> None:
    def wished(left: int = 600, **config: Any) -> Update:
        return update(left, deploy={"replicas": 4, "update_config": config})

    assert wished(parallelism=2, delay="5s") == Update(at_once=2, pause=5.0)
    assert wished(parallelism=0).at_once == 3
    # As many as there is room for.
    assert (wished(parallelism=3, order="start-first").at_once, wished(300, parallelism=3, order="start-first").at_once) == (2, 1)


def test_how_long_it_is_watched_and_what_a_failure_means_is_the_authors_too() -> None:
    def wished(**deploy: Any) -> Update:
        return update(deploy=deploy)

    assert wished(update_config={"monitor": "1m30s", "failure_action": "pause"}) == Update(watch=90.0, on_failure="pause")
    assert wished(update_config={"monitor": "0s", "failure_action": "rollback"}) == Update(watch=0.0, on_failure="rollback")
    odd = wished(update_config={"failure_action": "continue", "max_failure_ratio": 0.5}, rollback_config={"parallelism": 1})
    assert (odd.on_failure, [wish.partition(" is not obeyed")[0] for wish in odd.unheeded]) == (
        "",
        ["update_config.failure_action: continue", "update_config.max_failure_ratio", "rollback_config"],
    )


def test_a_job_that_others_wait_for_is_known() -> None:
    waits = {"depends_on": {"job": {"condition": "service_completed_successfully"}}, "image": "web:1"}
    share = {"tier": "critical", "priority": "high", "replicas": 1}
    services = {"job": {"image": "job:1", "restart": "no"}, "other": {"image": "job:1", "restart": "no"}, "web": waits}
    found = build({"services": services}, {"services": dict.fromkeys(services, share)}, {}).release.services
    assert [name for name, one in found.items() if one.awaited] == ["job"]


def test_a_service_is_started_after_each_server_that_it_opens_connections_to() -> None:
    share = {"tier": "critical", "priority": "high", "replicas": 1}
    services: dict[str, Any] = {name: {"image": f"{name}:1"} for name in ("db", "cache", "reader")}
    services["reader"] |= {"depends_on": {"cache": {"condition": "service_started"}}}
    asked = {**share, "connections": {"db": 3, "cache": 2, "reader": 1, "left-out": 1}}
    found = build({"services": services}, {"services": {"db": share, "cache": share, "reader": asked}}, {}).release.services
    assert (found["reader"].after, found["db"].after) == ({"cache": "service_started", "db": "service_healthy"}, {})


def test_how_many_there_are_needs_no_new_container() -> None:
    several = {"replicas": 3, "update_config": {"order": "start-first"}}
    assert definition("nginx", "services/nginx/deploy", several) == definition("nginx")
    assert definition("nginx", "services/nginx/scale", 2) == definition("nginx")
    assert definition("nginx", "services/nginx/deploy", {"labels": {"a": "b"}}) != definition("nginx")
