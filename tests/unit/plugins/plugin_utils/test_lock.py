# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run names itself to the module, waits as long as it was told, and follows at once where the holder is a run of this machine that has ended."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.process import Process
from ansible_collections.ziggie.stack.plugins.plugin_utils import lock
from ansible_collections.ziggie.stack.plugins.plugin_utils.lock import execute

VARIABLES = {"ansible_play_name": "My deploy"}


class Module:
    """Notes what it is asked and answers in turn, the last answer for ever."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def __call__(self, *, module_name: str, module_args: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        assert (module_name, task_vars) == ("ziggie.stack.up", VARIABLES)
        self.asked.append(dict(module_args))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def run(module: Module, **arguments: Any) -> dict[str, Any]:
    return execute("ziggie.stack.up", arguments, module, VARIABLES)


@pytest.fixture(name="ended", scope="module")
def _ended() -> Process:
    """Return a process of this machine that was, and is no more."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        process = Process.of(child.pid)
        assert not process.has_ended()
    return process


def held(by: Process, **more: Any) -> dict[str, Any]:
    return {"failed": True, "holder": {"user": "anna", "machine": platform.node(), "run": str(by), **more}}


def test_the_run_is_named() -> None:
    module = Module({"changed": True})
    assert run(module, project_src="/x") == {"changed": True}
    [asked] = module.asked
    assert (asked["project_src"], asked["holder"]["machine"], asked["verb"]) == ("/x", platform.node(), "My deploy")
    assert Process.parse(asked["holder"]["run"]) == Process.of(os.getppid())
    assert run(module, verb="deploy")
    assert module.asked[1]["verb"] == "deploy"


def test_a_run_of_this_machine_that_has_ended_is_told_to_be_gone(ended: Process) -> None:
    module = Module(held(ended), {"changed": True})
    assert run(module) == {"changed": True}
    assert module.asked[1]["gone"] == str(ended)


def test_the_process_number_of_an_ended_run_may_be_used_again() -> None:
    module = Module(held(replace(Process.of(os.getpid()), started="1")), {"changed": True})
    assert run(module) == {"changed": True}


def test_a_run_that_may_be_alive_is_not(ended: Process) -> None:
    for holder in (
        held(Process.of(os.getpid())),
        held(ended, module=True),
        held(replace(ended, boot="another machine's")),
        held(replace(ended, namespace="another container's")),
        held(replace(ended, namespace="")),
        {"failed": True, "holder": {"run": "nonsense"}},
    ):
        module = Module(holder)
        assert run(module)["failed"] is True
        assert len(module.asked) == 1


def test_it_waits_as_long_as_told_and_looks_meanwhile_whether_the_holder_is_alive(monkeypatch: pytest.MonkeyPatch, ended: Process) -> None:
    monkeypatch.setattr(lock, "_LOOK", 3.0)
    alive = held(Process.of(os.getpid()))
    module = Module(alive, alive, held(ended), {"changed": True})
    assert run(module, wait="60") == {"changed": True}
    assert [asked["wait"] for asked in module.asked] == [0.0, 3.0, 3.0, 3.0]
    assert module.asked[3]["gone"] == str(ended)


def test_a_gone_run_whose_module_still_works_is_waited_for(ended: Process) -> None:
    module = Module(held(ended), held(ended), {"changed": True})
    assert run(module, wait=60) == {"changed": True}
    assert run(Module(held(ended)), wait=0)["failed"] is True


@pytest.mark.parametrize("wait", ["soon", "", -1, "nan", "inf", None, True, [60], {}])
def test_a_wait_that_is_no_number_of_seconds_is_a_sentence(wait: Any) -> None:
    module = Module({"changed": True})
    assert run(module, wait=wait) == {
        "failed": True,
        "msg": f'lock_wait: expected a number of seconds, 0 or more, got "{wait}"; write -e lock_wait=60.',
    }
    assert module.asked == []
