# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each thing that would stop a run is one named finding with a fix; a good host has none."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host import codes
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.firewall import published_ports
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.checks import Requirements, check

GIB = 1 << 30
HOST: dict[str, Any] = {
    "root": True,
    "project": "ziggie",
    "core_ids": [0, 1, 2, 3],
    "memory": {"total": 16 * GIB},
    "engine": {
        "running": True,
        "installed": True,
        "version": "26.1.5",
        "compose_version": "2.26.1",
        "root": "/var/lib/docker",
        "daemon_config": {},
        "networks": [{"name": "bridge", "subnets": ["172.17.0.0/16"]}, {"name": "ziggie-network", "subnets": ["172.28.0.0/16"]}],
        "containers": [],
    },
    "routes": [
        {"subnet": "10.0.2.0/24", "interface": "eth0"},
        {"subnet": "172.17.0.0/16", "interface": "docker0"},
        {"subnet": "172.28.0.0/16", "interface": "br-ziggie"},
    ],
    "listening": [{"address": "0.0.0.0", "port": 22}, {"address": "127.0.0.1", "port": 9090}],
    "disks": {"/var/lib/docker": {"free": 50 * GIB, "usable": 90 * GIB, "device": "/dev/vda1", "mount": "/"}},
}
COMPOSE: dict[str, Any] = {
    "services": {"nginx": {"ports": ["80:80", "443:443"]}, "grafana": {"ports": ["127.0.0.1:3000:3000"]}},
    "networks": {
        "default": {
            "name": "ziggie-network",
            "driver_opts": {"com.docker.network.bridge.name": "br-ziggie"},
            "ipam": {"config": [{"subnet": "172.28.0.0/16", "ip_range": "172.28.5.0/24", "gateway": "172.28.5.254"}]},
        }
    },
}
# One container of the stack, with its own port.
OWN = [{"name": "nginx", "project": "ziggie", "published": [{"address": "0.0.0.0", "port": 443, "protocol": "tcp"}]}]
NEEDS = Requirements(disk_free=10 * GIB, declared_memory=None, declared_cpus=None, declared_disk=None, pretend=False)


