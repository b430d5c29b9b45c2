# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the databases count by themselves: connections, hits of their caches, operations. Costs one question each."""

from __future__ import annotations

import json
from typing import Any

from ..engine.settings.databases import MONGODB_CONNECT, REDIS_LOGIN, mongosh, psql
from ..engine.settings.subject import Subject, UnknownError
from .scene import Found, Scene, each

_POSTGRES = (
    "SELECT json_build_object('connections', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), "
    "'usable', current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int "
    "- coalesce(current_setting('reserved_connections', true), '0')::int, "
    "'hits', sum(blks_hit), 'reads', sum(blks_read)) FROM pg_stat_database"
)
_REDIS = (
    "keyspace_hits",
    "keyspace_misses",
    "evicted_keys",
    "rejected_connections",
    "connected_clients",
    "maxclients",
    "used_memory",
    "maxmemory",
)
_MONGODB = (
    MONGODB_CONNECT + "const s = db.adminCommand({serverStatus: 1}); print(JSON.stringify({ping: db.adminCommand({ping: 1}).ok, "
    "operations: Object.values(s.opcounters).map(Number).reduce((a, b) => a + b, 0), "
    "connections: Number(s.connections.current), available: Number(s.connections.available)}))"
)


def measure(scene: Scene) -> Found:
    """Return by service its `engine` and its figures, or an `error`."""
    asked = {
        name: (engine, question, subject)
        for engine, question in (("postgres", _postgres), ("redis", _redis), ("mongodb", _mongodb))
        for name, subject in scene.of_tuner(engine).items()
    }
    return each(_ask, asked)


def _ask(asked: tuple[str, Any, Subject]) -> Found:
    engine, question, subject = asked
    try:
        return {"engine": engine, "error": "", **question(subject)}
    except UnknownError as reason:
        return {"engine": engine, "error": str(reason)}
    except (ValueError, IndexError, TypeError) as error:
        return {"engine": engine, "error": f"its answer cannot be read: {error}"}


def _postgres(subject: Subject) -> Any:
    return json.loads(subject.run(psql(_POSTGRES)).splitlines()[-1])


def _redis(subject: Subject) -> Found:
    lines = subject.run(REDIS_LOGIN + "exec redis-cli -h 127.0.0.1 --raw INFO").splitlines()
    pairs = dict(line.strip().split(":", 1) for line in lines if ":" in line)
    if not pairs or "used_memory" not in pairs:
        raise UnknownError(f"redis-cli says {lines[0] if lines else 'nothing'}")
    return {name: int(pairs[name]) for name in _REDIS if name in pairs}


def _mongodb(subject: Subject) -> Any:
    return json.loads(subject.run(mongosh(_MONGODB)).splitlines()[-1])
