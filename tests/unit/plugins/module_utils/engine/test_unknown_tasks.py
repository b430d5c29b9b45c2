# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs of a container that the engine takes for stopped is ended; nothing else is."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.engine.unknown_tasks import end_unknown_tasks


class Host(Engine):
    """An engine with containers in some states, and the processes that hold theirs."""

    def __init__(self, proc: Path, states: dict[str, str]) -> None:
        super().__init__("/nowhere")
        self.proc, self.states, self.killed = proc, states, []  # type: list[int]
        for pid, container in enumerate(states, 100):
            self.hold(pid, container)

    def hold(self, pid: int, container: str) -> None:
        (self.proc / str(pid)).mkdir()
        words = [
            "/usr/bin/containerd-shim-runc-v2",
            "-namespace",
            "moby",
            "-id",
            container,
            "-address",
            "/run/containerd/containerd.sock",
            "",
        ]
        (self.proc / str(pid) / "cmdline").write_bytes("\0".join(words).encode())

    def kill(self, pid: int, number: int) -> None:
        assert number == signal.SIGKILL
        self.killed.append(pid)
        (self.proc / str(pid) / "cmdline").write_bytes(b"")

    def get(self, resource: str, **_query: Any) -> Any:
        state = self.states[resource.split("/")[2]]
        if state == "gone":
            raise EngineError("gone", 404)
        return {"State": {"Status": state}}

    def post(self, resource: str, _body: Any = None) -> Any:
        container, verb = resource.split("/")[2:]
        assert verb == "stop?t=0"
        self.states[container] = {"restarting": "exited"}.get(self.states[container], self.states[container])

    def end(self, *containers: str, **changed: Any) -> list[str]:
        return end_unknown_tasks(self, containers, proc=self.proc, **{"kill": self.kill, "pause": lambda _: None, **changed})


def test_what_runs_of_a_stopped_container_is_ended(tmp_path: Path) -> None:
    host = Host(tmp_path, {"created": "created", "looping": "restarting", "well": "running", "gone": "gone", "other": "exited"})
    assert host.end("created", "looping", "well", "gone") == ["created", "looping"]
    assert sorted(host.killed) == [100, 101]


def test_what_ends_or_starts_by_itself_in_the_meantime_is_left_alone(tmp_path: Path) -> None:
    host = Host(tmp_path, {"ending": "exited", "starting": "restarting"})

    def pause(_seconds: float) -> None:
        (tmp_path / "100" / "cmdline").write_bytes(b"")
        host.states["starting"] = "running"

    assert host.end("ending", "starting", pause=pause) == []
    assert host.killed == []


def test_who_may_not_end_them_is_told_what_to_do(tmp_path: Path) -> None:
    def refuse(_pid: int, _number: int) -> None:
        raise PermissionError

    with pytest.raises(EngineError, match="end them as root: kill -9 100"):
        Host(tmp_path, {"created": "created"}).end("created", kill=refuse)


def test_what_does_not_end_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="processes of 1 container"):
        Host(tmp_path, {"created": "created"}).end("created", kill=lambda *_: None)
