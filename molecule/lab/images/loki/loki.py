# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loki, standing in: -config.file, -health, -verify-config, push, labels and a simple query."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request

import loki_config
from loki_lines import Lines
from standin import contract, web

READY_AFTER = 2.0


def flags(arguments: list[str]) -> dict[str, str]:
    return {name.lstrip("-"): value or "true" for name, _unused, value in (argument.partition("=") for argument in arguments)}


def healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=4) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError) as error:
        print(f"loki -health: {error}", file=sys.stderr)
        return False


def serve(file: str) -> None:
    config = loki_config.load(file)
    lines = Lines(loki_config.prefix(config))
    started = time.monotonic()

    def ready(_request: web.Request) -> web.Answer:
        if time.monotonic() - started < READY_AFTER:
            return web.text("Ingester not ready: waiting for 15s after being ready\n", 503)
        return web.text("ready\n")

    def push(request: web.Request) -> web.Answer:
        streams = request.json().get("streams")
        if not isinstance(streams, list):
            return web.text('this stand-in takes JSON: {"streams": [...]}\n', 400)
        lines.add(streams)
        return 204, "text/plain", b""

    def query(request: web.Request) -> web.Answer:
        found = lines.select(request.query.get("query", "{}"), int(request.query.get("limit", "100")))
        return web.data({"status": "success", "data": {"resultType": "streams", "result": found}})

    def families() -> str:
        return f"# TYPE loki_distributor_lines_received_total counter\nloki_distributor_lines_received_total {lines.received}\n"

    web.serve(
        "loki",
        int((config.get("server") or {}).get("http_listen_port", 80)),
        {
            "/ready": ready,
            "/metrics": web.metrics("loki", families),
            "/loki/api/v1/push": push,
            "/loki/api/v1/labels": lambda _: web.data({"status": "success", "data": lines.labels()}),
            "/loki/api/v1/label/*": lambda request: web.data({"status": "success", "data": lines.values(request.path.split("/")[5])}),
            "/loki/api/v1/query_range": query,
            "/loki/api/v1/query": query,
            "/loki/api/v1/status/buildinfo": lambda _: web.data({"version": "3.7.6"}),
        },
    )


def main() -> None:
    given = flags(sys.argv[1:])
    if "version" in given:
        print("loki, version 3.7.6 (stand-in)")
    elif "health" in given:
        raise SystemExit(0 if healthy(given.get("health.url", "http://localhost:3100/ready")) else 1)
    elif "config.file" not in given:
        contract.refuse("loki", "-config.file is missing")
    elif "verify-config" in given:
        loki_config.load(given["config.file"])
        print("config is valid")
    else:
        serve(given["config.file"])


main()
