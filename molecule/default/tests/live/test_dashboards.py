# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grafana has the dashboards, and what their panels ask is answered where the source is real."""

from __future__ import annotations

import json
import time
from typing import Any

# Two scrapes of the slowest job, and a rate over them.
SETTLED = 120

# What the lab cannot have: pressure and memory.events need cgroup v2, nothing asks the cache anything, and a healthy stack has no alert.
ABSENT = ("container_pressure_", "container_memory_events_", "redis_keyspace_", "node_pressure_", "ALERTS{")

# Asks Prometheus each query of each dashboard that lies on the host, and prints those without an answer.
ASK = r"""
import json, pathlib, urllib.parse, urllib.request
VARIABLES = {"$__rate_interval": "1m", "$service": ".+", "$tier": ".+", "$job": ".+"}
silent = []
for path in sorted(pathlib.Path("/opt/ziggie/stack/config/grafana/dashboards").glob("*.json")):
    board = json.loads(path.read_text())
    panels = [panel for row in board["panels"] for panel in (row, *row.get("panels", []))]
    asked = [(panel["title"], target) for panel in panels for target in panel.get("targets", [])]
    for title, target in [*asked, *((mark["name"], mark) for mark in board["annotations"]["list"])]:
        if target["datasource"]["type"] != "prometheus":
            continue
        query = target["expr"]
        for name, value in VARIABLES.items():
            query = query.replace(name, value)
        address = "http://127.0.0.1:9090/api/v1/query?" + urllib.parse.urlencode({"query": query})
        if not json.load(urllib.request.urlopen(address, timeout=20))["data"]["result"]:
            silent.append([path.stem, title, query])
print(json.dumps(silent))
"""

# Logs in to Grafana as its administrator, whose password never leaves the host, and prints the dashboards that it knows.
LIST = r"""
import base64, json, pathlib, urllib.request
password = pathlib.Path("/opt/ziggie/secrets/grafana_admin_password").read_text().strip()
login = {"Authorization": "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()}
answer = urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:3000/api/search?type=dash-db", headers=login), timeout=20)
print(json.dumps(sorted(board["uid"] for board in json.load(answer))))
"""


def _silent(ask: Any) -> list[list[str]]:
    found = json.loads(ask(f"python3 - <<'PROGRAM'\n{ASK}\nPROGRAM"))
    return [entry for entry in found if not any(name in entry[2] for name in ABSENT)]


def test_what_the_panels_ask_is_answered(ask: Any) -> None:
    until = time.monotonic() + SETTLED
    while (silent := _silent(ask)) and time.monotonic() < until:
        time.sleep(10)
    assert silent == []


def test_grafana_has_every_dashboard(ask: Any) -> None:
    found = json.loads(ask(f"python3 - <<'PROGRAM'\n{LIST}\nPROGRAM"))
    assert found == [f"ziggie-{name}" for name in ("api", "budget", "databases", "host", "logs", "overview")]
