# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks without a pause counts every answer that was none."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.measure.callers import Callers


@contextmanager
def door(status: int) -> Iterator[str]:
    """Serve one status to everybody."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api/items?limit=1"
        server.shutdown()


def asked(url: str) -> Callers:
    with Callers(url) as callers:
        deadline = time.monotonic() + 10
        while callers.asked < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
    return callers


@pytest.mark.parametrize(("status", "failure"), [(200, ""), (404, ""), (301, "status 301"), (502, "status 502"), (503, "status 503")])
def test_what_is_no_answer_of_the_service(status: int, failure: str) -> None:
    with door(status) as url:
        callers = asked(url)
    assert callers.asked >= 5
    assert 0 < callers.slowest < 10
    assert dict(callers.failed) == ({failure: callers.asked} if failure else {})


def test_nobody_there() -> None:
    callers = asked("http://127.0.0.1:1/")
    assert callers.failed["ConnectionRefusedError"] == callers.asked
