# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client against an engine that is a thread of ours."""

from __future__ import annotations

import http.server
import json
import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, json.loads(body) if body else None))  # type: ignore[attr-defined]
        status, text = self.server.answers.get(self.path.split("?")[0], (404, '{"message": "no such thing"}'))  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_arguments: Any) -> None:
        pass


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    answers: dict[str, tuple[int, str]]
    asked: list[tuple[str, str, Any]]

    def get_request(self) -> tuple[Any, Any]:
        request, _address = super().get_request()
        return request, ("engine", 0)


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[Server]:
    with Server(str(tmp_path / "docker.sock"), Answers) as server:
        server.answers, server.asked = {}, []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(name="engine")
def _engine(server: Server) -> Iterator[Engine]:
    engine = Engine(str(server.server_address))
    yield engine
    engine.close()


def test_an_answer_is_decoded(server: Server, engine: Engine) -> None:
    server.answers["/version"] = (200, '{"Version": "26.1.5"}')
    assert engine.get("/version") == {"Version": "26.1.5"}
    assert engine.get("/version") == {"Version": "26.1.5"}


def test_a_query_is_quoted(server: Server, engine: Engine) -> None:
    server.answers["/containers/json"] = (200, "[]")
    engine.get("/containers/json", all="true", filters={"label": ["a=b c"]})
    assert server.asked == [("GET", "/containers/json?all=true&filters=%7B%22label%22%3A%20%5B%22a%3Db%20c%22%5D%7D", None)]


def test_an_empty_answer_is_none(server: Server, engine: Engine) -> None:
    server.answers["/containers/1/update"] = (204, "")
    assert engine.post("/containers/1/update", {"Memory": 1}) is None
    assert server.asked == [("POST", "/containers/1/update", {"Memory": 1})]


def test_a_refusal_says_what_the_engine_said(server: Server, engine: Engine) -> None:
    server.answers["/x"] = (500, '{"message": "out of order"}')
    with pytest.raises(EngineError, match=r"the engine refused GET /x \(500\): out of order"):
        engine.get("/x")


def test_no_engine_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"the engine at .*/no.sock does not answer: .*No such file"):
        Engine(str(tmp_path / "no.sock")).get("/version")


def test_a_container_that_goes_between_two_looks_is_not_there(server: Server, engine: Engine) -> None:
    server.answers |= {
        "/containers/json": (200, '[{"Id": "b"}, {"Id": "gone"}, {"Id": "a"}]'),
        "/containers/a/json": (200, '{"Name": "/a"}'),
        "/containers/b/json": (200, '{"Name": "/b"}'),
    }
    assert engine.containers("ziggie") == [{"Name": "/a"}, {"Name": "/b"}]


def test_only_the_services_that_are_asked_for_are_inspected(server: Server, engine: Engine) -> None:
    labels = {"com.docker.compose.service": "api"}
    server.answers |= {
        "/containers/json": (200, json.dumps([{"Id": "a", "Labels": labels}, {"Id": "b", "Labels": {}}, {"Id": "c", "Labels": None}])),
        "/containers/a/json": (200, '{"Name": "/a"}'),
    }
    assert engine.containers("ziggie", ["api", "web"]) == [{"Name": "/a"}]
    assert engine.containers("ziggie", []) == []


def test_a_container_that_cannot_be_read_is_an_error(server: Server, engine: Engine) -> None:
    server.answers |= {"/containers/json": (200, '[{"Id": "a"}]'), "/containers/a/json": (500, '{"message": "broken"}')}
    with pytest.raises(EngineError, match="broken"):
        engine.containers("ziggie")


def test_events_are_read_line_by_line(server: Server, engine: Engine) -> None:
    server.answers["/events"] = (200, '{"Action": "oom"}\n{"Action": "die"}\n')
    assert engine.events(1.5, 2.25, event=["oom"]) == [{"Action": "oom"}, {"Action": "die"}]
    assert server.asked == [("GET", "/events?since=1.500000000&until=2.250000000&filters=%7B%22event%22%3A%20%5B%22oom%22%5D%7D", None)]


def test_events_that_are_refused_are_an_error(server: Server, engine: Engine) -> None:
    server.answers["/events"] = (400, '{"message": "no such filter"}')
    with pytest.raises(EngineError, match=r"GET /events \(400\): no such filter"):
        engine.events(1, 2)


@pytest.fixture(name="hung")
def _hung(tmp_path: Path) -> Iterator[str]:
    """Have a socket whose owner takes no connection, as that of an engine that was stopped."""
    path = str(tmp_path / "hung.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        yield path


def test_an_engine_that_is_there_and_silent_is_hung(hung: str) -> None:
    with pytest.raises(EngineError, match=re.escape(f"the engine at {hung} does not answer within 0.1 s; restart it on the host")) as found:
        Engine.ping(hung, 0.1)
    assert found.value.hung


def test_an_engine_that_is_absent_is_not_hung(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not answer") as found:
        Engine.ping(str(tmp_path / "no.sock"), 0.1)
    assert not found.value.hung
