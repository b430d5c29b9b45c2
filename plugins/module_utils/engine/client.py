# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talk to the Docker Engine over its socket with nothing but the standard library.

The target needs no SDK, and one process can ask for every container over one kept connection.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import quote

RESTART = "restart it on the host: systemctl restart docker"
DEFAULT_SOCKET = "/var/run/docker.sock"
# The kind of a frame of a command's output, and the bytes before its content.
STDOUT = 1
_HEADER = 8


class EngineError(Exception):
    """The engine is not there, does not answer, or refuses; the text is one sentence.

    `status` is that of its answer, 0 where there was none, and `said` the engine's own words. `hung` tells whether it is there and does not answer.
    """

    def __init__(self, text: str, status: int = 0, said: str = "", *, hung: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.hung = hung
        self.said = said or text


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket's path instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Engine:
    """A client of one engine: `get`, `post` and `delete` return decoded JSON, `None` for an empty answer."""

    def __init__(self, path: str = DEFAULT_SOCKET, timeout: float = 10.0) -> None:
        self._path = path
        self._connection = UnixConnection(path, timeout)

    def get(self, resource: str, **query: Any) -> Any:
        """Read a resource; values of the query that are not strings go as JSON."""
        if query:
            resource += "?" + "&".join(
                f"{key}={quote(value if isinstance(value, str) else json.dumps(value))}" for key, value in query.items()
            )
        return self._request("GET", resource, None)

    def post(self, resource: str, body: Any = None) -> Any:
        """Change a resource."""
        return self._request("POST", resource, body)

    def delete(self, resource: str) -> Any:
        """Remove a resource."""
        return self._request("DELETE", resource, None)

    def read(self, resource: str) -> bytes:
        """Read a resource that is not JSON."""
        status, content = self._exchange("GET", resource, None)
        if status >= 400:
            raise _refusal("GET", resource, status, content.decode(errors="replace"))
        return content

    def stream(self, resource: str, body: Any) -> bytes:
        """Change a resource that answers with a stream, and return the stream's bytes when it has ended."""
        status, content = self._exchange("POST", resource, json.dumps(body))
        # The engine gives the connection up to the stream; the next request takes a new one.
        self._connection.close()
        if status >= 400:
            raise _refusal("POST", resource, status, content.decode(errors="replace"))
        return content

    def events(self, since: float, until: float, **filters: list[str]) -> list[dict[str, Any]]:
        """Return what happened between two moments of the past, as far as the engine remembers: its last 256 events."""
        query = f"since={since:.9f}&until={until:.9f}&filters={quote(json.dumps(filters))}"
        status, content = self._exchange("GET", f"/events?{query}", None)
        if status >= 400:
            raise EngineError(f"the engine refused GET /events ({status}): {_message(content.decode(errors='replace'))}")
        return [json.loads(line) for line in content.splitlines() if line.strip()]

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    @classmethod
    def ping(cls, path: str, timeout: float) -> None:
        """Return once the engine answers anything. Raises `EngineError`, so that who has to wait long for its work need not wait long for that."""
        engine = cls(path, timeout)
        try:
            engine._exchange("GET", "/_ping", None)
        except EngineError as error:
            if not error.hung:
                raise
            raise EngineError(f"the engine at {path} does not answer within {timeout:g} s; {RESTART}", hung=True) from error
        finally:
            engine.close()

    def listed(self, project: str) -> list[tuple[str, str]]:
        """Return the id and the service of every container of a Compose project, running or not, without a look at each."""
        found = self.get("/containers/json", all="true", filters={"label": [f"com.docker.compose.project={project}"]})
        return [(str(entry["Id"]), str((entry.get("Labels") or {}).get("com.docker.compose.service", ""))) for entry in found]

    def containers(self, project: str, services: Collection[str] | None = None) -> list[dict[str, Any]]:
        """Inspect every container of a Compose project, or those of some of its services, running or not, ordered by name."""
        inspected = []
        for identifier, service in self.listed(project):
            if services is not None and service not in services:
                continue
            try:
                inspected.append(self.get(f"/containers/{identifier}/json"))
            except EngineError as error:
                # A container may go between the list and the look at it; then it is not there.
                if error.status != 404:
                    raise
        return sorted(inspected, key=lambda container: str(container["Name"]))

    def _request(self, method: str, resource: str, body: Any) -> Any:
        status, content = self._exchange(method, resource, None if body is None else json.dumps(body))
        text = content.decode(errors="replace")
        if status >= 400:
            raise _refusal(method, resource, status, text)
        try:
            return json.loads(text) if text.strip() else None
        except ValueError:
            raise EngineError(
                f"what answers at {self._path} is not Docker's engine: {method} {resource.split('?', maxsplit=1)[0]} is not JSON"
            ) from None

    def _exchange(self, method: str, resource: str, payload: str | None) -> tuple[int, bytes]:
        try:
            self._connection.request(method, resource, payload, {"Content-Type": "application/json"})
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            text = f"the engine at {self._path} does not answer: {error or type(error).__name__}"
            raise EngineError(text, hung=isinstance(error, TimeoutError)) from error


def frames(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and content of each frame in which stdout and stderr share a connection: one byte of kind, three of nothing, four of length."""
    while len(stream) >= _HEADER:
        length = int.from_bytes(stream[4:_HEADER], "big")
        yield stream[0], stream[_HEADER : _HEADER + length]
        stream = stream[_HEADER + length :]


def _refusal(method: str, resource: str, status: int, text: str) -> EngineError:
    said = _message(text)
    return EngineError(f"the engine refused {method} {resource.split('?', maxsplit=1)[0]} ({status}): {said}", status, said)


def _message(text: str) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text.strip()
