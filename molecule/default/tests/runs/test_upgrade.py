# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real data of an older PostgreSQL, this machine's, are taken to the stack's: killed in the middle the old is served, and then the new, with every row."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.plugin_utils.bundle import bundle

PLACE, PROJECT = "/opt/older", "older"
PROGRAM = f"python3 -I -S {PLACE}/stack/bin/backup"
DATA = "/var/lib/postgresql/data"
SERVERS = Path("/usr/lib/postgresql")
SETUP = {
    "project": PROJECT,
    "directory": PLACE,
    "repositories": [{"url": "/srv/older"}],
    "retention": {"daily": 7, "weekly": 4, "monthly": 6},
    "memory": 256 << 20,
    "drill_memory": 128 << 20,
    "slices": False,
    "sources": [{"service": "postgres", "volume": "older_data", "engine": "postgres"}],
}
# What the stack's image lacks of what the older server needs goes with it.
DOCKERFILE = "FROM {image}\nCOPY . /\nENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/{version}/bin LD_LIBRARY_PATH=/opt/older\n"
TABLES = """
CREATE ROLE app LOGIN PASSWORD 'p';
CREATE DATABASE "sh op" OWNER app;
CREATE TABLE ledger (n int PRIMARY KEY, text text, at timestamptz DEFAULT now(), f float8 DEFAULT random(), j jsonb DEFAULT '{"a": [1, 2]}');
ALTER TABLE ledger OWNER TO app;
INSERT INTO ledger SELECT i, md5(i::text) FROM generate_series(1, 20000) i;
\\c "sh op"
CREATE TABLE kinds (a numeric, b bytea, c int[], d interval);
INSERT INTO kinds SELECT i / 7.0, ('x' || i)::bytea, ARRAY[i, i + 1], i * interval '1 min' FROM generate_series(1, 500) i;
"""
LEDGER = "SELECT md5(string_agg(l::text, '|' ORDER BY n)) FROM ledger l"


def older() -> str:
    """Return the newest version of this machine's servers that is older than the stack's; skip where there is none."""
    found = sorted(int(path.name) for path in SERVERS.glob("[0-9]*") if (path / "bin/postgres").exists() and int(path.name) < 17)
    if not found:
        pytest.skip(
            f"no PostgreSQL before 17 below {SERVERS} of this machine, whose data could be upgraded: apt-get install postgresql-15 gives one"
        )
    return str(found[-1])


def written(image: str) -> str:
    service = {
        "image": image,
        "user": "999:999",
        "command": ["postgres", "-c", "listen_addresses=*", "-c", "shared_buffers=32MB"],
        "environment": {"PGDATA": DATA, "POSTGRES_PASSWORD": "x"},
        "volumes": [f"data:{DATA}"],
        "network_mode": "none",
        "mem_limit": "256m",
        "tmpfs": ["/var/run/postgresql:uid=999,gid=999,mode=0775"],
    }
    return json.dumps({"name": PROJECT, "services": {"postgres": service}, "volumes": {"data": {}}})


