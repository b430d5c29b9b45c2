# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack on the lab host while faults strike it: runs of verbs, what runs, and a ledger of acknowledged writes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.tests.integration.faults.lab import HOST, INVENTORY, ROOT, ask

PROJECT = "label=com.docker.compose.project=ziggie"
DIRECTORY = "/opt/ziggie"
ROOM = "/run/faults"
# Nothing below /run may be executed.
PROGRAMS = "/usr/local/lib/faults"

# Runs on the host: writes numbers to both stores, and notes each that a store said it has.
_LEDGER = r"""
import pathlib, subprocess, time

STORES = {
    "postgres": ("psql -U postgres -qAtc 'insert into faults_ledger values ({n}) returning n'", "{n}"),
    "redis": ("REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli -h 127.0.0.1 sadd faults_ledger {n}", "1"),
}
room = pathlib.Path("/run/faults")
n = int((room / "next").read_text()) if (room / "next").exists() else 0
with (room / "acknowledged").open("a", buffering=1) as acknowledged:
    while not (room / "stop").exists():
        n += 1
        (room / "next").write_text(str(n))
        for store, (write, answer) in STORES.items():
            command = ["docker", "exec", f"ziggie-{store}-1", "sh", "-c", write.format(n=n)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=5)
            except subprocess.TimeoutExpired:
                continue
            if done.returncode == 0 and done.stdout.strip() == answer.format(n=n):
                acknowledged.write(f"{store} {n}\n")
        time.sleep(0.2)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A run that ended: its code, what it said in one line, how long it took."""

    code: int
    said: str
    seconds: float


def command(verb: str, variables: Mapping[str, Any] | None = None) -> list[str]:
    words = [str(Path(sys.executable).parent / "ansible-playbook"), f"ziggie.stack.{verb}", "-i", INVENTORY]
    return [*words, "-e", json.dumps(dict(variables))] if variables else words


class Run:
    """A run in a process group of its own, so that it can be killed with all that it started on this side."""

    def __init__(self, verb: str, variables: Mapping[str, Any] | None = None) -> None:
        # A file takes whatever is said, also while nobody reads.
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed in `end`
        self._began = time.monotonic()
        self.missed = False
        self._ended: Ended | None = None
        self._process = subprocess.Popen(
            command(verb, variables),
            cwd=ROOT,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdout=self._said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def is_over(self) -> bool:
        """Tell whether it has ended."""
        return self._process.poll() is not None

    def sleep(self, seconds: float) -> None:
        """Sleep, and note whether the run still goes on when the moment has come: what strikes after its end proves nothing."""
        time.sleep(seconds)
        self.missed = self._process.poll() is not None

    def kill(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def wait(self) -> None:
        self._process.wait(timeout=900)

    def end(self) -> Ended:
        """Return how it ended."""
        if self._ended is None:
            self.wait()
            with self._said as said:
                said.seek(0)
                text = " ".join(said.read().split())
            self._ended = Ended(code=self._process.returncode, said=text, seconds=time.monotonic() - self._began)
        return self._ended


def play(verb: str = "deploy", variables: Mapping[str, Any] | None = None) -> Ended:
    return Run(verb, variables).end()


def put(path: str, content: str, mode: str = "644") -> None:
    """Write a file on the host."""
    order = ["docker", "exec", "--interactive", HOST, "sh", "-c", f"cat > {path} && chmod {mode} {path}"]
    subprocess.run(order, input=content, text=True, check=True)


def services() -> set[str]:
    """Return the services that are up, and healthy where they have a probe."""
    shown = ask(f"docker ps --filter {PROJECT} --format '{{{{.Label \"com.docker.compose.service\"}}}} {{{{.Status}}}}'")
    return {line.split()[0] for line in shown.splitlines() if "unhealthy" not in line and "starting" not in line}


def engine_is_back() -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if ask("timeout 5 docker version >/dev/null 2>&1 && echo up || true") == "up":
            return True
        time.sleep(0.5)
    return False


class Ledger:
    """Numbers that PostgreSQL and Redis acknowledged, written all the while."""

    def begin(self) -> None:
        ask(f"mkdir -p {ROOM} && rm -f {ROOM}/stop")
        ask("docker exec ziggie-postgres-1 psql -U postgres -qc 'create table if not exists faults_ledger (n bigint primary key)'")
        subprocess.run(["docker", "exec", "--detach", HOST, "python3", "-c", _LEDGER], check=True)

    def stop(self) -> None:
        ask(f"touch {ROOM}/stop")

    def acknowledged(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {"postgres": set(), "redis": set()}
        for line in ask(f"cat {ROOM}/acknowledged").splitlines():
            store, number = line.split()
            found[store].add(int(number))
        return found

    def lost(self) -> int:
        """Return how many acknowledged writes are not there."""
        acknowledged = self.acknowledged()
        rows = ask("docker exec ziggie-postgres-1 psql -U postgres -qAtc 'select n from faults_ledger'").split()
        members = ask(
            "docker exec ziggie-redis-1 sh -c 'REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli -h 127.0.0.1 smembers faults_ledger'"
        ).split()
        present = {"postgres": {int(row) for row in rows}, "redis": {int(member) for member in members}}
        return sum(len(acknowledged[store] - present[store]) for store in acknowledged)

    def remove(self) -> None:
        ask("docker exec ziggie-postgres-1 psql -U postgres -qc 'drop table if exists faults_ledger'")
        ask("docker exec ziggie-redis-1 sh -c 'REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli -h 127.0.0.1 del faults_ledger'")
        ask(f"rm -rf {ROOM} {PROGRAMS}")
