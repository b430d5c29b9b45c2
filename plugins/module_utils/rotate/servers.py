# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that keep a password in their data: they are given another one, and asked which one they take.

A value goes to a program by its standard input or in a request's body, never in an argument.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Protocol

# Runs a command with a text for its standard input; returns its code and what it said.
Run = Callable[[list[str], str], tuple[int, str]]

_SECONDS = 60
_ITERATIONS = 4096
_GRAFANA_PORT = 3000


class ServerError(Exception):
    """A server cannot be asked or refuses; the text is a part of a sentence, and no value is in it."""


class Server(Protocol):
    """A server that keeps the password of one user."""

    def takes(self, value: str) -> bool:
        """Tell whether the user gets in with a value. Raises `ServerError`."""

    def change(self, former: str, value: str) -> None:
        """Give the user a value instead of the former one. Raises `ServerError`."""


class Postgres:
    """PostgreSQL in its container, asked by the container's own psql; its superuser needs no password there, or has it in a file."""

    # The first line is the password, empty for the file that the image was given.
    _LOGIN = (
        'IFS= read -r PGPASSWORD; [ -n "$PGPASSWORD" ] || for file in "$POSTGRES_PASSWORD_FILE" /run/secrets/superuser_password; do '
        '[ -r "$file" ] && PGPASSWORD="$(cat "$file")" && break; done; export PGPASSWORD PGCONNECT_TIMEOUT=10 LC_ALL=C; '
    )
    _ADMINISTER = _LOGIN + 'exec psql -X -q -A -t -w -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d postgres'
    _LOG_IN = _LOGIN + 'exec psql -X -q -A -t -w -h "$0" -U "$1" -d postgres -c "SELECT 1"'

    def __init__(self, run: Run, socket: str, container: str, address: str, user: str) -> None:
        self._run, self._address, self._user = run, address, user
        self._into = [
            "timeout",
            "--kill-after=5",
            str(_SECONDS),
            "docker",
            "--host",
            f"unix://{socket}",
            "exec",
            "--interactive",
            container,
        ]

    def takes(self, value: str) -> bool:
        """Log in as a client does, from outside of what the server trusts."""
        code, said = self._shell(self._LOG_IN, f"{value}\n", self._address, self._user)
        if code and "password authentication failed" not in said:
            raise ServerError(f"PostgreSQL cannot be asked: {_last(said, code)}")
        return not code

    def change(self, former: str, value: str) -> None:
        """Give the role the value's verifier, so that the value itself is in no statement."""
        role = self._user.replace('"', '""')
        quiet = "SET log_statement = 'none'; SET log_min_error_statement = 'panic'; SET log_min_duration_statement = -1;"
        statement = f"{quiet}\nALTER ROLE \"{role}\" PASSWORD '{verifier(value)}';\n"
        told: list[str] = []
        # The superuser's own password may be the one that changes.
        for password in ("", former, value):
            code, said = self._shell(self._ADMINISTER, f"{password}\n{statement}")
            if not code:
                return
            told.append(f"PostgreSQL did not take it: {_last(said, code)}")
        raise ServerError(told[0])

    def _shell(self, script: str, given: str, *words: str) -> tuple[int, str]:
        return self._run([*self._into, "sh", "-c", script, *words], given)


def verifier(password: str, salt: bytes | None = None) -> str:
    """Return what PostgreSQL keeps of a password: the SCRAM-SHA-256 verifier of RFC 5803."""
    salt = salt or secrets.token_bytes(16)
    plain = password if password.isascii() else unicodedata.normalize("NFKC", password)
    salted = hashlib.pbkdf2_hmac("sha256", plain.encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt_, stored_, server_ = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${_ITERATIONS}:{salt_}${stored_}:{server_}"


class Grafana:
    """Grafana, asked over its HTTP API at the container's own address."""

    def __init__(self, address: str, user: str, port: int = _GRAFANA_PORT) -> None:
        self._address, self._user, self._port = address, user, port

    def takes(self, value: str) -> bool:
        """Ask who the user is."""
        status = self._ask("GET", value)
        if status not in (200, 401):
            raise ServerError(f"Grafana cannot be asked: it answers GET /api/user with {status}")
        return status == 200

    def change(self, former: str, value: str) -> None:
        """Have the user change it."""
        status = self._ask("PUT", former, {"oldPassword": former, "newPassword": value, "confirmNew": value})
        if status != 200:
            raise ServerError(f"Grafana did not take it: it answers PUT /api/user/password with {status}")

    def _ask(self, method: str, password: str, body: Mapping[str, Any] | None = None) -> int:
        login = base64.b64encode(f"{self._user}:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(self._address, self._port, timeout=_SECONDS)
        try:
            connection.request(method, "/api/user/password" if body else "/api/user", json.dumps(body) if body else None, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise ServerError(f"Grafana does not answer at {self._address}:{self._port}: {error or type(error).__name__}") from error
        finally:
            connection.close()


def _last(said: str, code: int) -> str:
    return (said.strip().splitlines() or [f"exit code {code}"])[-1][:300]
