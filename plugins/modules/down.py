#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take services away that are no longer part of the stack."""

from __future__ import annotations

DOCUMENTATION = r"""
module: down
short_description: Take services away that are no longer part of the stack
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Stops the containers of the named services, each for as long as its own grace period allows, and removes them. Their volumes and their data stay.
  - One call for any number of services.
extends_documentation_fragment:
  - ziggie.stack.stack
options:
  services:
    description: The services.
    type: list
    elements: str
    required: true
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
seealso:
  - module: ziggie.stack.up
"""

EXAMPLES = r"""
- name: Take the old queue away
  ziggie.stack.down:
    services:
      - rabbitmq
"""

RETURN = r"""
removed:
  description: Names of the containers that were removed.
  returned: success
  type: list
  elements: str
"""

from concurrent.futures import ThreadPoolExecutor

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.engine.live import service

# A little more than the longest grace period of the catalogue.
_TIMEOUT = 360.0


def _remove(socket: str, container: str) -> None:
    engine = Engine(socket, _TIMEOUT)
    try:
        engine.post(f"/containers/{container}/stop")
        engine.delete(f"/containers/{container}?force=true")
    except EngineError as error:
        # What is not there any more is away.
        if error.status != 404:
            raise
    finally:
        engine.close()


def main() -> None:
    """Stop and remove, all at once."""
    module = AnsibleModule(
        argument_spec={
            "services": {"type": "list", "elements": "str", "required": True},
            "project": {"type": "str", "default": "ziggie"},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
        },
        supports_check_mode=True,
    )
    socket, services = module.params["socket"], module.params["services"]
    engine = Engine(socket)
    names: list = []
    try:
        chosen = [container for container in engine.containers(module.params["project"]) if service(container) in services]
        names = [container["Name"].lstrip("/") for container in chosen]
        if not module.check_mode:
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda container: _remove(socket, container["Id"]), chosen))
    except EngineError as error:
        module.fail_json(msg=f"Cannot take {', '.join(names) or 'services'} away: {error}.")
    finally:
        engine.close()
    module.exit_json(changed=bool(names), removed=names, diff={"before": "".join(f"{name}\n" for name in names), "after": ""})


if __name__ == "__main__":
    main()
