# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history is read from Prometheus on the host, or there is one sentence."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

Run = Callable[..., dict[str, Any]]


class Prometheus(http.server.BaseHTTPRequestHandler):
    """Knows one service, whatever it is asked for."""

    def do_GET(self) -> None:
        end = float(parse_qs(urlsplit(self.path).query)["end"][0])
        body = json.dumps({"data": {"result": [{"metric": {"service": "redis"}, "values": [[end - 3600, "7"], [end, "9"]]}]}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        pass


def test_the_history_of_every_service_is_returned(run: Run) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Prometheus) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        done = run("history", url=f"http://127.0.0.1:{server.server_port}", days=3)
        server.shutdown()
    assert done["changed"] is False
    assert [point["use"] for point in done["services"]["redis"]] == [7, 9]
    assert done["services"]["redis"][-1]["at"] <= done["now"] <= time.time()


def test_no_prometheus_is_one_sentence(run: Run) -> None:
    done = run("history", url="http://127.0.0.1:9", timeout=1)
    assert done["failed"] is True
    assert done["msg"].startswith("Cannot read the history: Prometheus at http://127.0.0.1:9 does not answer")
    assert "\n" not in done["msg"]
