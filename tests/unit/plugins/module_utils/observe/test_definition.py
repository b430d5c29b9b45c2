# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The definition that is read back from containers says what their author's file says, and draws the same findings."""

from __future__ import annotations

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.findings.inspect import inspect
from ansible_collections.ziggie.stack.plugins.module_utils.observe.definition import Names, cpu, definitions

MIB = 1024**2
# What `docker compose up` makes of it is below, as Engine 29 describes it.
FILE = {
    "services": {
        "db": {
            "image": "postgres:17.2",
            "mem_limit": "512m",
            "cpus": 0.5,
            "restart": "unless-stopped",
            "environment": {"POSTGRES_PASSWORD_FILE": "/run/secrets/password"},
            "volumes": ["data:/var/lib/postgresql/data"],
            "ports": ["5432:5432"],
        },
        "web": {"image": "nginx:1.29.3", "depends_on": {"db": {"condition": "service_healthy"}}, "ports": ["127.0.0.1:8080:80"]},
    },
    "volumes": {"data": {}},
}
IMAGE = {
    "Config": {
        "Env": ["PATH=/bin", "PGDATA=/var/lib/postgresql/data"],
        "Cmd": ["postgres"],
        "Entrypoint": ["docker-entrypoint.sh"],
        "Volumes": {"/var/lib/postgresql/data": {}},
        "StopSignal": "SIGINT",
    }
}
NGINX = {"Config": {"Env": ["PATH=/bin"], "Cmd": ["nginx"], "Entrypoint": ["/docker-entrypoint.sh"], "StopSignal": "SIGQUIT"}}


def container(service: str, image: str, *, config: dict[str, Any], host: dict[str, Any], **rest: Any) -> dict[str, Any]:
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": service, **config.pop("Labels", {})}
    written = {"db": "postgres:17.2", "web": "nginx:1.29.3"}[service]
    return {
        "Name": f"/shop-{service}-{rest.pop('number', 1)}",
        "Image": image,
        "Config": {**{"postgres": IMAGE, "nginx": NGINX}[image]["Config"], "Image": written, "Labels": labels, **config},
        "HostConfig": {
            "ShmSize": 64 * MIB,
            "NetworkMode": "shop_default",
            "CpuPeriod": 0,
            "LogConfig": {"Type": "json-file", "Config": {}},
            **host,
        },
        "NetworkSettings": {"Networks": {"shop_default": {}}},
        **rest,
    }


DB = container(
    "db",
    "postgres",
    config={"Env": ["PATH=/bin", "PGDATA=/var/lib/postgresql/data", "POSTGRES_PASSWORD_FILE=/run/secrets/password"]},
    host={
        "Memory": 512 * MIB,
        "MemorySwap": 1024 * MIB,
        "NanoCpus": 500_000_000,
        "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0},
        "PortBindings": {"5432/tcp": [{"HostIp": "", "HostPort": "5432"}]},
    },
    Mounts=[{"Type": "volume", "Name": "shop_data", "Destination": "/var/lib/postgresql/data", "RW": True}],
)
WEB = container(
    "web",
    "nginx",
    config={"Env": ["PATH=/bin"], "Labels": {"com.docker.compose.depends_on": "db:service_healthy:false"}},
    host={"RestartPolicy": {"Name": "no"}, "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}},
)
NAMES = Names(volumes={"shop_data": "data"}, networks={"shop_default": "default"}, images={"postgres": IMAGE, "nginx": NGINX}, cores=(0, 1))


def test_the_definition_is_what_the_author_wrote() -> None:
    assert definitions([WEB, DB], NAMES) == {
        "shop": {
            "services": {
                "db": {
                    "image": "postgres:17.2",
                    "mem_limit": "512m",
                    "cpus": "0.5",
                    "restart": "unless-stopped",
                    "environment": {"POSTGRES_PASSWORD_FILE": "/run/secrets/password"},
                    "volumes": [{"type": "volume", "target": "/var/lib/postgresql/data", "source": "data"}],
                    "ports": [{"target": 5432, "published": "5432", "protocol": "tcp"}],
                    "networks": ["default"],
                    "logging": {"driver": "json-file"},
                },
                "web": {
                    "image": "nginx:1.29.3",
                    "ports": [{"host_ip": "127.0.0.1", "target": 80, "published": "8080", "protocol": "tcp"}],
                    "networks": ["default"],
                    "depends_on": {"db": {"condition": "service_healthy"}},
                    "logging": {"driver": "json-file"},
                },
            },
            "volumes": {"data": {}},
            "networks": {"default": {}},
        }
    }


def test_the_findings_are_those_of_the_authors_file() -> None:
    def told(definition: object) -> set[tuple[str, str]]:
        return {(finding.code, finding.path) for finding in inspect(definition)}

    of_file = told(FILE)
    assert told(definitions([DB, WEB], NAMES)["shop"]) == of_file
    assert len(of_file) > 5


def test_replicas_count_and_a_run_by_hand_does_not() -> None:
    once = container("web", "nginx", config={"Labels": {"com.docker.compose.oneoff": "True"}}, host={}, number=3)
    second = container("web", "nginx", config={}, host={}, number=2)
    [web] = definitions([WEB, second, once], NAMES)["shop"]["services"].values()
    assert web["deploy"] == {"replicas": 2}


def test_what_the_engine_made_by_itself_is_left_out() -> None:
    anonymous = {"Type": "volume", "Name": "f" * 64, "Destination": "/var/lib/postgresql/data", "RW": True}
    shared = {"Type": "volume", "Name": "e" * 64, "Destination": "/cache", "RW": True}
    db = {**DB, "Mounts": [anonymous, shared]}
    assert definitions([db], NAMES)["shop"]["services"]["db"]["volumes"] == [{"type": "volume", "target": "/cache"}]


def test_a_quota_counts_in_both_of_the_engines_ways() -> None:
    assert (
        cpu({"NanoCpus": 250_000_000})
        == cpu({"CpuQuota": 25_000, "CpuPeriod": 100_000})
        == cpu({"CpuQuota": 25_000, "CpuPeriod": 0})
        == 250
    )
    assert cpu({"CpuQuota": -1}) == cpu({}) == 0


def test_a_token_of_a_logging_driver_is_not_told() -> None:
    logging = {"Type": "splunk", "Config": {"splunk-token": "c0ffee", "splunk-url": "https://splunk:8088"}}
    db = {**DB, "HostConfig": {**DB["HostConfig"], "LogConfig": logging}}
    written = definitions([db], NAMES)["shop"]["services"]["db"]["logging"]["options"]
    assert written == {"splunk-token": "${splunk-token}", "splunk-url": "https://splunk:8088"}
