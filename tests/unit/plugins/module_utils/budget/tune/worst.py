# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each program's settings can take at worst, read back from the settings as that program would read them.

Written from the programs' documentation, not from the engines, so that an engine cannot excuse itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.engine import Room

POSTGRES_UNITS = {"kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
POSTGRES_BACKEND = 2 * 1024**2
MIB = 1024**2


def matched(pattern: str, text: str) -> re.Match[str]:
    """Return a match of the whole text; anything else is no value of this program's grammar."""
    match = re.fullmatch(pattern, text)
    assert match, f"{text!r} is not in the grammar {pattern}"
    return match


def postgres_size(text: str) -> int:
    match = matched(r"([1-9]\d*)(kB|MB|GB|TB)", text)
    return int(match[1]) * POSTGRES_UNITS[match[2]]


def go_size(text: str) -> int:
    return int(matched(r"([1-9]\d*)MiB", text)[1]) * MIB


def whole(text: str) -> int:
    return int(matched(r"\d+", text)[0])


def postgres(settings: Mapping[str, str], _room: Room) -> int:
    backends = whole(settings["max_connections"]) + whole(settings["max_parallel_workers"])
    work = postgres_size(settings["work_mem"]) * whole(settings["hash_mem_multiplier"])
    autovacuum = whole(settings["autovacuum_max_workers"]) * postgres_size(settings["autovacuum_work_mem"])
    maintenance = postgres_size(settings["maintenance_work_mem"])
    return postgres_size(settings["shared_buffers"]) + backends * (work + POSTGRES_BACKEND) + autovacuum + maintenance


def redis(settings: Mapping[str, str], room: Room) -> int:
    maxmemory = int(matched(r"([1-9]\d*)mb", settings["maxmemory"])[1]) * MIB
    return maxmemory * 2 if room.params["persistence"] else maxmemory * 4 // 3


def mongodb(settings: Mapping[str, str], _room: Room) -> int:
    cache = Fraction(matched(r"\d+\.\d\d", settings["wiredTigerCacheSizeGB"])[0])
    assert Fraction(1, 4) <= cache <= 10_000
    return int(cache * 1024 * MIB) + whole(settings["maxConns"]) * MIB + 100 * MIB


def node(settings: Mapping[str, str], _room: Room) -> int:
    heap = whole(settings["max-old-space-size"]) * MIB
    return max(heap * 100 // 65 - 1, heap + 48 * MIB + 30 * MIB)


def python(settings: Mapping[str, str], room: Room) -> int:
    return 100 * MIB + whole(settings["workers"]) * room.number("worker_rss")


def nginx(settings: Mapping[str, str], _room: Room) -> int:
    workers, connections = whole(settings["worker_processes"]), whole(settings["worker_connections"])
    assert whole(settings["worker_rlimit_nofile"]) >= 2 * connections
    return workers * (8 * MIB + connections * 64 * 1024)


def ollama(settings: Mapping[str, str], room: Room) -> int:
    cache = whole(settings["OLLAMA_NUM_PARALLEL"]) * whole(settings["OLLAMA_CONTEXT_LENGTH"]) * room.number("kv_per_token")
    return 512 * MIB + whole(settings["OLLAMA_MAX_LOADED_MODELS"]) * (room.number("model_size") + cache)


def prometheus(settings: Mapping[str, str], room: Room) -> int:
    kept = matched(r"([1-9]\d*)MB", settings.get("storage.tsdb.retention.size", "1MB"))
    assert not room.disk or int(kept[1]) * MIB <= max(MIB, room.disk * 85 // 100)
    samples = whole(settings["query.max-samples"]) * whole(settings["query.max-concurrency"]) * 16
    return max(go_size(settings["GOMEMLIMIT"]), samples * 2 - 1)


def go(settings: Mapping[str, str], _room: Room) -> int:
    return go_size(settings["GOMEMLIMIT"])


def loki(settings: Mapping[str, str], room: Room) -> int:
    hours = int(matched(r"([1-9]\d*)h", settings["retention_period"])[1])
    assert hours >= 24
    assert not room.disk or hours == 24 or hours // 24 * room.number("daily") < room.disk
    return go_size(settings["GOMEMLIMIT"])


def pgbouncer(settings: Mapping[str, str], _room: Room) -> int:
    return 8 * MIB + (whole(settings["max_client_conn"]) + whole(settings["default_pool_size"])) * 32 * 1024


WORST: Mapping[str, Callable[[Mapping[str, str], Room], int]] = {
    "go": go,
    "loki": loki,
    "mongodb": mongodb,
    "nginx": nginx,
    "node": node,
    "ollama": ollama,
    "pgbouncer": pgbouncer,
    "postgres": postgres,
    "prometheus": prometheus,
    "python": python,
    "redis": redis,
}

# The settings that may not shrink when the limit grows, as numbers.
GROWING: Mapping[str, Mapping[str, Callable[[str], float]]] = {
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
