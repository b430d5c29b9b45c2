# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ApacheBench's report, and what is said when there is none."""

from __future__ import annotations

from ansible_collections.ziggie.stack.plugins.module_utils.measure import api

REPORT = """
Complete requests:      10000
Failed requests:        3
   (Connect: 0, Receive: 0, Length: 0, Exceptions: 3)
Non-2xx responses:      4
Requests per second:    815.93 [#/sec] (mean)
Percentage of the requests served within a certain time (ms)
  50%    101
  66%    120
  95%    230
  99%    410
 100%   1549 (longest request)
"""


def run(code: int, said: str, complained: str = "") -> api.Run:
    return lambda _order: (code, said, complained)


def test_percentiles_rate_and_errors() -> None:
    found = api.measure(run(0, REPORT), lambda name: f"/usr/bin/{name}", url="http://127.0.0.1/", requests=10, concurrency=2)
    assert found == {"p50": 101, "p95": 230, "p99": 410, "per_second": 815.93, "requests": 10000, "errors": 7, "error": ""}


def test_it_goes_when_we_go() -> None:
    ordered = []

    def remember(order: list[str]) -> tuple[int, str, str]:
        ordered.extend(order)
        return 0, REPORT, ""

    api.measure(remember, lambda name: f"/usr/bin/{name}", url="http://127.0.0.1/", requests=10, concurrency=2)
    assert ordered[:4] == ["/usr/bin/setpriv", "--pdeathsig", "KILL", "/usr/bin/ab"]


def test_no_generator_is_a_sentence() -> None:
    found = api.measure(run(0, REPORT), lambda _name: None, url="http://127.0.0.1/", requests=10, concurrency=2)
    assert found == {"error": "there is no load generator on the host: install apache2-utils (Debian) or httpd-tools"}


def test_a_refused_connection_is_a_sentence() -> None:
    complained = "apr_socket_recv: Connection refused (111)\n"
    found = api.measure(run(111, "", complained), lambda name: name, url="http://127.0.0.1/", requests=10, concurrency=2)
    assert "Connection refused" in found["error"]
    assert api.parse("This is ApacheBench")["error"] == "ab gave no percentiles"
