# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command inside a container, bounded in time, with nothing left behind."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Sequence

from .client import Engine, EngineError

# The script ends itself where the image has `timeout`, also when nobody is left to end it; else we do.
_BOUNDED = 'if command -v timeout >/dev/null; then exec timeout -s KILL "$0" sh -c "$1"; else exec sh -c "$1"; fi'

_HEADER = 8
_STDOUT = 1


class ExecutionError(Exception):
    """The command did not end well; the text is one sentence."""


def shell(script: str, seconds: int) -> list[str]:
    """Return the command that runs a shell script for so many seconds at most."""
    return ["sh", "-c", _BOUNDED, str(seconds), script]


def execute(engine: Engine, container: str, command: Sequence[str], seconds: int) -> str:
    """Run a command in the container, as its own user, and return what it wrote to stdout.

    `engine` should wait a little longer for an answer than `seconds`. A secret belongs into the command's own reading of a file,
    never into the command.
    """
    order = {"AttachStdout": True, "AttachStderr": True, "Cmd": list(command)}
    started = engine.post(f"/containers/{container}/exec", order)["Id"]
    try:
        said, complained = _split(engine.stream(f"/exec/{started}/start", {"Detach": False, "Tty": False}))
    except EngineError as error:
        _end(engine, started)
        raise ExecutionError(f"no answer after {seconds} s") from error
    code = engine.get(f"/exec/{started}/json")["ExitCode"]
    if code in (124, 137):
        raise ExecutionError(f"no answer after {seconds} s")
    if code:
        last = (complained or said).strip().splitlines()[-1:] or ["nothing said"]
        raise ExecutionError(f"exit code {code}: {last[0][:300]}")
    return said


def _split(stream: bytes) -> tuple[str, str]:
    """Take apart the frames of stdout and stderr: one byte of kind, three of nothing, four of length."""
    kinds: dict[bool, bytes] = {True: b"", False: b""}
    while len(stream) >= _HEADER:
        length = int.from_bytes(stream[4:_HEADER], "big")
        kinds[stream[0] == _STDOUT] += stream[_HEADER : _HEADER + length]
        stream = stream[_HEADER + length :]
    return kinds[True].decode(errors="replace"), kinds[False].decode(errors="replace")


def _end(engine: Engine, started: str) -> None:
    with contextlib.suppress(EngineError, OSError, KeyError):
        pid = int(engine.get(f"/exec/{started}/json")["Pid"])
        if pid > 1:
            os.kill(pid, signal.SIGKILL)
