# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stream container events, instead of polling."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable
from urllib.parse import quote

from .client import EngineError, UnixConnection

# What can decide whether a service is up; a probe's own start and end are events too, and many.
_KINDS = ("start", "die", "health_status", "oom")


class Watch:
    """Tells the id of each container of a project with which something happened, and `None` when the engine is gone.

    It is told from a thread of its own, from when this object is made until `close`.
    """

    def __init__(self, path: str, project: str, tell: Callable[[str | None], None], *, timeout: float = 10.0) -> None:
        filters = {"type": ["container"], "event": list(_KINDS), "label": [f"com.docker.compose.project={project}"]}
        self._tell = tell
        self._closed = False
        self._connection = UnixConnection(path, timeout)
        try:
            self._connection.request("GET", f"/events?filters={quote(json.dumps(filters))}")
            self._answer = self._connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise EngineError(f"the engine at {path} does not answer: {error or type(error).__name__}") from error
        # From now on it is silent for as long as nothing happens. The answer has taken the connection's socket over.
        self._socket: socket.socket = self._connection.sock
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(1.0)
        self._answer.close()
        self._connection.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError, KeyError):
            while line := self._answer.readline():
                if line.strip():
                    self._tell(str(json.loads(line)["Actor"]["ID"]))
        if not self._closed:
            self._tell(None)
