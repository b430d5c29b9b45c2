# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of the databases, against what the Budget tuned them to."""

from __future__ import annotations

from ...units import parse_size
from ..monitored import Monitored
from .board import Board
from .panel import Panel, Query
from .row import Row


def board(monitored: Monitored) -> Board | None:
    """Return the dashboard, `None` where no database is measured."""
    if not monitored.runs("prometheus"):
        return None
    databases = (("postgres", "PostgreSQL", _postgres), ("redis", "Redis", _redis), ("mongodb", "MongoDB", _mongodb))
    rows = [Row(title=title, panels=make(monitored)) for name, title, make in databases if monitored.runs(name, f"{name}-exporter")]
    return Board(name="databases", title="databases", rows=rows)


def _postgres(monitored: Monitored) -> list[Panel]:
    return [
        Panel(
            title="PostgreSQL: connections",
            kind="timeseries",
            lines=("^limit$", "^pool$"),
            description="By database; the lines are max_connections and the pool of PgBouncer.",
            queries=[
                Query(expr='sum by (datname) (pg_stat_database_numbackends{datname!~"template.*|"})', legend="{{datname}}"),
                *_line(monitored.tuned("postgres", "max_connections"), "limit"),
                *_line(monitored.tuned("pgbouncer", "max_db_connections"), "pool"),
            ],
        ),
        Panel(
            title="PostgreSQL: transactions",
            kind="timeseries",
            description="Of all databases; a share of rollbacks that rises is an application that fails.",
            unit="ops",
            queries=[
                Query(expr="sum(rate(pg_stat_database_xact_commit[$__rate_interval]))", legend="committed"),
                Query(expr="sum(rate(pg_stat_database_xact_rollback[$__rate_interval]))", legend="rolled back"),
            ],
        ),
        Panel(
            title="PostgreSQL: rows",
            kind="timeseries",
            unit="cps",
            description="Rows per second that queries fetched and changed.",
            queries=[
                Query(expr=f"sum(rate(pg_stat_database_tup_{kind}[$__rate_interval]))", legend=kind)
                for kind in ("fetched", "inserted", "updated", "deleted")
            ],
        ),
        Panel(
            title="PostgreSQL: cache hit ratio",
            kind="timeseries",
            unit="percentunit",
            maximum=1,
            description=f"shared_buffers is {monitored.tuned('postgres', 'shared_buffers') or 'not tuned'}.",
            queries=[
                Query(
                    expr=(
                        "sum(rate(pg_stat_database_blks_hit[$__rate_interval]))"
                        " / (sum(rate(pg_stat_database_blks_hit[$__rate_interval])) + sum(rate(pg_stat_database_blks_read[$__rate_interval])) > 0)"
                    ),
                    legend="hits",
                )
            ],
        ),
    ]


def _redis(monitored: Monitored) -> list[Panel]:
    maxmemory = monitored.tuned("redis", "maxmemory")
    return [
        Panel(
            title="Redis: memory",
            kind="timeseries",
            description="At the line of maxmemory, Redis evicts keys or refuses writes, as its policy says.",
            unit="bytes",
            lines=("^maxmemory$",),
            queries=[
                Query(expr="sum(redis_memory_used_bytes)", legend="used"),
                *_line(None if maxmemory is None else str(parse_size(maxmemory)), "maxmemory"),
            ],
        ),
        Panel(
            title="Redis: commands and evictions",
            kind="timeseries",
            description="RedisEvicting fires above 1 key per second.",
            unit="ops",
            queries=[
                Query(expr="sum(rate(redis_commands_processed_total[$__rate_interval]))", legend="commands"),
                Query(expr="sum(rate(redis_evicted_keys_total[$__rate_interval]))", legend="evicted keys"),
            ],
        ),
        Panel(
            title="Redis: clients",
            kind="timeseries",
            width=6,
            description="Open connections.",
            queries=[Query(expr="sum(redis_connected_clients)", legend="clients")],
        ),
        Panel(
            title="Redis: cache hit ratio",
            kind="timeseries",
            description="Share of reads that found their key. Nothing is drawn while nothing is read.",
            width=6,
            unit="percentunit",
            maximum=1,
            queries=[
                Query(
                    expr=(
                        "sum(rate(redis_keyspace_hits_total[$__rate_interval]))"
                        " / (sum(rate(redis_keyspace_hits_total[$__rate_interval])) + sum(rate(redis_keyspace_misses_total[$__rate_interval])) > 0)"
                    ),
                    legend="hits",
                )
            ],
        ),
    ]


def _mongodb(monitored: Monitored) -> list[Panel]:
    return [
        Panel(
            title="MongoDB: connections",
            kind="timeseries",
            description="The line is maxConns, as it is tuned; MongoConnectionsHigh fires above 80% of it.",
            lines=("^limit$",),
            queries=[
                Query(expr='sum(mongodb_ss_connections{conn_type="current"})', legend="current"),
                *_line(monitored.tuned("mongodb", "maxConns"), "limit"),
            ],
        ),
        Panel(
            title="MongoDB: operations",
            kind="timeseries",
            description="By kind.",
            unit="ops",
            queries=[
                Query(
                    expr="sum by (legacy_op_type) (rate(mongodb_ss_opcounters[$__rate_interval]))", legend="{{legacy_op_type}}", step="30s"
                )
            ],
        ),
        Panel(
            title="MongoDB: WiredTiger cache",
            kind="timeseries",
            description="Beyond 80% of what is configured, WiredTiger evicts pages; beyond 95%, queries wait for it.",
            unit="bytes",
            lines=("^configured$",),
            queries=[
                Query(expr="sum(mongodb_ss_wt_cache_bytes_currently_in_the_cache)", legend="used"),
                Query(expr="sum(mongodb_ss_wt_cache_maximum_bytes_configured)", legend="configured"),
            ],
        ),
    ]


def _line(value: str | None, legend: str) -> list[Query]:
    return [] if value is None else [Query(expr=f"vector({value})", legend=legend)]
