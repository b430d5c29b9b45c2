# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The live state of a stack, from the engine's answer to the file."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.collect import main
from ansible_collections.ziggie.stack.plugins.module_utils.collect.exposition import values
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import LiveState, Release
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine
from ansible_collections.ziggie.stack.tests.unit import samples

MIB = 1 << 20
LIMITS = replace(samples.LIMITS, memory_swap=-1, io_weight=0, cpuset="")
NAMES = [limit.name for limit in LIMITS.table()]
EVENTS = {"low": 0, "high": 4, "max": 7, "oom": 2, "oom_kill": 1}


class Docker(Engine):
    """An engine that answers from memory."""

    def __init__(self, containers: list[dict[str, Any]]) -> None:
        super().__init__("/nonexistent")
        self.answer = containers
        self.kills: list[str] = []
        self.asked: list[tuple[float, float, dict[str, list[str]]]] = []

    def containers(self, project: str) -> list[dict[str, Any]]:
        assert project == "shop"
        return self.answer

    def events(self, since: float, until: float, **filters: list[str]) -> list[dict[str, Any]]:
        self.asked.append((since, until, filters))
        return [{"Actor": {"Attributes": {"com.docker.compose.service": name}}} for name in self.kills]


def container(service: str, pid: int = 9, **host: Any) -> dict[str, Any]:
    return {
        "Id": service * 8,
        "Name": f"/shop-{service}-1",
        "Image": "sha256:1",
        "RestartCount": 2,
        "State": {
            "Status": "running",
            "Pid": pid,
            "OOMKilled": False,
            "StartedAt": "1970-01-01T00:01:00Z",
            "Health": {"Status": "healthy"},
        },
        "Config": {"Image": "it:1", "Labels": {"com.docker.compose.service": service, "ziggie.stack.definition": "abc"}},
        "HostConfig": {
            "Memory": 256 * MIB,
            "MemoryReservation": 128 * MIB,
            "CpuShares": 512,
            "NanoCpus": 500_000_000,
            "PidsLimit": 100,
            "OomScoreAdj": 100,
            **host,
        },
    }


def budget() -> Budget:
    """Return a Budget in which Redis has 256 MiB, half of them reserved, and the runner is off."""
    memory = {"floor": "64m", "reservation": "128m", "request": "256m"}
    services = {
        "redis": {"image": "it:1", "x-budget": {"memory": memory}},
        "runner": {"image": "it:1", "x-budget": {"memory": memory, "requires": ["token"]}},
    }
    return solve({"services": services}, {"memory": "8g", "cpus": 4}, {})


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    live_state = LiveState(project="shop", file=str(tmp_path / "out.prom"), backups={"redis": str(tmp_path / "backups")})
    desired = samples.released(image="it:1", definition="abc", limits=LIMITS)
    (tmp_path / "release.json").write_text(json.dumps(Release(services={"redis": desired}, live_state=live_state).to_dict()))
    (tmp_path / "budget.json").write_text(json.dumps(budget().to_dict()))
    (tmp_path / "proc/9").mkdir(parents=True)
    (tmp_path / "proc/9/cgroup").write_text("0::/docker/x\n")
    group = tmp_path / "cgroup/docker/x"
    group.mkdir(parents=True)
    (group / "memory.events").write_text("".join(f"{name} {count}\n" for name, count in EVENTS.items()))
    (group / "memory.stat").write_text("workingset_refault_anon 9\nworkingset_refault_file 3\n")
    for name, text in (("memory.max", str(256 * MIB)), ("pids.max", "100"), ("cpu.max", "50000 100000"), ("cpu.weight", "20")):
        (group / name).write_text(text)
    return tmp_path


def look(place: Path, engine: Docker, before: str = "", now: float = 1000.0) -> str:
    text, problems = main.collect(place, engine, before, clock=lambda: now, proc=place / "proc", cgroups=place / "cgroup")
    assert problems == []
    return text


def of(text: str, name: str, label: str = "service") -> dict[str, float]:
    return values(text, f"ziggie_{name}", label)


def test_what_is_so_of_a_service(place: Path) -> None:
    text = look(place, Docker([container("redis")]))
    assert of(text, "service_budget_memory_limit_bytes") == {"redis": 256 * MIB}
    assert of(text, "service_budget_memory_reservation_bytes") == {"redis": 128 * MIB}
    assert of(text, "service_memory_limit_bytes") == {"redis": 256 * MIB}
    assert of(text, "service_memory_reservation_bytes") == {"redis": 128 * MIB}
    assert of(text, "service_cpu_limit_cores") == {"redis": 0.5}
    assert of(text, "service_cpu_shares") == {"redis": 512}
    assert of(text, "service_pids_limit") == {"redis": 100}
    assert of(text, "service_memory_events_total", "event") == {"high": 4, "max": 7, "oom": 2, "oom_kill": 1}
    assert of(text, "service_memory_refaulted_bytes_total") == {"redis": 3 * os.sysconf("SC_PAGE_SIZE")}
    assert of(text, "service_restarts_total") == {"redis": 2}
    assert of(text, "service_running") == of(text, "service_healthy") == {"redis": 1}
    assert of(text, "service_oom_killed") == {"redis": 0}
    assert of(text, "service_start_time_seconds") == {"redis": 60}
    assert of(text, "service_limit_differs", "limit") == dict.fromkeys(NAMES, 0)
    assert of(text, "live_state_timestamp_seconds", "") == {"": 1000}
    assert of(text, "live_state_problems", "") == {"": 0}
    assert 'container="shop-redis-1"' in text


