# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack that Compose accepts and that cannot be started on the host is refused before anything is touched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host import codes
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Ceilings, Cgroup, Disk, Engine, Facts, Memory, PathState
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, asked_paths, prepare

DISK = Disk(mount="/", device="/dev/vda1", filesystem="ext4", size=200 << 30, usable=190 << 30, free=150 << 30)
FACTS = Facts(
    root=True,
    project="ziggie",
    systemd=True,
    memory=Memory(total=16 << 30, available=8 << 30),
    core_ids=(0, 1, 2, 3),
    ceilings=Ceilings(nofile=-1, memlock=-1),
    cgroup=Cgroup(version=2, controllers=("memory",), swap_limit=True),
    disks=dict.fromkeys(("/", "/var/lib/docker"), DISK),
    engine=Engine(running=True, installed=True, version="27.1", compose_version="2.30", cgroup_driver="systemd"),
)
IMAGE = {"image": "registry.example/web:1", "restart": "always"}
STACK = "/opt/ziggie/stack"
FILE, DIRECTORY = PathState(kind="file", mode="0644", text=""), PathState(kind="directory", mode="0755")


def errors(compose: dict[str, Any], facts: Facts | None = FACTS, **wish: Any) -> list[tuple[str, str]]:
    """Return code and path of each error."""
    found = prepare(compose, facts, Wish(declared={"memory": "8g", "cpus": 2}, **wish)).findings
    assert all(finding.fix for finding in found if finding.severity == "error")
    return [(finding.code, finding.path) for finding in found if finding.severity == "error"]


def stack(**service: Any) -> dict[str, Any]:
    return {"services": {"web": {**IMAGE, **service}}}


