# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n, standing in: settings with _FILE, the encryption key's file, a real login to its database, health and metrics."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import threading
import time
from pathlib import Path

import asyncpg
from standin import contract, web

LOOK_EVERY = 5.0


class Database(threading.Thread):
    """Connects, makes its table as a migration would, and asks again and again."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.trouble = "not connected yet"
        self._where = {
            "host": contract.setting("n8n", "DB_POSTGRESDB_HOST", "localhost"),
            "port": int(contract.setting("n8n", "DB_POSTGRESDB_PORT", "5432")),
            "database": contract.setting("n8n", "DB_POSTGRESDB_DATABASE", "n8n"),
            "user": contract.setting("n8n", "DB_POSTGRESDB_USER", "postgres"),
            "password": contract.setting("n8n", "DB_POSTGRESDB_PASSWORD"),
        }

    def run(self) -> None:
        asyncio.run(self._watch())

    async def _watch(self) -> None:
        while True:
            try:
                connection = await asyncpg.connect(timeout=5, **self._where)
                await connection.execute("CREATE TABLE IF NOT EXISTS migrations (id serial PRIMARY KEY, name text)")
                while True:
                    await connection.execute("SELECT 1", timeout=5)
                    self.trouble = ""
                    await asyncio.sleep(LOOK_EVERY)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                self.trouble = f"{type(error).__name__}: {error}"
                print(f"n8n: database: {self.trouble}", flush=True)
                await asyncio.sleep(1)


def keep_key(folder: Path) -> None:
    """The key of the environment and that of the settings file must be the same, as in the real one."""
    file = folder / "config"
    given = contract.setting("n8n", "N8N_ENCRYPTION_KEY")
    kept = json.loads(file.read_text(encoding="utf-8")).get("encryptionKey") if file.exists() else None
    if given and kept and given != kept:
        contract.refuse("n8n", f"Mismatching encryption keys: the one in {file} and N8N_ENCRYPTION_KEY are not the same")
    if kept is None:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            json.dump({"encryptionKey": given or os.urandom(24).hex()}, handle)


def main() -> None:
    folder = contract.writable("n8n", str(Path(os.environ.get("N8N_USER_FOLDER", "/home/node")) / ".n8n"))
    if subprocess.run(["node", "-e", "0"], check=False).returncode != 0:
        contract.refuse("n8n", f"node does not start with NODE_OPTIONS={os.environ.get('NODE_OPTIONS', '')}")
    keep_key(folder)
    database = Database()
    database.start()
    until = time.monotonic() + 60
    while database.trouble and time.monotonic() < until:
        time.sleep(0.2)
    if database.trouble:
        contract.refuse("n8n", f"there was an error initializing DB: {database.trouble}")

    def readiness(_request: web.Request) -> web.Answer:
        return web.data({"status": "error"}, 503) if database.trouble else web.data({"status": "ok"})

    routes: dict[str, web.Route] = {
        "/": lambda _: web.html("<!doctype html><title>n8n (stand-in)</title><p>This is a stand-in for n8n."),
        "/healthz": lambda _: web.data({"status": "ok"}),
        "/healthz/readiness": readiness,
        "/webhook/*": lambda _: web.data({"code": 404, "message": "The requested webhook is not registered."}, 404),
    }
    if contract.setting("n8n", "N8N_METRICS") == "true":
        routes["/metrics"] = web.metrics("n8n", lambda: "# TYPE n8n_active_workflow_count gauge\nn8n_active_workflow_count 0\n")
    web.serve("n8n", int(contract.setting("n8n", "N8N_PORT", "5678")), routes)


main()
