# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows a plan to a person or to a program, as it is and not as the result of a task."""

from __future__ import annotations

import json
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.budget.model import Budget
from ..module_utils.engine.container import containers as read_containers
from ..module_utils.plan import text
from ..module_utils.plan.plan import Plan, stated
from ..plugin_utils.plain import plain
from ..plugin_utils.terminal import terminal

ARGUMENTS = {
    "plan": {"type": "dict", "required": True},
    "containers": {"type": "list", "elements": "dict", "default": []},
    "explain": {"type": "str", "default": ""},
    "findings": {"type": "str", "choices": ["important", "all"], "default": "important"},
    "format": {"type": "str", "choices": ["text", "json", "changes"], "default": "text"},
}
# This callback shows nothing but plans, for a program to read.
JSON_ONLY = "ziggie.stack.plan_json"


class ActionModule(ActionBase):
    """Writes to the screen."""

    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Show it."""
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        display = Display()
        try:
            shown = plain(arguments["plan"])
            lines = _lines(shown, arguments, terminal(display.columns))
        except ValueError as error:
            raise AnsibleActionFail(f"This is not a plan that can be shown: {error}.") from None
        display.display("\n".join(lines))
        # A whole plan needs no table at the end of the run.
        whole = {"verdict": shown["verdict"]} if "verdict" in shown and arguments["format"] != "changes" else {}
        plan = {"plan": shown} if "verdict" in shown else {}
        return {**result, "changed": False, "lines": len(lines), **whole, **plan, "_ansible_verbose_override": True}


def _lines(shown: Any, arguments: dict[str, Any], screen: Any) -> Any:
    if arguments["format"] == "json" or constants.DEFAULT_STDOUT_CALLBACK == JSON_ONLY:
        return [json.dumps(shown)]
    if arguments["explain"]:
        if not shown.get("budget"):
            raise AnsibleActionFail("There is no budget to explain: fix the problems first.")
        solved = Budget.from_dict(shown["budget"])
        try:
            return text.explain(solved, arguments["explain"], screen)
        except ValueError as error:
            raise AnsibleActionFail(str(error)) from None
    if "verdict" not in shown:
        budget = Budget.from_dict(shown["budget"]) if shown["budget"] else None
        return text.definition(budget, stated(shown["findings"]), screen)
    plan = Plan.from_dict(shown)
    if arguments["format"] == "changes":
        return [
            *text.opening(plan, screen),
            *text.ways_in(plan, screen),
            *text.findings(plan.failed_before, screen),
            *text.changes(plan, screen),
        ]
    containers = read_containers(plain(arguments["containers"]))
    return text.lines(plan, containers, screen, everything=arguments["findings"] == "all")