@pytest.mark.parametrize(
    ("compose", "expected"),
    [
        ({"services": {"web": {"build": "."}}}, [(codes.NO_IMAGE, "services.web.image")]),
        ({"services": {"web": {"restart": "always"}}}, [(codes.NO_IMAGE, "services.web.image")]),
        (stack(volumes=["./data:/data"]), [(codes.FILE_ABSENT, "services.web.volumes[0]")]),
        (stack(volumes=["../shared:/data"]), [(codes.FILE_ABSENT, "services.web.volumes[0]")]),
        (stack(volumes=["~/data:/data"]), [(codes.FILE_ABSENT, "services.web.volumes[0]")]),
        (stack(volumes=[{"type": "bind", "source": "./a", "target": "/a"}]), [(codes.FILE_ABSENT, "services.web.volumes[0]")]),
        (stack(volumes=["./config/web:/etc/web"]), [(codes.FILE_ABSENT, "services.web.volumes[0]")]),
        (stack(env_file=".env.web"), [(codes.FILE_ABSENT, "services.web.env_file")]),
        (stack(env_file=["/etc/web.env"]), [(codes.FILE_ABSENT, "services.web.env_file[0]")]),
        (stack(environment={"A": "x${TOKEN}"}), [(codes.VARIABLE_UNSET, "services.web.environment.A")]),
        (stack(environment=["A=${TOKEN:?set it}"]), [(codes.VARIABLE_UNSET, "services.web.environment[0]")]),
        (stack(environment={"A": "${B:-${TOKEN}}"}), [(codes.VARIABLE_UNSET, "services.web.environment.A")]),
        (stack(command="run $TOKEN"), [(codes.VARIABLE_UNSET, "services.web.command")]),
        (stack(command="run ${!x}"), [(codes.VARIABLE_UNSET, "services.web.command")]),
        (stack(image="registry.example/web:${TAG}"), [(codes.VARIABLE_UNSET, "services.web.image")]),
        (
            stack(secrets=["key"]) | {"secrets": {"key": {"file": "./key.txt"}}},
            [(codes.FILE_ABSENT, "secrets.key.file")],
        ),
        (
            stack(secrets=["key"]) | {"secrets": {"key": {"environment": "KEY"}}},
            [(codes.VARIABLE_UNSET, "secrets.key.environment")],
        ),
    ],
)
def test_what_cannot_be_deployed_is_an_error_at_its_place(compose: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert errors(compose) == expected


@pytest.mark.parametrize(
    "compose",
    [
        stack(build="."),
        stack(volumes=["data:/data", "/srv/data:/srv", "/run"]) | {"volumes": {"data": None}},
        stack(volumes=["./config/web:/etc/web", "./config/prometheus/rules.yml:/rules.yml"]),
        stack(env_file=[{"path": "absent.env", "required": False}]),
        stack(environment={"A": "${B:-x}", "C": "$$HOME", "D": "${E:+x}", "F": "a$", "G": None}),
        stack(secrets=["key"]) | {"secrets": {"key": {"file": "./secrets/key", "x-secret": {}}}},
        {"services": {"web": IMAGE, "off": {"build": ".", "x-budget": {"requires": ["runner_token"]}}}},
        {"services": {"web": {**IMAGE, "depends_on": {"db": {"condition": "service_started", "required": False}}}}},
    ],
)
def test_what_comes_with_the_release_or_may_be_absent_is_no_error(compose: dict[str, Any]) -> None:
    assert errors(compose, templates=["web"]) == []


def test_what_lies_on_the_host_is_no_error() -> None:
    compose = stack(volumes=["./data:/data", "../shared:/s"], env_file="web.env", environment={"A": "${TOKEN}", "B": "$PORT"})
    lying = {
        f"{STACK}/data": DIRECTORY,
        "/opt/ziggie/shared": DIRECTORY,
        f"{STACK}/web.env": FILE,
        f"{STACK}/.env": replace(FILE, text="TOKEN=x\nPORT=1\n"),
    }
    assert lying.keys() <= set(asked_paths(compose, Wish()))
    assert errors(compose, replace(FACTS, files=lying)) == []
    assert len(errors(compose)) == 5


@pytest.mark.parametrize(
    ("secret", "path"),
    [
        ({"file": "./secrets/../../../etc/x", "x-secret": {}}, "secrets.key.file"),
        ({"file": "/etc/x", "x-secret": {}}, "secrets.key.file"),
        ({"file": "./config/key", "x-secret": {}}, "secrets.key.file"),
        ({"file": "./secrets/", "x-secret": {}}, "secrets.key.file"),
        ({"environment": "KEY", "x-secret": {}}, "secrets.key.file"),
        ({"file": "./secrets/key", "x-secret": "@key@"}, "secrets.key.x-secret"),
        ({"file": "./secrets/key", "x-secret": {"uid": "root"}}, "secrets.key.x-secret.uid"),
        ({"file": "./secrets/key", "x-secret": {"content": ["@key@"]}}, "secrets.key.x-secret.content"),
        ({"file": "./secrets/key", "x-secret": {"user": 5}}, "secrets.key.x-secret.user"),
        ({"file": "./secrets/key", "x-secret": {"rotate": "restart"}}, "secrets.key.x-secret.rotate"),
        ({"file": "./secrets/key", "x-secret": {"rotate": {"method": "postgres"}}}, "secrets.key.x-secret.rotate.method"),
        ({"file": "./secrets/key", "x-secret": {"rotate": {"method": ["never"]}}}, "secrets.key.x-secret.rotate.method"),
        ({"file": "./secrets/key", "x-secret": {"rotate": {"method": "grafana"}}}, "secrets.key.x-secret.rotate.user"),
        ({"file": "./secrets/key", "x-secret": {"rotate": {"method": "restart", "user": "me"}}}, "secrets.key.x-secret.rotate.user"),
    ],
)
def test_a_secret_that_cannot_be_made_is_an_error(secret: dict[str, Any], path: str) -> None:
    found = errors(stack(secrets=["key"]) | {"secrets": {"key": secret}})
    assert (codes.SECRET_NOT_MADE, path) in found


@pytest.mark.parametrize("project", ["../x", "My Project", "-x"])
def test_a_project_that_compose_does_not_accept_is_an_error(project: str) -> None:
    assert errors(stack(), replace(FACTS, project=project)) == [(codes.PROJECT_INVALID, "stack_project")]


@pytest.mark.parametrize("entry", ["/dev/ttyUSB0:/dev/serial:rwm", {"source": "/dev/ttyUSB0", "target": "/dev/serial"}])
def test_a_device_that_the_host_does_not_have_is_an_error(entry: Any) -> None:
    compose = stack(devices=[entry, "nvidia.com/gpu=all", "${DEVICE:-/dev/x}"])
    assert "/dev/ttyUSB0" in asked_paths(compose, Wish())
    absent, there = ({"/dev/ttyUSB0": PathState(kind=kind)} for kind in ("", "other"))
    assert errors(compose, replace(FACTS, files=absent)) == [(codes.DEVICE_ABSENT, "services.web.devices[0]")]
    assert errors(compose, replace(FACTS, files=there)) == []


@pytest.mark.parametrize("facts", [FACTS, None])
def test_a_device_that_no_host_was_asked_for_is_said_to_be_unknown(facts: Facts | None) -> None:
    found = prepare(stack(devices=["/dev/ttyUSB0"]), facts, Wish(declared={"memory": "8g", "cpus": 2})).findings
    (told,) = (finding for finding in found if finding.code == codes.DEVICE_ABSENT)
    assert (told.severity, told.path) == ("info", "services.web.devices[0]")
    assert "not known" in told.message


def test_no_file_is_looked_for_on_an_imagined_host() -> None:
    assert errors(stack(volumes=["./data:/data"]), None) == []
    assert errors({"services": {"web": {"build": "."}}}, None) == [(codes.NO_IMAGE, "services.web.image")]


def test_a_release_removes_what_it_does_not_bring_from_its_own_directories() -> None:
    lying = {f"{STACK}/config/web": DIRECTORY}
    assert errors(stack(volumes=["./config/web:/etc/web"]), replace(FACTS, files=lying)) == [(codes.FILE_ABSENT, "services.web.volumes[0]")]


def test_connections_to_a_service_that_is_left_out_are_refused_once_with_the_ways_out() -> None:
    # Waiting for it is not required, so that an operator may have it elsewhere; opening connections to it is said by itself.
    web = {**IMAGE, "depends_on": {"redis": {"condition": "service_healthy", "required": False}}, "x-budget": {"connections": {"redis": 2}}}
    compose = {"services": {"web": web, "redis-exporter": IMAGE}}
    made = prepare(compose, FACTS, Wish(declared={"memory": "8g", "cpus": 2}, left_out={"redis": "catalog_excluded"}))
    at = "services.web.x-budget.connections.redis"
    (found,) = [finding for finding in made.findings if finding.path == at]
    assert (found.severity, found.message) == ("error", "redis is left out of the stack (catalog_excluded)")
    assert "leave web out as well" in found.fix
    assert "redis-exporter" not in found.fix
    web["x-budget"]["requires"] = ["not_given"]
    off = prepare(compose, FACTS, Wish(declared={"memory": "8g", "cpus": 2}, left_out={"redis": "catalog_excluded"}))
    assert [finding.path for finding in off.findings if finding.path == at] == []


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        ({"redis": "catalog_excluded"}, ["left out", "catalog_excluded", "leave web out as well", "required: false"]),
        ({}, ["no service 'redis'", "add the service", "remove the dependency"]),
    ],
)
def test_a_dependency_on_a_service_that_is_not_there_names_the_ways_out(left_out: dict[str, str], words: list[str]) -> None:
    compose = {"services": {"web": {**IMAGE, "depends_on": ["redis"]}, "nginx": IMAGE, "grafana": IMAGE}}
    (problem,) = prepare(compose, FACTS, Wish(declared={"memory": "8g", "cpus": 2}, left_out=left_out)).problems
    assert all(word in problem for word in words)
    assert "nginx" not in problem
    assert "grafana" not in problem