def put(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy with one place changed."""
    changed = copy.deepcopy(document)
    place: Any = changed
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in parents:
        place = place[part]
    place[last] = value
    return changed


def test_a_good_host_has_no_findings() -> None:
    assert check(Facts.from_dict(HOST), COMPOSE, NEEDS) == []


def test_a_host_without_an_engine_has_no_findings() -> None:
    engine = {**HOST["engine"], "running": False, "version": "", "compose_version": "", "networks": []}
    host = {**HOST, "engine": engine, "routes": [], "listening": []}
    assert check(Facts.from_dict(host), COMPOSE, NEEDS) == []


@pytest.mark.parametrize(
    ("place", "value", "code", "words"),
    [
        ("root", False, codes.NOT_ROOT, ["host.user", "not root"]),
        ("engine/version", "20.10.24", codes.ENGINE_TOO_OLD, ["20.10.24", "23.0 or newer"]),
        ("engine/version", "22.9", codes.ENGINE_TOO_OLD, ["22.9"]),
        ("engine/compose_version", "2.17.9", codes.COMPOSE_TOO_OLD, ["2.17.9", "2.18 or newer"]),
        ("engine/compose_version", "1.29.2", codes.COMPOSE_TOO_OLD, ["1.29.2"]),
        ("engine/compose_version", "", codes.COMPOSE_TOO_OLD, ["host.docker_compose", "not installed"]),
        ("engine/daemon_config_invalid", True, codes.DAEMON_CONFIG_INVALID, ["/etc/docker/daemon.json"]),
        (
            "routes/0",
            {"subnet": "172.28.64.0/18", "interface": "tun0"},
            codes.NETWORK_OVERLAPS,
            ["networks.default.ipam.config[0].subnet", "172.28.64.0/18", "tun0"],
        ),
        ("routes/0", {"subnet": "172.16.0.0/12", "interface": "wg0"}, codes.NETWORK_OVERLAPS, ["172.16.0.0/12", "wg0"]),
        (
            "engine/networks/0",
            {"name": "other_default", "subnets": ["172.28.0.0/20"]},
            codes.NETWORK_OVERLAPS,
            ["the Docker network other_default"],
        ),
        ("listening/0", {"address": "0.0.0.0", "port": 443}, codes.PORT_TAKEN, ["services.nginx.ports[1]", "443"]),
        ("listening/0", {"address": "::", "port": 443}, codes.PORT_TAKEN, ["443"]),
        ("listening/0", {"address": "10.0.2.15", "port": 443}, codes.PORT_TAKEN, ["10.0.2.15"]),
        ("listening/0", {"address": "127.0.0.1", "port": 3000}, codes.PORT_TAKEN, ["services.grafana.ports[0]", "3000"]),
    ],
)
def test_one_thing_wrong_is_one_finding(place: str, value: Any, code: str, words: list[str]) -> None:
    findings = check(Facts.from_dict(put(HOST, place, value)), COMPOSE, NEEDS)
    assert [finding.code for finding in findings] == [code]
    assert findings[0].severity == "error"
    assert findings[0].fix
    assert [word for word in words if word not in findings[0].sentence()] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("engine/version", "23.0.0"),
        ("engine/version", "28.2.2-rc.1"),
        ("engine/compose_version", "2.18.0-desktop.1"),
        ("engine/compose_version", "5.5.0"),
        ("routes/0", {"subnet": "172.29.0.0/16", "interface": "tun0"}),
        # The two halves by which a VPN takes the default route.
        ("routes/0", {"subnet": "128.0.0.0/1", "interface": "tun0"}),
        ("engine/networks/0", {"name": "six", "subnets": ["fd00::/64"]}),
        ("listening/0", {"address": "10.0.2.15", "port": 3000}),
        ("listening/0", {"address": "0.0.0.0", "port": 8080}),
    ],
)
def test_what_harms_nothing_is_no_finding(place: str, value: Any) -> None:
    assert check(Facts.from_dict(put(HOST, place, value)), COMPOSE, NEEDS) == []


def test_the_stacks_own_port_is_not_taken_by_another_program() -> None:
    served = put(HOST, "listening/0", {"address": "0.0.0.0", "port": 443})
    assert check(Facts.from_dict(put(served, "engine/containers", OWN)), COMPOSE, NEEDS) == []
    other = [{**OWN[0], "project": "other"}]
    assert [finding.code for finding in check(Facts.from_dict(put(served, "engine/containers", other)), COMPOSE, NEEDS)] == [
        codes.PORT_TAKEN
    ]


def test_too_little_disk_counts_until_the_stack_runs() -> None:
    host = put(HOST, "disks", {"/var/lib/docker": {"free": 3 * GIB, "device": "/dev/vda1", "mount": "/"}})
    findings = check(Facts.from_dict(host), COMPOSE, NEEDS)
    assert [finding.code for finding in findings] == [codes.DISK_TOO_SMALL]
    assert "3072 MiB are free on /dev/vda1, the run needs 10240 MiB" in findings[0].sentence()
    assert check(Facts.from_dict(put(host, "engine/containers", OWN)), COMPOSE, NEEDS) == []


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        ("networks/default/ipam/config/0/subnet", "172.28.0.1/16", codes.NETWORK_INVALID),
        ("networks/default/ipam/config/0/subnet", "nowhere", codes.NETWORK_INVALID),
        ("networks/default/ipam/config/0/gateway", "10.9.9.1", codes.NETWORK_INVALID),
        ("networks/default/ipam/config/0/gateway", "nowhere", codes.NETWORK_INVALID),
        ("networks/default/ipam/config/0/ip_range", "10.9.9.0/24", codes.NETWORK_INVALID),
        ("networks/default/ipam/config/0", "172.28.0.0/16", codes.NETWORK_INVALID),
        ("networks/default/ipam", ["x"], None),
        ("networks/default", None, None),
        ("services/nginx/ports", "80:80", None),
        ("services/nginx", "an image", None),
        ("services/nginx/ports", ["80:80", "443:443", "127.0.0.1:3000:8080"], codes.PORT_TAKEN),
    ],
)
def test_what_an_override_got_wrong(place: str, value: Any, code: str | None) -> None:
    assert [finding.code for finding in check(Facts.from_dict(HOST), put(COMPOSE, place, value), NEEDS)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("entry", "published"),
    [
        ("80:8080", [("0.0.0.0", 80)]),
        ("127.0.0.1:3000:3000", [("127.0.0.1", 3000)]),
        ("[::1]:3000:3000", [("::1", 3000)]),
        ("8000-8001:8000-8001", [("0.0.0.0", 8000), ("0.0.0.0", 8001)]),
        ("53:53/udp", []),
        ("8080", []),
        (8080, []),
        ({"target": 80, "published": "8080"}, [("0.0.0.0", 8080)]),
        ({"target": 80, "published": 8080, "host_ip": "127.0.0.1"}, [("127.0.0.1", 8080)]),
        ({"target": 80, "published": 8080, "protocol": "udp"}, []),
        ({"target": 80}, []),
    ],
)
def test_published_ports_in_every_syntax(entry: Any, published: list[tuple[str, int]]) -> None:
    found = published_ports({"services": {"web": {"ports": [entry]}}})
    assert [(address, port) for _path, address, port in found] == published


@pytest.mark.parametrize(("pretend", "severity"), [(False, "error"), (True, "warning")])
def test_a_capacity_above_the_hosts_is_an_error_but_in_a_lab(pretend: bool, severity: str) -> None:
    needs = Requirements(disk_free=0, declared_memory=32 * GIB, declared_cpus=8000, declared_disk=91 * GIB, pretend=pretend)
    findings = check(Facts.from_dict(HOST), COMPOSE, needs)
    assert [(finding.code, finding.path, finding.severity) for finding in findings] == [
        (codes.CAPACITY_ABOVE_HOST, "stack_capacity.memory", severity),
        (codes.CAPACITY_ABOVE_HOST, "stack_capacity.cpus", severity),
        (codes.CAPACITY_ABOVE_HOST, "stack_capacity.disk", severity),
    ]
    assert findings[2].message == "93184 MiB are declared, the host has 92160 MiB"


def test_everything_wrong_is_told_at_once() -> None:
    host = put(put(put(HOST, "root", False), "engine/version", "19.3"), "listening/0", {"address": "::", "port": 443})
    found = {finding.code for finding in check(Facts.from_dict(host), COMPOSE, NEEDS)}
    assert found == {codes.NOT_ROOT, codes.ENGINE_TOO_OLD, codes.PORT_TAKEN}


def test_an_engine_that_does_not_answer_is_one_problem() -> None:
    silent = {**HOST["engine"], "running": False, "hung": True, "error": "the engine does not answer: timed out", "networks": []}
    host = {**HOST, "engine": silent, "listening": [{"address": "0.0.0.0", "port": port} for port in (80, 443, 3000)]}
    (one,) = check(Facts.from_dict(host), COMPOSE, NEEDS)
    assert (one.code, one.message) == (codes.ENGINE_HUNG, "the engine does not answer: timed out")
    assert one.fix == "restart it on the host: systemctl restart docker"
