# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deploy step that is hindered says why in a sentence; one more run mends what it left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.ziggie.stack.tests.integration.faults.lab import (
    INVENTORY,
    LABELS,
    ROOT,
    STACK,
    ask,
    container,
    inspect,
    order,
    until,
)

pytestmark = pytest.mark.integration

SERVICE = "sim-studio"
NAME = f"ziggie-{SERVICE}-1"
ALL = "--filter label=com.docker.compose.project=ziggie"
LOCK = "/run/ziggie.lock"
# A run that is killed on the controller leaves its module at work on the host, and that module holds the lock until it ends.
PATIENT = {"lock_wait": 300}


def command(playbook: str = "deploy", variables: dict[str, Any] | None = None) -> list[str]:
    extra = ["-e", json.dumps(variables)] if variables else []
    return [order()[0], f"ziggie.stack.{playbook}", "-i", INVENTORY, *extra]


def play(playbook: str = "deploy", variables: dict[str, Any] | None = None) -> tuple[int, str]:
    """Run as anybody would; return the code and what was said, as one line."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command(playbook, variables), cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=900)
    said = " ".join((done.stdout + done.stderr).split())
    assert "Traceback" not in said, said
    return done.returncode, said


def remove(service: str = "") -> None:
    ask(f"docker rm --force $(docker ps --all --quiet {LABELS + service if service else ALL}) >/dev/null")


def ids() -> dict[str, str]:
    lines = ask(f"docker ps --no-trunc {ALL} --format '{{{{.Label \"com.docker.compose.service\"}}}} {{{{.ID}}}}'").splitlines()
    return dict(line.split() for line in lines)


@contextmanager
def killed(after: float) -> Iterator[None]:
    """Have a run that is killed after some seconds, with all that it started on this side."""
    process = subprocess.Popen(
        command(),
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(after)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    yield


@pytest.fixture(autouse=True)
def _whole() -> Iterator[None]:
    """Find everything up, and leave it so."""
    code, said = play(variables=PATIENT)
    assert code == 0, said
    expected = set(ids())
    yield
    code, said = play(variables=PATIENT)
    assert code == 0, said
    assert set(ids()) == expected


# `make test-faults` kills at many more moments, and has every two verbs at once.
@pytest.mark.parametrize("seconds", [2.5, 10])
def test_a_run_killed_midway_is_mended_by_one_more(seconds: float) -> None:
    expected = set(ids())
    remove()
    with killed(seconds):
        code, said = play(variables=PATIENT)
    assert code == 0, said
    listed = ask(f"docker ps --all {ALL} --format '{{{{.Label \"com.docker.compose.service\"}}}}'").splitlines()
    assert sorted(listed) == sorted(expected)
    assert " changed=0 " in play()[1]


@contextmanager
def running(variables: dict[str, Any] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Have a run that ends by itself."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        command(variables=variables), cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        yield process


def test_two_runs_that_wait_end_one_after_the_other() -> None:
    expected = set(ids())
    remove()
    with running(PATIENT) as first, running(PATIENT) as second:
        said = [run.communicate(timeout=900)[0] for run in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], said
    assert set(ids()) == expected


def test_a_second_run_is_refused_by_name() -> None:
    remove()
    with running() as first:
        until(lambda: "deploy" in ask(f"cat {LOCK} 2>/dev/null || true"), "the first run holds the lock")
        code, said = play("site")
        assert first.poll() is None, "the first run has ended too early to tell"
        assert code != 0, said
        assert "Another run works on this host: deploy by " in said
        assert "Wait for it with -e lock_wait=60" in said
        told = first.communicate(timeout=900)[0]
    assert first.returncode == 0, told
    assert ask(f"ls {LOCK} 2>/dev/null || true") == ""


def test_an_engine_killed_midway_is_told_and_mended() -> None:
    remove()
    with running() as process:
        until(lambda: "postgres" in ids(), "the first tier starts")
        ask("systemctl kill --kill-whom=main -s KILL docker")
        said = process.communicate(timeout=900)[0]
    assert process.returncode != 0, said
    assert "tier cannot be brought up: the engine" in " ".join(said.split()), said
    assert "Traceback" not in said
    engine_is_back()
    code, said = play()
    if code != 0:
        # Killed while it published a port, this engine keeps the port to itself; the run names that, and what gives it back.
        assert "port is already allocated; where no container publishes it" in said, said
        assert "systemctl restart docker, and run again" in said
        ask("systemctl restart docker")
        engine_is_back()
        assert play()[0] == 0


def test_what_the_engine_lost_sight_of_is_ended() -> None:
    """An engine that was killed while it started a container knows nothing of what runs of it, and restarts it for ever; that state, made at will."""
    container = ids()[SERVICE]
    state = f"/var/lib/docker/containers/{container}/config.v2.json"
    lost = f'sed -i \'s/"Running":true/"Running":false/; s/"Pid":[0-9]*/"Pid":0/\' {state}'
    # The next engine reads this a little later.
    ask(f"systemctl kill --kill-whom=main -s KILL docker && {lost}")
    engine_is_back()
    until(lambda: inspect(SERVICE)["RestartCount"] >= 2, "the engine restarts what runs already")
    code, said = play()
    assert code == 0, said
    assert shims(container) == int(ids()[SERVICE] == container), "what the engine lost sight of runs on"
    assert inspect(SERVICE)["RestartCount"] == 0
    assert " changed=0 " in play()[1]


def shims(identifier: str) -> int:
    return int(ask(f"pgrep -fc '^[^ ]*containerd-shim[^ ]* .*-id {identifier}' || true"))


def engine_is_back() -> None:
    until(lambda: ask("docker version >/dev/null 2>&1 && echo up || true") == "up", "the engine is back")


def test_an_image_that_cannot_be_had_ends_the_run_before_anything_is_touched() -> None:
    before = ids()
    overrides = {"services": {SERVICE: {"image": "docker.io/library/no-such-image:1"}, "redis": {"environment": {"FAULT": "1"}}}}
    try:
        code, said = play("site", {"catalog_overrides": overrides})
        assert code != 0
        assert f"cannot pull the images docker.io/library/no-such-image:1 of {SERVICE}: " in " ".join(said.split()), said
        assert ids() == before
    finally:
        assert play("site")[0] == 0


def test_a_port_that_is_taken_is_told() -> None:
    remove("nginx")
    ask("systemd-run --quiet --unit taken python3 -m http.server --bind 0.0.0.0 --directory /run/lock 80")
    try:
        until(lambda: ask("ss -ltn | grep -c ':80 ' || true") != "0", "the port is taken")
        code, said = play()
        assert code != 0
        assert "The critical tier did not become healthy." in said, said
        assert "nginx: the engine cannot start it:" in said
        assert "address already in use" in said or "port is already allocated" in said
    finally:
        ask("systemctl stop taken")


def test_a_name_that_is_taken_is_told() -> None:
    image = inspect(SERVICE)["Config"]["Image"]
    remove(SERVICE)
    ask(f"docker create --name {NAME} --entrypoint sleep {image} 3600")
    try:
        code, said = play()
        assert code != 0
        assert f"Compose cannot make the containers of {SERVICE}: Conflict" in said, said
    finally:
        ask(f"docker rm -f {NAME}")


def test_a_full_disk_is_told() -> None:
    remove(SERVICE)
    ask("mount -t tmpfs -o size=4k tmpfs /var/lib/docker/containers && dd if=/dev/zero of=/var/lib/docker/containers/x bs=4k count=1")
    try:
        code, said = play()
        assert code != 0
        assert "no space left on device" in said, said
    finally:
        ask("umount /var/lib/docker/containers")


def test_a_service_that_stays_sick_is_told() -> None:
    """Its configuration is broken behind our back, and its container is gone."""
    path = f"{STACK}/config/pgbouncer/pgbouncer.ini"
    ask(f"cp -p {path} /run/kept && echo 'nonsense' >{path}")
    remove("pgbouncer")
    try:
        code, said = play()
        assert code != 0
        assert "The critical tier did not become healthy." in said, said
        assert "pgbouncer: " in said
        assert "the last lines of its log:" in said
    finally:
        ask(f"cp -p /run/kept {path} && rm /run/kept")


def hook(when: str, of: str, command: str, **more: Any) -> dict[str, Any]:
    return {"when": when, "of": of, "command": ["/bin/sh", "-c", command], **more}


def test_what_follows_a_leader_goes_with_it_and_hooks_run_in_their_turn() -> None:
    before = {name: container(name) for name in ("postgres", "pgbouncer", "redis")}
    remove("postgres")
    note = f"echo $ZIGGIE_WHEN $ZIGGIE_OF $ZIGGIE_OUTCOME $(docker ps -q {LABELS}postgres | wc -l) $(docker ps -q --no-trunc {LABELS}pgbouncer) >>/run/hooked"
    moments = [(when, of) for of in ("deploy", "service:pgbouncer", "service:postgres", "service:redis") for when in ("after", "before")]
    late = hook("before", "tier:critical", "sleep 60", timeout="1s", on_failure="warn")
    ask("rm -f /run/hooked")
    code, said = play(variables={"stack_hooks": [*(hook(*moment, note) for moment in moments), late]})
    assert code == 0, said
    assert "(before tier critical, /bin/sh) failed: it was killed with its children after 1 s" in said
    after = {name: container(name) for name in before}
    assert {name for name in before if after[name] != before[name]} == {"postgres", "pgbouncer"}
    # What is not touched has none; each runs alone, once what it depends on is up.
    assert ask("cat /run/hooked; rm /run/hooked").splitlines() == [
        f"before deploy 0 {before['pgbouncer']}",
        f"before service:postgres 0 {before['pgbouncer']}",
        f"after service:postgres succeeded 1 {before['pgbouncer']}",
        f"before service:pgbouncer 1 {before['pgbouncer']}",
        f"after service:pgbouncer succeeded 1 {after['pgbouncer']}",
        f"after deploy succeeded 1 {after['pgbouncer']}",
    ]
