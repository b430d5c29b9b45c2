# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Database servers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...units import GIB, KIB, MIB
from ..demand import Demand
from ..grammar import LETTERS, METRIC, MYSQL, number_of
from ..grammar import postgres as postgres_size
from ..program import Program, Rule, Values, counted, shown, sized
from ..setting import Setting
from ..spelling import Found, Spelling, Traces, files, listed, options, prefixed, underscored, variables
from ..subject import Subject
from ..syntax import ini, postgresql, xml, yaml

_PG = "PostgreSQL documentation, resource consumption"
_PG_BASE, _PG_BACKEND, _PG_CONNECTIONS = 64 * MIB, 5 * MIB, 100
_BUFFERS, _WORK = postgres_size(8 * KIB), postgres_size(KIB)


def _settings_of_c(subject: Subject) -> Iterator[Found]:
    for word, following in subject.followed:
        apart = word.value == "-c"
        written = following.value if apart else word.value[2:] if word.value.startswith(("-c", "--")) else ""
        name, equals, value = written.partition("=")
        if equals and name:
            yield underscored(name).lower(), Setting(value=value, where=following.where if apart else word.where)


def _settings_of_initdb(subject: Subject) -> Iterator[Found]:
    """Read what the first start writes into postgresql.conf, which stands before what that file was given since."""
    setting = subject.environment.get("POSTGRES_INITDB_ARGS")
    for match in re.finditer(r"(?:^|\s)(?:-c\s*|--set[=\s])([a-z_]+)=(\S+)", setting.value if setting else ""):
        yield match[1], Setting(value=match[2].strip("'\""), where=setting.where if setting else "")


