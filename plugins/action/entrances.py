# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says what to open of a stack, how, and where each password lies; shows the values of one service where that is asked for."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.catalog.entrances import entrances, stored
from ..module_utils.catalog.merge import running
from ..module_utils.catalog.routes import routes
from ..module_utils.compose.values import mapping
from ..module_utils.problems import suggestion
from ..module_utils.render.entrances import Way, lines, places
from ..plugin_utils.plain import plain

ARGUMENTS = {
    "compose": {"type": "dict", "required": True},
    "store": {"type": "path", "required": True},
    "credentials": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "places": {"type": "bool", "default": False},
    "service": {"type": "str", "default": ""},
}
# It shows them itself, below the budget's table.
CALLBACK = "ziggie.stack.budget_report"
_CONNECTION = ("ansible_connection", "ansible_host", "ansible_port", "ansible_ssh_private_key_file", "ansible_user", "inventory_hostname")


class ActionModule(ActionBase):
    """Writes to the screen; reads from the host only where values are to be shown."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Say it."""
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        compose = running(plain(arguments["compose"]), arguments["credentials"])
        found, _told = entrances(compose)
        if arguments["service"]:
            shown = self._values(compose, arguments["service"], arguments["store"], task_vars)
            # To the screen alone: a log of Ansible's is no place for a password.
            Display().display("\n".join(shown), screen_only=True)
            return {**result, "changed": False}
        said = lines(found, self._way(mapping(task_vars)), arguments["store"], routes(compose, compose["services"]))
        if arguments["places"]:
            read = {service: stored(compose, service) for service in compose["services"]}
            said = [*said, "", "Every stored value, and the services that read it:", *places(read, arguments["store"])]
        if arguments["places"] or CALLBACK not in constants.CALLBACKS_ENABLED:
            Display().display("\n".join(said))
            return {**result, "changed": False}
        return {**result, "changed": False, "entrances": said}

    def _values(self, compose: Mapping[str, Any], service: str, store: str, task_vars: Any) -> list[str]:
        """Return the values of a service as lines: the one that a person logs in with, else all that its secrets are made from."""
        if service not in compose["services"]:
            raise AnsibleActionFail(
                f"credentials_service: {service!r} is not a service that runs; {suggestion(service, compose['services'])}."
            )
        entrance = next((one for one in entrances(compose)[0] if one.service == service and one.credential), None)
        names = [entrance.credential] if entrance else stored(compose, service)
        if not names:
            raise AnsibleActionFail(f"credentials_service: {service!r} reads no secret.")
        head = [f"{entrance.title}  {entrance.link}", *([f"user      {entrance.user}"] if entrance.user else [])] if entrance else []
        values = {name: self._value(f"{store}/{name}", task_vars) for name in names}
        return [*head, *(f"{'password' if entrance else name}  {value}" for name, value in values.items())]

    def _value(self, path: str, task_vars: Any) -> str:
        read = self._execute_module(module_name="ansible.legacy.slurp", module_args={"src": path}, task_vars=task_vars)
        if read.get("failed"):
            raise AnsibleActionFail(
                f"{path} cannot be read on the host; only root may, and it is there after the first run of ziggie.stack.site."
            )
        return base64.b64decode(read["content"]).decode(errors="replace")

    def _way(self, known: Mapping[str, Any]) -> Way:
        """Return how the controller reaches the host, by what the inventory says."""
        said = {name: str(self._templar.template(known.get(name)) or "") for name in _CONNECTION}
        connection = (said["ansible_connection"] or str(self._play_context.connection or "ssh")).rpartition(".")[2]
        return Way(
            host=said["ansible_host"] or said["inventory_hostname"],
            user=said["ansible_user"] or str(self._play_context.remote_user or ""),
            port=said["ansible_port"] or "22",
            key=said["ansible_ssh_private_key_file"],
            ssh=connection in ("ssh", "smart", "paramiko", "paramiko_ssh"),
            here=connection == "local",
            inventories=tuple(str(source) for source in known.get("ansible_inventory_sources") or ()),
        )
