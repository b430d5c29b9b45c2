# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run that takes a host's lock, how long it waits for it, and whether the run that holds it is still alive where this machine can see that."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.ziggie.stack.plugins.module_utils.host.process import Process, user

Execute = Callable[..., dict[str, Any]]

# How long the module waits on the host before this machine looks again whether the holder is alive.
_LOOK = 15.0


def execute(module: str, arguments: dict[str, Any], run: Execute, task_vars: dict[str, Any] | None) -> dict[str, Any]:
    """Run a module that takes the lock, with this run as its holder, until it has the lock or has waited long enough.

    A holder that was a run of this machine and has ended is not waited for. `run` is the action's `_execute_module`.
    """
    try:
        wait = seconds(arguments.get("wait", 0))
    except ValueError as error:
        return {"failed": True, "msg": str(error)}
    # A task runs in a child of the process that is the run.
    holder = {"user": user(), "machine": platform.node(), "run": str(Process.of(os.getppid()))}
    verb = arguments.get("verb") or (task_vars or {}).get("ansible_play_name")
    asked = {**arguments, "holder": holder, "verb": verb, "wait": 0.0}
    deadline = time.monotonic() + wait
    while True:
        outcome = run(module_name=module, module_args=asked, task_vars=task_vars)
        other = outcome.get("holder")
        if not (outcome.get("failed") and other):
            return outcome
        left = deadline - time.monotonic()
        if not other.get("module") and asked.get("gone") != other["run"] and _has_ended(other["run"]):
            asked["gone"] = other["run"]
        elif left <= 0:
            return outcome
        asked["wait"] = max(0.0, min(left, _LOOK))


class LockedAction(ActionBase):
    """The action of a module that takes the lock."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Run the module of the same name."""
        result = super().run(tmp, task_vars)
        return {**result, **execute(self._task.resolved_action, self._task.args, self._execute_module, task_vars)}


def seconds(given: Any) -> float:
    """Return how long a run waits for the lock. Raises `ValueError`."""
    try:
        value = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f'lock_wait: expected a number of seconds, 0 or more, got "{given}"; write -e lock_wait=60.')
    return value


def _has_ended(run: str) -> bool:
    try:
        return Process.parse(run).has_ended()
    except ValueError:
        return False
