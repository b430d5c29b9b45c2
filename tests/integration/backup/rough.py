# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real PostgreSQL and Redis on the lab host, on a small disk of their own, backed up by the program as the release has it; and what is done to them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ziggie.stack.plugins.plugin_utils.bundle import bundle

HOST = os.environ.get("ZIGGIE_LAB_HOST", "ziggie-lab")
SERVICES = Path(__file__).resolve().parents[3] / "roles/catalog/files/services"
PROJECT, PLACE, DISK, REPOSITORY = "rough", "/opt/rough", "/srv/rough", "/srv/rough-repository"
PROGRAM = f"python3 -I -S {PLACE}/stack/bin/backup"
PSQL = "psql -h 127.0.0.1 -U postgres -v ON_ERROR_STOP=1 -Atqc"
REDIS_CLI = f"docker exec -e REDISCLI_AUTH=x {PROJECT}-redis-1 redis-cli"
STATUS = "/var/lib/ziggie-backup/status.json"
SETUP: dict[str, Any] = {
    "project": PROJECT,
    "directory": PLACE,
    "repositories": [{"url": REPOSITORY}],
    "retention": {"daily": 7, "weekly": 4, "monthly": 6},
    "memory": 256 << 20,
    "slices": False,
    "drill_memory": 192 << 20,
    "sources": [
        {"service": "postgres", "volume": f"{DISK}/postgres", "engine": "postgres"},
        {"service": "redis", "volume": f"{DISK}/redis", "engine": "redis"},
        {"service": "redis", "volume": f"{DISK}/files", "engine": "files_stopped"},
    ],
}


