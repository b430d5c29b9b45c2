# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows what memory each service needs by its history, and what becomes of the budget then."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.observe.model import Audit
from ..module_utils.observe.recommended import of_audits, of_history
from ..module_utils.render import recommend as text
from ..plugin_utils.audits import read_audit
from ..plugin_utils.plain import plain
from ..plugin_utils.report import FORMAT, show

ARGUMENTS = {
    "history": {"type": "dict"},
    "audits": {"type": "list", "elements": "path", "default": []},
    "compose": {"type": "dict", "default": {}},
    "budget": {"type": "dict", "default": {}},
    "overrides": {"type": "dict", "default": {}},
    "floors": {"type": "dict", "default": {}},
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
            if arguments["audits"]:
                files = _files(arguments["audits"])
                outcome = of_audits((_audit(path) for path in files), time.time())
                source = f"{len(files)} audit{'' if len(files) == 1 else 's'}"
            else:
                outcome = of_history(
                    plain(arguments["history"] or {}),
                    plain(arguments["compose"]),
                    plain(arguments["budget"]),
                    plain(arguments["overrides"]),
                    plain(arguments["floors"]),
                )
                source = "Prometheus"
        except ValueError as error:
            raise AnsibleActionFail(f"There is nothing to recommend: {error}.") from None
        as_json = arguments["format"] == "json"
        show(Display(), outcome.to_dict(), lambda terminal: text.lines(outcome, source, terminal), as_json=as_json)
        return {
            **result,
            "changed": False,
            "patch": dict(outcome.patch),
            "patches": dict(outcome.patches),
            "problems": list(outcome.problems),
        }


def _files(patterns: list[str]) -> list[Path]:
    """Return the files that paths and patterns name; one that names none is an error."""
    found: list[Path] = []
    for pattern in patterns:
        path = Path(str(pattern)).expanduser()
        named = [path] if path.is_file() else sorted(path.parent.glob(path.name))
        if not named:
            raise ValueError(f"no file matches {pattern}")
        found += named
    return list(dict.fromkeys(found))


def _audit(path: Path) -> Audit:
    """Read one audit, as `audit_report` writes it."""
    try:
        return read_audit(path)
    except ValueError as error:
        raise ValueError(f"{path} is not an audit that can be read ({error})") from error
