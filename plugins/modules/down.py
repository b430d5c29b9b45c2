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
  - ziggie.stack.lock
  - ziggie.stack.stack
options:
  services:
    description: The services.
    type: list
    elements: str
    required: true
attributes:
  diff_mode:
    support: full
seealso:
  - module: ziggie.stack.up
"""

EXAMPLES = r"""
- name: Take the old queue away
  ziggie.stack.down:
    services:
      - rabbitmq

- name: Compare the release with what runs
  ziggie.stack.stack_info:
    project_src: /opt/ziggie/stack
  register: stack

- name: Take away what the release does not have
  ziggie.stack.down:
    services: "{{ stack.changes.orphans }}"
"""

RETURN = r"""
removed:
  description: Names of the containers that were removed.
  returned: success
  type: list
  elements: str
holder:
  description: The run that holds the host's lock, where it could not be taken and that is known.
  returned: failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.remove import RemoveError, remove
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, working


def main() -> None:
    """Stop and remove, all at once."""
    module = AnsibleModule(
        argument_spec={
            "services": {"type": "list", "elements": "str", "required": True},
            "project": {"type": "str", "default": "ziggie"},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    given = module.params
    try:
        with working(given, check=module.check_mode) as work:
            names = remove(given["socket"], given["project"], given["services"], check=module.check_mode)
            work.changed, work.failed = {"removed": names}, False
    except LockError as error:
        module.fail_json(**error.answer())
    except RemoveError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=bool(names), removed=names, diff={"before": "".join(f"{name}\n" for name in names), "after": ""})


if __name__ == "__main__":
    main()
