# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Use, images and volumes of containers, asked of a host that is a directory and an engine that is a dict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.engine.inquiry import Use, images, settings
from ansible_collections.ziggie.stack.plugins.module_utils.engine.moment import seconds
from ansible_collections.ziggie.stack.plugins.module_utils.engine.volumes import places


class Stub(Engine):
    def __init__(self, pages: dict[str, Any]) -> None:
        self.pages = pages

    def get(self, resource: str, **_query: Any) -> Any:
        if resource not in self.pages:
            raise EngineError("404")
        return self.pages[resource]


def container(**state: Any) -> dict[str, Any]:
    return {
        "Id": "c1",
        "Config": {"Image": "redis:1", "Labels": {"com.docker.compose.service": "redis"}},
        "State": {"Pid": 9, "Running": True, "StartedAt": "1970-01-01T00:01:40Z", **state},
        "NetworkSettings": {"Networks": {"n": {"IPAddress": "172.28.5.1"}}},
    }


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("1970-01-01T00:00:02.5Z", 2.5), ("1970-01-01T00:00:02Z", 2.0), ("0001-01-01T00:00:00Z", -62135596800.0), ("", 0.0)],
)
def test_a_moment_of_the_engine(text: str, wanted: float) -> None:
    assert seconds(text) == wanted


def test_use_is_read_twice(tmp_path: Path) -> None:
    (tmp_path / "proc/9").mkdir(parents=True)
    (tmp_path / "proc/9/cgroup").write_text("0::/x\n", encoding="ascii")
    (tmp_path / "x").mkdir()
    (tmp_path / "x/cpu.stat").write_text("usage_usec 1000000\n", encoding="ascii")
    times = iter((200.0, 200.0, 201.0))
    waited: list[float] = []
    use = Use([container()], clock=lambda: next(times), proc=tmp_path / "proc", cgroups=tmp_path)
    (tmp_path / "x/cpu.stat").write_text("usage_usec 1500000\n", encoding="ascii")
    assert use.read(pause=waited.append) == {"c1": {"cpu_used": 1_500_000, "cpu": 500, "cpu_average": 15}}
    assert waited == [0.5]


@pytest.mark.parametrize("state", [{"Running": False}, {"Paused": True}])
def test_a_program_that_does_not_run_is_not_asked(state: dict[str, bool]) -> None:
    budget = {"services": {"redis": {"tuning": {"engine": "redis", "settings": {}}}}}
    assert settings([container(**state)], budget, "/none") == {}


def test_a_service_without_tuning_is_not_asked() -> None:
    assert settings([container()], {"services": {"redis": {"tuning": {"engine": None}}}}, "/none") == {}


def test_a_program_of_an_engine_that_is_gone_is_unknown(tmp_path: Path) -> None:
    budget = {"services": {"redis": {"tuning": {"engine": "redis", "settings": {"maxmemory": "1mb"}}}}}
    (answer,) = settings([container()], budget, str(tmp_path / "none.sock")).values()
    assert (answer["live"], answer["differences"]) == ({}, [])
    assert "does not answer" in answer["unknown"][0]


def test_the_image_that_a_reference_means_now() -> None:
    assert images(Stub({"/images/redis:1/json": {"Id": "sha256:b"}}), [container()]) == {"redis:1": "sha256:b"}
    assert images(Stub({}), [container()]) == {"redis:1": ""}


def test_where_volumes_lie(tmp_path: Path) -> None:
    listed = [{"Labels": {"com.docker.compose.volume": "data"}, "Options": {"device": "/elsewhere"}}, {"Labels": None, "Options": None}]
    found = places(Stub({"/volumes": {"Volumes": listed}}), "ziggie", {"data": str(tmp_path), "gone": "/not/there"})
    assert (found["data"]["device"], found["data"]["released"]) == ("/elsewhere", str(tmp_path))
    assert 0 < found["data"]["free"] <= found["data"]["size"]
    assert found["gone"] == {"device": "", "released": "/not/there"}
    assert places(Stub({"/volumes": {"Volumes": None}}), "ziggie", {}) == {}
