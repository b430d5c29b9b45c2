# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a plan file on the controller, and holds a run to one."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.host.process import user
from ..module_utils.plan.contract import STAMP, ContractError, HostPlan
from ..module_utils.plan.drift import deviations, differences, told
from ..module_utils.typed import load
from ..plugin_utils import contract
from ..plugin_utils.plain import plain
from .show import JSON_ONLY

ARGUMENTS = {
    "path": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["written", "applied", "followed"], "required": True},
    "plans": {"type": "list", "elements": "dict", "default": []},
    "plan": {"type": "dict", "default": {}},
    "hosts": {"type": "list", "elements": "str", "default": []},
    "alive": {"type": "list", "elements": "str", "default": []},
    "directory": {"type": "str", "default": "/opt/ziggie"},
    "done": {"type": "str", "default": ""},
}


class ActionModule(ActionBase):
    """Compares here; only the note that a file is used up is made on the host."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Do what is asked."""
        result = super().run(tmp, task_vars)
        _validated, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        given = plain(given)
        try:
            act = {"written": self._write, "applied": self._apply, "followed": self._follow}[given["state"]]
            return {**result, "changed": False, **act(given, task_vars)}
        except (ContractError, ValueError) as error:
            what = "can be written" if given["state"] == "written" else "cannot be used"
            raise AnsibleActionFail(
                f"{'No' if given['state'] == 'written' else 'The'} plan file {given['path']} {what}: {error}."
            ) from None

    def _write(self, given: dict[str, Any], _task_vars: Any) -> dict[str, Any]:
        plans = load(list[HostPlan], given["plans"], "plans")
        absent = sorted(set(given["hosts"]) - {plan.host for plan in plans})
        if absent:
            raise AnsibleActionFail(
                f"No plan file was written: there is no plan of {', '.join(absent)}, and a file is for all hosts of a run."
            )
        written = contract.write(given["path"], plans)
        Display().display(
            f"The plan is in {given['path']} until {written.expires}, for one run: ansible-playbook ziggie.stack.site -e plan={given['path']}",
            stderr=constants.DEFAULT_STDOUT_CALLBACK == JSON_ONLY,
        )
        return {"expires": written.expires}

    def _apply(self, given: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        now, file = datetime.now(UTC), contract.read(given["path"])
        objection = file.objection(given["hosts"], given["alive"], now)
        if objection:
            raise ContractError(objection)
        plan = load(HostPlan, given["plan"], "plan")
        found = differences(file.hosts[plan.host], plan)
        use = {
            "nonce": file.nonce,
            "at": now.strftime(STAMP),
            "by": f"{user()}@{platform.node()}",
            "expires": file.expires,
            "look": bool(found),
        }
        # A file that was applied differs, too, so the host is asked first.
        noted = self._execute_module(
            module_name="ziggie.stack.plan_file",
            module_args={"path": given["path"], "state": "applied", "directory": given["directory"], "use": use},
            task_vars=task_vars,
        )
        if noted.get("failed"):
            raise ContractError(str(noted.get("msg", "")).rstrip("."))
        if found:
            raise AnsibleActionFail(
                f"Nothing was changed. {plan.host} is not as the plan file {given['path']} says:\n{told(found)}\n"
                "Make the plan again, and look at what is otherwise."
            )
        return dict(noted)

    def _follow(self, given: dict[str, Any], _task_vars: Any) -> dict[str, Any]:
        file, plan = contract.read(given["path"]), load(HostPlan, given["plan"], "plan")
        found = deviations(file.hosts[plan.host], plan)
        if found:
            raise AnsibleActionFail(
                f"The run would go beyond the plan file {given['path']} on {plan.host}:\n{told(found)}\n{given['done']} Make the plan again."
            )
        return {"expires": file.expires}
