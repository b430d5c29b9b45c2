# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows an audit as it is and not as the result of a task, and writes it to files on the controller."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.observe.model import Audit
from ..module_utils.observe.report import Report
from ..module_utils.render import audit as text
from ..plugin_utils.pages import audit_page
from ..plugin_utils.plain import plain
from ..plugin_utils.terminal import terminal

ARGUMENTS = {
    "audit": {"type": "dict", "required": True},
    "format": {"type": "str", "choices": ["text", "json"], "default": "text"},
    "page": {"type": "path"},
    "file": {"type": "path"},
    "accepted": {"type": "dict", "default": {}},
    "policy": {"type": "dict", "default": {}},
}


class ActionModule(ActionBase):
    """Writes to the screen and to files."""

    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Show it, write it."""
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        variables = task_vars or {}
        try:
            audit = Audit.from_dict(plain(arguments["audit"]))
        except ValueError as error:
            raise AnsibleActionFail(f"This audit cannot be read: {error}.") from None
        report = Report.of(audit, accepted=plain(arguments["accepted"]), policy=plain(arguments["policy"]))
        host, several = str(variables.get("inventory_hostname", "")), len(variables.get("ansible_play_hosts_all") or ()) > 1
        display, files = Display(), []
        whole = json.dumps(report.to_dict(), sort_keys=True)
        if arguments["format"] == "json":
            display.display(whole)
        else:
            display.display("\n".join(text.lines(report, terminal(display.columns))))
        contents: dict[str, Callable[[], str]] = {
            "page": lambda: audit_page(report, title=f"Audit of {host}"),
            "file": lambda: f"{whole}\n",
        }
        for name, content in contents.items():
            if path := arguments[name]:
                files.append(str(_write(Path(path), content(), host if several else "")))
        if files and arguments["format"] == "text":
            display.display(f"\nWritten: {', '.join(files)}")
        counts = Counter(str(finding.to_dict()["severity"]) for finding in report.findings)
        return {**result, "changed": False, "counts": dict(counts), "files": files}


def _write(path: Path, content: str, host: str) -> Path:
    """Write a file as a whole or not at all, and return where it is."""
    if host:
        path = path.with_name(f"{path.stem}-{re.sub(r'[^A-Za-z0-9._-]', '_', host)}{path.suffix}")
    half = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(content, encoding="utf-8")
        half.replace(path)
    except OSError as error:
        raise AnsibleActionFail(f"The audit cannot be written to {path}: {error.strerror}.") from None
    return path.resolve()
