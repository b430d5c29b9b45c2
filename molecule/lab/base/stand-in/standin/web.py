# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small HTTP server: a table of routes, metrics, and an end on SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, str, bytes]
Route = Callable[["Request"], Answer]

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
STARTED = time.time()


class Request:
    """What a route is given."""

    def __init__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        parts = urlsplit(target)
        self.method = method
        self.path = parts.path
        self.query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        self.raw_query = parts.query
        self.headers = headers
        self.body = body

    def json(self) -> dict[str, object]:
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def text(body: str, status: int = 200, kind: str = "text/plain; charset=utf-8") -> Answer:
    return status, kind, body.encode()


def html(body: str, status: int = 200) -> Answer:
    return text(body, status, "text/html; charset=utf-8")


def data(body: object, status: int = 200) -> Answer:
    return status, "application/json", json.dumps(body).encode()


def process_metrics(name: str) -> str:
    """The families that every Prometheus client library exports."""
    resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    spent = sum(os.times()[:2])
    lines = [
        "# TYPE process_resident_memory_bytes gauge",
        f"process_resident_memory_bytes {resident}",
        "# TYPE process_cpu_seconds_total counter",
        f"process_cpu_seconds_total {spent:.2f}",
        "# TYPE process_start_time_seconds gauge",
        f"process_start_time_seconds {STARTED:.2f}",
        "# HELP ziggie_lab_stand_in 1 for a program that stands in for the real one.",
        "# TYPE ziggie_lab_stand_in gauge",
        f'ziggie_lab_stand_in{{name="{name}"}} 1',
    ]
    return "\n".join(lines) + "\n"


def metrics(name: str, families: Callable[[], str] = lambda: "") -> Route:
    return lambda _: text(families() + process_metrics(name), kind="text/plain; version=0.0.4; charset=utf-8")


def serve(name: str, port: int, routes: Mapping[str, Route], *, address: str = "0.0.0.0", otherwise: Route | None = None) -> None:
    """Serve until SIGTERM or SIGINT. A route whose path ends in * matches what begins so."""
    prefixes = {path[:-1]: route for path, route in routes.items() if path.endswith("*")}

    def find(path: str) -> Route | None:
        if path in routes:
            return routes[path]
        longest = max((prefix for prefix in prefixes if path.startswith(prefix)), key=len, default=None)
        return prefixes[longest] if longest is not None else otherwise

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = f"{name}-stand-in"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, self.path, self.headers, body)
            route = find(request.path)
            try:
                status, kind, content = route(request) if route else text("404 page not found\n", 404)
            except Exception as error:
                print(f"{name}: {request.method} {request.path}: {error!r}", file=sys.stderr, flush=True)
                status, kind, content = text(f"{error}\n", 500)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """The real programs do not log each request either."""

    for method in METHODS:
        setattr(Handler, f"do_{method}", Handler._handle)

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

    server = Server((address, port), Handler)

    def stop(number: int, _frame: FrameType | None) -> None:
        print(f"{name}: {signal.Signals(number).name}, stopping", flush=True)
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"{name} (stand-in) listens on {address}:{port}", flush=True)
    server.serve_forever(poll_interval=0.2)
    server.server_close()
