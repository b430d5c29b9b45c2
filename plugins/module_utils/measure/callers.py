# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Those who ask a service without a pause while something is done to it, and what they did not get."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections import Counter
from types import TracebackType
from urllib.parse import urlsplit

CALLERS = 4
# A second's worth of them is enough to see an outage of a tenth of a second.
PAUSE = 0.02
# As long as the proxy itself waits for an answer.
PATIENCE = 60.0


class Callers:
    """Asks a URL from several threads until it is left; `asked` counts the requests, `failed` what became of those that failed.

    `slowest` is the longest that one took, in seconds.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._place = (parts.hostname or "127.0.0.1", parts.port or (443 if self._secure else 80))
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _caller in range(CALLERS)]
        self.asked = 0
        self.failed: Counter[str] = Counter()
        self.slowest = 0.0

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE + 1)

    def _ask(self) -> None:
        while not self._over.wait(PAUSE):
            began = time.monotonic()
            failure = self._once()
            with self._lock:
                self.asked += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
                if failure:
                    self.failed[failure] += 1

    def _once(self) -> str:
        """Ask once; return what was wrong. A redirection is no answer of the service, a refusal is."""
        connection = self._connection()
        try:
            connection.request("GET", self._path)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()
        refused = (
            answer.status >= http.client.INTERNAL_SERVER_ERROR or http.client.MULTIPLE_CHOICES <= answer.status < http.client.BAD_REQUEST
        )
        return f"status {answer.status}" if refused else ""

    def _connection(self) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(*self._place, timeout=PATIENCE)
        # The host asks itself, by an address that no certificate names.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(*self._place, timeout=PATIENCE, context=context)
