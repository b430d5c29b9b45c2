# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inside the lab's image: a real Prometheus and a real Alertmanager, and somebody who waits to be told.

Prints what the first calls of the webhook and of the heartbeat carried, or says on standard error what happened instead.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WAIT = 60
METRICS = b'# TYPE ziggie_service_oom_killed gauge\nziggie_service_oom_killed{service="redis"} 1\n'
PROMETHEUS = [
    "/usr/libexec/real/prometheus",
    "--config.file=/etc/prometheus/prometheus.yml",
    "--storage.tsdb.path=/tmp/prometheus",
    # What fires before Prometheus knows its Alertmanager is sent again only so much later, a minute by default.
    "--rules.alert.resend-delay=2s",
]
ALERTMANAGER = [
    "prometheus-alertmanager",
    "--config.file=/etc/alertmanager/alertmanager.yml",
    "--storage.path=/tmp/alertmanager",
    "--cluster.listen-address=",
]

BEATS = 3

told = threading.Event()
calls: dict[str, list[dict[str, object]]] = {"/hook": [], "/beat": []}


class Handler(BaseHTTPRequestHandler):
    """The host's exporter and the webhook in one."""

    def do_GET(self) -> None:  # the name is given by the base class
        self._answer(METRICS)

    def do_POST(self) -> None:  # the name is given by the base class
        calls[self.path].append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(b"")
        if calls["/hook"] and len(calls["/beat"]) >= BEATS:
            told.set()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: standard output carries the answer."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 9100), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
logs = [Path("/tmp/prometheus.log"), Path("/tmp/alertmanager.log")]
programs = [
    subprocess.Popen(command, stdout=log.open("wb"), stderr=subprocess.STDOUT)
    for command, log in zip((PROMETHEUS, ALERTMANAGER), logs, strict=True)
]
arrived = told.wait(WAIT)
for program in programs:
    program.terminate()
if not arrived:
    counts = {path: len(carried) for path, carried in calls.items()}
    sys.exit("\n".join([f"called: {counts}", *(log.read_text()[-3000:] for log in logs)]))
print(json.dumps({path: carried[:BEATS] for path, carried in calls.items()}))
