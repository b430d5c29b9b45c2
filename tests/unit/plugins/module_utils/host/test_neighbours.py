# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of containers that are not ours: their limit from the engine, their use from their control group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.docker import describe
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Engine as Docker
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts, Memory
from ansible_collections.ziggie.stack.plugins.module_utils.host.root import Root
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.capacity import neighbours
from ansible_collections.ziggie.stack.tests.unit.engine import Engine, running

MIB = 1024**2
FILES = {
    "proc/7/cgroup": "0::/system.slice/docker-shop.scope",
    "proc/8/cgroup": "0::/system.slice/docker-mine.scope",
    "sys/fs/cgroup/system.slice/docker-shop.scope/memory.current": "5000",
    "sys/fs/cgroup/system.slice/docker-shop.scope/memory.stat": "inactive_file 2000",
    "sys/fs/cgroup/system.slice/docker-mine.scope/memory.current": "7000",
    "sys/fs/cgroup/system.slice/docker-mine.scope/memory.stat": "inactive_file 0",
}


@pytest.fixture(name="host")
def _host(tmp_path: Path) -> Root:
    for path, text in FILES.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Root(str(tmp_path))


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Iterator[Engine]:
    with running(tmp_path) as engine:
        yield engine


def absent(*_command: Any, **_options: Any) -> tuple[int, str, str]:
    raise FileNotFoundError


def test_a_neighbour_has_its_limit_and_its_use_and_ours_have_neither(host: Root, engine: Engine) -> None:
    for name, project, pid in (("shop", "shop", 7), ("mine", "ziggie", 8), ("single", "", 0)):
        engine.add(name, state="running")
        container = engine.containers[name]
        container["Config"]["Labels"] = {"com.docker.compose.project": project} if project else {}
        container["State"]["Pid"] = pid
        container["HostConfig"] = {"Memory": 9000}
    engine.vanishing.add("gone")
    engine.answers |= {"/version": {"Version": "27.1"}, "/info": {}, "/networks": [], "/volumes": {"Volumes": []}}
    found = describe(host, engine.path, "ziggie", "/opt/ziggie/stack", absent)
    assert found.error == ""
    assert {one.name: (one.project, one.memory_limit, one.memory) for one in found.containers} == {
        "shop": ("shop", 9000, 3000),
        "mine": ("ziggie", 0, 0),
        "single": ("", 9000, 0),
        "gone": ("", 0, 0),
    }


def test_what_cannot_be_read_of_a_neighbour_is_told_and_not_taken_for_nothing(host: Root, engine: Engine) -> None:
    engine.add("shop", state="running")
    engine.containers["shop"]["Config"]["Labels"] = {"com.docker.compose.project": "shop"}
    engine.containers["shop"]["State"]["Pid"] = 9
    engine.answers |= {"/version": {"Version": "27.1"}, "/info": {}, "/networks": [], "/volumes": {"Volumes": []}}
    [shop] = describe(host, engine.path, "ziggie", "/opt/ziggie/stack", absent).containers
    assert (shop.memory, shop.unseen) == (0, True)
    facts = Facts(project="ziggie", memory=Memory(total=4096 * MIB), engine=Docker(containers=(shop,)))
    [finding] = neighbours(facts)
    assert (finding.code, finding.severity) == ("ZH017", "warning")
    assert "of shop may use is not counted: there is no memory limit" in finding.message
    limited = replace(shop, memory_limit=64 * MIB)
    [finding] = neighbours(replace(facts, engine=Docker(containers=(limited,))))
    assert (finding.severity, finding.amount) == ("info", 64 * MIB)


def test_a_neighbour_that_is_restarted_again_and_again_publishes_what_it_will(host: Root, engine: Engine) -> None:
    engine.add("shop", state="restarting")
    engine.containers["shop"]["Config"]["Labels"] = {"com.docker.compose.project": "shop"}
    engine.containers["shop"]["HostConfig"] = {
        "PortBindings": {
            "5432/tcp": [{"HostIp": "", "HostPort": "15432"}],
            "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "53"}],
            "80/tcp": [{"HostIp": "", "HostPort": ""}],
            "81/tcp": None,
        }
    }
    engine.answers |= {"/version": {"Version": "27.1"}, "/info": {}, "/networks": [], "/volumes": {"Volumes": []}}
    [shop] = describe(host, engine.path, "ziggie", "/opt/ziggie/stack", absent).containers
    assert {(one.address, one.port, one.protocol) for one in shop.published} == {("0.0.0.0", 15432, "tcp"), ("127.0.0.1", 53, "udp")}
    assert not shop.unseen


def test_an_engine_that_does_not_say_what_a_neighbour_is_has_an_error(host: Root, engine: Engine) -> None:
    engine.add("shop", state="running")
    engine.answers |= {"/version": {"Version": "27.1"}, "/info": {}, "/networks": [], "/volumes": {"Volumes": []}}
    engine.answers["/containers/shop/json"] = "x"
    engine.refused = {"/containers/shop/json"}
    found = describe(host, engine.path, "other", "/opt/ziggie/stack", absent)
    assert "refused GET /containers/shop/json (500)" in found.error


def test_what_was_deployed_is_told_with_image_and_directory_running_or_not(host: Root, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "opt/ziggie/stack").mkdir(parents=True)
    (tmp_path / "alias").symlink_to("opt/ziggie/stack")
    for name, project, directory, ours, state in (
        ("db", "ziggie", "/opt/ziggie/stack", True, "exited"),
        ("alias", "ziggie", "/alias", True, "running"),
        ("moved", "ziggie", "/srv/ziggie/stack", True, "running"),
        ("theirs", "ziggie", "/home/me", False, "running"),
        ("other", "second", "/opt/ziggie/stack", True, "created"),
        ("shop", "shop", "/srv/shop", False, "running"),
    ):
        engine.add(name, state=state)
        labels = {"com.docker.compose.project": project, "com.docker.compose.project.working_dir": directory}
        engine.containers[name]["Config"]["Labels"] = labels | ({"ziggie.stack.definition": "1"} if ours else {})
    engine.answers |= {"/version": {}, "/info": {}, "/networks": [], "/volumes": {"Volumes": []}}
    found = describe(host, engine.path, "ziggie", "/opt/ziggie/stack", absent)
    assert {(one.name, one.project, one.directory, one.ours, one.image) for one in found.deployed} == {
        ("db", "ziggie", "/opt/ziggie/stack", True, "db:1"),
        ("alias", "ziggie", "/opt/ziggie/stack", True, "alias:1"),
        ("moved", "ziggie", "/srv/ziggie/stack", True, "moved:1"),
        ("theirs", "ziggie", "/home/me", False, "theirs:1"),
        ("other", "second", "/opt/ziggie/stack", True, "other:1"),
    }
    assert {one.name for one in found.containers} == {"alias", "moved", "theirs", "shop"}
