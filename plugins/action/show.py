# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows a plan to a person or to a program, as it is and not as the result of a task."""

from __future__ import annotations

import json

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.render import plan
from ..plugin_utils.plain import plain
from ..plugin_utils.terminal import terminal

ARGUMENTS = {
    "plan": {"type": "dict", "required": True},
    "containers": {"type": "list", "elements": "dict", "default": []},
    "explain": {"type": "str", "default": ""},
    "format": {"type": "str", "choices": ["text", "json"], "default": "text"},
}


class ActionModule(ActionBase):
    """Writes to the screen."""

    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        """Show it."""
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        display, shown = Display(), plain(arguments["plan"])
        if arguments["format"] == "json":
            lines = [json.dumps(shown)]
        elif arguments["explain"]:
            if not shown.get("budget"):
                raise AnsibleError("There is no budget to explain: what is wrong comes first.")
            lines = plan.explain(shown["budget"], arguments["explain"], terminal(display.columns))
        else:
            lines = plan.lines(shown, plain(arguments["containers"]), terminal(display.columns))
        display.display("\n".join(lines))
        return {**result, "changed": False, "lines": len(lines)}
