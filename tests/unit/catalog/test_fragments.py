# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of the fragments: what every one of them must say, and what none may."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.deployable import undeployable
from ansible_collections.ziggie.stack.plugins.module_utils.render.release import build
from ansible_collections.ziggie.stack.plugins.module_utils.units import parse_size
from ansible_collections.ziggie.stack.plugins.plugin_utils.facts import wish_of
from ansible_collections.ziggie.stack.tests.unit.catalog.conftest import CREDENTIALS, TEMPLATES

PINNED = re.compile(r"(docker\.io|ghcr\.io|quay\.io|docker\.n8n\.io)/[a-z0-9._/-]+:v?\d+\.\d+[A-Za-z0-9._-]*")
PUBLIC_PORTS = {"80:80", "443:443"}
LOOPBACK_PORT = re.compile(r"127\.0\.0\.1:\d+:\d+")
SOCKET = "/var/run/docker.sock:/var/run/docker.sock:ro"
SOCKET_USERS = {"alloy", "cadvisor", "portainer", "promtail", "watchtower"}
ROOT_WITHOUT_CAPABILITIES = {"alloy", "cadvisor", "certbot", "flowise", "ollama", "open-webui", "portainer", "promtail", "watchtower"}
IMAGE_USER = {"github-runner"}
WRITABLE = {"flowise", "github-runner", "open-webui"}
UNPROBED = {"certbot", "nginx-exporter"}
SECRET_NAME = re.compile(r"password|passwd|secret|token|_key|credential", re.IGNORECASE)
NAMES_A_FILE = re.compile(r"(_FILE|__FILE|_PATH)$")


def test_the_catalog_is_complete(fragments: dict[str, Any], report: dict[str, Any]) -> None:
    own = {"alertmanager", "alloy", "mongodb-exporter", "nginx-exporter", "pgbouncer", "postgres-exporter", "redis-exporter"}
    assert set(fragments) == set(report) | own


def test_a_file_holds_the_service_of_its_name(name: str, fragment: dict[str, Any]) -> None:
    assert list(fragment["services"]) == [name]
    assert set(fragment) <= {"services", "volumes", "secrets"}


def test_an_image_is_pinned(service: dict[str, Any]) -> None:
    assert PINNED.fullmatch(service["image"])


def test_a_budget_says_everything(service: dict[str, Any]) -> None:
    budget = service["x-budget"]
    assert {"tier", "priority", "memory", "cpus", "pids", "io"} <= set(budget)
    assert {"floor", "reservation", "request"} <= set(budget["memory"])
    assert set(budget["cpus"]) == {"reservation", "limit"}


def test_what_is_read_again_is_checked_before(stack: dict[str, Any], budget: dict[str, Any], rendered: dict[str, str]) -> None:
    released = build(stack, budget, rendered).release.services
    reloads = {name: one for name, one in released.items() if one.reload}
    assert set(reloads) == {"alertmanager", "alloy", "nginx", "pgbouncer", "prometheus"}
    assert set(reloads["nginx"].reloadable) == {"config/nginx/nginx.conf", "config/nginx/routes.conf"}
    assert {"config/nginx/start.sh", "config/nginx/reload.sh"} <= set(reloads["nginx"].parts)
    # Alloy and PgBouncer have no command that checks all of a configuration: the answer to a reload is the check.
    assert {name for name, one in reloads.items() if one.reload and not one.reload.check} == {"alloy", "pgbouncer"}


def test_only_services_of_the_lowest_priority_are_batch(service: dict[str, Any]) -> None:
    budget = service["x-budget"]
    assert not budget.get("batch") or (budget["tier"], budget["priority"]) == ("management", "low")


def test_a_service_is_probed_from_inside_or_says_that_it_cannot_be(name: str, service: dict[str, Any]) -> None:
    probe = service["healthcheck"]
    if name in UNPROBED:
        assert probe == {"disable": True}
        return
    assert {"test", "interval", "timeout", "retries", "start_period", "start_interval"} == set(probe)
    assert probe["test"][0] in ("CMD", "CMD-SHELL")
    assert not any("localhost" in word for word in probe["test"])


def test_only_the_proxy_is_public(name: str, service: dict[str, Any]) -> None:
    public = {port for port in service.get("ports", []) if not LOOPBACK_PORT.fullmatch(port)}
    assert public == (PUBLIC_PORTS if name == "nginx" else set())


def test_no_two_services_want_one_port(fragments: dict[str, Any]) -> None:
    published = [port.rsplit(":", 1)[0] for name, one in fragments.items() for port in one["services"][name].get("ports", [])]
    assert len(published) == len(set(published))


