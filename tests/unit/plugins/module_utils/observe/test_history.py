# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""History is read from Prometheus and from audits; gaps, restarts and broken answers do no harm."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.observe.history import (
    QUERIES,
    STEP,
    HistoryError,
    Series,
    of_prometheus,
)
from ansible_collections.ziggie.stack.plugins.module_utils.observe.history import http as prometheus
from ansible_collections.ziggie.stack.plugins.module_utils.observe.kept import of_audits
from ansible_collections.ziggie.stack.plugins.module_utils.observe.model import Audit, Spread, Window

from .world import MIB, world

NOW = 20_000 * 86_400 + 1800.0
END = NOW // STEP * STEP + STEP


def answers(**tables: dict[str, list[tuple[float, float]]]) -> Any:
    def ask(query: str, start: float, end: float, step: int) -> Series:
        assert (start, end, step) == (END - 30 * 86_400, END, STEP)
        [name] = [name for name, known in QUERIES.items() if known == query]
        return tables.get(name, {})

    return ask


def test_every_hour_is_a_point_with_what_is_known_of_it() -> None:
    ask = answers(
        use={"redis": [(END - STEP, 50.0 * MIB), (END, 60.0 * MIB)]},
        samples={"redis": [(END - STEP, 240.0), (END, 120.0)]},
        limit={"redis": [(END - STEP, 100.0 * MIB)]},
        kills={"redis": [(END, 1.0000012)]},
        stalled={"redis": [(END, 0.25)]},
    )
    [first, last] = of_prometheus(ask, NOW, 30)["redis"]
    assert (first.at, first.use, first.samples, first.limit, first.kills) == (END - STEP, 50 * MIB, 240, 100 * MIB, 0)
    assert (last.at, last.use, last.samples, last.limit, last.kills, last.stalled) == (NOW, 60 * MIB, 120, 0, 1, 0.25)


def test_what_a_database_lacks_is_read_and_no_number_is_unknown() -> None:
    ask = answers(
        use={"redis": [(END - STEP, 1.0), (END, 1.0)]},
        missed={"redis": [(END, 0.25)]},
        evicted={"redis": [(END - STEP, 0.4), (END, 3.1)]},
        refaulted={"redis": [(END, 4096.5)]},
    )
    [first, last] = of_prometheus(ask, NOW, 30)["redis"]
    assert (first.missed, first.evicted, first.refaulted) == (None, False, 0)
    assert (last.missed, last.evicted, last.refaulted) == (0.25, True, 4096)


@pytest.mark.parametrize("days", [0, -3])
def test_no_days_are_one_sentence(days: int) -> None:
    with pytest.raises(ValueError, match=f"recommend_days: expected 1 or more, got {days}"):
        of_prometheus(answers(), NOW, days)


@pytest.mark.parametrize(("increase", "kills"), [(0.0, 0), (0.004, 0), (0.98, 1), (1.02, 2), (2.0, 2)])
def test_an_extrapolated_increase_is_a_whole_number_of_kills(increase: float, kills: int) -> None:
    ask = answers(use={"redis": [(END, 1.0)]}, kills={"redis": [(END, increase)]})
    assert of_prometheus(ask, NOW, 30)["redis"][0].kills == kills


class Server(http.server.BaseHTTPRequestHandler):
    status, body = 200, b""
    asked: ClassVar[list[dict[str, list[str]]]] = []

    def do_GET(self) -> None:
        type(self).asked.append(parse_qs(urlsplit(self.path).query))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture(name="server")
def _server() -> Iterator[tuple[type[Server], str]]:
    class Mine(Server):
        asked: ClassVar[list[dict[str, list[str]]]] = []

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mine) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Mine, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_answer_over_http_is_read(server: tuple[type[Server], str]) -> None:
    handler, url = server
    values = [[1.0, "5"], [2.0, "NaN"], [3.0, "+Inf"], [4.0, "-1"], [5.0, "6"]]
    handler.body = json.dumps({"data": {"result": [{"metric": {"service": "redis"}, "values": values}]}}).encode()
    assert prometheus(f"{url}/", 5.0)("up", 1.0, 2.0, 60) == {"redis": [(1.0, 5.0), (5.0, 6.0)]}
    assert handler.asked == [{"query": ["up"], "start": ["1.0"], "end": ["2.0"], "step": ["60"]}]


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (503, b"", "refuses a query with status 503$"),
        (400, b'{"status": "error", "error": "exceeded maximum\\nresolution"}', "with status 400: exceeded maximum resolution$"),
        (400, b"[]", "with status 400$"),
        (200, b"<html>", "does not answer"),
        (200, b"[]", "something else than series"),
        (200, b'{"data": {"result": [{"metric": {}}]}}', "something else than series"),
    ],
)
def test_anything_else_is_one_sentence(server: tuple[type[Server], str], status: int, body: bytes, sentence: str) -> None:
    handler, url = server
    handler.status, handler.body = status, body
    with pytest.raises(HistoryError, match=sentence):
        prometheus(url, 5.0)("up", 1.0, 2.0, 60)


def test_no_server_is_one_sentence() -> None:
    with pytest.raises(HistoryError, match="does not answer"):
        prometheus("http://127.0.0.1:9", 1.0)("up", 1.0, 2.0, 60)


@pytest.fixture(name="audit")
def _audit(tmp_path: Path) -> Audit:
    with world(tmp_path) as host:
        host.add("db", use=100, limit=200, kills=2, project="shop")
        return host.look()


def later(audit: Audit, seconds: float, **changes: Any) -> Audit:
    [container] = audit.containers
    return replace(audit, when=audit.when + seconds, containers=(replace(container, **changes),))


def test_each_audit_is_a_point_and_kills_count_once(audit: Audit) -> None:
    [container] = audit.containers
    again = later(audit, 60.0)
    more = later(audit, 120.0, use=replace(container.use, oom_kills=3))
    restarted = later(audit, 180.0, use=replace(container.use, oom_kills=1), started=container.started + 150)
    points = of_audits([more, audit, restarted, again])["db"]
    assert [point.kills for point in points] == [2, 0, 1, 1]
    assert [point.use for point in points] == [100 * MIB] * 4


def test_watching_counts_its_samples_and_its_maximum(audit: Audit) -> None:
    window = Window(samples=120, seconds=600.0, restarted=False, working_set=Spread(p50=1, p95=2, most=150 * MIB), cpu=None, pids=None)
    [point] = of_audits([later(audit, 0.0, window=window)])["db"]
    assert (point.use, point.samples) == (150 * MIB, 121)


def test_audits_of_several_hosts_are_refused(audit: Audit) -> None:
    other = replace(audit, machine=replace(audit.machine, hostname="other"))
    with pytest.raises(ValueError, match="of several hosts"):
        of_audits([audit, other])
    with pytest.raises(ValueError, match="no audit to read"):
        of_audits([])
