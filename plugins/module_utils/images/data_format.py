# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which versions of a database read the same data."""

from __future__ import annotations

from collections.abc import Mapping

from .facts import Facts

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
