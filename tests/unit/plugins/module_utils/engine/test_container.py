# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine's inspect answer in the words of the stack."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.cgroup import Protection
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import Container, PublishedPort, containers, seconds
from ansible_collections.ziggie.stack.plugins.module_utils.limits import KernelLimits, Limits
from ansible_collections.ziggie.stack.tests.unit import samples
from hypothesis import given
from hypothesis import strategies as st

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


def described(**host_config: Any) -> Container:
    container = copy.deepcopy(INSPECTED)
    container["HostConfig"].update(host_config)
    return Container.of(container, proc=Path("/nonexistent"), cgroups=Path("/nonexistent"), cores=range(4))


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
        "kernel": KernelLimits(),
    }
    assert {key: getattr(found, key) for key in wanted} == wanted


def test_limits_in_bytes_millicores_and_counts() -> None:
    assert described().limits == Limits(
        memory=1 << 28,
        memory_swap=1 << 28,
        memory_reservation=1 << 27,
        cpu_shares=512,
        cpu_quota=500,
        pids=100,
        io_weight=0,
        oom_score_adj=100,
        cpuset="0-1",
    )


def test_what_the_engine_writes_for_no_limit() -> None:
    found = described(PidsLimit=None, NanoCpus=0, MemorySwap=-1).limits
    assert (found.pids, found.cpu_quota, found.memory_swap) == (0, 0, -1)
    assert described(PidsLimit=-1).limits.pids == 0
    assert described(CpusetCpus="").limits.cpuset == ""
    assert described(CpusetCpus="0-3").limits.cpuset == ""


def test_published_ports() -> None:
    assert described().ports == (
        PublishedPort(container="443/tcp", address="0.0.0.0", host=443),
        PublishedPort(container="80/tcp", address="127.0.0.1", host=8080),
    )


def test_a_container_of_nobody() -> None:
    container = copy.deepcopy(INSPECTED)
    container["Config"]["Labels"] = None
    del container["State"]["Health"]
    found = Container.of(container)
    assert (found.service, found.health, found.labels, found.stand_in) == ("", "none", {}, False)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("1970-01-01T00:00:02.5Z", 2.5), ("1970-01-01T00:00:02Z", 2.0), ("0001-01-01T00:00:00Z", 0.0), ("", 0.0)],
)
def test_a_time_of_the_engine(text: str, wanted: float) -> None:
    assert seconds(text) == wanted


_TEXT = st.text(max_size=5)
_PROTECTION = st.builds(Protection, low=st.integers(), effective=st.integers(), by=_TEXT)
ANY = st.builds(
    Container,
    service=_TEXT,
    number=st.integers(),
    name=_TEXT,
    id=_TEXT,
    image=_TEXT,
    image_id=_TEXT,
    state=_TEXT,
    health=_TEXT,
    health_output=_TEXT,
    restarts=st.integers(),
    oom_killed=st.booleans(),
    created=st.floats(allow_nan=False),
    started=st.floats(allow_nan=False),
    exit_code=st.integers(),
    labels=st.dictionaries(_TEXT, _TEXT),
    limits=st.sampled_from([Limits(), samples.LIMITS]),
    kernel=st.sampled_from([KernelLimits(), samples.KERNEL, KernelLimits(values={"cpu_weight": 20})]),
    cgroup_parent=_TEXT,
    ports=st.lists(st.builds(PublishedPort, container=_TEXT, address=_TEXT, host=st.integers()), max_size=2).map(tuple),
    stand_in=st.booleans(),
    unnamed=st.lists(st.text(min_size=1, max_size=5), max_size=2).map(tuple),
    use=st.none() | st.just({"cpu": 5, "pressure": {"io": 0.5}}),
    image_current=st.none() | _TEXT,
    protection=st.none() | _PROTECTION,
    changed_files=st.none() | st.just(("config/a",)),
)


@given(found=ANY)
def test_plain_data_and_back(found: Container) -> None:
    plain = json.loads(json.dumps(found.to_dict()))
    assert containers([plain]) == [found]


def test_data_of_another_shape_are_refused_with_their_place() -> None:
    plain = samples.container().to_dict()
    with pytest.raises(ValueError, match=r"^containers\[0\]\.limits\.pids: expected a whole number, got '5'$"):
        containers([{**plain, "limits": {**plain["limits"], "pids": "5"}}])
    with pytest.raises(ValueError, match=r"^containers\[0\]\.kernel\.energy: nothing reads this key$"):
        containers([{**plain, "kernel": {"energy": 5}}])
