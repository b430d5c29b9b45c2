# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open-loop load: requests leave by a timetable, whether or not answers come, and latency counts from the time in the timetable.

    generator.py ADDRESS PORT RATE SECONDS SEED     writes one JSON object: latencies in ms of all requests, in order, and what failed

A closed-loop generator waits for an answer before it asks again, so a stall of a second costs it one slow request; here it costs
a second's worth of them, as it does to the people who ask.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import sys
from collections import deque

# More open connections than this are a queue of their own; whoever finds none waits, and the clock runs.
MOST_CONNECTIONS = 128
# Who has no answer this long after the last request was due has failed.
GRACE = 10.0
# Half of the requests ask for what is in Redis, half for what is mostly not, and must come from PostgreSQL.
HOT, COLD = 10, 400


class Connection(asyncio.Protocol):
    """One kept connection with one request under way at most."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._said = b""
        self._transport: asyncio.Transport | None = None
        self.request: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._send()

    def take(self, request: int) -> None:
        self.request = request
        self._send()

    def _send(self) -> None:
        if self._transport is not None and self.request is not None:
            self._transport.write(self._load.order(self.request))

    def data_received(self, data: bytes) -> None:
        self._said += data
        head, end, body = self._said.partition(b"\r\n\r\n")
        if not end or self.request is None:
            return
        lines = head.lower().split(b"\r\n")
        length = next((int(line.split(b":", 1)[1]) for line in lines if line.startswith(b"content-length:")), 0)
        if len(body) < length:
            return
        self._said = b""
        request, self.request = self.request, None
        closing = b"connection: close" in lines
        if closing and self._transport is not None:
            self._transport.close()
        self._load.answered(request, int(head.split(b" ", 2)[1]), None if closing else self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        self._load.lost(self)


class Load:
    """Sends by the timetable and keeps what came back."""

    def __init__(self, address: str, port: int, rate: float, seconds: float, seed: int) -> None:
        self._place = (address, port)
        self._count = int(rate * seconds)
        self._period = 1.0 / rate
        choose = random.Random(seed)
        self._paths = [
            f"/api/items?limit=20&offset={choose.randrange(HOT)}"
            if choose.random() < 0.5
            else f"/api/items?limit={choose.randrange(10, 50)}&offset={choose.randrange(COLD)}"
            for _request in range(self._count)
        ]
        self._idle: list[Connection] = []
        self._open = 0
        self._waiting: deque[int] = deque()
        self._latency: list[float | None] = [None] * self._count
        self._failed: dict[str, int] = {}
        self._left = self._count
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    def order(self, request: int) -> bytes:
        return f"GET {self._paths[request]} HTTP/1.1\r\nHost: {self._place[0]}\r\n\r\n".encode("ascii")

    def due(self, request: int) -> float:
        return self._began + request * self._period

    async def run(self) -> dict[str, object]:
        self._began = self._loop.time() + 0.1
        for request in range(self._count):
            wait = self.due(request) - self._loop.time()
            # Also where we are late, others have to get their turn.
            await asyncio.sleep(max(wait, 0))
            self._dispatch(request)
        end = self._loop.time() + GRACE
        while self._left > 0 and self._loop.time() < end:
            await asyncio.sleep(0.02)
        now = self._loop.time()
        unanswered = [request for request, latency in enumerate(self._latency) if latency is None]
        for request in unanswered:
            # It took at least as long as we have waited.
            self._latency[request] = 1000 * (now - self.due(request))
        if unanswered:
            self._failed["no answer"] = self._failed.get("no answer", 0) + len(unanswered)
        latencies = [round(latency or 0.0, 3) for latency in self._latency]
        return {"rate": 1 / self._period, "requests": self._count, "latencies": latencies, "failed": dict(self._failed)}

    def _dispatch(self, request: int) -> None:
        if self._idle:
            self._idle.pop().take(request)
        elif self._open < MOST_CONNECTIONS:
            self._open += 1
            connection = Connection(self)
            connection.request = request
            self._loop.create_task(self._connect(connection))
        else:
            self._waiting.append(request)

    async def _connect(self, connection: Connection) -> None:
        try:
            await self._loop.create_connection(lambda: connection, *self._place)
        except OSError:
            self.lost(connection)

    def answered(self, request: int, status: int, connection: Connection | None) -> None:
        self._done(request, "" if status == 200 else f"status {status}")
        if connection is None:
            return
        if self._waiting:
            connection.take(self._waiting.popleft())
        else:
            self._idle.append(connection)

    def lost(self, connection: Connection) -> None:
        self._open -= 1
        if connection in self._idle:
            self._idle.remove(connection)
        if connection.request is not None:
            self._done(connection.request, "connection lost")
            connection.request = None
        if self._waiting:
            self._dispatch(self._waiting.popleft())

    def _done(self, request: int, failure: str) -> None:
        self._left -= 1
        self._latency[request] = 1000 * (self._loop.time() - self.due(request))
        if failure:
            self._failed[failure] = self._failed.get(failure, 0) + 1


async def _main(address: str, port: str, rate: str, seconds: str, seed: str) -> None:
    gc.disable()
    print(json.dumps(await Load(address, int(port), float(rate), float(seconds), int(seed)).run()))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:6]))