@pytest.fixture(name="new", scope="module")
def _new(ask: Any, inspect: Any, hostname: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run an older server as Compose does, with data in it, and return the definition of the newer one."""
    version, image = older(), str(inspect()["postgres"]["Config"]["Image"])
    place: Path = tmp_path_factory.mktemp("older")
    libraries = subprocess.run(
        ["sh", "-c", f"ldd {SERVERS}/{version}/bin/* {SERVERS}/{version}/lib/*.so 2>/dev/null | awk '$3 ~ /^\\// {{print $3}}' | sort -u"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    there = set(ask(f"docker run --rm --entrypoint ls {image} /usr/lib/x86_64-linux-gnu").split())
    needed = [path for path in libraries if Path(path).name not in there and "LLVM" not in path]
    for name, content in (
        ("compose.yml", written(f"older/postgres:{version}")),
        ("new.json", written(image)),
        ("backup.json", json.dumps(SETUP)),
        ("Dockerfile", DOCKERFILE.format(image=image, version=version)),
    ):
        (place / name).write_text(content, encoding="utf-8")
    (place / "backup").write_bytes(bundle("backup/main.py"))
    tree = [f"{SERVERS}/{version}/bin", f"{SERVERS}/{version}/lib", f"/usr/share/postgresql/{version}"]
    pack = f"tar -c --exclude=bitcode --exclude='llvmjit*' -C / {' '.join(path.lstrip('/') for path in tree)}"
    copy = f"tar -c -h --transform 's#.*/#opt/older/#' -P {' '.join(needed)}" if needed else "true"
    try:
        ask(f"rm -rf {PLACE} && mkdir -p {PLACE}/stack/bin {PLACE}/image")
        subprocess.run(["docker", "cp", f"{place}/.", f"{hostname}:{PLACE}/stack"], check=True, capture_output=True)
        for command in (pack, copy):
            subprocess.run(["sh", "-c", f"{command} | docker exec -i {hostname} tar -x -C {PLACE}/image"], check=True, capture_output=True)
        ask(f"cd {PLACE}/stack && mv backup bin/ && mv Dockerfile {PLACE}/image && mv new.json {PLACE}")
        ask(f"cd {PLACE}/image && DOCKER_BUILDKIT=0 docker build --quiet --tag older/postgres:{version} .")
        ask(f"cd {PLACE}/stack && docker compose up --detach --quiet-pull 2>&1")
        ask("timeout 60 sh -c 'until docker exec older-postgres-1 pg_isready -q -h 127.0.0.1; do sleep 0.2; done'")
        (place / "tables.sql").write_text(TABLES, encoding="utf-8")
        subprocess.run(["docker", "cp", str(place / "tables.sql"), f"{hostname}:{PLACE}/tables.sql"], check=True, capture_output=True)
        ask(f"docker exec -i older-postgres-1 psql -U postgres -q -v ON_ERROR_STOP=1 < {PLACE}/tables.sql")
        yield f"{PLACE}/new.json"
    finally:
        ask(f"cd {PLACE}/stack && docker compose down --volumes 2>&1; rm -rf {PLACE} /var/lib/docker/volumes/older_data; true")
        ask(f"docker image rm older/postgres:{version} 2>&1; true")


def sql(ask: Any, text: str) -> str:
    ask("timeout 60 sh -c 'until docker exec older-postgres-1 pg_isready -q -h 127.0.0.1; do sleep 0.2; done'")
    return str(ask(f'docker exec older-postgres-1 psql -U postgres -v ON_ERROR_STOP=1 -Atqc "{text}"')).strip()


def test_real_data_get_to_another_major_version_and_a_kill_on_the_way_leaves_the_old(ask: Any, new: str) -> None:
    before, ledger = sql(ask, "SHOW server_version_num"), sql(ask, LEDGER)
    words = f"upgrade postgres --to 17 --definition {new}"
    planned = json.loads(ask(f"{PROGRAM} upgrade-plan postgres --to 17 --definition {new}"))
    assert planned["problems"] == []
    assert f"PostgreSQL {int(before) // 10000} becomes 17" in planned["plan"][0]
    # Killed while the new server is being filled.
    ask(
        f"{PROGRAM} {words} >/dev/null 2>&1 & pid=$!; "
        f"timeout 60 sh -c 'until ls /var/lib/docker/volumes/older_data/_data.upgrading/base >/dev/null 2>&1; do sleep 0.05; done'; "
        f"kill -KILL $pid; {PROGRAM} resume"
    )
    assert (sql(ask, "SHOW server_version_num"), sql(ask, LEDGER)) == (before, ledger)
    assert ask("ls /var/lib/docker/volumes/older_data").split() == ["_data"]
    said = json.loads(ask(f"{PROGRAM} {words}"))
    assert said["upgraded"]["rows"] == 20500
    assert (sql(ask, "SHOW server_version_num")[:2], sql(ask, LEDGER)) == ("17", ledger)
    assert sql(ask, "SELECT tableowner FROM pg_tables WHERE tablename = 'ledger'") == "app"
    # The old data stay, and neither a throw-away container nor a dump does.
    assert [re.sub("before-.*", "before", name) for name in ask("ls /var/lib/docker/volumes/older_data").split()] == [
        "_data",
        "_data.before",
    ]
    assert ask("docker ps --all --quiet --filter label=ziggie.stack.scratch").split() == []
    again = json.loads(ask(f"{PROGRAM} {words} || true"))
    assert "only a newer major version is an upgrade" in again["failures"][0]
