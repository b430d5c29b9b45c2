# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit of the host finds what was planted beside the stack, names it, and changes nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# Any image of the stack that has a shell; nothing of what it is made for runs.
_IMAGE = "redis:8.2.9"
_FULL = "head -c 14700000 /dev/zero > /dev/shm/filling; sleep 600"
_HUNGRY = "head -c 40000000 /dev/zero | tail"
_PLANTED = {
    "audit-full": f"--memory 16m --pids-limit 20 --entrypoint sh {_IMAGE} -c '{_FULL}'",
    "audit-killed": f"--memory 16m --pids-limit 20 --entrypoint sh {_IMAGE} -c '{_HUNGRY}'",
    "audit-open": f"--memory 16m --publish 0.0.0.0:15432:5432 --entrypoint sleep {_IMAGE} 600",
    "audit-unlimited": f"--env APP_PASSWORD=planted-secret --entrypoint sleep {_IMAGE} 600",
    "audit-restarting": f"--memory 16m --restart always --entrypoint sh {_IMAGE} -c 'exit 3'",
}


@pytest.fixture(name="planted", scope="module")
def _planted(ask: Callable[[str], str]) -> Iterator[list[str]]:
    remove = f"docker rm --force --volumes {' '.join(_PLANTED)} >/dev/null 2>&1 || true"
    ask(remove)
    try:
        for name, words in _PLANTED.items():
            ask(f"docker run --detach --name {name} {words}")
        until = time.monotonic() + 30
        while not _grown(ask):
            assert time.monotonic() < until, "what was planted does not grow"
            time.sleep(0.5)
        yield list(_PLANTED)
    finally:
        ask(remove)


def _grown(ask: Callable[[str], str]) -> bool:
    """Tell whether the one was killed for its memory and the other was restarted often; it goes on being restarted, each time later."""
    killed, _restarts = ask("docker inspect --format '{{.State.OOMKilled}} {{.RestartCount}}' audit-killed").split()
    _killed, restarts = ask("docker inspect --format '{{.State.OOMKilled}} {{.RestartCount}}' audit-restarting").split()
    return killed == "true" and int(restarts) >= 3


@pytest.fixture(name="audited", scope="module")
def _audited(planted: list[str], play: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, dict[str, Any], str]:
    place = tmp_path_factory.mktemp("audit")
    files = {"audit_file": str(place / "audit.json"), "audit_page": str(place / "audit.html")}
    played = play("audit", variables=files, log="audit.log")
    assert played.code == 0, played.text
    report = json.loads(Path(files["audit_file"]).read_text(encoding="utf-8"))
    assert set(planted) <= {container["name"] for container in report["audit"]["containers"]}
    return played, report, Path(files["audit_page"]).read_text(encoding="utf-8")


def _found(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {(finding["code"], finding["path"]) for finding in report["findings"]}


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("ZA001", "containers.audit-full"),
        ("ZA002", "containers.audit-killed"),
        ("ZA003", "containers.audit-restarting"),
        ("ZA011", "host.memory"),
        ("ZB110", "services.audit-unlimited"),
        ("ZB151", "services.audit-unlimited.environment.APP_PASSWORD"),
        ("ZB160", "services.audit-open.ports[0]"),
    ],
)
def test_a_planted_fault_is_found_and_named(audited: tuple[Any, dict[str, Any], str], code: str, path: str) -> None:
    played, report, drawn = audited
    assert (code, path) in _found(report)
    assert code in played.text
    assert path in drawn


def test_nothing_else_is_said_of_what_runs_but_of_quotas(audited: tuple[Any, dict[str, Any], str]) -> None:
    _played, report, _drawn = audited
    said = {path for code, path in _found(report) if code.startswith("ZA") and code != "ZA006"}
    assert said == {"containers.audit-full", "containers.audit-killed", "containers.audit-restarting", "host.memory"}


def test_figures_are_those_of_the_engine_and_the_kernel(audited: tuple[Any, dict[str, Any], str], inspect: Any, kernel: Any) -> None:
    seen = {container["service"]: container for container in audited[1]["audit"]["containers"] if container["project"] == "ziggie"}
    live = inspect()
    assert set(seen) == set(live)
    for service, container in seen.items():
        assert container["limits"]["memory"] == live[service]["HostConfig"]["Memory"] == container["use"]["kernel_limit"]
        assert 0 < container["use"]["working_set"] <= container["use"]["memory_peak"] <= container["limits"]["memory"]
        assert container["use"]["kernel_limit"] == int(kernel[service].get("memory.limit_in_bytes") or kernel[service]["memory.max"])


def test_the_full_one_is_full(audited: tuple[Any, dict[str, Any], str]) -> None:
    [full] = [container for container in audited[1]["audit"]["containers"] if container["name"] == "audit-full"]
    assert 0.9 <= full["use"]["working_set"] / full["limits"]["memory"] <= 1.0


def test_no_secret_leaves_the_host(audited: tuple[Any, dict[str, Any], str], secrets: dict[str, str]) -> None:
    played, report, drawn = audited
    texts = (played.text, json.dumps(report), drawn)
    values = ["planted-secret", *(value for value in secrets.values() if len(value) > 7)]
    assert [value for value in values if any(value in text for text in texts)] == []


def test_it_is_quick(audited: tuple[Any, dict[str, Any], str]) -> None:
    assert audited[1]["audit"]["took"] < 5.0


@pytest.mark.usefixtures("planted")
def test_it_changes_nothing(ask: Callable[[str], str], play: Callable[..., Any]) -> None:
    look = "docker ps --all --no-trunc --quiet --filter label=com.docker.compose.project=ziggie | sort; find /root /tmp -name '*nsible*' | sort"
    before = ask(look)
    played = play("audit", "--check")
    assert played.recap("changed") == 0
    assert ask(look) == before


def test_a_pattern_that_matches_no_host_fails(play: Callable[..., Any]) -> None:
    played = play("audit", variables={"audit_hosts": "nowhere"})
    assert played.code != 0
    assert "There is no host to audit" in played.text