def test_a_service_is_hardened(name: str, service: dict[str, Any]) -> None:
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert bool(service.get("read_only")) != (name in WRITABLE)
    assert "privileged" not in service
    root = str(service.get("user", "0")).split(":", maxsplit=1)[0] == "0"
    assert root == (name in ROOT_WITHOUT_CAPABILITIES | IMAGE_USER)


def test_a_service_says_how_it_stops_and_comes_back(service: dict[str, Any]) -> None:
    assert service["restart"] == "unless-stopped"
    assert re.fullmatch(r"\d+s", service["stop_grace_period"])


def test_the_socket_is_for_those_that_cannot_do_without(name: str, service: dict[str, Any]) -> None:
    sockets = [volume for volume in service.get("volumes", []) if "docker.sock" in str(volume)]
    assert sockets == ([SOCKET] if name in SOCKET_USERS else [])


def test_the_environment_holds_no_secret(service: dict[str, Any]) -> None:
    for variable, value in service.get("environment", {}).items():
        assert isinstance(value, str), f"{variable} is no text"
        if SECRET_NAME.search(variable):
            assert NAMES_A_FILE.search(variable), variable


def test_a_secret_belongs_to_its_service_and_its_user(name: str, fragment: dict[str, Any], service: dict[str, Any]) -> None:
    secrets = fragment.get("secrets", {})
    assert {entry["source"] for entry in service.get("secrets", [])} == set(secrets)
    for source, secret in secrets.items():
        owner, _unused, file = source.partition("__")
        assert owner == name
        assert secret["file"] == f"./secrets/{name}/{file}"
        assert re.search(r"@[a-z][a-z0-9_]*@", secret["x-secret"]["content"])
        if "user" in service:
            assert service["user"] == f"{secret['x-secret']['uid']}:{secret['x-secret']['gid']}"


def test_a_volume_has_one_place_and_owner(fragments: dict[str, Any]) -> None:
    declared = {volume for one in fragments.values() for volume in one.get("volumes", {})}
    places: dict[str, str] = {}
    for name, one in fragments.items():
        for volume, storage in one["services"][name]["x-budget"].get("storage", {}).items():
            assert volume not in places, f"{volume} is placed by {places.get(volume)} and {name}"
            assert set(storage) - {"floor"} == {"class", "path", "owner", "group", "mode", "size"}
            assert re.fullmatch(r"0[0-7]{3}", storage["mode"])
            places[volume] = name
    assert set(places) == declared


def test_a_volume_belongs_to_the_user_who_writes_it(service: dict[str, Any]) -> None:
    mounted = {str(volume).split(":", maxsplit=1)[0]: str(volume) for volume in service.get("volumes", [])}
    for volume, storage in service["x-budget"].get("storage", {}).items():
        if not mounted[volume].endswith(":ro"):
            assert service.get("user", "0:0") == f"{storage['owner']}:{storage['group']}"


def test_dependencies_have_no_circle(fragments: dict[str, Any]) -> None:
    graph = {name: set(one["services"][name].get("depends_on", {})) for name, one in fragments.items()}
    assert set().union(*graph.values()) <= set(fragments)
    tiers = ("critical", "workflow", "management")
    tier = {name: tiers.index(one["services"][name]["x-budget"]["tier"]) for name, one in fragments.items()}
    for name in TopologicalSorter(graph).static_order():
        assert all(tier[other] <= tier[name] for other in graph[name])


def test_whoever_uses_a_server_comes_after_it(fragments: dict[str, Any]) -> None:
    for name, one in fragments.items():
        service = one["services"][name]
        watched = {name.removesuffix("-exporter")} & set(fragments) if name.endswith("-exporter") else set()
        for server in {*service["x-budget"].get("connections", {}), *watched}:
            assert service["depends_on"][server]["condition"] == "service_healthy", f"{name} is not started after {server}"


def test_configuration_is_mounted_read_only(name: str, service: dict[str, Any]) -> None:
    for volume in service.get("volumes", []):
        if str(volume).startswith("./"):
            assert str(volume).startswith(f"./config/{name}")
            assert str(volume).endswith(":ro")


def test_memory_for_files_is_bounded(service: dict[str, Any]) -> None:
    for entry in service.get("tmpfs", []):
        size = re.search(r"size=(\d+m)", entry)
        assert size
        assert parse_size(size[1]) * 4 <= parse_size(service["x-budget"]["memory"]["floor"])


def test_the_stack_can_be_deployed_to_a_host_that_has_nothing_of_it(stack: dict[str, Any]) -> None:
    said = {"templates": [str(root) for root in TEMPLATES], "credentials": CREDENTIALS}
    configured = wish_of(said).configured
    assert list(undeployable(stack, Facts(), project="/opt/ziggie/stack", templates=configured)) == []
    assert list(undeployable(stack, Facts(), project="/opt/ziggie/stack", templates=configured - {"nginx"})) != []
