# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the environment says; passwords come from files only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


def _secret(name: str) -> str:
    return Path(os.environ[name]).read_text(encoding="utf-8").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    database_host: str
    database_port: int
    database_name: str
    database_user: str
    database_password: str
    database_pool: int
    redis_host: str
    redis_port: int
    redis_password: str
    cache_seconds: int

    @classmethod
    def from_environment(cls) -> Settings:
        return cls(
            database_host=os.environ.get("DATABASE_HOST", "pgbouncer"),
            database_port=int(os.environ.get("DATABASE_PORT", "5432")),
            database_name=os.environ.get("DATABASE_NAME", "ziggie"),
            database_user=os.environ.get("DATABASE_USER", "ziggie"),
            database_password=_secret("DATABASE_PASSWORD_FILE"),
            database_pool=int(os.environ.get("DATABASE_POOL_SIZE", "5")),
            redis_host=os.environ.get("REDIS_HOST", "redis"),
            redis_port=int(os.environ.get("REDIS_PORT", "6379")),
            redis_password=_secret("REDIS_PASSWORD_FILE"),
            cache_seconds=int(os.environ.get("CACHE_SECONDS", "5")),
        )
