# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack is brought up tier by tier: made by Compose, started by the engine; what goes wrong is a sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.tests.unit import engine as fake

Run = Callable[..., dict[str, Any]]

NO_LIMITS = dict.fromkeys(("memory", "memory_reservation", "cpu_shares", "cpu_quota", "pids", "io_weight", "oom_score_adj"), 0) | {
    "memory_swap": -1,
    "cpuset": "",
}


def service(name: str, tier: str = "critical", **more: Any) -> dict[str, Any]:
    return {"tier": tier, "image": f"{name}:1", "definition": name, "limits": NO_LIMITS, "probe": True, "secrets": [], "parts": {}, **more}


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Iterator[fake.Engine]:
    with fake.running(tmp_path) as engine:
        engine.images = {"a:1", "b:1", "late:1"}
        yield engine


@pytest.fixture(name="docker")
def _docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a `docker` that notes its arguments and says what lies in a file beside it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "docker"
    program.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\nif [ -f {tmp_path}/says ]; then cat {tmp_path}/says >&2; exit 1; fi\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return tmp_path / "asked"


@pytest.fixture(name="up")
def _up(run: Run, engine: fake.Engine, docker: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    assert not docker.exists()

    def up(services: dict[str, Any], *, absent: tuple[str, ...] = (), check: bool = False, timeout: int = 5) -> dict[str, Any]:
        """Bring up the critical tier; `absent` were so when it was compared."""
        (tmp_path / "release.json").write_text(json.dumps({"services": services}), encoding="utf-8")
        live = [
            {"service": name, "image": f"{name}:1", "state": "created", "health": "none", "labels": {"definition": name}}
            | {"limits": NO_LIMITS, "kernel": {}}
            for name in services
            if name not in absent
        ]
        changes = compare(services, live)
        options = {"project_src": str(tmp_path), "socket": engine.path, "tiers": ["critical"], "changes": changes, "timeout": timeout}
        return run("up", check=check, **options)

    return up


def test_what_is_there_is_started_without_compose(up: Callable[..., dict[str, Any]], engine: fake.Engine, docker: Path) -> None:
    engine.add("a")
    engine.add("late", tier="management")
    done = up({"a": service("a"), "late": service("late", "management")})
    assert (done["changed"], done["started"], done["commands"]) == (True, ["a"], [])
    assert engine.started == ["a"]
    assert not docker.exists()
    assert done["problems"] == []
    assert "healthy" in [container["health"] for container in done["containers"]]


def test_all_that_is_absent_is_made_at_once(up: Callable[..., dict[str, Any]], docker: Path) -> None:
    services = {"a": service("a"), "late": service("late", "management")}
    done = up(services, absent=("a", "late"))
    [asked] = docker.read_text(encoding="utf-8").splitlines()
    assert asked.endswith("--no-recreate -- a late")
    assert done["created"] == ["a", "late"]
    # This Compose makes nothing.
    assert done["problems"][1] == "a: the engine cannot start it: it has no container."


def test_check_mode_says_what_and_touches_nothing(up: Callable[..., dict[str, Any]], engine: fake.Engine, docker: Path) -> None:
    engine.add("b")
    done = up({"a": service("a"), "b": service("b")}, absent=("a",), check=True)
    assert (done["changed"], done["created"], done["started"]) == (True, ["a"], ["a", "b"])
    assert "b.state: never started" in done["diff"]["before"]
    assert engine.started == []
    assert not docker.exists()


def test_what_compose_says_is_told(up: Callable[..., dict[str, Any]], docker: Path, tmp_path: Path, engine: fake.Engine) -> None:
    (tmp_path / "says").write_text("Error response from daemon: no space left on device\n", encoding="utf-8")
    done = up({"a": service("a")}, absent=("a",))
    assert done["failed"] is True
    assert done["msg"] == ("The critical tier cannot be brought up: Compose cannot make the containers of a: no space left on device.")
    assert (docker.exists(), engine.started) == (True, [])


def test_what_the_engine_refuses_is_told(up: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    engine.add("a")
    engine.leads_to["a"] = "Bind for 0.0.0.0:80 failed: port is already allocated"
    said = up({"a": service("a")})["problems"]
    assert said == [
        "The critical tier did not become healthy.",
        (
            "a: the engine cannot start it: Bind for 0.0.0.0:80 failed: port is already allocated; where no container publishes it, "
            "the engine has kept it since it was killed: systemctl restart docker, and run again."
        ),
    ]


def test_what_cannot_be_started_though_it_was_there_is_made_anew_once(
    up: Callable[..., dict[str, Any]], engine: fake.Engine, docker: Path
) -> None:
    engine.add("a")
    engine.leads_to["a"] = "port is already allocated"
    done = up({"a": service("a")})
    assert (engine.started, done["recreated"]) == (["a", "a"], ["a"])
    [asked] = docker.read_text(encoding="utf-8").splitlines()
    assert asked.endswith("--force-recreate -- a")


def test_whoever_is_late_is_told(up: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    engine.add("a")
    engine.leads_to["a"] = [("running", "starting", 0)]
    said = up({"a": service("a")}, timeout=1)["problems"]
    assert said[0] == "The critical tier did not become healthy within 1 s."
    assert "a: starting, its probe said: so it said" in said[1]


def test_what_only_compose_can_start_is_started_by_it(up: Callable[..., dict[str, Any]], engine: fake.Engine, docker: Path) -> None:
    engine.add("a")
    assert up({"a": service("a", by_compose=True)}, timeout=1)["problems"]
    assert docker.read_text(encoding="utf-8").strip().endswith("up --detach --no-deps --no-recreate -- a")
    assert engine.started == []


@pytest.fixture(name="whole")
def _whole(run: Run, engine: fake.Engine, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def whole(*services: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
        """Bring up every tier with what the module itself finds to differ."""
        named = {one["definition"]: one for one in services}
        (tmp_path / "release.json").write_text(json.dumps({"services": named}), encoding="utf-8")
        return run("up", check=check, project_src=str(tmp_path), socket=engine.path, timeout=5, **options)

    return whole


def test_without_changes_it_compares_and_goes_tier_by_tier(whole: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    for name, tier in (("late", "management"), ("b", "workflow"), ("a", "critical")):
        engine.add(name, tier=tier)
    services = (service("late", "management"), service("b", "workflow"), service("a"))
    done = whole(*services)
    assert (done["changed"], done["started"], engine.started) == (True, ["a", "b", "late"], ["a", "b", "late"])
    assert whole(*services)["changed"] is False
    assert engine.started == ["a", "b", "late"]


def test_containers_are_returned_where_somebody_reads_them(whole: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    engine.add("a")
    assert "containers" not in whole(service("a"), describe=False)
    assert [container["service"] for container in whole(service("a"))["containers"]] == ["a"]


def test_a_tier_that_is_sick_keeps_the_next_one_from_starting(whole: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    engine.add("a")
    engine.add("b", tier="workflow")
    engine.leads_to["a"] = [("running", "unhealthy", 0)]
    done = whole(service("a"), service("b", "workflow"))
    assert done["problems"][0] == "The critical tier did not become healthy."
    assert engine.started == ["a"]


def test_limits_alone_are_changed_in_place(whole: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    engine.add("a", state="running", health="healthy")
    wanted = service("a", limits={**NO_LIMITS, "memory": 64 << 20, "pids": 50})
    checked = whole(wanted, check=True)
    assert (checked["changed"], checked["limited"], engine.updated) == (True, ["ziggie-a-1"], {})
    assert '"pids": 50' in checked["diff"]["after"]
    done = whole(wanted)
    assert (done["changed"], done["limited"], done["started"], engine.started) == (True, ["ziggie-a-1"], [], [])
    assert {key: engine.updated["a"][key] for key in ("Memory", "PidsLimit")} == {"Memory": 64 << 20, "PidsLimit": 50}
    assert "CpusetCpus" not in engine.updated["a"]


def test_no_engine_to_compare_with_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text(json.dumps({"services": {"a": service("a")}}), encoding="utf-8")
    done = run("up", project_src=str(tmp_path), socket=str(tmp_path / "none"))
    assert done["msg"].startswith("Cannot look at the stack: the engine at")


def test_no_engine_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text(json.dumps({"services": {"a": service("a")}}), encoding="utf-8")
    changes = compare({"a": service("a")}, [])
    done = run("up", project_src=str(tmp_path), socket=str(tmp_path / "none"), tiers=["critical"], changes=changes)
    assert "The critical tier cannot be brought up: the engine at" in done["msg"]


def test_no_release_is_one_sentence(run: Run, tmp_path: Path) -> None:
    changes = compare({"a": service("a")}, [])
    assert "run the site playbook again" in run("up", project_src=str(tmp_path), tiers=["critical"], changes=changes)["msg"]
