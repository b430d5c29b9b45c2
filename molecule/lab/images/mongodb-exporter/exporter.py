# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's mongodb-exporter, given the flags, the variables and the metric names of Percona's current one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import urllib.request

import exporter_metrics
from standin import web

BINARY = "/usr/libexec/real/prometheus-mongodb-exporter"
INNER = "127.0.0.1:9217"
# It waits up to ten seconds for a server that is away, and then answers mongodb_up 0.
PATIENCE = 30

given = dict(argument.partition("=")[::2] for argument in sys.argv[1:])
if given.keys() & {"--version", "--help"}:
    os.execv(BINARY, [BINARY, *given])
port = int(given.pop("--web.listen-address", ":9216").rpartition(":")[2])
path = given.pop("--web.telemetry-path", "/metrics")
uri = given.pop("--mongodb.uri", os.environ.get("MONGODB_URI", "mongodb://localhost:27017"))
for name in given:
    print(f"mongodb_exporter (lab wrapper): {name} is not known to Debian's version and left out", file=sys.stderr)
user, password = os.environ.get("MONGODB_USER"), os.environ.get("MONGODB_PASSWORD")
if user and password and "@" not in uri:
    uri = uri.replace("mongodb://", f"mongodb://{user}:{password}@", 1)

# glog would write files to /tmp; a mongod of its own has no replica set.
real = subprocess.Popen(
    [BINARY, "-logtostderr", f"-web.listen-address={INNER}", "-mongodb.collect.oplog=false", "-mongodb.collect.replset=false"],
    env={**os.environ, "MONGODB_URL": uri},
    stdout=subprocess.PIPE,
    text=True,
)
assert real.stdout is not None
# It says that it listens, then nothing more: the end of its output is its own.
print(real.stdout.readline(), end="", flush=True)


def follow() -> None:
    real.wait()
    os.kill(os.getpid(), signal.SIGTERM)


def scrape() -> str:
    with urllib.request.urlopen(f"http://{INNER}/metrics", timeout=PATIENCE) as answer:
        return exporter_metrics.current(answer.read().decode())


threading.Thread(target=follow, daemon=True).start()
web.serve(
    "mongodb_exporter",
    port,
    {
        "/": lambda _: web.html(f"<h1>MongoDB Exporter</h1><a href='{path}'>Metrics</a>\n"),
        path: lambda _: web.text(scrape(), kind="text/plain; version=0.0.4; charset=utf-8"),
    },
)
real.terminate()
raise SystemExit(max(real.wait(), 0))