@pytest.mark.parametrize(
    ("host", "limit"),
    [({"Memory": 300 * MIB}, "memory"), ({"PidsLimit": 7}, "pids"), ({"CpuShares": 9}, "cpu_shares"), ({"NanoCpus": 0}, "cpu_quota")],
)
def test_a_limit_that_was_changed_is_named(place: Path, host: dict[str, int], limit: str) -> None:
    text = look(place, Docker([container("redis", **host)]))
    assert of(text, "service_limit_differs", "limit") == {**dict.fromkeys(NAMES, 0), limit: 1}


def test_a_limit_changed_behind_the_engines_back_is_named(place: Path) -> None:
    (place / "cgroup/docker/x/pids.max").write_text("7")
    text = look(place, Docker([container("redis")]))
    assert of(text, "service_limit_differs", "limit")["pids"] == 1
    assert of(text, "service_pids_limit") == {"redis": 7}


def test_a_service_that_is_down(place: Path) -> None:
    stopped = container("redis", pid=0)
    stopped["State"] |= {"Status": "exited", "OOMKilled": True, "Health": {"Status": "unhealthy"}}
    text = look(place, Docker([stopped]))
    assert of(text, "service_running") == of(text, "service_healthy") == {"redis": 0}
    assert of(text, "service_oom_killed") == {"redis": 1}
    assert of(text, "service_memory_events_total") == {}
    assert of(look(place, Docker([])), "service_oom_notices_total") == {"redis": 0}


def test_a_service_without_a_probe_or_that_starts_has_no_health(place: Path) -> None:
    starting = container("redis")
    starting["State"]["Health"]["Status"] = "starting"
    assert of(look(place, Docker([starting])), "service_healthy") == {}


def test_kills_are_counted_from_run_to_run(place: Path) -> None:
    engine = Docker([container("redis")])
    engine.kills = ["redis"]
    first = look(place, engine)
    # Nobody knows what was counted before.
    assert engine.asked == []
    assert of(first, "service_oom_notices_total") == {"redis": 0}
    engine.kills = ["redis", "gone", "redis"]
    second = look(place, engine, first, 1030.0)
    assert engine.asked == [(1000.0, 1030.0, {"type": ["container"], "event": ["oom"], "label": ["com.docker.compose.project=shop"]})]
    assert of(second, "service_oom_notices_total") == {"redis": 2, "gone": 1}
    engine.kills = []
    assert of(look(place, engine, second, 1060.0), "service_oom_notices_total") == {"redis": 2, "gone": 1}
    # A clock that was set back asks for nothing.
    assert of(look(place, engine, second, 900.0), "service_oom_notices_total") == {"redis": 2, "gone": 1}
    assert len(engine.asked) == 2


def test_backups_and_certificates_that_cannot_be_read_are_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nginx = container("nginx")
    nginx["Mounts"] = [{"Destination": "/etc/nginx/tls", "Source": str(place)}]
    (place / "fullchain.pem").write_text("no certificate")
    (place / "backups").mkdir()
    monkeypatch.setattr(os, "scandir", mock.Mock(side_effect=PermissionError("not for you")))
    text, problems = main.collect(place, Docker([nginx]), "", proc=place / "proc", cgroups=place / "cgroup")
    assert [problem.split(" cannot be read")[0] for problem in problems] == [
        f"nginx's certificate {place}/fullchain.pem",
        f"redis's backups in {place}/backups",
    ]
    assert of(text, "live_state_problems", "") == {"": 2}
    assert of(text, "backup_last_success_timestamp_seconds") == {"redis": 0}


def test_where_the_engine_does_not_answer_the_old_file_stays(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "out.prom").write_text("before\n")
    monkeypatch.setattr(main, "Engine", lambda **_options: Engine("/nonexistent"))
    assert main.main([str(place)]) == 1
    assert "The live state was not written: the engine at /nonexistent does not answer" in capsys.readouterr().err
    assert (place / "out.prom").read_text() == "before\n"


@pytest.mark.parametrize(
    "release", ["", "{}", "{", "[]", "null", '{"live_state": {}}', '{"services": [], "volumes": {}}', '{"services": {}, "volumes": {}}']
)
def test_a_release_that_cannot_be_read_is_a_sentence(place: Path, capsys: pytest.CaptureFixture[str], release: str) -> None:
    (place / "release.json").write_text(release)
    assert main.main([str(place)]) == 1
    assert main.main([]) == 1
    assert capsys.readouterr().err.count("The live state was not written: ") == 2


def test_the_file_is_put_in_place_whole(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "Engine", lambda **_options: Docker([container("redis")]))
    (place / "out.prom").write_text("before\n")
    assert main.main([str(place)]) == 0
    assert of((place / "out.prom").read_text(), "service_running") == {"redis": 1}
    assert (place / "out.prom").stat().st_mode & 0o777 == 0o644
    assert not list(place.glob(".out.prom*"))


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"format": 1}'])
def test_a_budget_that_cannot_be_read_is_said_and_the_rest_is_written(place: Path, text: str | None) -> None:
    if text is None:
        (place / "budget.json").unlink()
    else:
        (place / "budget.json").write_text(text)
    written, problems = main.collect(place, Docker([container("redis")]), "", proc=place / "proc", cgroups=place / "cgroup")
    assert [problem.partition(" cannot be read: ")[0] for problem in problems] == [f"the Budget {place}/budget.json"]
    assert of(written, "service_budget_memory_limit_bytes") == {}
    assert of(written, "service_memory_limit_bytes") == {"redis": 256 * MIB}
