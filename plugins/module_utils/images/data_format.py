# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which versions of a program read the same data, and which changes of version cannot be taken back."""

from __future__ import annotations

from collections.abc import Mapping

from .facts import Facts, Version

# How many numbers of the version decide where no statement of the table says so: a server of another version may have moved what an earlier one wrote.
_DECIDING: Mapping[str, int] = {
    "redis": 1,
    "elasticsearch": 2,
    "opensearch": 2,
    "clickhouse": 2,
    "cassandra": 2,
    "neo4j": 2,
    "couchdb": 1,
    "influxdb": 1,
    "mssql": 1,
    "qdrant": 2,
    "meilisearch": 2,
    "typesense": 1,
    "weaviate": 2,
    "kafka": 2,
    "zookeeper": 2,
    "rabbitmq": 2,
}


def data_version(facts: Facts) -> str:
    """Return the part of a server's version that decides the format of its data; empty where the program or the version is not known."""
    count = facts.data_line or _DECIDING.get(facts.kind, 0)
    return ".".join(map(str, facts.version[:count])) if facts.version and count else ""


def one_way(old: Facts, new: Facts) -> tuple[str, ...]:
    """Return why the data do not go back after a change of version, a sentence each; nothing where they do, as far as is known."""
    if old.kind != new.kind or old.version is None or new.version is None:
        return ()
    told = []
    before, after = data_version(old), data_version(new)
    if before and after and before != after and old.family == new.family:
        way = f"it opens only data of {after}: dump and restore" if new.oldest_data == "own" else f"{before} does not read them again"
        told.append(f"its data are then those of {old.kind} {after}; {way}")
    if old.newest_rdb and new.newest_rdb > old.newest_rdb:
        told.append(f"its snapshots are then of format {new.newest_rdb}, which {dotted(old.version)} does not load")
    if new.newest_rdb and new.newest_rdb < old.newest_rdb:
        told.append(
            f"it loads snapshots up to format {new.newest_rdb}, and {dotted(old.version)} writes format {old.newest_rdb} when it stops"
        )
    line = new.migrates or old.migrates
    if line and old.version[:line] != new.version[:line]:
        if new.version > old.version:
            told.append(f"{dotted(new.version)} migrates its database at the start, and nothing takes that back")
        else:
            told.append(f"its database was migrated for {dotted(old.version)}, and {dotted(new.version)} does not take that back")
    return tuple(told)


def dotted(version: Version) -> str:
    """Return a version as it is written."""
    return ".".join(map(str, version))
