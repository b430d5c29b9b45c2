# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open WebUI, standing in."""

from __future__ import annotations

import json
import os
import sqlite3
import urllib.error
import urllib.request

from standin import contract, web

folder = contract.writable("open-webui", os.environ.get("DATA_DIR", "/app/backend/data"))
if not os.environ.get("WEBUI_SECRET_KEY"):
    contract.refuse("open-webui", "Required environment variable not found: WEBUI_SECRET_KEY")
database = folder / "webui.db"
with sqlite3.connect(database) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS config (id INTEGER PRIMARY KEY, data TEXT)")


def database_health(_request: web.Request) -> web.Answer:
    with sqlite3.connect(database, timeout=3) as connection:
        connection.execute("SELECT 1 FROM config")
    return web.data({"status": True})


def ollama(_request: web.Request) -> web.Answer:
    base = os.environ.get("OLLAMA_BASE_URL", "http://localhost:11434")
    try:
        with urllib.request.urlopen(f"{base}/api/version", timeout=4) as reply:
            return web.data(json.load(reply))
    except (urllib.error.URLError, OSError) as error:
        return web.data({"detail": f"Ollama: {error}"}, 500)


web.serve(
    "open-webui",
    int(os.environ.get("PORT", "8080")),
    {
        "/": lambda _: web.html("<!doctype html><title>Open WebUI (stand-in)</title><p>This is a stand-in for Open WebUI."),
        "/health": lambda _: web.data({"status": True}),
        "/ready": database_health,
        "/health/db": database_health,
        "/ollama/api/version": ollama,
    },
)
