# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows which host of a fleet runs which service, and each host's Budget."""

from __future__ import annotations

from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.fleet import plan_text
from ..module_utils.fleet.plan import Asked, Candidate, FleetPlan, make
from ..module_utils.problems import BudgetError
from ..module_utils.render.terminal import Terminal
from ..module_utils.units import shown
from ..plugin_utils.facts import facts_of, wish_of
from ..plugin_utils.plain import plain
from ..plugin_utils.report import FORMAT, show
from .show import JSON_ONLY

ARGUMENTS = {
    "compose": {"type": "dict", "required": True},
    "fleet": {"type": "raw", "required": True},
    "hosts": {"type": "dict", "required": True},
    "capacities": {"type": "raw"},
    "policy": {"type": "dict", "default": {}},
    "credentials": {"type": "list", "elements": "str", "default": []},
    "backup": {"type": "dict", "default": {}},
    "accepted": {"type": "dict", "default": {}},
    "known": {"type": "list", "elements": "dict", "default": []},
    "offers": {"type": "raw", "default": []},
    "rebalance": {"type": "bool", "default": False},
    "explain": {"type": "str", "default": ""},
    "findings": {"type": "str", "choices": ["important", "all"], "default": "important"},
    "format": FORMAT,
}
_SAID = ("policy", "credentials", "backup", "accepted", "known")


class ActionModule(ActionBase):
    """Writes to the screen."""

    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Place, show it."""
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        as_json = arguments["format"] == "json" or constants.DEFAULT_STDOUT_CALLBACK == JSON_ONLY
        try:
            planned = _planned(arguments)
            plan = planned.to_dict()
            show(Display(), plan, lambda terminal: _lines(planned, arguments, terminal), as_json=as_json)
        except (BudgetError, ValueError) as error:
            raise AnsibleActionFail(f"There is no fleet plan. Fix these problems first:\n{error}") from None
        return {
            **result,
            "changed": False,
            "verdict": planned.verdict,
            "why": " ".join(plan_text.lacking_floors(planned)),
            "fleet": plan,
            "_ansible_verbose_override": True,
        }


def _planned(arguments: dict[str, Any]) -> FleetPlan:
    asked = Asked(
        compose=plain(arguments["compose"]),
        said=wish_of({name: arguments[name] for name in _SAID}),
        fleet=plain(arguments["fleet"]),
        capacities=plain(arguments["capacities"]),
        offers=plain(arguments["offers"]),
        rebalance=arguments["rebalance"],
    )
    return make(asked, [_candidate(name, entry) for name, entry in plain(arguments["hosts"]).items()])


def _candidate(name: str, entry: Any) -> Candidate:
    if not isinstance(entry, dict):
        raise ValueError(f"hosts.{name}: expected what is known of the host, got {shown(entry)}")
    facts = entry.get("facts")
    return Candidate(
        name=name,
        facts=facts_of(facts) if facts else None,
        declared=entry.get("capacity") or {},
        classes=entry.get("classes") or {},
        shared=entry.get("shared") or {},
        silent=bool(entry.get("silent")),
    )


def _lines(planned: FleetPlan, arguments: dict[str, Any], terminal: Terminal) -> list[str]:
    if arguments["explain"]:
        return plan_text.explain(planned, arguments["explain"], terminal)
    return plan_text.lines(planned, terminal, everything=arguments["findings"] == "all")
