# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data that the engine manages are moved to a directory: all of them, or none, however the move ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.ziggie.stack.tests.integration.storage.disks import ask, fails, run

pytestmark = pytest.mark.integration

PROJECT = "ziggie-test-move"
VOLUME = f"{PROJECT}_data"
SOURCE = f"/var/lib/docker/volumes/{VOLUME}/_data"
KEPT = f"/var/lib/docker/ziggie-kept/{VOLUME}"
# On a tmpfs nothing would be known of holes; the class's own place is a disk.
PLACE = "/var/lib/docker/ziggie-test-move"
TARGET = f"{PLACE}/database"
LABELS = f"--label com.docker.compose.project={PROJECT} --label com.docker.compose"
IMAGE = "docker.io/library/redis"
RECORD = "/var/lib/ziggie/migrations/data.json"


def start(mount: str) -> None:
    """Start the real Redis of the lab on its data."""
    image = ask(f"docker image ls --format '{{{{.Repository}}}}:{{{{.Tag}}}}' | grep -m 1 '{IMAGE.rpartition('/')[2]}:'")
    ask(
        f"docker run -d --name {PROJECT} --network none {LABELS}.service=database -v {mount}:/data --user 999:999"
        f" --entrypoint redis-server {image} --dir /data --appendonly yes --save '' >/dev/null"
    )
    until(lambda: not fails(f"docker exec {PROJECT} redis-cli ping"))


def until(true: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def redis(words: str) -> str:
    return ask(f"docker exec {PROJECT} redis-cli {words}")


def move(**changed: Any) -> dict[str, Any]:
    moves = [{"volume": "data", "source": SOURCE, "target": TARGET}]
    return run("migrate", **{"project": PROJECT, "service": "database", "moves": moves, **changed})


@pytest.fixture(name="database")
def _database() -> Iterator[None]:
    _clean()
    ask(f"docker volume create {LABELS}.volume=data {VOLUME} && chown 999:999 {SOURCE}")
    start(VOLUME)
    assert redis("set precious 42") == "OK"
    ask(f"cd {SOURCE} && echo one > one && ln one linked && truncate -s 1G sparse && chown 999:999 one sparse")
    yield
    _clean()


def _clean() -> None:
    ask(f"docker rm -f {PROJECT} >/dev/null 2>&1; docker volume rm {VOLUME} >/dev/null 2>&1; rm -rf {PLACE} {KEPT} {RECORD}")


@pytest.mark.usefixtures("database")
def test_data_move_out_of_the_engines_hands_and_the_old_are_kept_until_told() -> None:
    assert run("migrate", check=True, project=PROJECT, service="database", moves=[{"volume": "data", "source": SOURCE, "target": TARGET}])[
        "changed"
    ]
    assert redis("get precious") == "42"
    assert fails(f"ls {TARGET}")

    answer = move()
    assert [entry["kept"] for entry in answer["moved"]] == [KEPT], answer
    assert fails(f"docker volume inspect {VOLUME}")
    assert ask(f"stat -c '%u:%g' {TARGET} {TARGET}/sparse | sort -u") == "999:999"
    assert int(ask(f"stat -c %b {TARGET}/sparse")) < 64
    assert ask(f"stat -c %h {TARGET}/linked") == "2"
    assert ask(f"ls {KEPT}/sparse")
    assert "does not run" in move(moves=[], remove_old=True)["msg"]

    start(TARGET)
    assert redis("get precious") == "42"
    assert move()["moved"]
    assert fails(f"docker inspect {PROJECT}")
    start(TARGET)
    assert move(moves=[])["kept"] == [KEPT]
    assert move(moves=[], remove_old=True)["removed"] == [KEPT]
    assert fails(f"ls {KEPT}")
    assert redis("get precious") == "42"


@pytest.mark.usefixtures("database")
def test_a_move_that_is_killed_leaves_the_old_and_the_next_goes_on() -> None:
    ask(f"dd if=/dev/urandom of={SOURCE}/bulk bs=1M count=400 status=none && chown 999:999 {SOURCE}/bulk")
    answers: list[Any] = []
    running = threading.Thread(target=lambda: answers.append(_or_none(move)))
    running.start()
    until(lambda: not fails(f"ls {TARGET}.ziggie-moving"))
    ask("kill -9 $(pgrep -x python3)")
    running.join()
    assert fails(f"ls {TARGET}")
    if ask(f"docker inspect -f '{{{{.State.Running}}}}' {PROJECT}") == "false":
        ask(f"docker start {PROJECT}")
        until(lambda: not fails(f"docker exec {PROJECT} redis-cli ping"))
    assert redis("get precious") == "42"
    assert redis("set later 43") == "OK"

    assert move()["moved"]
    start(TARGET)
    assert (redis("get precious"), redis("get later")) == ("42", "43")
    assert ask(f"sha256sum < {TARGET}/bulk") == ask(f"sha256sum < {KEPT}/bulk")


def _or_none(what: Any) -> Any:
    try:
        return what()
    except AssertionError:
        return None


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("stage", ["before the rename", "after the rename", "after the old were put aside"])
def test_a_move_that_was_killed_at_its_end_is_ended(stage: str) -> None:
    ask(f"docker stop {PROJECT} && mkdir -p {PLACE} /var/lib/ziggie/migrations && cp -a {SOURCE} {TARGET}.ziggie-moving")
    written = f'{{"service": "database", "volume": "data", "source": "{SOURCE}", "target": "{TARGET}", "kept": "{KEPT}"}}'
    ask(f"cat > {RECORD}", written.encode())
    if stage != "before the rename":
        ask(f"mv {TARGET}.ziggie-moving {TARGET}")
    if stage == "after the old were put aside":
        ask(f"docker rm {PROJECT} && mkdir -p /var/lib/docker/ziggie-kept && mv {SOURCE} {KEPT}")
    answer = move()
    assert answer.get("moved"), answer
    assert fails(f"docker volume inspect {VOLUME}")
    assert ask(f"ls {KEPT}/sparse")
    start(TARGET)
    assert redis("get precious") == "42"


@pytest.mark.usefixtures("database")
def test_what_cannot_be_moved_stays_and_runs() -> None:
    ask(f"mkdir -p {TARGET} && echo somebody > {TARGET}/else")
    assert f"{TARGET} is not empty" in move()["msg"]
    assert "lie in each other" in move(moves=[{"volume": "data", "source": SOURCE, "target": f"{SOURCE}/deeper"}])["msg"]
    assert "is not a directory" in move(moves=[{"volume": "data", "source": f"{SOURCE}-gone", "target": f"{PLACE}/new"}])["msg"]
    ask(
        f"dd if=/dev/urandom of={SOURCE}/bulk bs=1M count=20 status=none; mkdir {PLACE}/tiny && mount -t tmpfs -o size=1m none {PLACE}/tiny"
    )
    try:
        assert "still to be copied" in move(moves=[{"volume": "data", "source": SOURCE, "target": f"{PLACE}/tiny/database"}])["msg"]
    finally:
        ask(f"umount {PLACE}/tiny")
    assert redis("get precious") == "42"
    assert ask(f"cat {TARGET}/else") == "somebody"