def ask(command: str) -> str:
    """Run a shell command on the host; one that fails is an error of the test."""
    done = subprocess.run(["docker", "exec", HOST, "sh", "-c", command], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


def install(*packages: str) -> None:
    """Have packages of Debian on the host."""
    names = " ".join(packages)
    ask(
        f"dpkg -s {names} >/dev/null 2>&1 || {{ apt-get update && apt-get install --yes --no-install-recommends {names}; }} >/dev/null 2>&1"
    )


def put(path: str, content: bytes | str, mode: str = "644") -> None:
    """Write a file on the host."""
    data = content if isinstance(content, bytes) else content.encode()
    subprocess.run(["docker", "exec", "-i", HOST, "sh", "-c", f"cat > {path} && chmod {mode} {path}"], input=data, check=True, timeout=60)


def program(words: str) -> dict[str, Any]:
    """Run the program, whatever comes of it, and return what it answers."""
    return {"failures": [], **json.loads(ask(f"{PROGRAM} {words} 2>/dev/null || true").splitlines()[0])}


def setup(*services: str, **changes: Any) -> None:
    """Tell the program what to do, as the stack says or with changes; of some services only, where they are named."""
    sources = [source for source in SETUP["sources"] if not services or source["service"] in services]
    put(f"{PLACE}/stack/backup.json", json.dumps({**SETUP, "sources": sources, **changes}))


def status() -> dict[str, Any]:
    return dict(json.loads(ask(f"cat {STATUS}"))["volumes"])


def backups(volume: str = f"{DISK}/postgres") -> dict[str, str]:
    """Return the state of each backup of a volume by its run."""
    return {one["run"]: one["state"] for one in program("list")["backups"] if one["volume"] == volume}


def restic(words: str, repository: str = REPOSITORY) -> str:
    return ask(f"HOME=/root restic -q -r {repository} -p {PLACE}/backup.key {words}")


def sql(text: str) -> str:
    return ask(f'docker exec {PROJECT}-postgres-1 {PSQL} "{text}"')


def redis(text: str) -> str:
    return ask(f"{REDIS_CLI} {text}")


def answers() -> None:
    """Wait until both servers answer."""
    ask(
        f"timeout 60 sh -c 'until docker exec {PROJECT}-postgres-1 pg_isready -q -h 127.0.0.1; do sleep 0.1; done; "
        f"until {REDIS_CLI} PING | grep -q PONG; do sleep 0.1; done'"
    )


class Ledger:
    """Numbers its writes to both servers; a write is acknowledged once both have taken it."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []
        self._last = 0

    def write(self) -> None:
        self._last += 1
        ask(f"docker exec {PROJECT}-postgres-1 {PSQL} 'INSERT INTO ledger VALUES ({self._last})' && {REDIS_CLI} RPUSH ledger {self._last}")
        self.acknowledged.append(self._last)

    def lacking(self) -> dict[str, set[int]]:
        """Return what was acknowledged and is not there, by server."""
        said = ask(f"docker exec {PROJECT}-postgres-1 {PSQL} 'SELECT n FROM ledger'; echo .; {REDIS_CLI} LRANGE ledger 0 -1").split(".")
        there = dict(zip(("postgres", "redis"), said, strict=True))
        return {name: gone for name, text in there.items() if (gone := set(self.acknowledged) - {int(number) for number in text.split()})}


def left() -> list[str]:
    """Return what a run has on the host while it works, throw-away containers, directories and notes; and servers that do not run."""
    return ask(
        f"docker ps --all --quiet --filter label=ziggie.stack.scratch={PROJECT}; "
        f"ls -d {DISK}/*.restoring {DISK}/*.drilling {PLACE}.drilling /var/lib/ziggie-backup/filling /var/lib/ziggie-backup/stopped.json 2>/dev/null; "
        f"docker inspect --format '{{{{.Name}}}}{{{{.State.Running}}}}' {PROJECT}-postgres-1 {PROJECT}-redis-1 | grep -v true$; true"
    ).split()


@contextmanager
def instead_of(path: str, script: str) -> Iterator[str]:
    """Have a script in place of a program of the host, which it finds beside it under the name `.real`."""
    ask(f"mv {path} {path}.real")
    try:
        put(path, f'#!/bin/sh\n{script}\nexec {path}.real "$@"\n', "755")
        yield path
    finally:
        ask(f"mv {path}.real {path}")


@contextmanager
def in_server(script: str) -> Iterator[None]:
    """Have a script in place of pg_dump in the server's container."""
    path = "/usr/local/bin/pg_dump"
    put(f"{PLACE}/pg_dump", f"#!/bin/sh\n{script}\n", "755")
    ask(f"docker cp -q {PLACE}/pg_dump {PROJECT}-postgres-1:{path}")
    try:
        yield
    finally:
        ask(f"docker exec -u 0 {PROJECT}-postgres-1 rm {path}")


def image(service: str) -> str:
    """Return the catalog's image of a service."""
    written = yaml.safe_load((SERVICES / f"{service}.yml").read_text(encoding="utf-8"))
    return re.sub(r"^docker\.io/library/", "", str(written["services"][service]["image"]))


def make(disk: str = "400m") -> None:
    """Run both servers as Compose would, on a disk of their own."""
    remove()
    install("restic", "faketime")
    ask(f"mkdir -p {PLACE}/stack/bin {PLACE}/secrets {DISK} && mount -t tmpfs -o size={disk} none {DISK}")
    ask(f"mkdir -p {DISK}/postgres {DISK}/redis {DISK}/files && echo kept > {DISK}/files/kept")
    put(f"{PLACE}/stack/bin/backup", bundle("backup/main.py"), "755")
    setup()
    # restic measures how much work a key may be at its own speed: made slowly, it costs each later call a tenth of what it would.
    ask(
        f"{PROGRAM} key && systemd-run --quiet --wait --pipe --property CPUQuota=10% --setenv HOME=/root "
        f"restic -q init -r {REPOSITORY} -p {PLACE}/backup.key"
    )
    for name, options, command in (
        ("postgres", f"-e POSTGRES_PASSWORD=x -v {DISK}/postgres:/var/lib/postgresql/data", "postgres -c max_wal_size=64MB"),
        ("redis", f"-e REDIS_PASSWORD=x -v {DISK}/redis:/data -v {DISK}/files:/files", "redis-server --appendonly yes --requirepass x"),
    ):
        labels = f"--label com.docker.compose.project={PROJECT} --label com.docker.compose.service={name}"
        ask(f"docker run --detach --name {PROJECT}-{name}-1 --network none --memory 512m {labels} {options} {image(name)} {command}")
    answers()
    redis("EVAL \"for i = 1, 20000 do redis.call('RPUSH', 'bulk', redis.sha1hex(i)) end\" 0")
    sql("CREATE TABLE ledger (n int PRIMARY KEY); CREATE TABLE bulk AS SELECT i, md5(i::text) FROM generate_series(1, 20000) i")


def remove() -> None:
    """Remove all of it."""
    ask(f"docker rm --force --volumes {PROJECT}-postgres-1 {PROJECT}-redis-1 >/dev/null 2>&1; true")
    ask(f"umount -l {DISK} {REPOSITORY}.small 2>/dev/null; true")
    ask(f"[ ! -e /usr/bin/restic.real ] || mv /usr/bin/restic.real /usr/bin/restic; rm -rf {PLACE} {DISK} {REPOSITORY}*")
    ask("rm -rf /var/lib/ziggie-backup/repositories")
