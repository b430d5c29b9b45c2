# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generator against a server of our own: what a stall costs, what fails, what is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from ansible_collections.ziggie.stack.tests.bench.isolation.figures import percentile
from ansible_collections.ziggie.stack.tests.bench.isolation.host import generator
from ansible_collections.ziggie.stack.tests.bench.isolation.host.generator import Load

Answer = Callable[[int], Awaitable[bytes]]

WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"


def loaded(answer: Answer, *, rate: float = 100, seconds: float = 0.5) -> dict[str, Any]:
    """Return what the generator says of a server that answers its n-th request so."""
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                count += 1
                said = await answer(count)
                writer.write(said)
                if not said or b"Connection: close" in said:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async def run() -> dict[str, Any]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        try:
            return dict(await Load(host, port, rate, seconds, 1).run())
        finally:
            server.close()

    return asyncio.run(run())


async def well(_request: int) -> bytes:
    return WELL


def test_what_is_answered_has_a_latency() -> None:
    found = loaded(well)
    assert found["requests"] == len(found["latencies"]) == 50
    assert found["failed"] == {}
    assert all(latency > 0 for latency in found["latencies"])


def test_a_stall_costs_everybody_who_was_due_in_it() -> None:
    """The server does nothing at all for a while; a closed-loop generator would have one slow request per connection."""

    async def stalling(request: int) -> bytes:
        if request == 10:
            # The loop itself stands still, as a program does that the kernel does not let run.
            __import__("time").sleep(0.3)
        return WELL

    late = [latency for latency in loaded(stalling)["latencies"] if latency > 50]
    assert len(late) > 15
    assert max(late) > 280


@pytest.mark.parametrize(
    ("said", "failure"),
    [(b"HTTP/1.1 503 Sorry\r\nContent-Length: 0\r\n\r\n", "status 503"), (b"", "connection lost")],
)
def test_what_fails_is_counted_by_what_it_was(said: bytes, failure: str) -> None:
    async def failing(request: int) -> bytes:
        return said if request % 2 else WELL

    found = loaded(failing)
    assert found["failed"] == {failure: 25}


def test_a_connection_that_is_closed_after_its_answer_fails_nothing() -> None:
    async def closing(_request: int) -> bytes:
        return WELL.replace(b"Content", b"Connection: close\r\nContent")

    assert loaded(closing)["failed"] == {}


def test_what_is_never_answered_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "GRACE", 0.2)

    async def silent(request: int) -> bytes:
        if request > 3:
            await asyncio.sleep(3600)
        return WELL

    found = loaded(silent)
    assert found["failed"] == {"no answer": 47}
    assert percentile(found["latencies"], 50) > 200


def test_who_finds_no_connection_waits_while_the_clock_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "MOST_CONNECTIONS", 1)

    async def slow(_request: int) -> bytes:
        await asyncio.sleep(0.02)
        return WELL

    found = loaded(slow)
    assert found["failed"] == {}
    # 10 ms apart, 20 ms each: the last one waits for half a second.
    assert found["latencies"][-1] > 400
