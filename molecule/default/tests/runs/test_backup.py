# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small stack of real PostgreSQL and Redis beside the large one: backed up, destroyed, restored, drilled, with a ledger of acknowledged writes throughout."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.plugin_utils.bundle import bundle

PLACE, PROJECT, REPOSITORY, BOUND = "/opt/little", "little", "/srv/little", "/srv/little-bound"
PROGRAM = f"python3 -I -S {PLACE}/stack/bin/backup"
VARIABLES = {"stack_directory": PLACE, "stack_project": PROJECT}
SETUP = {
    "project": PROJECT,
    "directory": PLACE,
    "repositories": [{"url": REPOSITORY}],
    "retention": {"daily": 7, "weekly": 4, "monthly": 6},
    "memory": 256 << 20,
    "slices": False,
    "drill_memory": 192 << 20,
    "sources": [
        {"service": "postgres", "volume": "little_postgres", "engine": "postgres"},
        {"service": "redis", "volume": "little_redis", "engine": "redis"},
        {"service": "redis", "volume": BOUND, "engine": "files"},
    ],
}
# In place of the image's own: it writes the beginning of a dump, and is killed.
DIES = '#!/bin/sh\n/usr/lib/postgresql/17/bin/pg_dump "$@" | head -c 4096\nkill -KILL $$\n'
PG_DUMP = "/usr/local/bin/pg_dump"
VOLUMES = "/var/lib/docker/volumes"
STATUS = "/var/lib/ziggie-backup/status.json"
DRILLED = {"little_postgres", "little_redis", BOUND, f"{PROJECT}@host"}

pytestmark = pytest.mark.usefixtures("little")


