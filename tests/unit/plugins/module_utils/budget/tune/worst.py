# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program can take at worst, read back from the settings that it runs with as that program would read them.

Written from the programs' documentation, not from the tuners, so that a tuner cannot excuse itself. Sizes that an author wrote count
in full; bounds that an author wrote count for what the program allocates in advance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.tuner import Room

POSTGRES_UNITS = {"kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
POSTGRES_BACKEND = 2 * 1024**2
MIB = 1024**2


def matched(pattern: str, text: str) -> re.Match[str]:
    """Return a match of the whole text; anything else is not in this program's grammar."""
    match = re.fullmatch(pattern, text)
    assert match, f"{text!r} is not in the grammar {pattern}"
    return match


def postgres_size(text: str) -> int:
    match = matched(r"([1-9]\d*(?:\.\d+)?)(kB|MB|GB|TB)", text)
    return int(Fraction(match[1]) * POSTGRES_UNITS[match[2]])


def go_size(text: str) -> int:
    match = matched(r"([1-9]\d*)(MiB|GiB)", text)
    return int(match[1]) * {"MiB": MIB, "GiB": 1024 * MIB}[match[2]]


def redis_size(text: str) -> int:
    match = matched(r"(\d+)(kb|mb|gb|k|m|g|)", text.lower())
    return int(match[1]) * {"kb": 1024, "mb": MIB, "gb": 1024 * MIB, "k": 1000, "m": 1000**2, "g": 1000**3, "": 1}[match[2]]


def whole(text: str) -> int:
    return int(matched(r"\d+", text)[0])


def postgres(settings: Mapping[str, str], room: Room) -> int:
    connections, parallel = whole(settings["max_connections"]), min(8, whole(settings["max_parallel_workers"]))
    # Whoever wrote work_mem meant it for the sessions that work at once: 2 x cores (PostgreSQL wiki, Number Of Database Connections).
    # So does PostgreSQL, whose default stays; only connections that x-budget counts are all at work.
    counted = room.params["max_connections"] and "max_connections" not in room.written and "work_mem" not in room.written
    hashing = connections if counted else min(connections, 2 * -(-room.cpus // 1000))
    work = int((hashing + parallel) * postgres_size(settings["work_mem"]) * Fraction(settings["hash_mem_multiplier"]))
    maintenance = postgres_size(settings["maintenance_work_mem"])
    # Unset, an autovacuum worker takes maintenance_work_mem.
    inherited = settings.get("autovacuum_work_mem", "-1") == "-1"
    autovacuum = maintenance if inherited else postgres_size(settings["autovacuum_work_mem"])
    vacuum = whole(settings["autovacuum_max_workers"]) * autovacuum
    return postgres_size(settings["shared_buffers"]) + (connections + parallel) * POSTGRES_BACKEND + work + vacuum + maintenance


def redis(settings: Mapping[str, str], room: Room) -> int:
    maxmemory = redis_size(settings["maxmemory"])
    saves = settings.get("save", "3600 1" if room.params["persistence"] else "")
    forks = saves not in ("", '""') or settings.get("appendonly") == "yes"
    # Who wrote maxmemory knows how much of it changes while a fork writes it down.
    return maxmemory * 2 if forks and "maxmemory" not in room.written else maxmemory * 4 // 3


def mongodb(settings: Mapping[str, str], room: Room) -> int:
    if "wiredTigerCacheSizePct" in settings:
        cache = room.limit * whole(settings["wiredTigerCacheSizePct"]) // 100
    else:
        gigabytes = Fraction(matched(r"\d+(\.\d+)?", settings["wiredTigerCacheSizeGB"])[0])
        assert Fraction(1, 4) <= gigabytes <= 10_000
        cache = int(gigabytes * 1024 * MIB)
    # A connection that is not open has no thread; a number that x-budget asks for is meant to be reached.
    asked = bool(room.number("max_connections")) and "maxConns" not in room.written
    most = whole(settings.get("maxConns", str(room.clients)))
    threads = most if asked else min(room.clients, most)
    return cache + threads * MIB + 100 * MIB


def node(settings: Mapping[str, str], room: Room) -> int:
    if "max-old-space-size" not in settings:
        return int(settings.get("max-heap-size", "0")) * MIB
    heap = whole(settings["max-old-space-size"]) * MIB
    # Node's documentation gives 1536 of 2048 MiB as an example.
    most = 75 if "max-old-space-size" in room.written else 65
    return max(heap * 100 // most - 1, heap + 48 * MIB + 30 * MIB)


def python(settings: Mapping[str, str], room: Room) -> int:
    each = 30 * MIB if "workers" in room.written else room.number("worker_rss")
    return 100 * MIB + whole(settings["workers"]) * each


def nginx(settings: Mapping[str, str], room: Room) -> int:
    workers = -(-room.cpus // 1000) if settings["worker_processes"] == "auto" else whole(settings["worker_processes"])
    connections = whole(settings["worker_connections"])
    assert "worker_rlimit_nofile" in room.written or whole(settings["worker_rlimit_nofile"]) >= 2 * connections
    worker = 2 * MIB if {"worker_processes", "worker_connections"} <= set(room.written) else 8 * MIB
    # A connection's record and its two events are allocated in advance: 232 + 2 x 96 bytes.
    return workers * (worker + connections * (424 if "worker_connections" in room.written else 64 * 1024))


def ollama(settings: Mapping[str, str], room: Room) -> int:
    cache = whole(settings["OLLAMA_NUM_PARALLEL"]) * whole(settings["OLLAMA_CONTEXT_LENGTH"]) * room.number("kv_per_token")
    # Ollama unloads a model for another where memory is short, so an author's bound is not what is loaded.
    models = 1 if "OLLAMA_MAX_LOADED_MODELS" in room.written else whole(settings["OLLAMA_MAX_LOADED_MODELS"])
    return 512 * MIB + models * (room.number("model_size") + cache)


def prometheus(settings: Mapping[str, str], room: Room) -> int:
    kept = matched(r"([1-9]\d*)MB", settings.get("storage.tsdb.retention.size", "1MB"))
    assert not room.disk or int(kept[1]) * MIB <= max(MIB, room.disk * 85 // 100)
    samples = whole(settings["query.max-samples"]) * whole(settings["query.max-concurrency"]) * 16
    return max(go(settings, room), 0 if "query.max-samples" in room.written else samples * 2 - 1)


def go(settings: Mapping[str, str], _room: Room) -> int:
    return 0 if settings["GOMEMLIMIT"] == "off" else go_size(settings["GOMEMLIMIT"])


def loki(settings: Mapping[str, str], room: Room) -> int:
    hours = int(matched(r"([1-9]\d*)h", settings["retention_period"])[1])
    assert hours >= 24
    assert not room.disk or hours == 24 or "retention_period" in room.written or hours // 24 * room.number("daily") < room.disk
    return go(settings, room)


def pgbouncer(settings: Mapping[str, str], room: Room) -> int:
    # A client that waits takes 2 kB (PgBouncer documentation, features).
    client = 2 * 1024 if "max_client_conn" in room.written else 32 * 1024
    return 8 * MIB + whole(settings["max_client_conn"]) * client + whole(settings["default_pool_size"]) * 32 * 1024


def letters(text: str) -> int:
    match = matched(r"(\d+)([kmgtKMGT]?)", text)
    return int(match[1]) * 1024 ** " kmgt".index(match[2].lower() or " ")


def jvm(settings: Mapping[str, str], room: Room) -> int:
    if "MaxRAMPercentage" in settings and "Xmx" not in settings:
        return int(room.limit * Fraction(settings["MaxRAMPercentage"]) / 100) + 96 * MIB
    if "Xmx" not in room.written and "Xmn" in settings and "Xmx" in settings:
        assert letters(settings["Xmn"]) < letters(settings["Xmx"])
    heap = max(letters(settings.get("Xmx", "0")), letters(settings.get("Xms", "0")))
    assert not {"Xmx", "Xms"} <= set(settings) or room.written or settings["Xmx"] == settings["Xms"]
    return heap + 96 * MIB


def database(settings: Mapping[str, str], room: Room, working: Mapping[str, str], schema: int, base: int) -> int:
    pool, chunk = letters(settings["innodb_buffer_pool_size"]), 128 * MIB
    # Several instances take effect from 1 GiB on (MySQL reference manual, innodb_buffer_pool_instances).
    chunk *= int(settings.get("innodb_buffer_pool_instances", "8")) if pool >= 1024 * MIB else 1
    connections = whole(settings.get("max_connections", "151"))
    session = sum(letters(settings.get(name, default)) for name, default in working.items())
    active = min(connections, 2 * -(-room.cpus // 1000))
    whole_pool = pool if pool < chunk else -(-pool // chunk) * chunk
    return whole_pool * 11 // 10 + base + schema + connections * MIB // 4 + active * session


def mysql(settings: Mapping[str, str], room: Room) -> int:
    working = {"sort_buffer_size": "256k", "join_buffer_size": "256k", "read_buffer_size": "128k", "read_rnd_buffer_size": "256k"}
    schema = 0 if settings.get("performance_schema") == "OFF" else 150 * MIB
    tables = letters(settings["temptable_max_ram"])
    return database(settings, room, working, schema, 200 * MIB) + tables


def mariadb(settings: Mapping[str, str], room: Room) -> int:
    working = {"sort_buffer_size": "2m", "join_buffer_size": "256k", "read_buffer_size": "128k", "tmp_table_size": "16m"}
    schema = 100 * MIB if settings.get("performance_schema") == "ON" else 0
    plain = {name: value for name, value in settings.items() if name != "innodb_buffer_pool_instances"}
    # MariaDB has one instance since 10.5, and chunks of 128 MiB at most.
    pages = letters(settings["aria_pagecache_buffer_size"])
    return database({**plain, "innodb_buffer_pool_instances": "1"}, room, working, schema, 110 * MIB + pages)


def rabbitmq(settings: Mapping[str, str], _room: Room) -> int:
    written = settings.get("vm_memory_high_watermark.absolute", "0")
    match = matched(r"(\d+)(MiB|GB|)", settings.get("vm_memory_high_watermark", written))
    # The threshold only stops publishers; collecting garbage takes more for a while.
    return int(match[1]) * {"MiB": MIB, "GB": 1000**3, "": 1}[match[2]] * 10 // 7


def meilisearch(settings: Mapping[str, str], _room: Room) -> int:
    match = matched(r"(\d+) ?(MiB|GiB|)", settings["MEILI_MAX_INDEXING_MEMORY"])
    return int(match[1]) * {"MiB": MIB, "GiB": 1024 * MIB, "": 1}[match[2]] + 50 * MIB


def memcached(settings: Mapping[str, str], _room: Room) -> int:
    return whole(settings["memory-limit"]) * MIB * 11 // 10 + 10 * MIB + int(settings.get("conn-limit", "1024")) * 4096


WORST: Mapping[str, Callable[[Mapping[str, str], Room], int]] = {
    "cassandra": jvm,
    "elasticsearch": jvm,
    "go": go,
    "jvm": jvm,
    "kafka": jvm,
    "logstash": jvm,
    "loki": loki,
    "mariadb": mariadb,
    "meilisearch": meilisearch,
    "memcached": memcached,
    "minecraft": jvm,
    "mongodb": mongodb,
    "mysql": mysql,
    "nginx": nginx,
    "node": node,
    "ollama": ollama,
    "opensearch": jvm,
    "pgbouncer": pgbouncer,
    "postgres": postgres,
    "prometheus": prometheus,
    "python": python,
    "rabbitmq": rabbitmq,
    "redis": redis,
    "solr": jvm,
    "zookeeper": jvm,
}

# The settings that may not shrink when the limit grows, as numbers.
GROWING: Mapping[str, Mapping[str, Callable[[str], float]]] = {
    **{name: {"Xmx": letters} for name, worst in WORST.items() if worst is jvm},
    "mariadb": {"innodb_buffer_pool_size": letters, "tmp_table_size": letters, "aria_pagecache_buffer_size": letters},
    "meilisearch": {"MEILI_MAX_INDEXING_MEMORY": int},
    "memcached": {"memory-limit": int},
    "mysql": {"innodb_buffer_pool_size": letters, "temptable_max_ram": letters, "innodb_buffer_pool_instances": int},
    "rabbitmq": {"vm_memory_high_watermark": int},
    "go": {"GOMEMLIMIT": go_size},
    "loki": {"GOMEMLIMIT": go_size, "retention_period": lambda text: int(text.removesuffix("h"))},
    "mongodb": {"wiredTigerCacheSizeGB": float, "maxConns": int},
    "nginx": {"worker_connections": int, "worker_rlimit_nofile": int},
    "node": {"max-old-space-size": int},
    "ollama": {"OLLAMA_CONTEXT_LENGTH": int, "OLLAMA_NUM_PARALLEL": int, "OLLAMA_MAX_LOADED_MODELS": int},
    "pgbouncer": {"default_pool_size": int, "max_client_conn": int},
    "postgres": {
        "shared_buffers": postgres_size,
        "effective_cache_size": postgres_size,
        "work_mem": postgres_size,
        "maintenance_work_mem": postgres_size,
        "autovacuum_work_mem": postgres_size,
        "max_connections": int,
    },
    "prometheus": {"GOMEMLIMIT": go_size, "query.max-samples": int},
    "python": {"workers": int},
    "redis": {"maxmemory": lambda text: int(text.removesuffix("mb"))},
}
