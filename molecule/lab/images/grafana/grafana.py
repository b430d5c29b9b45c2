# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grafana, standing in: provisioning, log-in, health, metrics, and queries handed to the data sources."""

from __future__ import annotations

import base64
import hmac
import html
import os
import sqlite3
import urllib.error
import urllib.request
from pathlib import Path

import grafana_provisioning as provisioning
from standin import contract, web

FOLDER = Path(os.environ.get("GF_PATHS_PROVISIONING", "/etc/grafana/provisioning"))
USER = os.environ.get("GF_SECURITY_ADMIN_USER", "admin")
PASSWORD = contract.setting("grafana", "GF_SECURITY_ADMIN_PASSWORD", "admin", suffix="__FILE")
DATABASE = contract.writable("grafana", os.environ.get("GF_PATHS_DATA", "/var/lib/grafana")) / "grafana.db"
SOURCES = provisioning.data_sources(FOLDER)
BOARDS = provisioning.dashboards(FOLDER)
PROXY = "/api/datasources/proxy/uid/"


def guarded(route: web.Route) -> web.Route:
    """Basic authentication, as the real API takes it."""

    def wrapped(request: web.Request) -> web.Answer:
        given = request.headers.get("Authorization", "")
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if not hmac.compare_digest(given, wanted):
            return web.data({"message": "Unauthorized", "statusCode": 401}, 401)
        return route(request)

    return wrapped


def health(_request: web.Request) -> web.Answer:
    try:
        with sqlite3.connect(DATABASE, timeout=3) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS migration_log (id INTEGER PRIMARY KEY)")
    except sqlite3.Error:
        return web.data({"database": "failing", "version": "13.2.3"}, 503)
    return web.data({"database": "ok", "version": "13.2.3", "commit": "stand-in"})


def proxy(request: web.Request) -> web.Answer:
    uid, _unused, path = request.path.removeprefix(PROXY).partition("/")
    if uid not in SOURCES:
        return web.data({"message": "Data source not found"}, 404)
    target = f"{str(SOURCES[uid]['url']).rstrip('/')}/{path}" + (f"?{request.raw_query}" if request.raw_query else "")
    try:
        with urllib.request.urlopen(urllib.request.Request(target, request.body or None), timeout=30) as reply:
            return reply.status, reply.headers.get("Content-Type", "application/json"), reply.read()
    except urllib.error.HTTPError as error:
        return error.code, "application/json", error.read()
    except (urllib.error.URLError, OSError) as error:
        return web.data({"message": f"{target}: {error}"}, 502)


def board(request: web.Request) -> web.Answer:
    uid = request.path.rsplit("/", 1)[1]
    return (
        web.data({"dashboard": BOARDS[uid], "meta": {"provisioned": True}})
        if uid in BOARDS
        else web.data({"message": "Dashboard not found"}, 404)
    )


def front(_request: web.Request) -> web.Answer:
    titles = "".join(f"<li>{html.escape(str(board.get('title', uid)))}" for uid, board in BOARDS.items())
    names = "".join(f"<li>{html.escape(str(source['name']))}: {html.escape(str(source.get('url', '')))}" for source in SOURCES.values())
    page = "<!doctype html><title>Grafana (stand-in)</title><p>This is a stand-in for Grafana."
    return web.html(f"{page}<p>Data sources<ul>{names}</ul><p>Dashboards<ul>{titles}</ul>")


health(web.Request("GET", "/api/health", {}, b""))
web.serve(
    "grafana",
    int(os.environ.get("GF_SERVER_HTTP_PORT", "3000")),
    {
        "/": front,
        "/api/health": health,
        "/metrics": web.metrics("grafana", lambda: '# TYPE grafana_build_info gauge\ngrafana_build_info{version="13.2.3"} 1\n'),
        "/api/datasources": guarded(lambda _: web.data([{**source, "uid": uid} for uid, source in SOURCES.items()])),
        "/api/search": guarded(
            lambda _: web.data([{"uid": uid, "title": board.get("title"), "type": "dash-db"} for uid, board in BOARDS.items()])
        ),
        "/api/dashboards/uid/*": guarded(board),
        f"{PROXY}*": guarded(proxy),
    },
)
