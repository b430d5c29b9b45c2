# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows which newer versions the images of a stack have, and keeps the ledger of what was seen."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.compose.values import seconds
from ..module_utils.host import atomic
from ..module_utils.observe.ledger import Ledger
from ..module_utils.observe.registry import ADDRESSES, Registry
from ..module_utils.observe.updates import updates
from ..module_utils.problems import BudgetError
from ..module_utils.render import updates as text
from ..plugin_utils.plain import plain
from ..plugin_utils.report import FORMAT, show

ARGUMENTS = {
    "compose": {"type": "dict", "required": True},
    "registries": {"type": "dict", "default": {}},
    "image_age": {"type": "str", "default": "72h"},
    "ledger": {"type": "path", "default": "~/.local/state/ziggie/images.json"},
    "pin": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 10},
    "format": FORMAT,
}


class ActionModule(ActionBase):
    """Writes to the screen, and the ledger."""

    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Ask, note, show."""
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        age = seconds(arguments["image_age"])
        if age is None:
            raise AnsibleActionFail(f"image_age: expected a duration such as 72h, or 0h for none, got '{arguments['image_age']}'.")
        addresses = {**ADDRESSES, **plain(arguments["registries"])}
        wrong = [name for name, address in addresses.items() if not str(address).startswith(("https://", "http://"))]
        if wrong:
            raise AnsibleActionFail(f"registries.{wrong[0]}: expected an address such as https://{wrong[0]}, got '{addresses[wrong[0]]}'.")

        @cache
        def registry(name: str) -> Registry:
            return Registry(name, str(addresses.get(name, f"https://{name}")), arguments["timeout"])

        path = Path(os.path.expandvars(arguments["ledger"])).expanduser()
        try:
            ledger = Ledger.parse(written) if (written := atomic.read(path)) is not None else Ledger()
            found = updates(plain(arguments["compose"]), registry, ledger, time.time(), age, pin=arguments["pin"])
            if not self._task.check_mode:
                path.parent.mkdir(parents=True, exist_ok=True)
                atomic.write(path, ledger.written(), atomic.Ownership(uid=os.getuid(), gid=os.getgid(), mode=0o600))
        except BudgetError as error:
            raise AnsibleActionFail(str(error)) from None
        except ValueError as error:
            raise AnsibleActionFail(f"The ledger {path} cannot be read ({error}); mend it, or move it away to begin anew.") from None
        except OSError as error:
            raise AnsibleActionFail(
                f"The ledger {path} cannot be kept ({atomic.why(error)}); name another file in updates_ledger."
            ) from None
        shown = found.to_dict()
        show(Display(), shown, lambda terminal: text.lines(found, terminal), as_json=arguments["format"] == "json")
        return {**result, "changed": False, **shown}
