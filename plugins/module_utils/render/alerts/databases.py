# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts on the databases, against what the Budget tuned them to."""

from __future__ import annotations

from ...budget.units import parse_size
from ..watched import Watched
from .rule import Rule, with_tier

# superuser_reserved_connections of PostgreSQL: applications get none of these.
POSTGRES_RESERVED = 3

UP = {"postgres": "pg_up", "redis": "redis_up", "mongodb": "mongodb_up"}


def rules(watched: Watched) -> list[Rule]:
    """Return the alerts for the databases that run together with their exporter."""
    watched_databases = [name for name in UP if watched.runs(name, f"{name}-exporter")]
    if not watched_databases:
        return []
    found = [
        Rule(
            alert="DatabaseDown",
            expr=with_tier("\nor ".join(f"max by (service) ({UP[name]}) == 0" for name in watched_databases)),
            wait="2m",
            severity="by tier",
            summary="{{ $labels.service }} does not accept its exporter's connection",
        )
    ]
    for name in watched_databases:
        found.extend({"postgres": _postgres, "redis": _redis, "mongodb": _mongodb}[name](watched))
    return found


def _postgres(watched: Watched) -> list[Rule]:
    found = []
    connections = watched.tuned("postgres", "max_connections")
    if connections is not None:
        usable = int(connections) - POSTGRES_RESERVED
        found.append(
            Rule(
                alert="PostgresConnectionsHigh",
                expr=f"sum(pg_stat_database_numbackends) > {usable * 8 / 10:g}",
                wait="5m",
                severity="warning",
                summary=f"postgres holds {{{{ $value }}}} of {usable} usable connections",
                service="postgres",
            )
        )
    pool = watched.tuned("pgbouncer", "max_db_connections")
    if pool is not None and watched.runs("pgbouncer"):
        database = _pooled_database(watched)
        found.append(
            Rule(
                alert="ConnectionPoolExhausted",
                expr=f'sum(pg_stat_database_numbackends{{datname="{database}"}}) > {int(pool) * 95 / 100:g}',
                wait="5m",
                severity="critical",
                summary=f"pgbouncer uses {{{{ $value }}}} of the {pool} server connections it may open to {database}: time to scale",
                service="pgbouncer",
            )
        )
    return found


def _redis(watched: Watched) -> list[Rule]:
    found = [
        Rule(
            alert="RedisEvicting",
            expr="sum(rate(redis_evicted_keys_total[5m])) > 1",
            wait="15m",
            severity="warning",
            summary="redis drops {{ $value | humanize }} keys a second to stay within its memory",
            service="redis",
        )
    ]
    maxmemory = watched.tuned("redis", "maxmemory")
    if maxmemory is not None:
        size = parse_size(maxmemory)
        # A cache that evicts stands at its maximum by design: there only what eviction cannot free is news.
        share = "0.9" if watched.tuned("redis", "maxmemory-policy") in (None, "noeviction") else "1.1"
        found.append(
            Rule(
                alert="RedisMemoryHigh",
                expr=f"sum(redis_memory_used_bytes) / {size} > {share}",
                wait="5m",
                severity="critical",
                summary="redis uses {{ $value | humanizePercentage }} of its maxmemory",
                service="redis",
            )
        )
    return found


def _mongodb(watched: Watched) -> list[Rule]:
    connections = watched.tuned("mongodb", "maxConns")
    if connections is None:
        return []
    return [
        Rule(
            alert="MongoConnectionsHigh",
            expr=f'sum(mongodb_ss_connections{{conn_type="current"}}) > {int(connections) * 8 / 10:g}',
            wait="5m",
            severity="warning",
            summary=f"mongodb holds {{{{ $value }}}} of {connections} connections",
            service="mongodb",
        )
    ]


def _pooled_database(watched: Watched) -> str:
    environment = (watched.compose["services"].get("ziggie-api") or {}).get("environment")
    return str(environment.get("DATABASE_NAME", "ziggie")) if isinstance(environment, dict) else "ziggie"
