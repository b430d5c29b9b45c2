# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine's inspect answer in the words of the stack."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.engine.live import describe

INSPECTED: dict[str, Any] = {
    "Id": "f" * 64,
    "Name": "/ziggie-redis-1",
    "Image": "sha256:1",
    "RestartCount": 2,
    "State": {
        "Status": "running",
        "Pid": 0,
        "OOMKilled": False,
        "ExitCode": 0,
        "Health": {"Status": "unhealthy", "Log": [{"Output": "first"}, {"Output": " NOAUTH \n"}]},
    },
    "Config": {
        "Image": "redis:8.0.2",
        "Labels": {
            "com.docker.compose.service": "redis",
            "ziggie.stack.tier": "critical",
            "ziggie.stack.definition": "abc",
            "org.ziggie.lab.stand-in": "true",
            "other": "x",
        },
    },
    "HostConfig": {
        "Memory": 1 << 28,
        "MemorySwap": 1 << 28,
        "MemoryReservation": 1 << 27,
        "CpuShares": 512,
        "NanoCpus": 500_000_000,
        "PidsLimit": 100,
        "BlkioWeight": 0,
        "OomScoreAdj": 100,
        "CpusetCpus": "0-1",
        "PortBindings": {
            "443/tcp": [{"HostIp": "", "HostPort": "443"}],
            "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}],
            "9/tcp": None,
        },
    },
}


def described(**host_config: Any) -> dict[str, Any]:
    container = copy.deepcopy(INSPECTED)
    container["HostConfig"].update(host_config)
    return describe(container, proc=Path("/nonexistent"), cgroups=Path("/nonexistent"), cores=range(4))


def test_who_it_is_and_how_it_is() -> None:
    found = described()
    wanted = {
        "service": "redis",
        "name": "ziggie-redis-1",
        "image": "redis:8.0.2",
        "state": "running",
        "health": "unhealthy",
        "health_output": "NOAUTH",
        "restarts": 2,
        "oom_killed": False,
        "labels": {"tier": "critical", "definition": "abc"},
        "stand_in": True,
        "kernel": {},
    }
    assert {key: found[key] for key in wanted} == wanted


def test_limits_in_bytes_millicores_and_counts() -> None:
    assert described()["limits"] == {
        "memory": 1 << 28,
        "memory_swap": 1 << 28,
        "memory_reservation": 1 << 27,
        "cpu_shares": 512,
        "cpu_quota": 500,
        "pids": 100,
        "io_weight": 0,
        "oom_score_adj": 100,
        "cpuset": "0-1",
    }


def test_what_the_engine_writes_for_no_limit() -> None:
    found = described(PidsLimit=None, NanoCpus=0, MemorySwap=-1)["limits"]
    assert (found["pids"], found["cpu_quota"], found["memory_swap"]) == (0, 0, -1)
    assert described(PidsLimit=-1)["limits"]["pids"] == 0
    assert described(CpusetCpus="")["limits"]["cpuset"] == ""
    assert described(CpusetCpus="0-3")["limits"]["cpuset"] == ""


def test_published_ports() -> None:
    assert described()["ports"] == [
        {"container": "443/tcp", "address": "0.0.0.0", "host": 443},
        {"container": "80/tcp", "address": "127.0.0.1", "host": 8080},
    ]


def test_a_container_of_nobody() -> None:
    container = copy.deepcopy(INSPECTED)
    container["Config"]["Labels"] = None
    del container["State"]["Health"]
    found = describe(container)
    assert (found["service"], found["health"], found["labels"], found["stand_in"]) == ("", "none", {}, False)
