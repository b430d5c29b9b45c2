# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole Compose document is read, whatever is in it."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.project import Project
from ansible_collections.ziggie.stack.plugins.module_utils.compose.service import Declared, Extends, Figure, Service
from hypothesis import given
from hypothesis import strategies as st

MIB = 1024**2
# Every key that the reader looks at, so that odd values reach each of its branches.
KEYS = [
    "services",
    "volumes",
    "networks",
    "secrets",
    "configs",
    "models",
    "name",
    "a",
    "image",
    "command",
    "entrypoint",
    "environment",
    "env_file",
    "labels",
    "deploy",
    "resources",
    "limits",
    "reservations",
    "memory",
    "cpus",
    "pids",
    "mode",
    "replicas",
    "scale",
    "mem_limit",
    "memswap_limit",
    "shm_size",
    "pids_limit",
    "ulimits",
    "nofile",
    "soft",
    "hard",
    "restart",
    "tmpfs",
    "size",
    "type",
    "source",
    "target",
    "ports",
    "published",
    "host_ip",
    "healthcheck",
    "test",
    "disable",
    "interval",
    "retries",
    "depends_on",
    "condition",
    "required",
    "links",
    "volumes_from",
    "network_mode",
    "profiles",
    "extends",
    "service",
    "file",
    "driver_opts",
    "device",
    "external",
    "content",
    "provider",
    "post_start",
    "path",
]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(["1g", "a:b:c:d", "C:", "::", "$$"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.sampled_from(KEYS), SCALARS), inner, max_size=4)),
    max_leaves=30,
)


@given(ANYTHING, st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=8))
def test_nothing_raises(document, service):
    Project.read(document)
    project = Project.read({"services": {"a": service}, "volumes": {"a": service}, "secrets": {"a": service}, "networks": document})
    read = project.services["a"]
    assert read.raw == service
    assert read.replicas >= 0
    list(read.after())
    for section in ("volumes", "networks", "secrets", "configs"):
        assert all(isinstance(name, str) for name, _at in read.uses(section))


@pytest.mark.parametrize(
    ("service", "figure", "value", "at"),
    [
        ({"mem_limit": "1g"}, "memory", 1024 * MIB, "mem_limit"),
        ({"deploy": {"resources": {"limits": {"memory": "64M"}}}}, "memory", 64 * MIB, "deploy.resources.limits.memory"),
        ({"mem_limit": 0}, "memory", None, "mem_limit"),
        ({"mem_limit": "odd"}, "memory", None, "mem_limit"),
        ({}, "memory", None, ""),
        ({"memswap_limit": -1}, "swap", -1, "memswap_limit"),
        ({"memswap_limit": "2m"}, "swap", 2 * MIB, "memswap_limit"),
        ({"shm_size": "64mb"}, "shm", 64 * MIB, "shm_size"),
        ({"cpus": 0.5}, "cpus", 500, "cpus"),
        ({"deploy": {"resources": {"limits": {"cpus": "1.25"}}}}, "cpus", 1250, "deploy.resources.limits.cpus"),
        ({"deploy": {"resources": {"reservations": {"cpus": "1"}}}}, "cpu_reservation", 1000, "deploy.resources.reservations.cpus"),
        ({"mem_reservation": "3m"}, "reservation", 3 * MIB, "mem_reservation"),
        ({"pids_limit": -1}, "pids", -1, "pids_limit"),
        ({"deploy": {"resources": {"limits": {"pids": 9}}}}, "pids", 9, "deploy.resources.limits.pids"),
    ],
)
def test_what_is_declared(service, figure, value, at):
    assert getattr(Declared.read(service), figure) == Figure(value=value, at=at)


@pytest.mark.parametrize(
    ("service", "replicas"),
    [
        ({}, 1),
        ({"scale": 3}, 3),
        ({"scale": 3, "deploy": {"replicas": 2}}, 2),
        ({"deploy": {"replicas": 0}}, 0),
        ({"deploy": {"mode": "global", "replicas": 5}}, 1),
        ({"deploy": {"replicas": "many"}}, 1),
    ],
)
def test_replicas(service, replicas):
    assert Service.read("a", service).replicas == replicas


def test_a_service_in_full():
    service = Service.read(
        "web",
        {
            "image": "example/web:1",
            "command": "run --all 'a b' $$HOME",
            "entrypoint": [],
            "environment": ["A=1=2", "B"],
            "labels": {"on": True},
            "restart": False,
            "networks": {"back": None},
            "volumes": ["data:/data", "./x:/x"],
            "profiles": ["debug"],
            "extends": {"service": "base", "file": "base.yml"},
            "links": ["db:database"],
            "network_mode": "service:vpn",
            "depends_on": {"db": {"condition": "service_healthy"}},
        },
    )
    assert service.command == ("run", "--all", "a b", "$HOME")
    assert service.entrypoint == ()
    assert service.environment == {"A": "1=2", "B": None}
    assert service.labels == {"on": "true"}
    assert service.restart == "no"
    assert service.extends == Extends(service="base", file="base.yml")
    assert service.after() == {"db": "service_healthy", "vpn": "service_started"}
    assert list(service.uses("volumes")) == [("data", "volumes[0]")]
    assert list(service.uses("networks")) == [("back", "networks.back")]
    assert service.profiles == ("debug",)
    assert service.has_container


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({"A": None, "B": "", "C": True, "D": 1}, {"A": None, "B": "", "C": "true", "D": "1"}), (None, {}), (5, {})],
)
def test_environment(environment, expected):
    assert Service.read("a", {"environment": environment}).environment == expected


def test_what_services_share():
    project = Project.read(
        {
            "name": "shop",
            "volumes": {"data": {"driver_opts": {"device": "/srv/data"}}, "old": {"external": {"name": "x"}}, "plain": None},
            "secrets": {"a": {"file": "./a"}, "b": {"environment": "B"}},
            "configs": {"c": {"content": ""}},
        }
    )
    assert {name: (volume.device, volume.external) for name, volume in project.volumes.items()} == {
        "data": ("/srv/data", False),
        "old": ("", True),
        "plain": ("", False),
    }
    assert [project.secrets["a"].by_compose, project.secrets["b"].by_compose, project.configs["c"].by_compose] == [False, True, True]
    assert project.name == "shop"


def test_a_provider_has_no_container():
    assert not Service.read("db", {"provider": {"type": "cloud"}}).has_container
