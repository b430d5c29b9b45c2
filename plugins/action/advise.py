# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows what to buy for a stack, by a price list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.fleet import text
from ..module_utils.fleet.advise import Advice
from ..module_utils.fleet.given import advise_by
from ..module_utils.problems import BudgetError
from ..plugin_utils.audits import read_audit
from ..plugin_utils.facts import facts_of, wish_of
from ..plugin_utils.plain import plain
from ..plugin_utils.report import FORMAT, show

ARGUMENTS = {
    "compose": {"type": "dict", "required": True},
    "offers": {"type": "raw", "required": True},
    "host": {"type": "dict", "default": {}},
    "capacity": {"type": "dict", "default": {}},
    "policy": {"type": "dict", "default": {}},
    "credentials": {"type": "list", "elements": "str", "default": []},
    "classes": {"type": "dict", "default": {}},
    "backup": {"type": "dict", "default": {}},
    "project": {"type": "str", "default": "ziggie"},
    "audit": {"type": "path"},
    "format": FORMAT,
}


class ActionModule(ActionBase):
    """Writes to the screen."""

    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Work it out, show it."""
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        try:
            advice = _advice(str((task_vars or {}).get("inventory_hostname", "host")), arguments)
        except (BudgetError, ValueError) as error:
            raise AnsibleActionFail(f"There is no advice. Fix these problems first:\n{error}") from None
        shown = advice.to_dict()
        show(Display(), shown, lambda terminal: text.lines(advice, terminal), as_json=arguments["format"] == "json")
        return {**result, "changed": False, "advice": shown, "_ansible_verbose_override": True}


def _advice(name: str, arguments: dict[str, Any]) -> Advice:
    said = wish_of(
        {
            "policy": arguments["policy"],
            "declared": arguments["capacity"],
            "credentials": arguments["credentials"],
            "classes": arguments["classes"],
            "backup": arguments["backup"],
        }
    )
    facts = facts_of(arguments["host"]) if arguments["host"] else None
    path, audit = arguments["audit"], None
    if path:
        try:
            audit = read_audit(Path(path))
        except ValueError as error:
            raise ValueError(f"advise_audit: {path}: expected a file that ziggie.stack.audit wrote with -e audit_file; {error}") from error
    return advise_by(name, plain(arguments["compose"]), said, facts, plain(arguments["offers"]), audit, arguments["project"])
