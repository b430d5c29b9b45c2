# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A value reaches a server by standard input or in a body, never in an argument; what the server answers is understood."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.servers import Grafana, Postgres, ServerError, verifier

REFUSED = 'psql: error: FATAL:  password authentication failed for user "app"'


class Shell:
    """Answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.answers, self.asked = list(answers), list[tuple[list[str], str]]()

    def __call__(self, words: list[str], given: str) -> tuple[int, str]:
        self.asked.append((words, given))
        return self.answers.pop(0)


def postgres(shell: Shell, user: str = "app") -> Postgres:
    return Postgres(shell, "/var/run/docker.sock", "0123", "172.18.0.5", user)


def test_the_verifier_is_that_of_the_rfc() -> None:
    # The example of RFC 7677, whose salt and iterations are these.
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    made = verifier("pencil", salt)
    assert (
        made
        == "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )
    assert verifier("pencil") != verifier("pencil")
    assert verifier("\u2168", salt) == verifier("IX", salt)


@pytest.mark.parametrize(("answer", "takes"), [((0, "1\n"), True), ((2, REFUSED), False)])
def test_postgresql_is_logged_in_to_over_its_network(answer: tuple[int, str], takes: bool) -> None:
    shell = Shell(answer)
    assert postgres(shell).takes("s3cr3t") is takes
    ((words, given),) = shell.asked
    assert words[-2:] == ["172.18.0.5", "app"]
    assert given == "s3cr3t\n"
    assert "s3cr3t" not in " ".join(words)


def test_a_postgresql_that_is_not_there_is_no_refusal() -> None:
    with pytest.raises(ServerError, match=r"PostgreSQL cannot be asked: connection refused"):
        postgres(Shell((2, "connection refused"))).takes("s3cr3t")


def test_the_value_itself_is_in_no_statement() -> None:
    shell = Shell((0, ""))
    postgres(shell, 'odd"role').change("0ld", "s3cr3t")
    ((words, given),) = shell.asked
    assert "s3cr3t" not in given + " ".join(words)
    assert given.startswith("\nSET log_statement = 'none';")
    assert 'ALTER ROLE "odd""role" PASSWORD \'SCRAM-SHA-256$4096:' in given


def test_the_superusers_password_may_be_the_one_that_changes() -> None:
    shell = Shell((2, REFUSED), (2, REFUSED), (0, ""))
    postgres(shell).change("0ld", "s3cr3t")
    assert [given.splitlines()[0] for _words, given in shell.asked] == ["", "0ld", "s3cr3t"]
    with pytest.raises(ServerError, match=r"did not take it: ERROR:  first"):
        postgres(Shell((3, "ERROR:  first"), (2, REFUSED), (2, REFUSED))).change("0ld", "s3cr3t")


@pytest.fixture(name="password")
def _password() -> list[str]:
    return ["0ld"]


@pytest.fixture(name="grafana")
def _grafana(password: list[str]) -> Iterator[Grafana]:
    """Serve the two calls of Grafana's HTTP API as its documentation describes them."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = base64.b64encode(f"admin:{password[0]}".encode()).decode()
            self._answer(200 if self.path == "/api/user" and self.headers["Authorization"] == f"Basic {known}" else 401)

        def do_PUT(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = base64.b64encode(f"admin:{password[0]}".encode()).decode()
            if self.path != "/api/user/password" or self.headers["Authorization"] != f"Basic {known}":
                self._answer(401)
            elif body["oldPassword"] != password[0] or body["newPassword"] != body["confirmNew"]:
                self._answer(400)
            else:
                password[0] = body["newPassword"]
                self._answer(200)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Grafana("127.0.0.1", "admin", server.server_port)
    server.shutdown()
    thread.join()
    server.server_close()


def test_grafana_takes_another_password(grafana: Grafana, password: list[str]) -> None:
    assert (grafana.takes("0ld"), grafana.takes("s3cr3t")) == (True, False)
    grafana.change("0ld", "s3cr3t")
    assert (password, grafana.takes("0ld"), grafana.takes("s3cr3t")) == (["s3cr3t"], False, True)
    with pytest.raises(ServerError, match=r"PUT /api/user/password with 401"):
        grafana.change("0ld", "again")


def test_a_grafana_that_is_not_there_is_told() -> None:
    with pytest.raises(ServerError, match=r"Grafana does not answer at 127\.0\.0\.1:1: "):
        Grafana("127.0.0.1", "admin", 1).takes("s3cr3t")