def _buffers(values: Values) -> Iterator[Demand]:
    buffers, tuned = values.size(_BUFFERS, "shared_buffers"), values.size(LETTERS, "ts_tune_memory")
    if buffers:
        yield values.demand("buffers", buffers + _PG_BASE, f"shared_buffers of {shown(buffers)} and {shown(_PG_BASE)} for the server")
    elif tuned:
        how = f"timescaledb-tune makes a quarter of {shown(tuned)} shared_buffers, and {shown(_PG_BASE)} for the server"
        yield values.demand("buffers", -(-tuned // 4) + _PG_BASE, how)


def _working(values: Values) -> Iterator[Demand]:
    tuned, work = values.size(LETTERS, "ts_tune_memory"), values.size(_WORK, "work_mem")
    buffers = values.size(_BUFFERS, "shared_buffers") or (tuned and -(-tuned // 4))
    connections, maintenance = values.count("max_connections"), values.size(_WORK, "maintenance_work_mem")
    if not (buffers or work or connections or maintenance):
        return
    clients = connections or _PG_CONNECTIONS
    each = (work or 4 * MIB) + _PG_BACKEND
    busy, rest = clients * each + (maintenance or 64 * MIB), 3 * (buffers or 128 * MIB)
    if busy >= rest:
        how = f"{clients} connections with work_mem of {shown(work or 4 * MIB)} and {shown(_PG_BACKEND)} each, and maintenance_work_mem"
        yield values.demand("connections", busy, how)
    else:
        yield values.demand(
            "file cache", rest, f"three times shared_buffers of {shown(buffers or 0)}, which is to be a quarter of the memory"
        )


POSTGRES = Program(
    name="postgres",
    names=("postgresql", "pgvector", "postgis", "timescaledb", "timescaledb-ha", "pgvecto-rs", "vectorchord-postgres", "supabase-postgres"),
    executables=("postgres",),
    silent=("postgres", "postgis/postgis", "pgvector/pgvector"),
    spellings=(
        files(
            ("*/postgresql*.conf", "/etc/postgresql/*.conf", "/bitnami/postgresql/conf/conf.d/*.conf"),
            postgresql,
            _PG,
            folders=("/etc/postgresql",),
            main=True,
        ),
        prefixed("POSTGRESQL_", str.lower, "bitnami/containers, PostgreSQL: environment variables"),
        Spelling(
            at="options `-c NAME=VALUE` and `--set NAME=VALUE` in the variable `POSTGRES_INITDB_ARGS`",
            read=_settings_of_initdb,
            source="PostgreSQL documentation, initdb: --set; docker-library/docs, postgres",
            traces=Traces(variables=frozenset({"POSTGRES_INITDB_ARGS"})),
        ),
        variables(
            {"TS_TUNE_MEMORY": "ts_tune_memory", "TS_TUNE_MAX_CONNS": "max_connections"},
            "timescaledb-docker: environment variables of timescaledb-tune",
        ),
        Spelling(at="arguments `-c NAME=VALUE` and `--NAME=VALUE`", read=_settings_of_c, source="PostgreSQL documentation, postgres"),
        listed("POSTGRESQL_EXTRA_FLAGS", "bitnami/containers, PostgreSQL: environment variables", name=underscored),
    ),
    rules=(
        Rule(
            settings=("shared_buffers", "ts_tune_memory"),
            formula="shared_buffers (or a quarter of TS_TUNE_MEMORY) + 64 MiB",
            source=f"{_PG}, shared_buffers: allocated at the start; timescaledb-tune, README",
            derive=_buffers,
        ),
        Rule(
            settings=("shared_buffers", "ts_tune_memory", "work_mem", "max_connections", "maintenance_work_mem"),
            formula="the larger of 3 x shared_buffers (a quarter of the memory is its reasonable value) and "
            "max_connections x (work_mem + 5 MiB) + maintenance_work_mem",
            source=f"{_PG}, shared_buffers, work_mem",
            derive=_working,
        ),
        counted(
            "max_connections",
            plus=20,
            what="one process for each connection, and the server's own",
            source="PostgreSQL documentation, 51.2",
        ),
    ),
)

_MY = "MySQL reference manual, 10.12.3.1 How MySQL uses memory"
_MY_BASE = 128 * MIB
_MY_POOLS = ("key_buffer_size", "aria_pagecache_buffer_size", "query_cache_size", "innodb_log_buffer_size")
_MY_THREAD = (
    ("sort_buffer_size", 256 * KIB),
    ("join_buffer_size", 256 * KIB),
    ("read_buffer_size", 128 * KIB),
    ("read_rnd_buffer_size", 256 * KIB),
    ("thread_stack", MIB),
)


def _pools(values: Values) -> Iterator[Demand]:
    pool = values.size(MYSQL, "innodb_buffer_pool_size") or 0
    others = {name: size for name in _MY_POOLS if (size := values.size(MYSQL, name))}
    if pool or others:
        parts = [*([f"innodb_buffer_pool_size of {shown(pool)} and a tenth for its structures"] if pool else ())]
        parts += [f"{name} of {shown(size)}" for name, size in others.items()]
        amount = pool + -(-pool // 10) + sum(others.values()) + _MY_BASE
        yield values.demand("buffers", amount, f"{', '.join(parts)}, and {shown(_MY_BASE)} for the server")


def _threads(values: Values) -> Iterator[Demand]:
    connections = values.count("max_connections")
    sizes = [(name, values.size(MYSQL, name), default) for name, default in _MY_THREAD]
    if connections or any(size for _name, size, _default in sizes):
        clients = connections or 151
        each = sum(size or default for _name, size, default in sizes)
        yield values.demand("connections", clients * each, f"{clients} connections with {each // KIB} KiB of buffers and stack each")


MYSQL_SERVER = Program(
    name="mysql",
    names=("mariadb", "mysql-server", "percona", "percona-server", "mariadb-galera"),
    executables=("mysqld", "mariadbd"),
    silent=("mysql", "mariadb", "percona"),
    spellings=(
        files(
            (
                "/etc/my.cnf",
                "/etc/mysql/*.cnf",
                "/etc/mysql/conf.d/*.cnf",
                "/etc/mysql/mysql.conf.d/*.cnf",
                "/etc/mysql/mariadb.conf.d/*.cnf",
                "/etc/my.cnf.d/*.cnf",
                "/config/custom.cnf",
                "/opt/bitnami/*/conf/*.cnf",
                "/bitnami/*/conf/*.cnf",
            ),
            ini("mysqld", "server", "mariadb", "mariadbd"),
            "MySQL reference manual, 6.2.2.2 Using option files",
            folders=("/etc/mysql", "/etc/mysql/conf.d", "/etc/mysql/mysql.conf.d", "/etc/mysql/mariadb.conf.d", "/etc/my.cnf.d"),
            main=True,
            name=underscored,
        ),
        variables(
            {"MYSQL_INNODB_BUFFER_POOL_SIZE": "innodb_buffer_pool_size", "MARIADB_INNODB_BUFFER_POOL_SIZE": "innodb_buffer_pool_size"},
            "bitnami/containers, MySQL and MariaDB: environment variables",
        ),
        options("MySQL reference manual, 6.2.2.1 Using options on the command line", name=underscored, at="`--NAME=VALUE`"),
        listed("MARIADB_EXTRA_FLAGS", "bitnami/containers, MariaDB: environment variables", name=underscored),
        listed("MYSQL_EXTRA_FLAGS", "bitnami/containers, MySQL: environment variables", name=underscored),
    ),
    rules=(
        Rule(
            settings=("innodb_buffer_pool_size", *_MY_POOLS),
            formula="innodb_buffer_pool_size x 11/10 + " + " + ".join(_MY_POOLS) + " + 128 MiB",
            source=f"{_MY}; innodb_buffer_pool_size: about 10% more is allocated",
            derive=_pools,
        ),
        Rule(
            settings=("max_connections", *(name for name, _default in _MY_THREAD)),
            formula="max_connections x (" + " + ".join(name for name, _default in _MY_THREAD) + ")",
            source=_MY,
            derive=_threads,
        ),
        counted(
            "max_connections",
            plus=60,
            what="one thread for each connection, and the server's own",
            source="MySQL reference manual, 7.1.12.1",
        ),
    ),
)

_MONGO = "MongoDB manual, configuration file options"
_MONGO_NAMES = {
    "wiredTigerCacheSizeGB": "storage.wiredTiger.engineConfig.cacheSizeGB",
    "wiredTigerCacheSizePct": "storage.wiredTiger.engineConfig.cacheSizePct",
    "maxConns": "net.maxIncomingConnections",
    "inMemorySizeGB": "storage.inMemory.engineConfig.inMemorySizeGB",
    "replSet": "replication.replSetName",
    "oplogSize": "replication.oplogSizeMB",
    "setParameter": "setParameter",
}
_GIB = number_of(GIB)


def _file_cache(values: Values) -> Iterator[Demand]:
    cache = values.size(_GIB, "storage.wiredTiger.engineConfig.cacheSizeGB")
    if cache:
        rest = cache + 768 * MIB
        yield values.demand("file cache", rest, f"as much as the cache of {shown(cache)} and 768 MiB, by the formula of its default")


MONGODB = Program(
    name="mongodb",
    names=("mongo", "mongodb-community-server", "percona-server-mongodb"),
    executables=("mongod",),
    silent=("mongo",),
    spellings=(
        files(("*/mongod.conf", "*/mongodb.conf", "/bitnami/mongodb/conf/*.conf"), yaml, _MONGO, folders=("/etc/mongo",), main=True),
        options("MongoDB manual, mongod", names=_MONGO_NAMES),
        listed("MONGODB_EXTRA_FLAGS", "bitnami/containers, MongoDB: environment variables", names=_MONGO_NAMES),
    ),
    rules=(
        sized(
            "cache",
            _GIB,
            "storage.wiredTiger.engineConfig.cacheSizeGB",
            "storage.inMemory.engineConfig.inMemorySizeGB",
            plus=256 * MIB,
            what="the cache, and connections, sorts and aggregations outside of it",
            source="MongoDB manual, storage.wiredTiger.engineConfig.cacheSizeGB",
        ),
        Rule(
            settings=("storage.wiredTiger.engineConfig.cacheSizeGB",),
            formula="cacheSizeGB + 768 MiB, so that the default formula, half of the memory without 1 GiB, gives this cache",
            source="MongoDB manual, storage.wiredTiger.engineConfig.cacheSizeGB",
            derive=_file_cache,
        ),
        counted(
            "net.maxIncomingConnections", plus=100, what="one thread for each connection", source="MongoDB manual, net.serviceExecutor"
        ),
    ),
)

MSSQL = Program(
    name="mssql",
    names=("mssql", "azure-sql-edge"),
    images=("mssql/server", "mssql/rhel"),
    executables=("sqlservr",),
    spellings=(
        files(("/var/opt/mssql/mssql.conf",), ini("memory"), "SQL Server documentation, mssql-conf", name=lambda name: f"memory.{name}"),
        variables({"MSSQL_MEMORY_LIMIT_MB": "memory.memorylimitmb"}, "SQL Server documentation, environment variables on Linux"),
    ),
    rules=(
        sized(
            "limit",
            number_of(MIB),
            "memory.memorylimitmb",
            factor=(5, 4),
            what="the memory that the server may use is 80% of the machine's by default",
            source="SQL Server documentation, memory on Linux",
        ),
    ),
)

CLICKHOUSE = Program(
    name="clickhouse",
    names=("clickhouse-server",),
    executables=("clickhouse-server",),
    spellings=(
        files(
            ("/etc/clickhouse-server/*.xml", "/etc/clickhouse-server/config.d/*.xml", "/etc/clickhouse-server/users.d/*.xml"),
            xml,
            "ClickHouse documentation, configuration files",
            folders=("/etc/clickhouse-server", "/etc/clickhouse-server/config.d", "/etc/clickhouse-server/users.d"),
            main=True,
        ),
        files(
            ("/etc/clickhouse-server/*.yaml", "/etc/clickhouse-server/config.d/*.yaml", "/etc/clickhouse-server/users.d/*.yaml"),
            yaml,
            "ClickHouse documentation, configuration files",
        ),
        options("ClickHouse documentation, command line", names={"max_server_memory_usage": "max_server_memory_usage"}),
    ),
    rules=(
        sized(
            "limit",
            number_of(1),
            "max_server_memory_usage",
            what="the server keeps all of its memory below it",
            source="ClickHouse documentation, server settings",
        ),
    ),
)

_INFLUX = "InfluxDB documentation, configuration options"
INFLUXDB = Program(
    name="influxdb",
    executables=("influxd",),
    spellings=(
        files(("*/influxdb.conf",), ini("data"), _INFLUX),
        files(("*/influx-configs/config.yml", "/etc/influxdb2/config.yml"), yaml, _INFLUX),
        variables(
            {
                "INFLUXDB_DATA_CACHE_MAX_MEMORY_SIZE": "cache-max-memory-size",
                "INFLUXD_STORAGE_CACHE_MAX_MEMORY_SIZE": "storage-cache-max-memory-size",
                "INFLUXD_QUERY_MEMORY_BYTES": "query-memory-bytes",
                "INFLUXD_QUERY_MAX_MEMORY_BYTES": "query-max-memory-bytes",
            },
            _INFLUX,
        ),
        options(
            _INFLUX,
            names={
                "storage-cache-max-memory-size": "storage-cache-max-memory-size",
                "query-memory-bytes": "query-memory-bytes",
                "query-max-memory-bytes": "query-max-memory-bytes",
            },
        ),
    ),
    rules=(
        sized(
            "cache",
            LETTERS,
            "storage-cache-max-memory-size",
            "cache-max-memory-size",
            plus=128 * MIB,
            what="the cache of one shard, and the server",
            source=_INFLUX,
        ),
        sized("request", LETTERS, "query-max-memory-bytes", "query-memory-bytes", what="the memory of queries", source=_INFLUX),
    ),
)

COCKROACH = Program(
    name="cockroach",
    names=("cockroachdb",),
    executables=("cockroach",),
    spellings=(
        options("CockroachDB documentation, cockroach start", names={"cache": "cache", "max-sql-memory": "max-sql-memory"}),
        variables({"COCKROACH_CACHE": "cache"}, "CockroachDB documentation, cockroach start"),
    ),
    rules=(
        sized(
            "cache",
            METRIC,
            "cache",
            plus=256 * MIB,
            what="the cache, and the server",
            source="CockroachDB documentation, cache and SQL memory size",
        ),
        sized("request", METRIC, "max-sql-memory", what="queries", source="CockroachDB documentation, cache and SQL memory size"),
    ),
)

SEASTAR = Program(
    name="seastar",
    names=("redpanda", "scylla"),
    images=("redpandadata/redpanda", "vectorized/redpanda", "scylladb/scylla"),
    executables=("redpanda", "scylla"),
    spellings=(
        options(
            "Redpanda documentation, rpk redpanda start; ScyllaDB documentation, configuration",
            names={"memory": "memory", "m": "memory", "reserve-memory": "reserve-memory", "smp": "smp"},
        ),
    ),
    rules=(
        sized("limit", LETTERS, "memory", what="allocated at the start", source="Redpanda documentation, manage pod resources: --memory"),
        sized(
            "request",
            LETTERS,
            "reserve-memory",
            what="kept for what is not the server's",
            source="Redpanda documentation, manage pod resources",
        ),
    ),
)

ARANGODB = Program(
    name="arangodb",
    executables=("arangod",),
    spellings=(
        variables({"ARANGODB_OVERRIDE_DETECTED_TOTAL_MEMORY": "total-memory"}, "ArangoDB documentation, environment variables"),
        options(
            "ArangoDB documentation, RocksDB options",
            names={"rocksdb.block-cache-size": "rocksdb.block-cache-size", "cache.size": "cache.size"},
        ),
    ),
    rules=(
        sized(
            "limit",
            LETTERS,
            "total-memory",
            what="the memory that the server sizes itself for",
            source="ArangoDB documentation, environment variables",
        ),
        sized("cache", LETTERS, "rocksdb.block-cache-size", what="the block cache", source="ArangoDB documentation, RocksDB options"),
    ),
)

_MEILI = "Meilisearch documentation, max indexing memory"
MEILISEARCH = Program(
    name="meilisearch",
    executables=("meilisearch",),
    spellings=(
        variables({"MEILI_MAX_INDEXING_MEMORY": "max-indexing-memory"}, _MEILI),
        options(_MEILI, names={"max-indexing-memory": "max-indexing-memory"}),
    ),
    rules=(sized("request", METRIC, "max-indexing-memory", plus=128 * MIB, what="indexing, and the server", source=_MEILI),),
)

PGBOUNCER = Program(
    name="pgbouncer",
    executables=("pgbouncer",),
    spellings=(
        files(("*/pgbouncer.ini",), ini("pgbouncer"), "PgBouncer documentation, configuration", main=True),
        variables(
            {
                name.upper(): name
                for name in (
                    "max_client_conn",
                    "default_pool_size",
                    "min_pool_size",
                    "reserve_pool_size",
                    "max_db_connections",
                    "pool_mode",
                )
            },
            "edoburu/docker-pgbouncer: environment variables",
        ),
        prefixed("PGBOUNCER_", str.lower, "bitnami/containers, PgBouncer: environment variables"),
    ),
)

_ORACLE = "Oracle Database Free and Express, container image: environment variables, MB"
ORACLE = Program(
    name="oracle",
    images=("database/free", "database/express", "database/enterprise", "database/standard"),
    variables=("INIT_SGA_SIZE", "INIT_PGA_SIZE"),
    spellings=(variables({"INIT_SGA_SIZE": "sga_target", "INIT_PGA_SIZE": "pga_aggregate_target"}, _ORACLE),),
    rules=(
        sized("buffers", number_of(MIB), "sga_target", plus=512 * MIB, what="shared memory, and background processes", source=_ORACLE),
        sized("cache", number_of(MIB), "pga_aggregate_target", what="memory of sessions, which is a target", source=_ORACLE),
    ),
)

AEROSPIKE = Program(
    name="aerospike",
    names=("aerospike-server", "aerospike-server-enterprise"),
    spellings=(variables({"MEM_GB": "memory-size"}, "aerospike/aerospike-server.docker, README: MEM_GB"),),
    rules=(
        sized(
            "cache",
            number_of(GIB),
            "memory-size",
            plus=256 * MIB,
            what="data and the index of the namespace, and the server",
            source="aerospike/aerospike-server.docker, README: MEM_GB",
        ),
    ),
)

TIGERBEETLE = Program(
    name="tigerbeetle",
    executables=("tigerbeetle",),
    spellings=(options("TigerBeetle documentation, start: --cache-grid", names={"cache-grid": "cache-grid"}),),
    rules=(
        sized(
            "buffers",
            LETTERS,
            "cache-grid",
            plus=2 * GIB,
            what="allocated at the start, and what is so without it",
            source="TigerBeetle documentation, hardware and --cache-grid",
        ),
    ),
)

PROGRAMS = (
    ORACLE,
    AEROSPIKE,
    TIGERBEETLE,
    POSTGRES,
    MYSQL_SERVER,
    MONGODB,
    MSSQL,
    CLICKHOUSE,
    INFLUXDB,
    COCKROACH,
    SEASTAR,
    ARANGODB,
    MEILISEARCH,
    PGBOUNCER,
)
