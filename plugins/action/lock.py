# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says who takes a lock, and whether the run that holds it is still alive where that can be seen."""

from __future__ import annotations

import getpass
import os
import platform
from pathlib import Path

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Runs the module, and once more where the holder was a run of this machine that has ended."""

    def run(self, tmp=None, task_vars=None):
        """Fill in the holder."""
        result = super().run(tmp, task_vars)
        # A task runs in a child of the process that is the run.
        holder = {"user": getpass.getuser(), "machine": platform.node(), "pid": os.getppid()}
        arguments = {**self._task.args, "holder": holder}
        outcome = self._execute_module(module_name="ziggie.stack.lock", module_args=arguments, task_vars=task_vars)
        other = outcome.get("holder")
        if outcome.get("failed") and other and other["machine"] == holder["machine"] and not _runs_ansible(other["pid"]):
            outcome = self._execute_module(
                module_name="ziggie.stack.lock", module_args={**arguments, "gone": other["pid"]}, task_vars=task_vars
            )
        return {**result, **outcome}


def _runs_ansible(pid: int) -> bool:
    """Tell whether a process of this machine is a run of Ansible; where that cannot be seen, it counts as one."""
    proc = Path("/proc")
    if not (proc / "self").exists():
        return True
    try:
        return b"ansible" in (proc / str(pid) / "cmdline").read_bytes()
    except FileNotFoundError:
        return False
    except OSError:
        return True
