# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases, caches and brokers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...budget.units import GIB, MIB
from .facts import Facts, words

_ROOT_START = ("CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID")

POSTGRES = Facts(
    kind="postgres",
    tools={"": words("sh bash psql pg_isready"), "alpine": words("sh bash wget nc psql pg_isready")},
    reads={
        "POSTGRES_": words(
            "POSTGRES_PASSWORD POSTGRES_PASSWORD_FILE POSTGRES_USER POSTGRES_USER_FILE POSTGRES_DB POSTGRES_DB_FILE "
            "POSTGRES_INITDB_ARGS POSTGRES_INITDB_ARGS_FILE POSTGRES_INITDB_WALDIR POSTGRES_HOST_AUTH_METHOD"
        )
    },
    secret_file="_FILE",
    passwords=("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "POSTGRES_HOST_AUTH_METHOD"),
    own_probe=False,
    probe="pg_isready -q -h 127.0.0.1 -U <user> -d <database>",
    grace=120,
    pids=150,
    floor=256 * MIB,
    steps_down=(*_ROOT_START, "FOWNER"),
    support_ends={(9,): "2021-11-11", (10,): "2022-11-10", (11,): "2023-11-09", (12,): "2024-11-21", (13,): "2025-11-13"},
    engine="postgres",
    tier="critical",
)
_REDIS = Facts(
    kind="redis",
    tools={"": words("sh bash redis-cli"), "alpine": words("sh wget nc redis-cli")},
    data=("/data",),
    reads={"REDIS_": frozenset()},
    own_probe=False,
    probe='REDISCLI_AUTH="$$(cat /run/secrets/redis_password)" redis-cli -h 127.0.0.1 ping | grep -qx PONG',
    grace=30,
    pids=30,
    many_files=True,
    floor=64 * MIB,
    steps_down=("SETGID", "SETUID"),
    engine="redis",
    tier="critical",
)
_MYSQL = Facts(
    kind="mysql",
    data=("/var/lib/mysql",),
    secret_file="_FILE",
    passwords=tuple(
        f"MYSQL_{name}{suffix}" for name in ("ROOT_PASSWORD", "ALLOW_EMPTY_PASSWORD", "RANDOM_ROOT_PASSWORD") for suffix in ("", "_FILE")
    ),
    own_probe=False,
    probe="mysqladmin ping -h 127.0.0.1 --silent",
    grace=60,
    pids=150,
    floor=512 * MIB,
    steps_down=_ROOT_START,
    support_ends={(5,): "2023-10-31", (8, 0): "2026-04-30"},
    tier="critical",
)
_MARIADB = replace(
    _MYSQL,
    passwords=(
        *_MYSQL.passwords,
        *(name.replace("MYSQL", "MARIADB") for name in _MYSQL.passwords),
        "MARIADB_ROOT_PASSWORD_HASH",
        "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
        "MYSQL_ALLOW_EMPTY_ROOT_PASSWORD",
    ),
    probe="healthcheck.sh --connect --innodb_initialized",
    floor=256 * MIB,
    support_ends={(10, 4): "2024-06-18", (10, 5): "2025-06-24", (10, 6): "2026-07-06"},
)
_MONGO = Facts(
    kind="mongodb",
    tools={"": words("sh bash mongosh jq")},
    tools_since=(6,),
    data=("/data/db",),
    reads={
        "MONGO_": words(
            "MONGO_INITDB_ROOT_USERNAME MONGO_INITDB_ROOT_USERNAME_FILE MONGO_INITDB_ROOT_PASSWORD "
            "MONGO_INITDB_ROOT_PASSWORD_FILE MONGO_INITDB_DATABASE"
        )
    },
    secret_file="_FILE",
    own_probe=False,
    probe="mongosh --quiet --norc --host <the service's name> --eval 'quit(db.adminCommand({ping:1}).ok?0:2)'",
    grace=90,
    pids=200,
    many_files=True,
    floor=768 * MIB,
    steps_down=_ROOT_START,
    support_ends={(4,): "2024-02-29", (5,): "2024-10-31", (6,): "2025-07-31"},
    engine="mongodb",
    tier="critical",
)
_ELASTIC = Facts(
    kind="elasticsearch",
    data=("/usr/share/elasticsearch/data",),
    grace=60,
    pids=1024,
    many_files=True,
    floor=GIB,
    support_ends={(6,): "2022-02-10", (7,): "2026-01-15"},
    tier="critical",
)
_DERIVED = replace(POSTGRES, tools={}, reads={}, support_ends={})
_PRELOADED = replace(_DERIVED, engine="")

TABLE: Mapping[str, Facts] = {
    "postgres": POSTGRES,
    "pgvector/pgvector": replace(POSTGRES, tools={}),
    "postgis/postgis": replace(POSTGRES, tools={}),
    "timescale/timescaledb": _DERIVED,
    "timescale/timescaledb-ha": replace(_DERIVED, data=("/home/postgres/pgdata",)),
    "immich-app/postgres": _PRELOADED,
    "tensorchord/pgvecto-rs": _PRELOADED,
    "supabase/postgres": _PRELOADED,
    "edoburu/pgbouncer": Facts(
        kind="pgbouncer",
        tools={"": words("sh wget nc psql pg_isready")},
        own_probe=False,
        probe="pg_isready -q -h 127.0.0.1 -p 5432",
        grace=60,
        many_files=True,
        floor=32 * MIB,
        engine="pgbouncer",
        tier="critical",
    ),
    "redis": _REDIS,
    "redis/redis-stack-server": replace(_REDIS, tools={}, reads={}, steps_down=(), floor=128 * MIB, engine=""),
    "valkey/valkey": replace(_REDIS, tools={}, reads={}, command=("valkey-server",), probe="valkey-cli -h 127.0.0.1 ping | grep -qx PONG"),
    "mysql": _MYSQL,
    "mariadb": _MARIADB,
    "mongo": _MONGO,
    "elasticsearch": _ELASTIC,
    "elasticsearch/elasticsearch": _ELASTIC,
    "opensearchproject/opensearch": replace(_ELASTIC, kind="opensearch", data=("/usr/share/opensearch/data",), support_ends={}),
    "memcached": Facts(kind="memcached", own_probe=False, pids=20, floor=32 * MIB, tier="critical"),
    "rabbitmq": Facts(
        kind="rabbitmq",
        data=("/var/lib/rabbitmq",),
        own_probe=False,
        grace=60,
        pids=300,
        many_files=True,
        floor=256 * MIB,
        steps_down=_ROOT_START,
        tier="critical",
    ),
    "minio/minio": Facts(kind="minio", data=("/data",), secret_file="_FILE", grace=30, pids=100, floor=256 * MIB, tier="critical"),
    "influxdb": Facts(kind="influxdb", data=("/var/lib/influxdb2",), own_probe=False, grace=60, pids=100, floor=256 * MIB, tier="critical"),
    "qdrant/qdrant": Facts(kind="qdrant", data=("/qdrant/storage",), grace=30, floor=256 * MIB, tier="critical"),
    "getmeili/meilisearch": Facts(kind="meilisearch", data=("/meili_data",), grace=30, floor=256 * MIB, tier="critical"),
}
