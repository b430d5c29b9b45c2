# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command inside a container, bounded in time, with nothing left behind."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Sequence

from .client import STDOUT, Engine, EngineError, frames

# The script ends itself where the image has `timeout`, also when this process is gone; elsewhere we end it.
_BOUNDED = 'if command -v timeout >/dev/null; then exec timeout -s KILL "$0" sh -c "$1"; else exec sh -c "$1"; fi'


_ERROR = re.compile(r"\b(?:error|fatal):", re.IGNORECASE)


class ExecutionError(Exception):
    """The command did not end well; the text is one sentence, and `said` all that the command wrote."""

    def __init__(self, text: str, said: str = "") -> None:
        super().__init__(text)
        self.said = said


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
        end(engine, started)
        raise ExecutionError(f"no answer after {seconds} s") from error
    code = engine.get(f"/exec/{started}/json")["ExitCode"]
    if code in (124, 137):
        raise ExecutionError(f"no answer after {seconds} s")
    if code:
        raise failure(code, complained or said, said + complained)
    return said


def failure(code: int | None, said: str, everything: str = "") -> ExecutionError:
    """Return how a command ended, with its last error, or the last line of what it said; `everything` is all that it wrote, where that is more."""
    lines = said.strip().splitlines() or ["nothing said"]
    # PostgreSQL's programs say after an error where they were.
    told = [line for line in lines if _ERROR.search(line)] or lines
    return ExecutionError(f"exit code {code}: {told[-1][:300]}", everything or said)


def end(engine: Engine, started: str) -> None:
    """End a command that nobody reads any more: the engine would leave it there."""
    with contextlib.suppress(EngineError, OSError, KeyError):
        state = engine.get(f"/exec/{started}/json")
        # Of one that has ended, the number may be another process's by now.
        if state["Running"] and int(state["Pid"]) > 1:
            os.kill(int(state["Pid"]), signal.SIGKILL)


def _split(stream: bytes) -> tuple[str, str]:
    """Take apart what a command wrote to stdout and to stderr."""
    kinds = {True: b"", False: b""}
    for kind, content in frames(stream):
        kinds[kind == STDOUT] += content
    return kinds[True].decode(errors="replace"), kinds[False].decode(errors="replace")
