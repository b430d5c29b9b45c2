# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Docker Engine's API over its socket, read only."""

from __future__ import annotations

import http.client
import json
import socket

SOCKET = "/var/run/docker.sock"


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def get(path: str, *, seconds: float = 10) -> bytes:
    """What the engine answers to a GET; OSError if it does not answer or says no."""
    connection = _Connection(SOCKET, seconds)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        body = reply.read()
    finally:
        connection.close()
    if reply.status >= 400:
        raise OSError(f"the engine says {reply.status} to {path}: {body[:200]!r}")
    return body


def get_json(path: str) -> object:
    return json.loads(get(path))


def containers() -> list[dict[str, object]]:
    found = get_json("/containers/json")
    return found if isinstance(found, list) else []
