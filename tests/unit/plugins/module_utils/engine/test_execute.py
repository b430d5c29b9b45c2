# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command in a container: what it says, how it ends, and that it is ended."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine import execute as subject
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError


def frame(kind: int, text: str) -> bytes:
    return bytes([kind, 0, 0, 0]) + len(text.encode()).to_bytes(4, "big") + text.encode()


class Stub(Engine):
    def __init__(self, said: bytes | None, code: int = 0, *, running: bool = False) -> None:
        self.said, self.code, self.running = said, code, running
        self.ordered: list[Any] = []

    def post(self, resource: str, body: Any = None) -> Any:
        self.ordered.append((resource, body))
        return {"Id": "e1"}

    def stream(self, resource: str, body: Any) -> bytes:
        self.ordered.append((resource, body))
        if self.said is None:
            raise EngineError("timed out")
        return self.said

    def get(self, resource: str, **query: Any) -> Any:
        assert (resource, query) == ("/exec/e1/json", {})
        return {"ExitCode": self.code, "Pid": 4242, "Running": self.running}


def test_what_was_written_to_stdout() -> None:
    engine = Stub(frame(1, "a\n") + frame(2, "noise") + frame(1, "ü\n"))
    assert subject.execute(engine, "c", ["true"], 5) == "a\nü\n"
    assert engine.ordered[0] == ("/containers/c/exec", {"AttachStdout": True, "AttachStderr": True, "Cmd": ["true"]})


def test_a_script_bounds_itself_where_it_can() -> None:
    kind, option, guard, seconds, script = subject.shell("exec true", 5)
    assert (kind, option, seconds, script) == ("sh", "-c", "5", "exec true")
    assert "timeout -s KILL" in guard


def test_all_that_was_said_goes_with_a_failure() -> None:
    with pytest.raises(subject.ExecutionError) as caught:
        subject.execute(Stub(frame(1, "FAILED: line 1\n") + frame(2, "error: 1 file\n"), 1), "c", ["amtool"], 5)
    assert (str(caught.value), caught.value.said) == ("exit code 1: error: 1 file", "FAILED: line 1\nerror: 1 file\n")


@pytest.mark.parametrize(
    ("said", "code", "sentence"),
    [
        (frame(2, "first\nFATAL: no\n"), 2, "exit code 2: FATAL: no"),
        (
            frame(2, "pg_restore: error: COPY failed: ERROR:  No space left\nHINT:  Check\nCONTEXT:  COPY t, line 9\n"),
            1,
            "ERROR:  No space left$",
        ),
        (frame(1, "NOAUTH"), 1, "exit code 1: NOAUTH"),
        (b"", 1, "exit code 1: nothing said"),
        (b"", 137, "no answer after 5 s"),
    ],
)
def test_a_bad_end_is_a_sentence(said: bytes, code: int, sentence: str) -> None:
    with pytest.raises(subject.ExecutionError, match=sentence):
        subject.execute(Stub(said, code), "c", ["true"], 5)


@pytest.mark.parametrize("running", [True, False])
def test_what_does_not_answer_is_killed_while_it_runs(monkeypatch: pytest.MonkeyPatch, running: bool) -> None:
    killed = []
    monkeypatch.setattr(subject.os, "kill", lambda *given: killed.append(given))
    with pytest.raises(subject.ExecutionError, match="no answer after 5 s"):
        subject.execute(Stub(None, running=running), "c", ["sleep"], 5)
    # The number of one that has ended may be another process's by now.
    assert killed == ([(4242, signal.SIGKILL)] if running else [])
