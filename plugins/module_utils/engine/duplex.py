# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command inside a container whose input and output are streams, however large."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from collections.abc import Iterator, Sequence
from types import TracebackType

from .client import DEFAULT_SOCKET, STDOUT, Engine, EngineError
from .execute import ExecutionError, end, failure

_HEADER = 8
_TAIL = 4096
_CHUNK = 1 << 16
# Seconds until a command that reads nothing is looked at.
_LOOK = 2.0


class Duplex:
    """Runs a command as the container's own user, or as another; what it writes to stderr is kept for the error."""

    def __init__(self, container: str, command: Sequence[str], *, path: str = DEFAULT_SOCKET, timeout: float = 3600.0) -> None:
        self._engine = Engine(path, timeout=60.0)
        order = {"AttachStdin": True, "AttachStdout": True, "AttachStderr": True, "Cmd": list(command)}
        self._id = str(self._engine.post(f"/containers/{container}/exec", order)["Id"])
        self._complained = b""
        self._left = b""
        self._timeout = timeout
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(path)
            self._start()
        except OSError as error:
            self._socket.close()
            raise EngineError(f"the engine at {path} does not answer: {error}") from error

    def __enter__(self) -> Duplex:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            end(self._engine, self._id)
        self._socket.close()
        self._engine.close()

    def write(self, data: bytes) -> None:
        """Write to the command's stdin, and keep what it says meanwhile. Raises `ExecutionError` where it no longer reads."""
        rest = memoryview(data)
        still = 0.0
        try:
            while rest:
                readable, writable, _failed = select.select([self._socket], [self._socket], [], _LOOK)
                if readable:
                    self._keep()
                if writable:
                    rest = rest[self._socket.send(rest) :]
                # The engine goes on taking the input of a command that has ended until its own buffers are full, and then waits.
                still = 0.0 if readable or writable else still + _LOOK
                if still >= self._timeout or (still and not self._engine.get(f"/exec/{self._id}/json")["Running"]):
                    raise TimeoutError("nothing of it was read any more")
        except OSError as error:
            self._socket.settimeout(_LOOK)
            with contextlib.suppress(ExecutionError):
                for _chunk in self.chunks():
                    pass
            state = self._engine.get(f"/exec/{self._id}/json")
            said = self._complained.decode(errors="replace")
            if state["Running"]:
                raise ExecutionError(f"the command reads nothing any more: {error}", said) from error
            raise failure(state["ExitCode"], said or f"it stopped reading: {error}") from error

    def close_input(self) -> None:
        """End the command's stdin."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def chunks(self) -> Iterator[bytes]:
        """Yield what the command writes to stdout until it ends."""
        try:
            while header := self._exactly(_HEADER):
                kind, length = header[0], int.from_bytes(header[4:], "big")
                while length:
                    data = self._some(min(length, _CHUNK))
                    if not data:
                        raise ExecutionError("the engine broke the stream off")
                    length -= len(data)
                    if kind == STDOUT:
                        yield data
                    else:
                        self._complained = (self._complained + data)[-_TAIL:]
        except OSError as error:
            raise ExecutionError(f"the command's output broke off: {error or type(error).__name__}") from error

    def end(self) -> None:
        """Wait for the command's end. Raises `ExecutionError` where it did not end well."""
        for _chunk in self.chunks():
            pass
        for _attempt in range(100):
            state = self._engine.get(f"/exec/{self._id}/json")
            if not state["Running"]:
                break
            time.sleep(0.05)
        if state["Running"] or state["ExitCode"]:
            raise failure(state["ExitCode"], self._complained.decode(errors="replace"))

    def _start(self) -> None:
        body = json.dumps({"Detach": False, "Tty": False})
        self._socket.sendall(
            f"POST /exec/{self._id}/start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            data = self._socket.recv(_CHUNK)
            if not data:
                break
            answer += data
        head, _separator, self._left = answer.partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1:2]
        if status != [b"101"]:
            said = (self._left or head).decode(errors="replace").strip()
            raise EngineError(f"the engine refused to run a command in the container: {said[:300]}")

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._some(count - len(data))
            if not more:
                return b""
            data += more
        return data

    def _keep(self) -> None:
        data = self._socket.recv(_CHUNK)
        if not data:
            raise BrokenPipeError("it ended")
        self._left += data

    def _some(self, count: int) -> bytes:
        if self._left:
            data, self._left = self._left[:count], self._left[count:]
            return data
        return self._socket.recv(count)


def output(container: str, command: Sequence[str], text: str = "") -> str:
    """Return what a command writes to stdout, given a text. Raises `ExecutionError` and `EngineError`."""
    with Duplex(container, command) as duplex:
        if text:
            duplex.write(text.encode())
        duplex.close_input()
        said = b"".join(duplex.chunks())
        duplex.end()
    return said.decode(errors="replace")
