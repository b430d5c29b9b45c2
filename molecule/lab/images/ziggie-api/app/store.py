# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items: asked of the cache first, then of the database."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType

import asyncpg
import redis.asyncio
from ziggie_api.settings import Settings

SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    created timestamptz NOT NULL DEFAULT now()
);
INSERT INTO items (name) SELECT 'item ' || n FROM generate_series(1, 500) AS n WHERE NOT EXISTS (SELECT 1 FROM items);
"""
# Several workers start at once; one of them makes the table.
SCHEMA_LOCK = 0x7A696767
NEWEST = "SELECT id, name, created FROM items ORDER BY id DESC LIMIT $1 OFFSET $2"
ADD = "INSERT INTO items (name) VALUES ($1) RETURNING id, name, created"
CONNECT_SECONDS = 3
# A request that needs a new connection waits for it as long as for its query: on a busy host three seconds are no failure.
QUERY_SECONDS = 10


class Store:
    """The database's pool and the cache's client of one worker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: asyncpg.Pool | None = None
        self._cache = redis.asyncio.Redis(
            host=settings.redis_host,
            port=settings.redis_port,
            password=settings.redis_password,
            decode_responses=True,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=CONNECT_SECONDS,
        )

    async def __aenter__(self) -> Store:
        settings = self._settings
        # A transaction pooler hands out another server per transaction: no statement may be kept prepared.
        self._pool = await asyncpg.create_pool(
            host=settings.database_host,
            port=settings.database_port,
            database=settings.database_name,
            user=settings.database_user,
            password=settings.database_password,
            min_size=1,
            max_size=settings.database_pool,
            statement_cache_size=0,
            timeout=QUERY_SECONDS,
            command_timeout=QUERY_SECONDS,
            server_settings={},
        )
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", SCHEMA_LOCK)
            await connection.execute(SCHEMA)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._cache.aclose()
        if self._pool is not None:
            await self._pool.close()

    async def check(self) -> dict[str, str]:
        """Each dependency, and what is wrong with it."""
        found = {}
        for name, question in (("postgres", self._ask_database), ("redis", self._cache.ping)):
            try:
                await question()
                found[name] = "ok"
            except Exception as error:
                found[name] = f"{type(error).__name__}: {error}"
        return found

    async def items(self, limit: int, offset: int) -> tuple[str, bool]:
        """The newest items as JSON, and whether the cache had them."""
        key = f"items:{limit}:{offset}"
        try:
            cached = await self._cache.get(key)
        except redis.RedisError:
            cached = None
        if cached is not None:
            return cached, True
        rows = await self._pool.fetch(NEWEST, limit, offset)
        body = json.dumps([_plain(row) for row in rows])
        try:
            await self._cache.set(key, body, ex=self._settings.cache_seconds)
        except redis.RedisError:
            return body, False
        return body, False

    async def add(self, name: str) -> dict[str, object]:
        return _plain(await self._pool.fetchrow(ADD, name))

    async def _ask_database(self) -> None:
        async with asyncio.timeout(CONNECT_SECONDS):
            await self._pool.fetchval("SELECT 1")


def _plain(row: asyncpg.Record) -> dict[str, object]:
    return {"id": row["id"], "name": row["name"], "created": row["created"].isoformat()}