@pytest.fixture(name="little", scope="module")
def _little(ask: Any, inspect: Any, hostname: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run two servers as Compose would, with the images of the large stack."""
    images = {name: container["Config"]["Image"] for name, container in inspect().items()}
    file: Path = tmp_path_factory.mktemp("little") / "backup"
    file.write_bytes(bundle("backup/main.py"))
    try:
        ask("command -v restic || { apt-get update && apt-get install --yes --no-install-recommends restic; } >/dev/null")
        ask(f"mkdir -p {PLACE}/stack/bin {PLACE}/secrets && echo '{json.dumps(SETUP)}' > {PLACE}/stack/backup.json")
        subprocess.run(["docker", "cp", str(file), f"{hostname}:{PLACE}/stack/bin/backup"], check=True, capture_output=True)
        for name, options, command in (
            ("postgres", "-e POSTGRES_PASSWORD=x -v little_postgres:/var/lib/postgresql/data", ""),
            ("redis", f"-e REDIS_PASSWORD=x -v little_redis:/data -v {BOUND}:/bound", "redis-server --appendonly yes --requirepass x"),
        ):
            labels = f"--label com.docker.compose.project={PROJECT} --label com.docker.compose.service={name}"
            ask(f"docker run --detach --name little-{name}-1 --network none --memory 256m {labels} {options} {images[name]} {command}")
        ask("timeout 60 sh -c 'until docker exec little-postgres-1 pg_isready -q -h 127.0.0.1; do sleep 0.2; done'")
        yield
    finally:
        ask("docker rm --force --volumes little-postgres-1 little-redis-1; docker volume rm little_postgres little_redis; true")
        ask(f"rm -rf {PLACE} {REPOSITORY} {BOUND}* /var/lib/ziggie-backup/repositories")


@pytest.fixture(name="sql")
def _sql(ask: Any) -> Callable[[str], str]:
    return lambda text: str(ask(f'docker exec little-postgres-1 psql -U postgres -v ON_ERROR_STOP=1 -Atqc "{text}"')).strip()


@pytest.fixture(name="redis")
def _redis(ask: Any) -> Callable[[str], str]:
    return lambda text: str(ask(f"docker exec -e REDISCLI_AUTH=x little-redis-1 redis-cli {text}")).strip()


@pytest.fixture(name="backups")
def _backups(ask: Any) -> Callable[[], dict[str, str]]:
    """Return the state of each backup of PostgreSQL by its run."""
    return lambda: {one["run"]: one["state"] for one in json.loads(ask(f"{PROGRAM} list"))["backups"] if one["volume"] == "little_postgres"}


@pytest.fixture(name="left")
def _left(ask: Any) -> Callable[[], list[str]]:
    """Return what a drill has on the host while it works: throw-away containers, and directories."""
    return lambda: ask(
        f"docker ps --all --quiet --filter label=ziggie.stack.scratch=little; ls -d {VOLUMES}/little_*/*.drilling {PLACE}.drilling 2>/dev/null; true"
    ).split()


def test_every_write_that_was_acknowledged_before_the_backup_is_there_after_the_restore(
    play: Any, ask: Any, sql: Callable[[str], str], redis: Callable[[str], str]
) -> None:
    sql("CREATE ROLE app LOGIN PASSWORD 'p'; CREATE TABLE ledger (n int PRIMARY KEY, text text); ALTER TABLE ledger OWNER TO app")
    acknowledged = [
        int(number) for number in sql("INSERT INTO ledger SELECT i, md5(i::text) FROM generate_series(1, 2000) i RETURNING n").split()
    ]
    assert redis("SET ledger 2000") == "OK"
    ask("docker exec -u 0 little-redis-1 sh -c 'echo kept > /bound/ledger'")
    played = play("backup", variables=VARIABLES)
    assert played.code == 0, played.text[-3000:]
    sql("INSERT INTO ledger VALUES (9999, 'after the backup')")
    ask(
        f"docker stop little-postgres-1 little-redis-1 && rm -rf {VOLUMES}/little_postgres/_data/base {VOLUMES}/little_redis/_data/* {BOUND}/ledger"
    )
    planned = play("restore", variables={**VARIABLES, "restore_service": "postgres"})
    assert planned.code == 0, planned.text[-3000:]
    assert "nothing was changed; carry it out with -e restore_yes=true" in " ".join(planned.text.split())
    for service in ("postgres", "redis"):
        played = play("restore", variables={**VARIABLES, "restore_service": service, "restore_yes": True})
        assert played.code == 0, played.text[-3000:]
    ask("timeout 60 sh -c 'until docker exec little-postgres-1 pg_isready -q -h 127.0.0.1; do sleep 0.2; done'")
    assert [int(number) for number in sql("SELECT n FROM ledger ORDER BY n").split()] == acknowledged
    assert sql("SELECT tableowner FROM pg_tables WHERE tablename = 'ledger'") == "app"
    assert sql("SELECT rolpassword LIKE 'SCRAM%' FROM pg_authid WHERE rolname = 'app'") == "t"
    assert redis("GET ledger") == "2000"
    assert ask("docker exec -u 0 little-redis-1 cat /bound/ledger").strip() == "kept"
    # The old data stay, and no throw-away container does.
    assert len(ask(f"ls -d {VOLUMES}/little_*/_data.before-*").split()) == 2
    assert ask(f"docker ps --all --quiet --filter label=ziggie.stack.scratch={PROJECT}").split() == []


def test_a_drill_proves_the_newest_backups_and_leaves_what_runs_alone(
    play: Any, ask: Any, sql: Callable[[str], str], backups: Callable[[], dict[str, str]], left: Callable[[], list[str]]
) -> None:
    running = "docker inspect --format '{{.Id}} {{.State.StartedAt}}' little-postgres-1 little-redis-1"
    sql("INSERT INTO ledger VALUES (7777, 'after the backup')")
    before = ask(running)
    ask(f"{PROGRAM} run")
    newest = max(backups())
    assert backups()[newest] == "stored"
    played = play("drill", variables=VARIABLES)
    assert played.code == 0, played.text[-3000:]
    assert backups()[newest] == "drilled"
    noted = {name: volume["states"]["drilled"] for name, volume in json.loads(ask(f"cat {STATUS}"))["volumes"].items() if name in DRILLED}
    assert set(noted) == DRILLED
    assert all(one["run"] == newest and 0 < one["seconds"] < 60 for one in noted.values())
    assert (ask(running), sql("SELECT count(*) FROM ledger")) == (before, "2001")
    assert left() == []


def test_a_drill_that_is_killed_or_whose_container_is_does_not_count_and_the_next_one_goes_on(
    ask: Any, redis: Callable[[str], str], backups: Callable[[], dict[str, str]], left: Callable[[], list[str]]
) -> None:
    drilled = json.loads(ask(f"cat {STATUS}"))["volumes"]["little_redis"]["states"]["drilled"]
    redis("EVAL \"for i = 1, 16 do redis.call('SET', 'large' .. i, string.rep('x', 4194304)) end\" 0")
    ask(f"{PROGRAM} run")
    newest = max(backups())
    ask(
        f"{PROGRAM} drill postgres >/dev/null 2>&1 & pid=$!; "
        "timeout 60 sh -c 'until docker ps --quiet --filter label=ziggie.stack.scratch=little | grep -q .; do sleep 0.1; done'; kill -KILL $pid"
    )
    assert len(left()) == 2
    ask(f"echo '{json.dumps({**SETUP, 'drill_memory': 32 << 20})}' > {PLACE}/stack/backup.json")
    try:
        said = json.loads(ask(f"{PROGRAM} drill redis || true"))
    finally:
        ask(f"echo '{json.dumps(SETUP)}' > {PLACE}/stack/backup.json")
        redis(f"DEL {' '.join(f'large{number}' for number in range(1, 17))}")
    why = "the throw-away container was OOM-killed: stack_backup.drill.memory does not hold its data while they are restored"
    # The directory that is mounted beside it comes back all the same.
    assert (said["failures"], [one["volume"] for one in said["drilled"]], left()) == ([f"little_redis: {why}"], [BOUND], [])
    volume = json.loads(ask(f"cat {STATUS}"))["volumes"]["little_redis"]
    assert (volume["states"]["drilled"], volume["failed"]["why"], volume["failed"]["verb"]) == (drilled, why, "drill")
    assert ask("docker inspect --format '{{.State.Running}} {{.State.OOMKilled}}' little-redis-1").strip() == "true false"
    assert backups()[newest] == "stored"
    ask(f"{PROGRAM} drill postgres")
    assert (backups()[newest], left()) == ("drilled", [])


def test_a_dump_whose_producer_is_killed_never_counts(ask: Any, backups: Callable[[], dict[str, str]]) -> None:
    before = backups()
    ask(f"printf '{DIES}' | docker exec -i -u 0 little-postgres-1 sh -c 'cat > {PG_DUMP} && chmod 755 {PG_DUMP}'")
    try:
        said = json.loads(ask(f"{PROGRAM} run || true"))
    finally:
        ask(f"docker exec -u 0 little-postgres-1 rm {PG_DUMP}")
    assert said["failures"] == ["postgres: exit code 137: nothing said"]
    # Redis and the stack's directory were backed up all the same.
    assert {one["service"] for one in said["manifests"]} == {"redis", "host"}
    # Of one day, retention keeps the newest and the newest that was drilled.
    counting = {run: state for run, state in backups().items() if state != "pending"}
    assert (counting.items() <= before.items(), max(counting)) == (True, max(before))


def test_a_restore_that_is_killed_leaves_the_old_data_in_service(ask: Any, sql: Callable[[str], str]) -> None:
    sql("INSERT INTO ledger VALUES (5555, 'not in any backup')")
    ask(
        f"{PROGRAM} restore postgres >/dev/null 2>&1 & pid=$!; "
        "timeout 60 sh -c 'until docker ps --quiet --filter label=ziggie.stack.scratch=little | grep -q .; do sleep 0.1; done'; "
        f"kill -KILL $pid; {PROGRAM} resume"
    )
    ask("timeout 60 sh -c 'until docker exec little-postgres-1 pg_isready -q -h 127.0.0.1; do sleep 0.2; done'")
    assert sql("SELECT count(*) FROM ledger") == "2002"
    assert ask(f"docker ps --all --quiet --filter label=ziggie.stack.scratch={PROJECT}").split() == []


def test_a_wrong_key_is_named_and_nothing_is_touched(ask: Any) -> None:
    ask(f"cp {PLACE}/backup.key {PLACE}/right.key && echo wrong > {PLACE}/backup.key")
    try:
        said = [json.loads(ask(f"{PROGRAM} {words} || true"))["failures"] for words in ("run", "restore postgres")]
    finally:
        ask(f"mv {PLACE}/right.key {PLACE}/backup.key")
    assert said == [[f"the key {PLACE}/backup.key does not open {REPOSITORY}; put the key there that was made with it"]] * 2
